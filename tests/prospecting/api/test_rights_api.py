"""Oppositions and bases by the API, lists by the command line: the same rules as the pages."""

import json
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from marketplace.models import User
from prospecting.models import Basis, Contact, Opposition
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_consenting import CONSENT

pytestmark = pytest.mark.django_db
PHONE = "+33199001234"


def post(user: User, path: str, **body: object):
    client = Client()
    client.force_login(user)
    with time_machine.travel(TUESDAY_10H, tick=False):
        return client.post(f"/api/v1/{path}", json.dumps(body, default=str), content_type="application/json")


def test_one_number_in_each_scope(world: World) -> None:
    world.contact(PHONE)
    own = str(world.organisation.public_id)
    assert post(world.carole, "oppositions/", organisation=own, phone=PHONE).status_code == 204
    only = post(world.carole, "oppositions/", organisation=own, mission=world.mission.slug, phone="01 99 00 12 35")
    assert only.status_code == 204
    rows = set(Opposition.objects.values_list("organisation", "mission", "source"))
    assert rows == {(world.organisation.pk, None, "api"), (world.organisation.pk, world.mission.pk, "api")}
    assert Contact.objects.get().state == "blocked"


@pytest.mark.parametrize("name", ["charlie", "bob", "victor"])
def test_a_stranger_and_a_reader_find_nothing_to_oppose(world: World, name: str) -> None:
    own = str(world.organisation.public_id)
    assert post(getattr(world, name), "oppositions/", organisation=own, phone=PHONE).status_code == 404
    assert post(getattr(world, name), "opposition-lists/", organisation=own, name="x", phones=[]).status_code == 404
    assert not Opposition.objects.exists()


def test_the_platform_is_its_operator_s(world: World) -> None:
    assert post(world.carole, "oppositions/", phone=PHONE).status_code == 404
    User.objects.filter(pk=world.charlie.pk).update(is_operator=True)
    world.charlie.refresh_from_db()
    assert post(world.charlie, "oppositions/", phone=PHONE).status_code == 204
    assert Opposition.objects.get().organisation is None


def test_a_wrong_number_is_told_with_the_accepted_forms(world: World) -> None:
    answer = post(world.carole, "oppositions/", organisation=str(world.organisation.public_id), phone="12")
    problem = answer.json()
    assert (answer.status_code, problem["errors"][0]["field"]) == (400, "phone")
    assert "01 99 00 12 34 ou +33199001234" in problem["detail"]


def test_a_list_is_told_row_by_row(world: World) -> None:
    own = str(world.organisation.public_id)
    answer = post(world.carole, "opposition-lists/", organisation=own, name="l", phones=[PHONE, "0199001234", "non"])
    told = answer.json()
    assert answer.status_code == 201
    assert (told["rows"], told["added"], told["already"], told["refused"]) == (3, 1, 1, 1)
    assert told["refusals"] == [{"row": 3, "value": "non", "reason": "phone_words"}]


def test_a_basis_is_recorded_with_the_address_of_its_proof(world: World) -> None:
    contact = world.contact(PHONE)
    body = {"kind": "consent", "collected_at": CONSENT.collected_at, "about": "x", "source": "y"}
    path = f"contacts/{contact.public_id}/bases/"
    refused = post(world.carole, path, **body, mentions={})
    assert (refused.status_code, refused.json()["code"]) == (400, "mention_missing")
    made = post(world.carole, path, **body, mentions=dict(CONSENT.mentions))
    assert made.status_code == 201 and f"/preuve/{Basis.objects.get().proof_token}/" in made.json()["proof"]
    assert post(world.victor, path, **body, mentions={}).status_code == 404
    assert post(world.charlie, path, **body, mentions={}).status_code == 404


def test_a_list_by_the_command_line(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "l.csv"
    path.write_text("Téléphone\n0199001234\nnéant\n")
    call_command("import_oppositions", str(path), "--business-of", world.mission.slug, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["added"], told["refused"]) == (2, 1, 1)
    call_command("import_oppositions", str(path), "--platform")
    assert "2 lignes" in capsys.readouterr().out
    assert set(Opposition.objects.values_list("organisation", flat=True)) == {world.organisation.pk, None}
    with pytest.raises(SystemExit):
        call_command("import_oppositions", str(tmp_path / "none.csv"), "--platform")
    assert capsys.readouterr().err
