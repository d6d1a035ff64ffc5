"""A person's rights on one page, oppositions, the log, proofs, refused dials, reviews: who opens what, what they do."""

from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.errors import Refused
from marketplace.models import User
from prospecting.calling import dial
from prospecting.consenting import record_basis
from prospecting.models import AccessEntry, Basis, Contact, KindReview, Opposition, OppositionList
from prospecting.pages.proofs import PER_MINUTE
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World, person
from tests.prospecting.test_calling import call
from tests.prospecting.test_consenting import CONSENT

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "victor", "carole", "alice")
PHONE = "+33199001234"


@pytest.fixture(autouse=True)
def a_fresh_minute() -> None:
    cache.clear()


def client_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def get(user: User | None, path: str) -> HttpResponse:
    with time_machine.travel(TUESDAY_10H, tick=False):
        return client_of(user).get(path)  # type: ignore[return-value]


def post(user: User | None, path: str, **said: Any) -> HttpResponse:
    with time_machine.travel(TUESDAY_10H, tick=False):
        return client_of(user).post(path, said)  # type: ignore[return-value]


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


GETS = {
    #                                              nobody charlie bob victor carole alice
    "/droits/": (302, 404, 404, 403, 200, 200),
    "/droits/oppositions/": (302, 404, 404, 403, 200, 200),
    "/droits/journal/": (302, 404, 404, 403, 403, 200),
    "/missions/receptions-2027/appels-refuses/": (302, 404, 404, 200, 200, 200),
    "/missions/receptions-2027/a-verifier/": (302, 404, 404, 404, 200, 200),
    "/missions/receptions-2027/retour.csv": (302, 404, 404, 404, 200, 200),
    "/preuve/{token}/": (200, 200, 200, 200, 200, 200),
    "/preuve/{token}/retirer/": (200, 200, 200, 200, 200, 200),
    "/preuve/ailleurs/": (404, 404, 404, 404, 404, 404),
    "/regles/": (200, 200, 200, 200, 200, 200),
}
POSTS = {
    "/droits/": (302, 404, 404, 403, 200, 200),
    "/droits/oppositions/": (302, 404, 404, 403, 302, 302),
    "/missions/receptions-2027/a-verifier/": (302, 404, 404, 404, 400, 400),
    "/preuve/{token}/retirer/": (302, 302, 302, 302, 302, 302),
}


@pytest.mark.parametrize(("method", "path"), [*(("get", path) for path in GETS), *(("post", path) for path in POSTS)])
def test_who_may(world: World, method: str, path: str) -> None:
    basis = record_basis(contact=world.contact(PHONE), stated=CONSENT, at=TUESDAY_10H)
    clients = [client_of(None), *(client_of(getattr(world, name)) for name in PEOPLE[1:])]
    said = {} if method == "get" else {"phone": PHONE, "do": "search", "text": PHONE}
    with time_machine.travel(TUESDAY_10H, tick=False):
        address = path.format(token=basis.proof_token)
        answers = tuple(getattr(client, method)(address, said).status_code for client in clients)
    assert answers == (GETS if method == "get" else POSTS)[path]


def test_a_request_is_handled_from_one_page(world: World) -> None:
    contact = world.contact(PHONE, first_name="Anne", last_name="Le Goff")
    call(world.bobs, "REFI", note="très aimable")
    found = text(post(world.carole, "/droits/", do="search", text="le goff"))
    assert "Anne Le Goff" in found and "01\xa099\xa000\xa012\xa034" in found.replace("\u202f", "\xa0")
    seen = text(post(world.carole, "/droits/", do="see", who=PHONE))
    assert "très aimable" in seen and "Annuaire 35" in seen
    copy = post(world.carole, "/droits/", do="json", who=PHONE)
    assert "attachment" in copy["Content-Disposition"] and "très aimable" in copy.content.decode()
    assert "très aimable" in post(world.carole, "/droits/", do="csv", who=PHONE).content.decode()
    assert "plus aucun appel" in text(post(world.carole, "/droits/", do="oppose", who=PHONE))
    assert "Effacé" in text(post(world.carole, "/droits/", do="erase", who=PHONE))
    contact.refresh_from_db()
    assert (contact.last_name, contact.phone, Opposition.objects.count()) == ("", None, 1)
    steps = list(AccessEntry.objects.order_by("pk").values_list("what", flat=True))
    assert steps == ["search", "read", "export", "export", "read", "erase", "read"]


def test_too_little_is_said_beside_the_field(world: World) -> None:
    answer = post(world.carole, "/droits/", do="search", text="le")
    assert answer.status_code == 400 and "trois lettres" in text(answer)


def test_a_formula_in_a_copy_stays_a_text(world: World) -> None:
    world.contact(PHONE, company="=HYPERLINK(1)")
    assert ";'=HYPERLINK(1)" in post(world.carole, "/droits/", do="csv", who=PHONE).content.decode()


def test_a_number_is_opposed_from_the_page_and_a_wrong_one_told_beside_its_field(world: World) -> None:
    world.contact(PHONE)
    wrong = post(world.carole, "/droits/oppositions/", phone="12")
    assert wrong.status_code == 400 and "01 99 00 12 34 ou +33199001234" in text(wrong)
    assert post(world.carole, "/droits/oppositions/", phone="01 99 00 12 34").status_code == 302
    assert (Opposition.objects.get().organisation, Contact.objects.get().state) == (world.organisation, "blocked")


