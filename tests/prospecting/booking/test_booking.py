"""Booking in the call that wins it: refused while the agent is on the line, kept when late."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.errors import DecrocheError
from prospecting.availability import free_slots
from prospecting.booking import TRANSITIONS, Slot
from prospecting.calling import Logged, dial, log_call, undo
from prospecting.models import Agenda, Appointment, BusyTime, Call
from tests.cast import TUESDAY_10H, World, running_mission
from tests.prospecting.booking.given import LATER, THURSDAY_10H, agenda, booked, history, won
from tests.prospecting.test_calling import take

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def refused(world: World, starts_at: datetime, late: bool = False) -> DecrocheError:
    """What the second contact's agent is told."""
    world.contact()
    with pytest.raises(DecrocheError) as refusal:
        won(world, starts_at, late=late)
    return refusal.value


def test_the_first_need_makes_the_agenda_of_office_hours(world: World) -> None:
    made = booked(world).agenda
    assert made is not None
    assert (made.name, made.notice_hours, made.horizon_days, list(made.missions.all())) == ("Agenda", 4, 30, [])
    assert sorted({row["day"] for row in made.weekly}) == [0, 1, 2, 3, 4]
    booked(world, THURSDAY_10H + timedelta(hours=1))
    assert Agenda.objects.count() == 1


@pytest.mark.parametrize(
    ("starts_at", "code", "sentence"),
    [
        (TUESDAY_10H - A_DAY, "slot_past", "Cette heure est passée."),
        (TUESDAY_10H + timedelta(hours=1), "slot_too_soon", "C’est trop tôt : l’agenda demande 4 h de délai."),
        (TUESDAY_10H + 40 * A_DAY, "slot_too_far", "C’est trop loin : l’agenda s’ouvre 30 jours à l’avance."),
        (THURSDAY_10H - timedelta(hours=2), "slot_outside_hours", "L’agenda n’est pas ouvert à cette heure."),
        (THURSDAY_10H + 3 * A_DAY, "slot_outside_hours", "L’agenda n’est pas ouvert à cette heure."),
    ],
)
def test_it_refuses_beside_the_field_with_the_nearest_free_slots(
    world: World, starts_at: datetime, code: str, sentence: str
) -> None:
    error = refused(world, starts_at)
    assert (error.code, error.field, len(error.data["nearest"])) == (code, "appointment", 3)
    assert error.sentence.replace("\u202f", " ").startswith(sentence)
    assert (Call.objects.count(), Appointment.objects.count()) == (0, 0)


def test_it_refuses_a_holiday_by_its_name(world: World) -> None:
    agenda(world, horizon_days=60)
    assert "(Noël)" in refused(world, datetime(2026, 12, 25, 9, 0, tzinfo=UTC)).sentence


def test_a_slot_that_is_taken_is_refused_with_the_ones_around(world: World) -> None:
    booked(world)
    error = refused(world, THURSDAY_10H + timedelta(minutes=15))
    assert (error.code, error.status) == ("slot_taken", 409)
    around = [
        THURSDAY_10H - timedelta(minutes=30),
        THURSDAY_10H + timedelta(minutes=30),
        THURSDAY_10H + timedelta(hours=1),
    ]
    assert error.data["nearest"] == [one.isoformat() for one in around]
    assert "jeu. 26 nov. à 9 h 30, jeu. 26 nov. à 10 h 30" in error.sentence.replace("\xa0", " ")


def test_blocked_times_and_the_buffer_are_refused_too(world: World) -> None:
    kept = agenda(world, buffer_minutes=20)
    BusyTime.objects.create(agenda=kept, starts_at=THURSDAY_10H, ends_at=THURSDAY_10H + A_DAY / 24, from_feed=False)
    assert refused(world, THURSDAY_10H).code == "slot_taken"
    booked(world, THURSDAY_10H + timedelta(hours=5))
    assert refused(world, THURSDAY_10H + timedelta(hours=5, minutes=40)).code == "slot_taken"


def test_a_second_agenda_takes_what_the_first_cannot(world: World) -> None:
    first, second = agenda(world), agenda(world, "Agenda d’Alice")
    assert [booked(world).agenda, booked(world).agenda] == [first, second]
    assert refused(world, THURSDAY_10H).code == "slot_taken"


