"""Outcomes that come in after others had the contact, what is undone, and numbers that others have."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from config.errors import Refused
from marketplace.engaging import end
from prospecting.booking import Slot
from prospecting.calling import dial, undo
from prospecting.models import Appointment, Call, Callback, Claim, Contact
from prospecting.objecting import oppose
from prospecting.queue import release, release_lapsed
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import LATER, call, save, take

AFTERNOON = TUESDAY_10H + timedelta(hours=5)
THURSDAY = TUESDAY_10H + timedelta(days=2)
BOOKED: dict[str, Any] = {"appointment": Slot(THURSDAY, "on_site"), "answers": {"covers": "80"}}


def dialled(world: World) -> UUID:
    """Bob's claim, dialled, its outcome still on his computer."""
    claim_id: UUID = take(world.bobs).public_id
    dial(engagement=world.bobs, claim_id=claim_id, at=TUESDAY_10H)
    return claim_id


def amina_calls_it_since(world: World, outcome: str, **said: Any) -> None:
    release_lapsed(at=AFTERNOON)
    call(world.aminas, outcome, AFTERNOON, **said)


@pytest.mark.parametrize(
    ("meanwhile", "said", "late", "state"),
    [
        ("RDV", BOOKED, "NRP", "converted"),
        ("REFI", {}, "NRP", "closed"),
        ("RAP", {"callback_at": THURSDAY}, "NRP", "callback"),
        ("NRP", {}, "REFI", "closed"),
    ],
)
def test_a_late_outcome_moves_the_contact_only_where_it_still_decides(
    world: World, meanwhile: str, said: dict[str, Any], late: str, state: str
) -> None:
    contact, claim = world.contact(), dialled(world)
    amina_calls_it_since(world, meanwhile, **said)
    save(world.bobs, claim, late, AFTERNOON + timedelta(minutes=9))
    contact.refresh_from_db()
    assert contact.state == state
    assert sorted(Call.objects.values_list("outcome", flat=True)) == sorted([meanwhile, late])


def test_a_promise_made_since_is_not_kept_by_a_late_outcome(world: World) -> None:
    world.contact()
    claim = dialled(world)
    amina_calls_it_since(world, "RAP", callback_at=THURSDAY)
    save(world.bobs, claim, "NRP", AFTERNOON + timedelta(minutes=9))
    assert [(one.engagement, one.state) for one in Callback.objects.all()] == [(world.aminas, "promised")]


def test_an_opposition_recorded_during_the_call_outlives_its_outcome(world: World) -> None:
    contact, claim = world.contact(), dialled(world)
    oppose(organisation=world.organisation, phone=contact.phone or "", at=TUESDAY_10H, source="page")
    save(world.bobs, claim, "NRP", LATER)
    contact.refresh_from_db()
    assert (contact.state, contact.next_at) == ("blocked", None)


def test_an_appointment_won_twice_stands_once_and_no_call_is_lost(world: World) -> None:
    world.contact()
    claim = dialled(world)
    amina_calls_it_since(world, "RDV", **BOOKED)
    save(world.bobs, claim, "RDV", AFTERNOON + timedelta(minutes=9), **BOOKED)
    fates = Appointment.objects.order_by("pk").values_list("engagement", "state")
    assert list(fates) == [(world.aminas.pk, "booked"), (world.bobs.pk, "cancelled")]


def test_a_wrong_number_whose_next_one_another_contact_has_closes_the_contact(world: World) -> None:
    contact = world.contact("+33199001111", other_phones=["+33199002222"])
    Contact.objects.filter(pk=world.contact("+33199002222").pk).update(state="closed")
    call(world.bobs, "FNUM")
    contact.refresh_from_db()
    assert (contact.state, contact.phone) == ("closed", "+33199001111")


def test_undoing_a_wrong_number_gives_the_number_back(world: World) -> None:
    contact = world.contact("+33199001111", other_phones=["+33199002222"])
    wrong = call(world.bobs, "FNUM")
    undo(engagement=world.bobs, call_id=wrong.public_id, key=uuid4(), at=wrong.logged_at)
    contact.refresh_from_db()
    assert (contact.phone, contact.other_phones) == ("+33199001111", ["+33199002222"])


def test_a_technical_failure_undone_counts_as_the_attempt_it_was(world: World) -> None:
    contact, claim = world.contact(), dialled(world)
    failed = save(world.bobs, claim, "ERR", LATER)
    undo(engagement=world.bobs, call_id=failed.public_id, key=uuid4(), at=LATER)
    contact.refresh_from_db()
    assert contact.attempts == 1
    save(world.bobs, claim, "ERR", LATER)
    contact.refresh_from_db()
    assert contact.attempts == 0


def test_undoing_with_the_same_key_again_gives_the_same_contact(world: World) -> None:
    world.contact()
    saved, key = call(world.bobs, "NRP"), uuid4()
    first = undo(engagement=world.bobs, call_id=saved.public_id, key=key, at=saved.logged_at)
    assert undo(engagement=world.bobs, call_id=saved.public_id, key=key, at=saved.logged_at) == first
    assert Call.objects.filter(void=True).count() == 1


def test_undoing_with_the_key_of_a_call_is_refused(world: World) -> None:
    world.contact()
    saved = call(world.bobs, "NRP")
    assert saved.key is not None
    with pytest.raises(Refused) as refused:
        undo(engagement=world.bobs, call_id=saved.public_id, key=saved.key, at=saved.logged_at)
    assert refused.value.code == "key_reused"


def test_nothing_is_undone_once_the_engagement_has_ended(world: World) -> None:
    world.contact()
    saved = call(world.bobs, "NRP")
    end(engagement=world.bobs, at=saved.logged_at)
    with pytest.raises(Refused) as refused:
        undo(engagement=world.bobs, call_id=saved.public_id, key=uuid4(), at=saved.logged_at)
    assert refused.value.code == "engagement_not_active"
    assert not Claim.objects.exists()


def test_a_claim_given_back_twice_leaves_the_next_agents_hand_alone(world: World) -> None:
    contact = world.contact()
    stale = take(world.bobs)
    release(stale, at=TUESDAY_10H)
    held = take(world.aminas)
    release(stale, at=TUESDAY_10H)
    contact.refresh_from_db()
    assert (contact.state, Claim.objects.get()) == ("in_hand", held)
