""" "Why?": every contact stands in one place, the places sum to the total, and the next returns have their time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.models import Engagement
from prospecting.explaining import STANDINGS, Hour, Place, QueueState, Return, explain
from prospecting.models import Contact, LeadFile, QueueSettings, Skip
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World, lead_file
from tests.prospecting.test_calling import call

HOUR = timedelta(hours=1)


def why(world: World, engagement: Engagement | None = None, at: datetime = TUESDAY_10H) -> QueueState:
    state = explain(mission=world.mission, engagement=engagement, at=at)
    assert sum(getattr(state, name) for name in STANDINGS) == state.total == Contact.objects.count()
    return state


def standing(state: QueueState) -> dict[str, int]:
    return {name: getattr(state, name) for name in STANDINGS if getattr(state, name)}


def every_case(world: World) -> None:
    QueueSettings.objects.create(mission=world.mission, split=True, handover_minutes=30)
    resting = lead_file(world.mission, "Au repos", weight=0)
    waits: dict[str, Any] = {"state": "retry", "next_at": TUESDAY_10H + 3 * HOUR}
    due: dict[str, Any] = {"state": "callback", "next_at": TUESDAY_10H - HOUR / 6, "callback_for": world.aminas}
    skipped = world.contact()
    Skip.objects.create(contact=skipped, engagement=world.bobs, reason="known", at=TUESDAY_10H)
    for more in (
        {}, {"assigned_to": world.bobs}, {"assigned_to": world.aminas}, {"priority": -1}, {"territory": "FR-RE"},
        {"state": "retry", "next_at": TUESDAY_10H}, waits, waits | {"blocked_reason": "gap"},
        waits | {"blocked_reason": "cap"}, waits | {"blocked_reason": "cool_off"}, waits | {"priority": -1},
        {"state": "retry", "next_at": TUESDAY_10H, "territory": "FR-RE"},
        due, due | {"next_at": TUESDAY_10H - HOUR / 2}, due | {"callback_for": None},
        due | {"callback_for": world.bobs, "next_at": TUESDAY_10H + HOUR / 4},
        due | {"callback_for": world.bobs, "next_at": TUESDAY_10H + HOUR},
        {"state": "closed"}, {"state": "converted"}, {"state": "exhausted"}, {"state": "in_hand"},
        {"state": "blocked", "blocked_reason": "opposed"}, {"state": "blocked", "blocked_reason": "no_basis"},
    ):  # fmt: skip
        world.contact(**more)
    for n, more in enumerate(({}, waits)):
        one = world.contact(**more)
        Contact.objects.filter(pk=one.pk).update(lead_file=resting, deal=n)
    Contact.objects.create(organisation=world.organisation, mission=world.mission, lead_file=world.file, phone=None)


def test_every_contact_stands_in_one_place_for_an_agent(world: World) -> None:
    every_case(world)
    state = why(world, world.bobs)
    assert standing(state) == {
        "ready": 6, "cooling": 2, "capped": 1, "cool_off": 1, "promised": 2, "outside_hours": 2, "reserved": 1,
        "filtered": 2, "resting": 2, "skipped": 1, "without_phone": 1, "in_hand": 1, "blocked": 2, "exhausted": 1,
        "closed": 1, "converted": 1,
    }  # fmt: skip
    assert state.blocked_by == {"opposed": 1, "no_basis": 1}
    assert (state.fresh, state.retry, state.callback) == (8, 8, 5)


def test_what_is_ready_is_what_is_dealt(world: World) -> None:
    every_case(world)
    ready, dealt = why(world, world.bobs).ready, 0
    while claim := next_contact(engagement=world.bobs, at=TUESDAY_10H):
        dealt += 1
        Contact.objects.filter(pk=claim.contact_id).update(state="closed")
        claim.delete()
    assert dealt == ready
    assert why(world, world.bobs).ready == 0


def test_for_the_mission_as_a_whole_nothing_is_reserved_nor_skipped(world: World) -> None:
    every_case(world)
    state = why(world)
    assert (state.ready, state.reserved, state.skipped, state.promised) == (9, 0, 0, 1)


def test_it_says_when_the_next_ones_come_back_and_how_many(world: World) -> None:
    for territory in ("FR-RE", "FR-RE", "FR-GP"):
        world.contact(territory=territory)
    for minutes in (90, 90, 93, 300):
        world.contact(state="retry", next_at=TUESDAY_10H + timedelta(minutes=minutes))
    call_back = world.contact()
    call(world.bobs, "RAP", callback_at=TUESDAY_10H + 2 * HOUR)
    assert Contact.objects.get(state="callback").pk == call_back.pk
    state = why(world, world.bobs)
    assert [(one.at.astimezone(UTC), one.contacts, one.what) for one in state.returns] == [
        (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), 2, "opening"),  # 13:30 in Saint-Denis
        (datetime(2026, 11, 24, 10, 30, tzinfo=UTC), 3, "retry"),
        (datetime(2026, 11, 24, 10, 45, tzinfo=UTC), 1, "callback"),  # a quarter of an hour before its time
        (datetime(2026, 11, 24, 13, 0, tzinfo=UTC), 1, "opening"),  # 9:00 in Pointe-à-Pitre
    ]
    assert state.next_at == TUESDAY_10H + timedelta(minutes=90)
    assert [(place.territory, place.contacts) for place in state.places] == [("FR-RE", 2), ("FR-GP", 1)]
    hours = {hour.starts_at.hour: (hour.retry, hour.callback, hour.opening) for hour in state.forecast}
    assert hours == dict.fromkeys(range(10, 24), (0, 0, 0)) | {
        10: (0, 0, 2), 11: (3, 1, 0), 14: (0, 0, 1), 15: (1, 0, 0),
    }  # fmt: skip


def test_after_the_last_opening_of_the_day_there_is_no_rest_of_it(world: World) -> None:
    world.contact()
    evening = why(world, world.bobs, at=TUESDAY_10H + 9 * HOUR)
    assert evening.forecast == []
    assert [(one.at, one.what) for one in evening.returns] == [
        (datetime(2026, 11, 25, 8, 0, tzinfo=UTC), "opening"),
    ]
    assert isinstance(evening.places[0], Place) and evening.places[0].opens_at == evening.returns[0].at


def test_an_empty_mission_has_nothing_to_say(world: World) -> None:
    state = why(world, world.bobs)
    assert (state.total, standing(state), state.returns, state.places, state.next_at) == (0, {}, [], [], None)
    assert not any(isinstance(hour, Hour) and hour.contacts for hour in state.forecast)
    assert not any(isinstance(one, Return) for one in state.returns)


@pytest.mark.parametrize("files", [1, 12])
def test_it_asks_the_same_however_many_files_and_contacts(world: World, files: int) -> None:
    for n in range(files):
        file = lead_file(world.mission, f"Fichier {n}")
        Contact.objects.filter(pk=world.contact().pk).update(lead_file=file)
    mission = type(world.mission).objects.select_related("queue_settings").get(pk=world.mission.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        explain(mission=mission, engagement=world.bobs, at=TUESDAY_10H)
    assert len(asked) == 5


def test_a_contact_put_off_by_the_law_is_counted_under_its_rule(world: World) -> None:
    first = world.contact("+33199000001", deal=0.1)
    call(world.bobs, "REFI")
    Contact.objects.filter(pk=first.pk).update(state="fresh")
    assert next_contact(engagement=world.aminas, at=TUESDAY_10H + HOUR) is None
    state = why(world, world.aminas, at=TUESDAY_10H + HOUR)
    assert standing(state) in ({"cool_off": 1}, {"cooling": 1})
    LeadFile.objects.update(weight=0)
    assert standing(why(world, world.aminas, at=TUESDAY_10H + HOUR)) == {"resting": 1}
