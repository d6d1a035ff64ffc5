"""Numbers typed by hand: called at once, or noted after a call made on one's own phone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from config.errors import Invalid, Refused
from marketplace.models import Engagement, Mission
from prospecting.calling import Logged, log_call
from prospecting.logging_by_hand import InHand, Typed, call_by_hand
from prospecting.models import Call, Claim, Contact, Dial, LeadFile
from prospecting.objecting import oppose
from tests.cast import TUESDAY_10H, World

pytestmark = pytest.mark.django_db
NUMBER = "+33261910847"
EVENING = TUESDAY_10H + timedelta(hours=11)


def by_hand(world: World, at: Any = TUESDAY_10H, **typed: Any) -> InHand:
    fields = {"phone": "02 61 91 08 47", "company": "Garage Morvan", "source": "carte laissée au salon"} | typed
    return call_by_hand(engagement=world.bobs, typed=Typed(**fields), at=at)


def log(taken: InHand, code: str = "NRP", at: Any = TUESDAY_10H) -> Call:
    said = Logged(key=uuid4(), outcome=code)
    return log_call(engagement=taken.claim.engagement, claim_id=taken.claim.public_id, said=said, at=at)[0]


def test_a_new_number_enters_the_missions_file_of_typed_contacts_and_is_dialled(world: World) -> None:
    taken = by_hand(world, postal_code="35000")
    contact, dialled = Contact.objects.get(), Dial.objects.get()
    assert (contact.phone, contact.company, contact.columns) == (
        NUMBER, "Garage Morvan", {"Origine": "carte laissée au salon"},
    )  # fmt: skip
    assert (contact.state, contact.attempts, taken.claim.dealt, taken.against) == ("in_hand", 1, "free", "")
    assert (dialled.allowed, dialled.attempt, dialled.dealt, dialled.at) == (True, True, "free", TUESDAY_10H)
    typed = LeadFile.objects.get(kind="typed")
    assert (contact.lead_file, typed.rows, typed.created, typed.state) == (typed, 1, 1, "loaded")


def test_the_mission_has_one_such_file(world: World) -> None:
    log(by_hand(world), "REFI")
    by_hand(world, phone="01 99 00 12 34")
    assert LeadFile.objects.filter(kind="typed").values_list("rows", "created").get() == (2, 2)


def test_a_contact_that_the_mission_has_is_taken_as_it_is(world: World) -> None:
    contact = world.contact(NUMBER, company="Lycée Jean-Macé")
    taken = by_hand(world, source="")
    assert (taken.claim.contact, taken.claim.before, Contact.objects.get().company) == (
        contact, "fresh", "Lycée Jean-Macé",
    )  # fmt: skip
    assert not LeadFile.objects.filter(kind="typed").exists()


def test_where_a_new_number_comes_from_must_be_said(world: World) -> None:
    with pytest.raises(Invalid) as invalid:
        by_hand(world, source=" ")
    assert (invalid.value.code, invalid.value.field) == ("source_required", "source")


def test_a_call_that_the_rules_do_not_allow_is_refused_and_nothing_new_is_kept(world: World) -> None:
    with pytest.raises(Refused) as refused:
        by_hand(world, at=EVENING)
    assert refused.value.sentence.startswith("Hors des heures d’appel")
    assert not (Contact.objects.exists() or Claim.objects.exists() or Dial.objects.exists())


def test_the_refusal_is_kept_beside_a_contact_that_the_mission_has(world: World) -> None:
    contact = world.contact(NUMBER)
    oppose(organisation=world.organisation, phone=NUMBER, at=TUESDAY_10H, source="call")
    with pytest.raises(Refused):
        by_hand(world)
    refused = Dial.objects.get()
    assert (refused.contact, refused.allowed, refused.attempt, refused.reasons) == (contact, False, False, ["opposed"])
    assert not Claim.objects.exists()


def test_an_opposed_number_is_not_even_kept(world: World) -> None:
    oppose(organisation=world.organisation, phone=NUMBER, at=TUESDAY_10H, source="page")
    with pytest.raises(Refused) as refused:
        by_hand(world)
    assert refused.value.data == {"reason": "opposed", "next_at": None, "rule_version": "FR_B2B/2026-08-11"}
    assert not Contact.objects.exists()


def test_a_call_already_made_stands_at_its_time_and_counts_as_an_attempt(world: World) -> None:
    made = TUESDAY_10H + timedelta(minutes=40)
    saved = log(by_hand(world, at=made + timedelta(minutes=20), made_at=made), at=made + timedelta(minutes=21))
    dialled = Dial.objects.get()
    assert (saved.source, saved.started_at, dialled.at, dialled.attempt) == ("manual", made, made, True)
    assert (dialled.reasons, Contact.objects.get().attempts) == ([], 1)


def test_a_call_made_against_the_rules_is_never_lost_and_the_refusal_stands_beside_it(world: World) -> None:
    taken = by_hand(world, at=EVENING, made_at=EVENING - timedelta(minutes=5))
    dialled = Dial.objects.get()
    assert taken.against.startswith("Hors des heures d’appel")
    assert (dialled.attempt, dialled.reasons, dialled.evidence["allowed"]) == (True, ["outside_window"], False)
    assert log(taken, "REFI", at=EVENING).outcome == "REFI"


def test_an_opposed_person_called_by_hand_is_logged_and_stays_out_of_every_queue(world: World) -> None:
    oppose(organisation=world.organisation, phone=NUMBER, at=TUESDAY_10H, source="page")
    log(by_hand(world, made_at=TUESDAY_10H))
    contact = Contact.objects.get()
    assert (contact.state, contact.blocked_reason) == ("blocked", "opposed")


@pytest.mark.parametrize(
    ("minutes", "code"), [(1, "in_the_future"), (-24 * 60 * 3, "before_engagement")], ids=["future", "before"]
)
def test_a_time_that_cannot_be_is_refused(world: World, minutes: int, code: str) -> None:
    with pytest.raises(Invalid) as invalid:
        by_hand(world, made_at=TUESDAY_10H + timedelta(minutes=minutes))
    assert (invalid.value.code, invalid.value.field) == (code, "made_at")


@pytest.mark.parametrize("made_at", [None, TUESDAY_10H])
def test_consumers_are_refused_without_a_basis(world: World, made_at: Any) -> None:
    Mission.objects.filter(pk=world.mission.pk).update(regime="FR_B2C")
    with pytest.raises(Refused) as refused:
        by_hand(world, at=TUESDAY_10H, made_at=made_at)
    assert refused.value.data == {"reason": "no_basis", "next_at": None, "rule_version": "FR_B2C/2026-08-11"}
    assert not Contact.objects.exists()


def test_a_contact_in_anothers_hand_is_refused(world: World) -> None:
    by_hand(world)
    with pytest.raises(Refused) as refused:
        call_by_hand(engagement=world.aminas, typed=Typed(phone=NUMBER, made_at=TUESDAY_10H), at=TUESDAY_10H)
    assert refused.value.code == "in_other_hands"


def test_nobody_calls_under_an_engagement_that_is_suspended(world: World) -> None:
    Engagement.objects.filter(pk=world.bobs.pk).update(state="suspended")
    with pytest.raises(Refused) as refused:
        by_hand(world)
    assert refused.value.code == "engagement_not_active"
