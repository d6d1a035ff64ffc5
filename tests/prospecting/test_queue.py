"""Who gets which contact next, and never two agents the same."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from prospecting.models import Callback, Claim, Contact
from prospecting.queue import HOLD_BEFORE_DIAL, next_contact, release
from tests import cast
from tests.cast import TUESDAY_10H, World, engaged
from tests.prospecting.test_calling import call, take


def test_two_tabs_of_one_agent_get_the_same_contact(world: World) -> None:
    world.contact()
    world.contact()
    assert take(world.bobs) == take(world.bobs)


def test_two_agents_never_get_the_same_contact(world: World) -> None:
    world.contact()
    assert take(world.bobs).contact_id
    assert next_contact(engagement=world.aminas, at=TUESDAY_10H) is None


def test_fresh_contacts_are_dealt_in_their_random_order(world: World) -> None:
    contacts = [world.contact(deal=deal) for deal in (0.7, 0.2, 0.5)]
    dealt = [take(agent).contact_id for agent in (world.bobs, world.aminas)]
    assert dealt == [contacts[1].pk, contacts[2].pk]


def test_my_promise_comes_first_then_retries_then_fresh(world: World) -> None:
    fresh = world.contact()
    retry = world.contact(state="retry", next_at=TUESDAY_10H - timedelta(hours=1))
    promised = world.contact()
    Contact.objects.filter(pk__in=[fresh.pk, retry.pk]).update(state="closed")
    call(world.bobs, "RAP", at=TUESDAY_10H - timedelta(days=1), callback_at=TUESDAY_10H + timedelta(minutes=10))
    Contact.objects.filter(pk=fresh.pk).update(state="fresh")
    Contact.objects.filter(pk=retry.pk).update(state="retry", next_at=TUESDAY_10H - timedelta(hours=1))
    order = []
    for minute in range(3):
        claim = take(world.bobs, at=TUESDAY_10H + timedelta(minutes=minute))
        order.append(claim.contact_id)
        claim.delete()
        Contact.objects.filter(pk=claim.contact_id).update(state="closed")
    assert order == [promised.pk, retry.pk, fresh.pk]


def test_a_promise_stays_with_its_agent_until_it_is_half_an_hour_late(world: World) -> None:
    contact = world.contact()
    due = TUESDAY_10H + timedelta(hours=1)
    call(world.bobs, "RAP", callback_at=due)
    assert next_contact(engagement=world.aminas, at=due + timedelta(minutes=29)) is None
    assert take(world.aminas, at=due + timedelta(minutes=30)).contact_id == contact.pk
    assert Callback.objects.get().due_at == due


def test_a_promise_whose_minute_has_not_come_does_not_hide_the_others(world: World) -> None:
    """« Rappelez dans dix minutes »: within the tolerance, but not yet allowed; the next contact is dealt meanwhile."""
    world.contact(deal=0.1)
    other = world.contact(deal=0.9)
    call(world.bobs, "RAP", callback_at=TUESDAY_10H + timedelta(minutes=10))
    assert take(world.bobs, at=TUESDAY_10H + timedelta(minutes=2)).contact_id == other.pk


def test_a_claim_lapses_and_the_contact_comes_back(world: World) -> None:
    contact = world.contact()
    take(world.bobs)
    still = TUESDAY_10H + HOLD_BEFORE_DIAL - timedelta(seconds=1)
    assert next_contact(engagement=world.aminas, at=still) is None
    assert take(world.aminas, at=TUESDAY_10H + HOLD_BEFORE_DIAL).contact_id == contact.pk


def test_a_released_contact_is_as_it_was(world: World) -> None:
    contact = world.contact()
    release(take(world.bobs), at=TUESDAY_10H)
    contact.refresh_from_db()
    assert (contact.state, Claim.objects.count()) == ("fresh", 0)


def test_outside_the_hours_nothing_is_dealt_and_each_territory_has_its_own(world: World) -> None:
    island = world.contact(territory="FR-RE")
    world.contact(territory="FR")
    six = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 7:00 in Paris, 10:00 in Saint-Denis
    assert take(world.bobs, at=six).contact_id == island.pk
    assert next_contact(engagement=world.aminas, at=six) is None


def test_a_held_contact_gets_its_time_and_the_next_one_is_tried(world: World) -> None:
    first = world.contact("+33199000001", deal=0.1)
    second = world.contact("+33199000002", deal=0.9)
    call(world.bobs, "ERR")  # the first: dialled, no attempt
    Contact.objects.filter(pk=first.pk).update(state="fresh")
    from prospecting.models import Dial

    Dial.objects.update(attempt=True)
    assert take(world.aminas, at=TUESDAY_10H + timedelta(hours=1)).contact_id == second.pk
    first.refresh_from_db()
    assert (first.state, first.next_at) == ("retry", TUESDAY_10H + timedelta(hours=4))


@pytest.fixture
def in_threads(transactional_db: None) -> Callable[[int, Callable[[int], object]], list[object]]:
    def run(count: int, work: Callable[[int], object]) -> list[object]:
        def one(number: int) -> object:
            try:
                return work(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return run


def test_eight_agents_at_once_share_forty_contacts_without_a_double(in_threads: Callable[..., list[list[int]]]) -> None:
    world = cast.world()
    agents = [engaged(cast.person(f"Agent{n}"), world.mission) for n in range(8)]
    for _n in range(40):
        world.contact()

    def work(number: int) -> list[int]:
        taken = []
        while claim := next_contact(engagement=agents[number], at=TUESDAY_10H):
            taken.append(claim.contact_id)
            Contact.objects.filter(pk=claim.contact_id).update(state="closed")
            claim.delete()
        return taken

    dealt = Counter(contact for taken in in_threads(8, work) for contact in taken)
    assert (len(dealt), set(dealt.values())) == (40, {1})
