"""Who may open what of acceptance, fates and promises; pages and API go through the same door."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from marketplace.models import User
from prospecting.models import Acceptance, Appointment
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_accepting import THURSDAY_10H, contested, won

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "amina", "victor", "carole", "odile")  # charlie: a stranger; odile: the operator
AFTER = THURSDAY_10H + timedelta(hours=2)


@pytest.fixture
def people(world: World) -> dict[str, User | None]:
    odile = User.objects.create_user("odile@example.test", is_operator=True)
    return {"nobody": None, "odile": odile} | {name: getattr(world, name) for name in PEOPLE[1:-1]}


@pytest.fixture
def disputed(world: World) -> Acceptance:
    acceptance = won(world, "RDV")
    Acceptance.objects.filter(pk=acceptance.pk).update(
        state="contested", reason="criteria", reason_text="Non", contested_at=TUESDAY_10H, contested_by=world.alice
    )
    acceptance.refresh_from_db()
    return acceptance


PAGES = {
    #                                       nobody charlie bob amina victor carole odile
    "/rendez-vous/a-accepter/": (302, 200, 200, 200, 200, 200, 200),  # empty for who has nothing to accept
    "/gains/": (302, 404, 200, 200, 404, 404, 404),
    "/contestations/": (302, 404, 404, 404, 404, 404, 200),
    "/contestations/{one}/": (302, 404, 404, 404, 404, 404, 200),
    "/missions/receptions-2027/rappels/": (302, 404, 404, 404, 200, 200, 404),
    "/rappels/": (302, 200, 200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("path", PAGES)
def test_pages(people: dict[str, User | None], disputed: Acceptance, path: str) -> None:
    address, codes = path.format(one=disputed.public_id), []
    for name in PEOPLE:
        client = Client()
        if user := people[name]:
            client.force_login(user)
        with time_machine.travel(AFTER, tick=False):
            codes.append(client.get(address).status_code)
    assert tuple(codes) == PAGES[path]


ACTS = {
    #                                       nobody charlie bob amina victor carole odile
    "/acceptations/{one}/contester/": (302, 404, 404, 404, 404, 409, 404),  # contested already
    "/acceptations/{one}/repondre/": (302, 404, 302, 404, 404, 404, 404),
    "/contestations/{one}/trancher/": (302, 404, 404, 404, 404, 404, 302),
    "/rendez-vous/{appointment}/sort/": (302, 404, 302, 404, 404, 302, 404),
}
BODY = {"reason": "wrong_person", "text": "Des faits", "ruling": "rejected", "fate": "held"}


@pytest.mark.parametrize("path", ACTS)
def test_acts(people: dict[str, User | None], disputed: Acceptance, path: str) -> None:
    assert disputed.appointment is not None
    address, codes = path.format(one=disputed.public_id, appointment=disputed.appointment.public_id), []
    for name in PEOPLE:
        client = Client()
        if user := people[name]:
            client.force_login(user)
        with time_machine.travel(AFTER, tick=False):
            codes.append(client.post(address, BODY).status_code)
            assert client.get(address).status_code == (302 if user is None else 405)
    assert tuple(codes) == ACTS[path]


CALLS = {
    #                                                  nobody charlie bob amina victor carole odile
    ("get", "acceptances/"): (401, 200, 200, 200, 200, 200, 200),
    ("get", "acceptances/{one}/"): (401, 404, 200, 404, 200, 200, 200),
    ("post", "acceptances/{one}/accept/"): (401, 404, 404, 404, 404, 409, 404),
    ("post", "acceptances/{one}/contest/"): (401, 404, 404, 404, 404, 409, 404),
    ("post", "acceptances/{one}/answer/"): (401, 404, 200, 404, 404, 404, 404),
    ("post", "acceptances/{one}/rule/"): (401, 404, 404, 404, 404, 404, 200),
    ("post", "appointments/{appointment}/fate/"): (401, 404, 200, 404, 404, 200, 404),
    ("get", "missions/receptions-2027/callbacks/"): (401, 404, 404, 404, 200, 200, 404),
}


@pytest.mark.parametrize("operation", CALLS, ids=" ".join)
def test_who_may_call_what(people: dict[str, User | None], disputed: Acceptance, operation: tuple[str, str]) -> None:
    assert disputed.appointment is not None
    verb, path = operation
    ids = {"one": disputed.public_id, "appointment": disputed.appointment.public_id}
    codes = []
    for name in PEOPLE:
        client = APIClient()
        client.force_authenticate(people[name])
        body = {"reason": "wrong_person", "text": "Des faits", "uphold": False, "fate": "held"}
        with time_machine.travel(AFTER, tick=False):
            codes.append(getattr(client, verb)(f"/api/v1/{path.format(**ids)}", body, format="json").status_code)
    assert tuple(codes) == CALLS[operation]


def test_the_first_page_of_an_operator_leads_to_the_contests(people: dict[str, User | None]) -> None:
    client = Client()
    odile = people["odile"]
    assert odile is not None
    client.force_login(odile)
    assert 'href="/contestations/">Voir les contestations' in client.get("/").content.decode()


def test_an_operator_does_not_rule_on_their_own_business(world: World, disputed: Acceptance) -> None:
    world.alice.is_operator = True
    world.alice.save()
    client = Client()
    client.force_login(world.alice)
    assert client.get(f"/contestations/{disputed.public_id}/").status_code == 404


def test_the_list_says_what_each_side_sees_and_a_refusal_is_a_problem(world: World) -> None:
    one = won(world)
    client = APIClient()
    client.force_authenticate(world.bob)
    [row] = client.get("/api/v1/acceptances/?state=pending").json()["results"]
    assert (row["id"], row["pay_cents"], row["state"], row["verdict"][0]["met"]) == (
        str(one.public_id), 3200, "pending", True,
    )  # fmt: skip
    client.force_authenticate(world.carole)
    with time_machine.travel(TUESDAY_10H, tick=False):
        refused = client.post(f"/api/v1/acceptances/{one.public_id}/contest/", {"reason": "interest", "text": "Tiède"})
    assert (refused.status_code, refused["Content-Type"], refused.json()["code"]) == (
        400, "application/problem+json", "unknown_reason",
    )  # fmt: skip


def test_the_business_accepts_what_it_ticked_and_contests_with_its_words_kept(world: World) -> None:
    client, two = Client(), [won(world), won(world)]
    client.force_login(world.carole)
    with time_machine.travel(TUESDAY_10H, tick=False):
        wrong = client.post(f"/acceptations/{two[0].public_id}/contester/", {"reason": "", "text": "Le <stagiaire>"})
        assert (wrong.status_code, "Le &lt;stagiaire&gt;" in wrong.content.decode()) == (400, True)
        ticked = {"one": [str(one.public_id) for one in two]}
        assert client.post("/rendez-vous/a-accepter/accepter/", ticked).status_code == 302
    assert set(Acceptance.objects.values_list("state", flat=True)) == {"accepted"}


def test_a_stranger_accepts_nothing_by_guessing(world: World) -> None:
    one, client = won(world), Client()
    for user in (world.victor, world.charlie, world.bob):
        client.force_login(user)
        client.post("/rendez-vous/a-accepter/accepter/", {"one": [str(one.public_id), "x"]})
        client.post("/rendez-vous/a-accepter/accepter/", {"one": [str(one.public_id)]})
    one.refresh_from_db()
    assert one.state == "pending"


def test_the_gains_tell_cents_by_state(world: World) -> None:
    won(world)
    Acceptance.objects.filter(pk=won(world).pk).update(state="accepted", decided_at=TUESDAY_10H, decided_by="business")
    contested(world)
    client = Client()
    client.force_login(world.bob)
    page = unescape(client.get("/gains/").content.decode())
    assert "32,00\xa0€</b> acceptés, 32,00\xa0€ en attente, 32,00\xa0€ contestés" in page


@pytest.mark.parametrize(("who", "path"), [("carole", "/rendez-vous/a-accepter/"), ("bob", "/gains/")])
def test_a_page_asks_the_same_whatever_its_length(world: World, who: str, path: str) -> None:
    client, counts = Client(), []
    client.force_login(getattr(world, who))
    from django.db import connection

    for _round in range(2):
        won(world)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_both_sides_tell_the_fate_from_their_own_page(world: World) -> None:
    appointment = won(world, "RDV").appointment
    assert appointment is not None
    with time_machine.travel(AFTER, tick=False):
        for user, fate in ((world.bob, "held"), (world.carole, "prospect_absent")):
            client = Client()
            client.force_login(user)
            client.post(f"/rendez-vous/{appointment.public_id}/sort/", {"fate": fate})
    told = Appointment.objects.get()
    assert (told.state, told.fate_by_business, told.fate_by_agent) == ("prospect_absent", "prospect_absent", "held")
