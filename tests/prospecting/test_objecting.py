"""Oppositions: at once, for good, in their scope; one by one and by lists."""

from pathlib import Path

import pytest
from django.db import connection

from config.errors import Invalid
from marketplace.models import Organisation
from prospecting.importing.rows import RowReader
from prospecting.importing.staging import judge, stage
from prospecting.models import Callback, Claim, Contact, Opposition, OppositionList
from prospecting.objecting import (
    HASH,
    Scope,
    hash_pads,
    is_opposed,
    number_hash,
    oppose,
    oppose_everywhere,
    phone_of,
)
from prospecting.opposition_lists import oppose_list, rows_of
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World, lead_file, running_mission

PHONE = "+33199001234"


def elsewhere(world: World, organisation: Organisation | None = None, slug: str = "autre") -> Contact:
    mission = running_mission(organisation or world.organisation, slug)
    return Contact.objects.create(
        organisation=mission.organisation, mission=mission, lead_file=lead_file(mission), phone=PHONE
    )


def blocked(*contacts: Contact) -> list[bool]:
    return [Contact.objects.get(pk=contact.pk).blocked_reason == "opposed" for contact in contacts]


def test_it_leaves_the_queues_that_it_reaches_and_no_other(world: World) -> None:
    here, there = world.contact(PHONE), elsewhere(world)
    rival = elsewhere(world, Organisation.objects.create(name="Rival"), "rivale")
    oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page", mission=world.mission)
    assert (blocked(here, there, rival), is_opposed(there.mission, PHONE)) == ([True, False, False], False)
    oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page")
    assert (blocked(here, there, rival), is_opposed(rival.mission, PHONE)) == ([True, True, False], False)
    oppose_everywhere(phone=PHONE, at=TUESDAY_10H, source="page")
    assert (blocked(here, there, rival), is_opposed(rival.mission, PHONE)) == ([True, True, True], True)


def test_it_takes_the_contact_out_of_a_hand(world: World) -> None:
    world.contact(PHONE)
    next_contact(engagement=world.bobs, at=TUESDAY_10H)
    oppose_everywhere(phone=PHONE, at=TUESDAY_10H, source="page")
    assert (Claim.objects.count(), Callback.objects.count()) == (0, 0)


def test_saying_it_twice_is_saying_it_once(world: World) -> None:
    said = [oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page") for _ in range(2)]
    assert (said, Opposition.objects.count()) == ([True, False], 1)


@pytest.mark.parametrize("text", ["0199001234", "01 99 00 12 34", "+33 1 99 00 12 34", "0033199001234"])
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert phone_of(text) == PHONE


@pytest.mark.parametrize("text", ["", "bonjour", "01 99 00", "+32 2 555 12 12", "01 99 00 12 34 ou 01 99 00 12 35"])
def test_a_number_that_cannot_be_read_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        phone_of(text)
    assert refusal.value.field == "phone" and "01 99 00 12 34 ou +33199001234" in refusal.value.sentence


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["short", "longer than the block of SHA-256: " * 3])
def test_the_database_hashes_a_number_like_the_program(key: str, settings) -> None:
    settings.OPPOSITION_KEY = key
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {HASH.format(phone='%(phone)s')}", hash_pads() | {"phone": PHONE})
        assert cursor.fetchone() == (number_hash(PHONE),)


LIST = "Téléphone;Nom\n01 99 00 12 34;Le Goff\n0199001235;Morvan\n01 99 00 12 34;encore\nnéant;Hamon\n;vide\n"


def test_a_list_tells_what_became_of_every_row(world: World, tmp_path: Path) -> None:
    here = world.contact(PHONE)
    oppose(organisation=world.organisation, phone="+33199001235", at=TUESDAY_10H, source="call")
    path = tmp_path / "opposes.csv"
    path.write_text(LIST)
    brought = oppose_list(
        scope=Scope(world.organisation), rows=rows_of(path), name="opposes.csv", by=world.alice, at=TUESDAY_10H
    )
    row = OppositionList.objects.values("rows", "added", "already", "refused", "refusals").get(pk=brought.pk)
    assert row == {
        "rows": 5, "added": 1, "already": 2, "refused": 2,
        "refusals": [
            {"row": 5, "value": "néant", "reason": "phone_words"}, {"row": 6, "value": "", "reason": "phone_missing"},
        ],
    }  # fmt: skip
    assert blocked(here) == [True]
    assert brought.rows == brought.added + brought.already + brought.refused
    assert Opposition.objects.filter(brought_by=brought, source="list").count() == 1


def test_a_list_of_bare_numbers_loses_not_even_the_first(world: World, tmp_path: Path) -> None:
    path = tmp_path / "numeros.txt"
    path.write_text("0199001234\n0199001235\n0199001236\n")
    brought = oppose_list(scope=Scope(), rows=rows_of(path), name="x", by=None, at=TUESDAY_10H)
    assert (brought.rows, brought.added) == (3, 3)
    assert list(Opposition.objects.values_list("organisation", "mission").distinct()) == [(None, None)]


def test_a_list_without_a_column_of_numbers_is_refused_whole(world: World, tmp_path: Path) -> None:
    path = tmp_path / "noms.csv"
    path.write_text("Nom;Ville\nLe Goff;Rennes\nMorvan;Brest\n")
    with pytest.raises(Invalid) as refusal:
        list(rows_of(path))
    assert refusal.value.code == "no_phone_column"


@pytest.mark.parametrize("scope", ["platform", "business", "mission"])
def test_an_opposed_number_imported_again_stays_blocked(world: World, scope: str) -> None:
    if scope == "platform":
        oppose_everywhere(phone=PHONE, at=TUESDAY_10H, source="page")
    else:
        only = world.mission if scope == "mission" else None
        oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page", mission=only)
    reader = RowReader(["Tél", "Mobile"], {"phone": "Tél", "mobile": "Mobile"})
    rows = [["01 99 00 12 34", ""], ["0199001299", "0199001234"], ["0199001298", ""]]
    stage(world.mission, reader, enumerate(rows, 2))
    tally = judge(world.mission)
    assert (tally.created, tally.reasons) == (1, {"opposed": 2})
