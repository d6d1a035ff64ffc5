"""Callbacks as promises: kept in time by who made them, told in the morning, ended with their contact."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core import mail
from django.test import Client

from marketplace.models import User
from prospecting.models import Callback, Contact
from prospecting.objecting import oppose
from prospecting.promises import Kept, by_agent, kept_lately, remind_of_the_day
from prospecting.queue import release_lapsed
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db
AT_14H = TUESDAY_10H + timedelta(hours=4)
EVENING = TUESDAY_10H + timedelta(hours=10)
TOMORROW_11H = TUESDAY_10H + timedelta(hours=25)
NEXT_MORNING = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)  # 7:30 in Paris


def promise(world: World, due_at: datetime = AT_14H) -> Callback:
    contact = world.contact()
    call(world.bobs, "RAP", TUESDAY_10H, callback_at=due_at)
    return Callback.objects.get(contact=contact)


def test_kept_is_called_by_who_promised_within_a_quarter_of_an_hour(world: World) -> None:
    for late in (timedelta(), timedelta(minutes=15), timedelta(minutes=16)):
        promise(world)
        call(world.bobs, "NRP", AT_14H + late)
    assert kept_lately(Callback.objects.all(), EVENING) == Kept(kept=2, due=3)


def test_what_the_team_took_up_was_not_kept_by_who_promised(world: World) -> None:
    promise(world)
    call(world.aminas, "NRP", AT_14H + timedelta(hours=1))
    [bob] = by_agent(world.mission, EVENING)
    assert (bob.engagement, bob.kept, bob.kept.rate) == (world.bobs, Kept(0, 1), 0.0)


def test_what_is_not_due_yet_or_was_called_off_is_in_neither_count(world: World) -> None:
    promise(world, TOMORROW_11H)
    gone = promise(world)
    oppose(organisation=world.organisation, phone=gone.contact.phone or "", at=TUESDAY_10H, source="page")
    kept = kept_lately(Callback.objects.all(), EVENING)
    assert (kept, kept.rate) == (Kept(0, 0), None)


def test_a_mission_sees_who_is_late_and_what_comes(world: World) -> None:
    for due_at in (AT_14H, EVENING + timedelta(hours=1), TOMORROW_11H):
        promise(world, due_at) if due_at.hour < 18 else Callback.objects.filter(pk=promise(world).pk).update(
            due_at=due_at
        )
    [bob] = by_agent(world.mission, EVENING)
    assert (bob.overdue, bob.today, bob.later, bob.kept) == (1, 1, 1, Kept(0, 1))


@pytest.mark.parametrize("state", ["converted", "closed", "exhausted", "blocked"])
def test_whoever_ends_a_contact_ends_what_was_promised_to_it(world: World, state: str) -> None:
    made = promise(world)
    Contact.objects.filter(pk=made.contact_id).update(state=state, blocked_reason="opposed", next_at=None)
    made.refresh_from_db()
    assert made.state == "cancelled"


def test_a_promise_outlives_a_hand_that_holds_its_contact(world: World) -> None:
    made = promise(world)
    Contact.objects.filter(pk=made.contact_id).update(state="in_hand")
    release_lapsed(at=AT_14H)
    made.refresh_from_db()
    assert made.state == "promised"


def test_the_morning_tells_each_telemarketer_once_of_their_day(world: World) -> None:
    promise(world, TOMORROW_11H)
    promise(world, TOMORROW_11H + timedelta(days=1))
    assert [remind_of_the_day(at=at) for at in (EVENING, NEXT_MORNING, NEXT_MORNING)] == [0, 1, 0]
    [message] = mail.outbox
    assert message.to == ["bob@example.test"]
    assert "Un rappel promis pour aujourd’hui" in message.subject
    assert message.body.count("Lycée Jean-Macé") == 1


def test_it_can_be_switched_off_and_what_was_promised_today_needs_no_reminder(world: World) -> None:
    promise(world, TOMORROW_11H)
    User.objects.filter(pk=world.bob.pk).update(callback_mails=False)
    assert remind_of_the_day(at=NEXT_MORNING) == 0
    User.objects.filter(pk=world.bob.pk).update(callback_mails=True)
    world.contact()
    call(world.bobs, "RAP", NEXT_MORNING + timedelta(hours=2), callback_at=TOMORROW_11H + timedelta(hours=3))
    assert (remind_of_the_day(at=NEXT_MORNING + timedelta(hours=2, minutes=10)), mail.outbox) == (0, [])


@pytest.mark.parametrize(("who", "path"), [("bob", "/rappels/"), ("carole", "/missions/receptions-2027/rappels/")])
def test_both_sides_read_the_rate_with_its_two_counts(world: World, who: str, path: str) -> None:
    for late in (timedelta(), timedelta(minutes=16)):
        promise(world)
        call(world.bobs, "NRP", AT_14H + late)
    promise(world, TOMORROW_11H)
    client = Client()
    client.force_login(getattr(world, who))
    with time_machine.travel(EVENING, tick=False):
        page = unescape(client.get(path).content.decode())
    assert "1 promesse tenue à l’heure sur 2 en 30 jours, soit 50,0\u202f%." in page
    assert "Demain" in page
