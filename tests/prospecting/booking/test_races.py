"""Two agents, one slot, at once: one appointment each time, by real threads and connections."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from config.errors import Refused
from prospecting import availability, booking
from prospecting.booking import Slot
from prospecting.calling import Logged, dial, log_call
from prospecting.models import Agenda, Appointment, Call
from prospecting.rules.openings import free_times
from prospecting.standard_outcomes import lay_down
from tests import cast
from tests.cast import TUESDAY_10H, World
from tests.prospecting.booking.given import LATER, agenda
from tests.prospecting.test_calling import take

RACES = 200


@pytest.fixture
def ready(transactional_db: None) -> Iterator[World]:
    lay_down()
    world = cast.world()
    agenda(world, notice_hours=0, weekly=[{"day": day, "from": "08:00", "to": "20:00"} for day in range(7)])
    yield world


def race(world: World, slot: Slot) -> list[str]:
    """Both agents have dialled; both save at the same moment."""
    start, pairs = Barrier(2), []
    for engagement in (world.bobs, world.aminas):
        world.contact(f"+331990{Call.objects.count() + len(pairs):05d}")
        claim = take(engagement)
        dial(engagement=engagement, claim_id=claim.public_id, at=TUESDAY_10H)
        pairs.append((engagement, claim.public_id))

    def save(engagement: object, claim_id: object) -> str:
        said = Logged(key=uuid4(), outcome="RDV", answers={"covers": "1"}, appointment=slot)
        start.wait()
        try:
            log_call(engagement=engagement, claim_id=claim_id, said=said, at=LATER)  # type: ignore[arg-type]
        except Refused as refused:
            log_call(  # type: ignore[call-arg]
                engagement=engagement,
                claim_id=claim_id,
                said=Logged(key=uuid4(), outcome="NRP"),
                at=LATER,  # type: ignore[arg-type]
            )
            return refused.code
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(2) as threads:
        return [done.result() for done in [threads.submit(save, *pair) for pair in pairs]]


def slots(world: World, count: int) -> list[Slot]:
    diary = availability.diary_of(Agenda.objects.get())
    times = list(free_times(diary, 30, LATER + timedelta(days=1)))
    return [Slot(start, "phone") for start in times[:count]]


def test_two_hundred_races_for_one_slot_book_one_appointment_each(ready: World) -> None:
    ends = Counter(tuple(sorted(race(ready, slot))) for slot in slots(ready, RACES))
    assert ends == {("booked", "slot_taken"): RACES}
    assert Appointment.objects.filter(state="booked").values("starts_at").distinct().count() == RACES
    assert Appointment.objects.count() == RACES


def test_without_our_lock_the_constraint_of_the_database_still_decides(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(2)

    def unlocked(mission: object) -> list[Agenda]:
        return list(Agenda.objects.all())

    def both_see_it_free(*args: object) -> object:
        chosen = availability.choose(*args)  # type: ignore[arg-type]
        together.wait(5)
        return chosen

    monkeypatch.setattr(booking, "lock_agendas", unlocked)
    monkeypatch.setattr(booking, "choose", both_see_it_free)
    ends: Callable[[Slot], list[str]] = lambda slot: sorted(race(ready, slot))  # noqa: E731
    assert [ends(slot) for slot in slots(ready, 10)] == [["booked", "slot_taken"]] * 10
