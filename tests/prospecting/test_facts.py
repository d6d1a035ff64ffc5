"""What the rules are told of a contact: the whole business's doings with its number, and its own basis."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from marketplace.models import Organisation
from prospecting.facts import facts_of
from prospecting.models import Basis, Call, Contact, Dial, Opposition
from prospecting.objecting import number_hash
from tests.cast import TUESDAY_10H, World, lead_file, running_mission

PHONE = "+33199001234"
EARLIER = TUESDAY_10H - timedelta(minutes=20)


def contact_in(world: World, slug: str) -> Contact:
    mission = running_mission(world.organisation, slug)
    return Contact.objects.create(
        organisation=world.organisation, mission=mission, lead_file=lead_file(mission), phone=PHONE
    )


def dialled(contact: Contact, world: World, at: datetime, outcome: str) -> Call:
    made = Dial.objects.create(
        organisation=contact.organisation, mission=contact.mission, contact=contact, engagement=world.bobs, phone=PHONE,
        at=at, allowed=True, attempt=outcome != "ERR", rule_version="x",
    )  # fmt: skip
    return Call.objects.create(
        organisation=contact.organisation, mission=contact.mission, contact=contact, engagement=world.bobs, dial=made,
        phone=PHONE, started_at=at, outcome=outcome, answered=False, reached=False, argued=False, converted=False,
        final=False,
    )  # fmt: skip


def basis(contact: Contact, until: datetime, **more: Any) -> Basis:
    return Basis.objects.create(
        organisation=contact.organisation, contact=contact, number_hash=number_hash(PHONE), kind="consent",
        about="traiteur", collected_at=until - timedelta(days=365), until=until, proof_token=uuid4().hex, **more,
    )  # fmt: skip


def test_a_busy_line_is_the_number_s_whichever_contact_was_called(world: World) -> None:
    here, there = world.contact(PHONE), contact_in(world, "autre")
    dialled(there, world, EARLIER, "OCC")
    assert facts_of(here, TUESDAY_10H).line_was_busy
    dialled(here, world, EARLIER + timedelta(minutes=1), "NRP")
    assert not facts_of(there, TUESDAY_10H).line_was_busy


def test_a_line_that_failed_or_has_no_outcome_yet(world: World) -> None:
    contact = world.contact(PHONE)
    dialled(contact, world, EARLIER, "OCC")
    dialled(contact, world, EARLIER + timedelta(minutes=1), "ERR")
    assert facts_of(contact, TUESDAY_10H).line_was_busy  # a technical failure is no attempt
    dialled(contact, world, EARLIER + timedelta(minutes=2), "NRP").delete()
    assert not facts_of(contact, TUESDAY_10H).line_was_busy


@pytest.mark.parametrize(
    ("scope", "here", "elsewhere", "another_business"),
    [("platform", True, True, True), ("business", True, True, False), ("mission", True, False, False)],
)
def test_an_opposition_holds_in_its_scope(
    world: World, scope: str, here: bool, elsewhere: bool, another_business: bool
) -> None:
    contact, other = world.contact(PHONE), contact_in(world, "autre")
    rival = Organisation.objects.create(name="Rival")
    mission = running_mission(rival, "rivale")
    rivals = Contact.objects.create(organisation=rival, mission=mission, lead_file=lead_file(mission), phone=PHONE)
    Opposition.objects.create(
        organisation=None if scope == "platform" else world.organisation,
        mission=world.mission if scope == "mission" else None,
        number_hash=number_hash(PHONE), at=EARLIER, source="page",
    )  # fmt: skip
    told = [facts_of(one, TUESDAY_10H).opposed for one in (contact, other, rivals)]
    assert told == [here, elsewhere, another_business]


def test_the_basis_that_lasts_longest_counts_unless_it_was_withdrawn(world: World) -> None:
    contact = world.contact(PHONE)
    assert facts_of(contact, TUESDAY_10H).basis_until is None
    near, far, farthest = (datetime(2027, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    basis(contact, near)
    basis(contact, far)
    basis(contact, farthest, withdrawn_at=EARLIER)
    basis(contact_in(world, "autre"), farthest)  # given for another object
    assert facts_of(contact, TUESDAY_10H).basis_until == far
