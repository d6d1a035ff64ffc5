"""What becomes of an appointment ahead, from every state: legal, or a sentence."""

from datetime import timedelta
from uuid import uuid4

import pytest

from config.errors import DecrocheError, Invalid, Refused
from prospecting import moving
from prospecting.calling import undo
from prospecting.models import Acceptance, Appointment
from prospecting.moving import PROSPECT, Actor
from tests.cast import TUESDAY_10H, World
from tests.prospecting.booking.given import LATER, THURSDAY_10H, agenda, booked, history

pytestmark = pytest.mark.django_db
ELEVEN = THURSDAY_10H + timedelta(hours=1)


def business(world: World) -> Actor:
    return Actor("business", world.carole)


def told(one: Appointment) -> Appointment:
    """As if the mail had left."""
    Appointment.objects.filter(pk=one.pk).update(told_sequence=0)
    one.refresh_from_db()
    return one


def test_the_prospect_confirms_once_however_often_they_say_it(world: World) -> None:
    one = booked(world)
    for _time in range(2):
        one = moving.confirm(appointment=one, actor=PROSPECT, at=LATER)
    assert one.state == "confirmed"
    assert history(one) == [("booked", "agent"), ("confirmed", "prospect")]


def test_a_cancelled_one_tells_calendars_only_what_they_knew(world: World) -> None:
    silent = moving.cancel(appointment=booked(world), actor=PROSPECT, reason="Absente", at=LATER)
    known = moving.cancel(appointment=told(booked(world)), actor=business(world), reason="Salon", at=LATER)
    assert [(one.state, one.cancelled_by, one.sequence, one.told_sequence) for one in (silent, known)] == [
        ("cancelled", "prospect", 0, 0),
        ("cancelled", "business", 1, 0),
    ]
    last = known.events.last()
    assert (last.by, last.user, last.detail) == ("business", world.carole, {"reason": "Salon"})


def test_moving_makes_a_new_one_that_calendars_know_as_the_same(world: World) -> None:
    old = told(booked(world))
    new = moving.move(appointment=old, starts_at=ELEVEN, actor=business(world), reason="Train", at=LATER)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, old.moved_to, old.told_sequence) == ("moved", new, old.sequence)
    assert (new.state, new.starts_at, new.uid, new.call) == ("booked", ELEVEN, old.uid, old.call)
    assert new.sequence > old.sequence - 1 and new.told_sequence == -1
    assert history(old)[-1] == ("moved", "business") and history(new) == [("booked", "business")]


def test_it_may_move_within_its_own_hour(world: World) -> None:
    old = booked(world)
    new = moving.move(appointment=old, starts_at=old.starts_at + timedelta(minutes=15), actor=PROSPECT, at=LATER)
    assert new.state == "booked"


def test_a_move_to_a_taken_slot_changes_nothing(world: World) -> None:
    booked(world, ELEVEN)
    old = booked(world)
    with pytest.raises(Refused) as refusal:
        moving.move(appointment=old, starts_at=ELEVEN, actor=PROSPECT, at=LATER)
    old.refresh_from_db()
    assert (refusal.value.code, refusal.value.field, old.state) == ("slot_taken", "starts_at", "booked")
    assert Appointment.objects.count() == 2


def test_one_that_fell_through_is_booked_again_and_keeps_its_state(world: World) -> None:
    old = moving.cancel(appointment=booked(world), actor=PROSPECT, at=LATER)
    new = moving.move(appointment=old, starts_at=ELEVEN, actor=business(world), reason="Rappelée", at=LATER)
    old.refresh_from_db()
    assert (old.state, old.moved_to, new.state, new.calendar_uid) == ("cancelled", new, "booked", None)
    with pytest.raises(Refused, match="déjà été déplacé"):
        moving.move(appointment=old, starts_at=THURSDAY_10H, actor=business(world), reason="x", at=LATER)


def test_the_business_says_why(world: World) -> None:
    one = booked(world)
    for act in (
        lambda: moving.cancel(appointment=one, actor=business(world), at=LATER),
        lambda: moving.move(appointment=one, starts_at=ELEVEN, actor=business(world), reason=" ", at=LATER),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == "reason"
    one.refresh_from_db()
    assert one.state == "booked"


@pytest.mark.parametrize("state", ["held", "prospect_absent", "client_absent", "cancelled", "moved"])
def test_what_is_over_is_neither_confirmed_nor_cancelled(world: World, state: str) -> None:
    one = booked(world)
    Appointment.objects.filter(pk=one.pk).update(state=state)
    for act in (moving.confirm, moving.cancel):
        with pytest.raises(DecrocheError, match="plus rien à y changer"):
            act(appointment=one, actor=PROSPECT, at=LATER)
    assert history(one) == [("booked", "agent")]


@pytest.mark.parametrize("act", [moving.confirm, moving.cancel])
def test_its_hour_past_only_its_fate_is_told(world: World, act) -> None:
    one = booked(world)
    with pytest.raises(Refused, match="ce qu’il est devenu"):
        act(appointment=one, actor=PROSPECT, at=one.starts_at)


def test_a_second_one_ahead_of_the_same_contact_is_refused(world: World) -> None:
    agenda(world)
    first = moving.cancel(appointment=booked(world), actor=PROSPECT, at=LATER)
    moving.move(appointment=first, starts_at=ELEVEN, actor=business(world), reason="Rappelée", at=LATER)
    again = Appointment.objects.get(pk=first.pk)
    Appointment.objects.filter(pk=first.pk).update(moved_to=None)
    with pytest.raises(Refused, match="déjà un rendez-vous à venir"):
        moving.move(
            appointment=again,
            starts_at=TUESDAY_10H + timedelta(days=3),
            actor=business(world),
            reason="Rappelée",
            at=LATER,
        )


def test_what_the_agent_took_back_is_not_booked_again_and_owes_nothing(world: World) -> None:
    one = booked(world)
    undo(engagement=world.bobs, call_id=one.call.public_id, key=uuid4(), at=one.call.logged_at)
    with pytest.raises(Refused) as refused:
        moving.move(appointment=one, starts_at=ELEVEN, actor=business(world), reason="Rappelée", at=LATER)
    assert refused.value.code == "call_undone"
    assert Acceptance.objects.get().state == "void"


def test_a_prospect_does_not_book_again_what_no_longer_stands(world: World) -> None:
    one = moving.cancel(appointment=booked(world), actor=business(world), reason="Salon", at=LATER)
    with pytest.raises(Refused) as refused:
        moving.move(appointment=one, starts_at=ELEVEN, actor=PROSPECT, at=LATER)
    assert refused.value.code == "appointment_state"
    assert Appointment.objects.count() == 1