def test_a_list_is_brought_by_the_page_and_its_refused_rows_told(world: World) -> None:
    upload = BytesIO("Téléphone\n01 99 00 12 34\nnéant\n".encode())
    upload.name = "liste.csv"
    post(world.carole, "/droits/oppositions/", file=upload, mission=world.mission.slug)
    brought = OppositionList.objects.get()
    assert (brought.rows, brought.added, brought.refused, brought.mission) == (2, 1, 1, world.mission)
    html = text(get(world.carole, "/droits/oppositions/"))
    assert "liste.csv" in html and "du texte à la place du numéro" in html


def test_the_operator_opposes_for_the_whole_platform(world: World) -> None:
    odile = person("Odile")
    User.objects.filter(pk=odile.pk).update(is_operator=True)
    odile.refresh_from_db()
    world.contact(PHONE)
    assert post(odile, "/droits/oppositions/", phone=PHONE).status_code == 302
    assert (Opposition.objects.get().organisation, Contact.objects.get().blocked_reason) == (None, "opposed")


def test_a_proof_shows_what_was_agreed_and_is_found_by_no_machine(world: World) -> None:
    basis = record_basis(contact=world.contact(PHONE), stated=CONSENT, at=TUESDAY_10H)
    answer = get(None, f"/preuve/{basis.proof_token}/")
    html = text(answer)
    assert all(
        said in html for said in (*CONSENT.mentions.values(), "réceptions", "formulaire du site", "Traiteur Armor")
    )
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex, nofollow", "no-store")
    assert PHONE not in html and "0199001234" not in html.replace(" ", "")
    assert AccessEntry.objects.filter(what="proof", user=None).count() == 1


def test_a_withdrawal_asks_once_and_is_done(world: World) -> None:
    basis = record_basis(contact=world.contact(PHONE), stated=CONSENT, at=TUESDAY_10H)
    get(None, f"/preuve/{basis.proof_token}/retirer/")
    assert Basis.objects.get().withdrawn_at is None  # reading withdraws nothing
    post(None, f"/preuve/{basis.proof_token}/retirer/")
    assert Basis.objects.get().withdrawn_by == "page" and Contact.objects.get().state == "blocked"
    assert "ne vous appellera plus" in text(get(None, f"/preuve/{basis.proof_token}/"))


def test_guessing_tokens_is_slow(world: World, settings: Any) -> None:
    # A memory of its own: the tests that run beside this one empty the shared cache.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tokens"}}
    with time_machine.travel(TUESDAY_10H, tick=False):
        client = Client()
        answers = [client.get(f"/preuve/{number}/").status_code for number in range(PER_MINUTE + 1)]
    assert answers == [404] * PER_MINUTE + [429]
    with time_machine.travel(TUESDAY_10H + timedelta(minutes=1), tick=False):
        assert client.get("/preuve/0/").status_code == 404


def test_a_refused_dial_is_told_with_its_rule_its_version_and_the_next_time(world: World) -> None:
    world.contact(PHONE)
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None
    noon = TUESDAY_10H.replace(hour=11, minute=40)
    with pytest.raises(Refused):
        dial(engagement=world.bobs, claim_id=claim.public_id, at=noon)
    html = text(get(world.victor, "/missions/receptions-2027/appels-refuses/"))
    assert "Hors des heures d’appel (9\xa0h–12\xa0h\xa030, 13\xa0h\xa030–18\xa0h\xa030)" in html
    assert "FR_B2B/2026-08-11" in html and "prochain créneau à 13\xa0h\xa030" in html


def test_a_review_frees_professionals_and_keeps_its_reason(world: World) -> None:
    contact = world.contact(PHONE, kind="unclear", company="Le Goff EI")
    other = world.contact("+33199001235", kind="unclear")
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H) is None
    path = "/missions/receptions-2027/a-verifier/"
    assert "Le Goff EI" in text(get(world.carole, path))
    said = {"contacts": [str(contact.public_id)], "kind": "professional"}
    assert "la preuve est gardée" in text(post(world.carole, path, **said, why="SAS"))
    assert post(world.carole, path, **said, why="Registre : SARL depuis 2019").status_code == 302
    assert list(KindReview.objects.values_list("contact", "kind", "why", "by")) == [
        (contact.pk, "professional", "Registre : SARL depuis 2019", world.carole.pk)
    ]
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None and claim.contact == contact
    post(world.carole, path, contacts=[str(other.public_id)], kind="consumer", why="C’est une personne")
    other.refresh_from_db()
    assert (other.kind, other.state) == ("consumer", "blocked")


def test_the_log_is_read_by_its_owner_in_a_constant_number_of_queries(world: World) -> None:
    for text_sought in ("abc", "abd"):
        post(world.carole, "/droits/", do="search", text=text_sought)
    counts = []
    for _more in range(2):
        client = client_of(world.alice)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            html = text(client.get("/droits/journal/"))  # type: ignore[arg-type]
        counts.append(len(queries))
        for number in range(5):
            post(world.carole, "/droits/", do="search", text=f"more {number}")
    assert "recherche d’un numéro" in html and "par nom ou e-mail" in html
    assert counts[0] == counts[1]


def test_the_rules_are_public(world: World) -> None:
    html = text(get(None, "/regles/"))
    assert "FR_B2C/2026-08-11" in html and "10\xa0h–13\xa0h, 14\xa0h–20\xa0h" in html and "365 jours" in html
