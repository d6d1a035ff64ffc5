"""A mission's queue for its managers: who reads and settles it, what it says, what it refuses beside the field."""

from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.models import Engagement, User
from prospecting.arranging import arrange_queue
from prospecting.models import LeadFile, QueueSettings
from prospecting.queue import skip
from tests.cast import TUESDAY_10H, World, lead_file
from tests.prospecting.test_calling import take

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "victor", "carole", "alice")
PAGE = "/missions/receptions-2027/file-attente/"
SPLIT = f"{PAGE}repartir/"


@pytest.fixture(autouse=True)
def tuesday() -> Any:
    with time_machine.travel(TUESDAY_10H, tick=False):
        yield


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(world: World, **more: Any) -> dict[str, Any]:
    name = world.file.public_id
    blank = {"only_column": ["", ""], "only_is": ["", ""], "first_column": [""], "first_is": [""]}
    said = {"files": "weights", "handover_minutes": "30", f"weight-{name}": "1", f"position-{name}": "0"}
    return said | blank | more


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        #                    nobody charlie bob victor carole alice
        ("get", PAGE, (302, 404, 404, 200, 200, 200)),
        ("post", PAGE, (302, 404, 404, 404, 302, 302)),
        ("post", SPLIT, (302, 404, 404, 404, 302, 302)),
        ("get", SPLIT, (302, 405, 405, 405, 405, 405)),
    ],
)
def test_who_may_what(world: World, method: str, path: str, expected: tuple[int, ...]) -> None:
    clients = [Client(), *(client_of(getattr(world, name)) for name in PEOPLE[1:])]
    body = typed(world) if method == "post" else {}
    assert tuple(getattr(client, method)(path, body).status_code for client in clients) == expected


def test_a_manager_settles_the_queue(world: World) -> None:
    name = world.file.public_id
    world.contact(company="A", city="Rennes")
    world.contact(company="B", city="Brest")
    body = typed(
        world, files="order", handover_minutes="45", only_column=["city", ""], only_is=["Rennes\r\n Vannes \r\n", ""]
    ) | {f"weight-{name}": "3", f"position-{name}": "2"}
    assert client_of(world.carole).post(PAGE, body).status_code == 302
    settled = QueueSettings.objects.values("files", "handover_minutes", "only", "first", "to_sort").get()
    assert settled == {
        "files": "order", "handover_minutes": 45, "only": [{"column": "city", "is": ["Rennes", "Vannes"]}], "first": [],
        "to_sort": True,
    }  # fmt: skip
    assert LeadFile.objects.values_list("weight", "position").get() == (3, 2)
    arrange_queue(mission_id=world.mission.pk)
    html = unescape(client_of(world.victor).get(PAGE).content.decode())
    assert "1 fiche à appeler maintenant, sur 2." in html and "hors du filtre" in html
    assert '<option value="city" selected>' in html and "Rennes\nVannes" in html


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("weight", "101", "Donnez un poids de 0 à 100."),
        ("weight", "-1", "Écrivez un nombre entier, de 0 à 100."),
        ("position", "beaucoup", "Écrivez un nombre entier, de 0 à 999."),
        ("handover_minutes", "", "Écrivez un nombre entier, de 0 à 1440."),
        ("handover_minutes", "9999999", "Écrivez un nombre entier, de 0 à 1440."),
    ],
)
def test_a_number_that_is_none_is_said_beside_its_field(world: World, field: str, text: str, sentence: str) -> None:
    name = f"{field}-{world.file.public_id}" if field in ("weight", "position") else field
    response = client_of(world.alice).post(PAGE, typed(world) | {name: text})
    html = unescape(response.content.decode())
    assert response.status_code == 400
    assert f"<span>{sentence}</span>" in html and f'value="{text}"' in html
    assert not QueueSettings.objects.exists()


def test_a_column_that_no_file_has_is_said_beside_it_and_nothing_typed_is_lost(world: World) -> None:
    body = typed(world, first_column=["Effectif"], first_is=["grand"])
    response = client_of(world.alice).post(PAGE, body)
    html = unescape(response.content.decode())
    assert response.status_code == 400
    assert (
        "Aucun fichier de cette mission n’a la colonne «\u202fEffectif\u202f»." in html and "grand</textarea>" in html
    )


def test_parts_are_shared_out_and_given_back(world: World) -> None:
    for _n in range(4):
        world.contact()
    alice = client_of(world.alice)
    alice.post(SPLIT, {"share": ""})
    arrange_queue(mission_id=world.mission.pk)
    html = alice.get(PAGE).content.decode()
    assert html.count('<td class="num">2</td>') == 2 and "Répartir de nouveau" in html
    alice.post(SPLIT, {"to_all": ""})
    arrange_queue(mission_id=world.mission.pk)
    assert not world.mission.contacts.exclude(assigned_to=None).exists()


def test_sharing_among_nobody_is_refused_beside_the_button(world: World) -> None:
    Engagement.objects.update(state="suspended")
    response = client_of(world.alice).post(SPLIT)
    assert response.status_code == 400
    assert "Personne n’est engagé sur cette mission" in unescape(response.content.decode())


def test_the_reasons_of_the_contacts_skipped_are_told(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    skip(engagement=world.bobs, claim_id=claim.public_id, reason="doubtful", at=TUESDAY_10H)
    assert "fiche douteuse" in client_of(world.victor).get(PAGE).content.decode()


def test_a_viewer_has_no_button(world: World) -> None:
    html = client_of(world.victor).get(PAGE).content.decode()
    assert "Enregistrer la file" not in html and "Répartir à parts égales" not in html


def test_the_page_asks_the_same_however_much_there_is(world: World) -> None:
    counted = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            client_of(world.alice).get(PAGE)
        counted.append(len(asked))
        for n in range(6):
            file = lead_file(world.mission, f"Fichier {n}")
            type(world.contact()).objects.filter(lead_file=world.file).update(lead_file=file)
    assert counted[0] == counted[1]