def test_a_mission_keeps_to_the_agendas_that_name_it(world: World) -> None:
    everybody, own = agenda(world), agenda(world, "Agenda d’Alice")
    own.missions.add(world.mission)
    assert booked(world).agenda == own
    other = running_mission(world.organisation, slug="autre")
    assert {slot.agenda_id for slot in free_slots(other, TUESDAY_10H)} == {everybody.pk}
    Agenda.objects.filter(pk=own.pk).update(active=False)
    assert booked(world).agenda == everybody


@pytest.mark.parametrize(
    ("starts_at", "why"),
    [
        (TUESDAY_10H - A_DAY, "slot_past"),
        (THURSDAY_10H, "slot_taken"),
        (THURSDAY_10H + 3 * A_DAY, "slot_outside_hours"),
    ],
)
def test_a_late_outcome_is_never_lost(world: World, starts_at: datetime, why: str) -> None:
    booked(world)
    world.contact()
    kept = Appointment.objects.get(call=won(world, starts_at, late=True))
    assert (kept.state, kept.cancelled_by, kept.starts_at) == ("cancelled", "system", starts_at)
    assert list(kept.events.values_list("what", "by", "detail")) == [("clashed", "system", {"why": why})]
    assert kept.contact.state == "converted"


def test_the_same_call_sent_again_late_is_the_same_call(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    said: dict[str, Any] = {"outcome": "RDV", "answers": {"covers": "1"}, "appointment": Slot(THURSDAY_10H, "phone")}
    key = uuid4()
    for late, new in ((False, True), (True, False)):
        _call, made = log_call(
            engagement=world.bobs, claim_id=claim.public_id, said=Logged(key=key, late=late, **said), at=LATER
        )
        assert made is new
    assert Appointment.objects.count() == 1


def test_where_and_to_whom_for_each_kind(world: World) -> None:
    agenda(world, video_link="https://visio.example.test/carole")
    on_site = booked(world, kind="on_site")
    video = booked(world, THURSDAY_10H + timedelta(hours=1), kind="video", email="autre@example.test")
    phone = booked(world, THURSDAY_10H + timedelta(hours=4), kind="phone", email="")
    assert [(one.place, one.email) for one in (on_site, video, phone)] == [
        ("9 rue Saint-Louis, 35000 Rennes", "intendance@example.test"),
        ("https://visio.example.test/carole", "autre@example.test"),
        ("", ""),
    ]


def test_an_undone_call_takes_its_appointment_with_it_in_silence(world: World) -> None:
    made = booked(world)
    undo(engagement=world.bobs, call_id=made.call.public_id, key=uuid4(), at=made.call.logged_at)
    made.refresh_from_db()
    assert (made.state, made.cancelled_by, made.sequence - made.told_sequence) == ("cancelled", "agent", 0)
    assert history(made) == [("booked", "agent"), ("cancelled", "agent")]
    assert booked(world).state == "booked"  # the slot is free again


def test_the_slots_cost_three_queries_whatever_there_is(world: World) -> None:
    for name in ("un", "deux", "trois"):
        agenda(world, name)
    for n in range(3):
        booked(world, THURSDAY_10H + timedelta(hours=n / 2))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(free_slots(world.mission, TUESDAY_10H, territory="FR")) > 200
    assert len(queries) == 3


def test_the_database_judges_a_double_booking(world: World) -> None:
    first, second = booked(world), booked(world, THURSDAY_10H + timedelta(hours=1))
    moved = Appointment.objects.filter(pk=second.pk)
    with pytest.raises(IntegrityError, match="no_double_booking"), transaction.atomic():
        moved.update(starts_at=first.starts_at, ends_at=first.ends_at)
    moved.update(starts_at=first.ends_at, ends_at=first.ends_at + timedelta(minutes=30))  # one after the other is fine


@pytest.mark.parametrize("before", TRANSITIONS)
def test_the_database_holds_the_same_table_of_states(world: World, before: str) -> None:
    made = booked(world)
    rows = Appointment.objects.filter(pk=made.pk)
    if before != "booked":
        rows.update(state=before)
    legal = set()
    for after in set(TRANSITIONS) - {before}:
        try:
            with transaction.atomic():
                rows.update(state=after)
                legal.add(after)
                raise ZeroDivisionError  # back to where it was
        except ZeroDivisionError:
            continue
        except IntegrityError as error:
            assert f"never becomes {after}" in str(error)
    assert legal == TRANSITIONS[before] - {before}


def test_the_history_is_never_rewritten(world: World) -> None:
    made = booked(world)
    for act in (lambda: made.events.update(what="held"), lambda: made.events.all().delete()):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            act()
    assert history(made) == [("booked", "agent")]
