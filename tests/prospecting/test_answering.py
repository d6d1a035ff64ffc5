"""A person calls back, and the telemarketer finds the contact by its number."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from config.errors import Invalid, Refused
from marketplace.models import Engagement, User
from prospecting.answering import answer
from prospecting.calling import Logged, log_call, undo
from prospecting.cards import card
from prospecting.models import AccessEntry, Call, Claim, Contact, Dial
from prospecting.objecting import is_opposed, number_hash, oppose
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World, engaged, running_mission
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db
NUMBER = "+33261910847"
LATER = TUESDAY_10H + timedelta(minutes=20)


def called(world: World, code: str = "NRP", **said: Any) -> Contact:
    """A contact that Bob has called, with its outcome."""
    world.contact(NUMBER)
    return call(world.bobs, code, **said).contact


def log(claim: Claim, code: str, **said: Any) -> Call:
    said = {"key": uuid4()} | said
    return log_call(engagement=claim.engagement, claim_id=claim.public_id, said=Logged(outcome=code, **said), at=LATER)[
        0
    ]


def test_the_contact_that_calls_back_is_in_hand_with_its_line_open_and_no_attempt_counted(world: World) -> None:
    contact = called(world)
    claim = answer(user=world.bob, number="02 61 91 08 47", at=LATER)
    dialled = Dial.objects.get(claim_id_seen=claim.public_id)
    assert (claim.contact, claim.engagement, claim.before, claim.dealt) == (contact, world.bobs, "retry", "inbound")
    assert (dialled.allowed, dialled.attempt, dialled.reasons) == (True, False, ["gap"])
    assert Contact.objects.get().attempts == 1
    assert Dial.objects.filter(attempt=True).count() == 1


def test_its_outcome_is_a_call_received(world: World) -> None:
    called(world)
    saved = log(answer(user=world.bob, number=NUMBER, at=LATER), "REFI")
    assert (saved.source, saved.outcome, Contact.objects.get().state) == ("inbound", "REFI", "closed")


def test_a_line_that_fails_takes_no_attempt_off_the_contact(world: World) -> None:
    called(world)
    log(answer(user=world.bob, number=NUMBER, at=LATER), "ERR")
    assert Contact.objects.get().attempts == 1


def test_an_outcome_undone_counts_no_attempt_either(world: World) -> None:
    called(world)
    saved = log(answer(user=world.bob, number=NUMBER, at=LATER), "REFI")
    claim = undo(engagement=world.bobs, call_id=saved.public_id, key=uuid4(), at=LATER)
    assert (claim.dealt, claim.before, Contact.objects.get().attempts) == ("inbound", "retry", 1)
    assert Dial.objects.filter(attempt=True).count() == 1


def former_number(world: World) -> Claim:
    """A wrong number, from which the contact went on to its next one, calls back."""
    world.contact(NUMBER, other_phones=["+33261910848"])
    call(world.bobs, "FNUM")
    return answer(user=world.bob, number=NUMBER, at=LATER)


def test_a_former_number_that_calls_back_reveals_no_other_one(world: World) -> None:
    claim = former_number(world)
    assert card(claim, LATER).phone == NUMBER
    assert log(claim, "ABS").phone == NUMBER
    assert Contact.objects.get().phone == "+33261910848"


def test_what_a_former_number_opposes_is_itself_and_its_contact(world: World) -> None:
    log(former_number(world), "ABS", opposed=True)
    assert is_opposed(world.mission, NUMBER)
    assert (Contact.objects.get().state, Contact.objects.get().blocked_reason) == ("blocked", "opposed")


def test_an_outcome_of_a_former_number_undone_leaves_the_contact_its_number(world: World) -> None:
    saved = log(former_number(world), "ABS")
    undo(engagement=world.bobs, call_id=saved.public_id, key=uuid4(), at=LATER)
    contact = Contact.objects.get()
    assert (contact.phone, contact.other_phones) == ("+33261910848", [])


def test_every_search_is_logged_found_or_not(world: World) -> None:
    contact = called(world)
    answer(user=world.bob, number=NUMBER, at=LATER)
    with pytest.raises(Refused):
        answer(user=world.bob, number="01 99 00 99 99", at=LATER)
    logged = AccessEntry.objects.order_by("id").values_list("what", "user", "contact", "number_hash", "at")
    assert list(logged) == [
        ("search", world.bob.pk, contact.pk, number_hash(NUMBER), LATER),
        ("search", world.bob.pk, None, number_hash("+33199009999"), LATER),
    ]


@pytest.mark.parametrize("who", ["amina", "alice", "charlie"])
def test_nobody_finds_what_they_did_not_call(world: World, who: str) -> None:
    called(world)
    with pytest.raises(Refused) as refused:
        answer(user=getattr(world, who), number=NUMBER, at=LATER)
    assert refused.value.code == "never_dialled"
    assert not Claim.objects.exists()


def test_what_was_called_under_an_engagement_that_ended_is_not_found(world: World) -> None:
    called(world)
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=LATER)
    with pytest.raises(Refused):
        answer(user=User.objects.get(pk=world.bob.pk), number=NUMBER, at=LATER)


def test_what_is_no_number_is_refused_beside_its_field(world: World) -> None:
    with pytest.raises(Invalid) as invalid:
        answer(user=world.bob, number="le garage", at=LATER)
    assert (invalid.value.code, invalid.value.field) == ("bad_number", "phone")


def test_it_is_found_under_the_mission_in_which_it_was_called(world: World) -> None:
    called(world)
    elsewhere = engaged(world.bob, running_mission(world.organisation, "autre"))
    assert answer(user=world.bob, number=NUMBER, at=LATER).engagement == world.bobs != elsewhere


def test_a_contact_in_anothers_hand_stays_there(world: World) -> None:
    contact = called(world)
    Contact.objects.filter(pk=contact.pk).update(state="retry", next_at=TUESDAY_10H + timedelta(hours=5))
    tomorrow = TUESDAY_10H + timedelta(days=1)
    held = next_contact(engagement=world.aminas, at=tomorrow)
    assert held is not None
    with pytest.raises(Refused) as refused:
        answer(user=world.bob, number=NUMBER, at=tomorrow)
    assert refused.value.code == "in_other_hands"
    assert Claim.objects.get() == held


def test_a_call_in_progress_is_saved_first(world: World) -> None:
    called(world)
    answer(user=world.bob, number=NUMBER, at=LATER)
    with pytest.raises(Refused) as refused:
        answer(user=world.bob, number=NUMBER, at=LATER)
    assert refused.value.code == "call_in_progress"


def test_a_contact_not_dialled_yet_goes_back_to_the_queue(world: World) -> None:
    called(world)
    other = world.contact()
    assert next_contact(engagement=world.bobs, at=LATER)
    answer(user=world.bob, number=NUMBER, at=LATER)
    assert Contact.objects.get(pk=other.pk).state == "fresh"
    assert Claim.objects.get().contact.phone == NUMBER


@pytest.mark.parametrize(("code", "state"), [("NRP", "blocked"), ("ABS", "blocked"), ("REFI", "blocked")])
def test_an_opposed_person_who_calls_may_be_logged_and_is_never_queued_again(
    world: World, code: str, state: str
) -> None:
    called(world)
    oppose(organisation=world.organisation, phone=NUMBER, at=TUESDAY_10H, source="call")
    log(answer(user=world.bob, number=NUMBER, at=LATER), code)
    contact = Contact.objects.get()
    assert (contact.state, contact.blocked_reason, contact.next_at) == (state, "opposed", None)


def test_an_opposed_person_is_promised_no_callback(world: World) -> None:
    called(world)
    oppose(organisation=world.organisation, phone=NUMBER, at=TUESDAY_10H, source="call")
    claim = answer(user=world.bob, number=NUMBER, at=LATER)
    with pytest.raises(Invalid) as invalid:
        log(claim, "RAP", callback_at=LATER + timedelta(days=1))
    assert invalid.value.code == "callback_not_allowed"


def test_a_contact_that_was_over_stays_so_unless_a_callback_is_promised(world: World) -> None:
    called(world, "REFI")
    log(answer(user=world.bob, number=NUMBER, at=LATER), "ABS")
    assert Contact.objects.get().state == "closed"
    far = LATER + timedelta(days=70)  # beyond the peace that a refusal is owed
    log(answer(user=world.bob, number=NUMBER, at=LATER), "RAP", callback_at=far)
    assert Contact.objects.get().state == "callback"
