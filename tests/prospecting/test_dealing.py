"""From which file the next contact comes, for whom, and how it is said to have been dealt."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from marketplace.models import Engagement
from prospecting.calling import Logged, dial, log_call
from prospecting.models import Callback, Claim, Contact, Dial, LeadFile, QueueSettings
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World, lead_file
from tests.prospecting.test_calling import call, take

SECOND = timedelta(seconds=1)


def fill(world: World, file: LeadFile, number: int, **more: object) -> None:
    Contact.objects.bulk_create(
        Contact(
            organisation=world.organisation,
            mission=world.mission,
            lead_file=file,
            phone=f"+336{file.pk % 100:02}{n:06}",
            territory="FR",
            **more,
        )
        for n in range(number)
    )


def dealt_files(world: World, number: int) -> Counter[str]:
    """From which files Bob's next contacts come; each is closed as soon as it is dealt."""
    names: Counter[str] = Counter()
    for _n in range(number):
        claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
        if claim is None:
            break
        names[claim.contact.lead_file.name] += 1
        Contact.objects.filter(pk=claim.contact_id).update(state="closed")
        claim.delete()
    return names


def settle(world: World, **more: object) -> QueueSettings:
    return QueueSettings.objects.update_or_create(mission=world.mission, defaults=more)[0]


def test_files_are_drawn_in_proportion_to_their_weight(world: World) -> None:
    heavy, light = lead_file(world.mission, "Lourd", weight=3), lead_file(world.mission, "Léger", weight=1)
    fill(world, heavy, 120), fill(world, light, 120)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
    dealt = dealt_files(world, 120)
    assert dealt.total() == 120
    assert 75 <= dealt["Lourd"] <= 105  # 90 expected, three standard deviations


def test_a_file_that_is_empty_leaves_its_turns_to_the_others(world: World) -> None:
    fill(world, lead_file(world.mission, "Lourd", weight=100), 2)
    fill(world, lead_file(world.mission, "Léger", weight=1), 3)
    assert dealt_files(world, 10) == {"Lourd": 2, "Léger": 3}


def test_in_order_a_file_is_finished_before_the_next_begins(world: World) -> None:
    settle(world, files="order")
    second = lead_file(world.mission, "Second", position=2, weight=100)
    first = lead_file(world.mission, "Premier", position=1)
    fill(world, second, 3), fill(world, first, 2)
    assert [next(iter(dealt_files(world, 1))) for _n in range(5)] == ["Premier"] * 2 + ["Second"] * 3


def test_a_file_of_weight_zero_rests_with_its_retries_but_not_with_its_promises(world: World) -> None:
    promised, _fresh = world.contact(), world.contact()
    call(world.bobs, "RAP", callback_at=TUESDAY_10H + timedelta(hours=1))
    world.contact(state="retry", next_at=TUESDAY_10H)
    LeadFile.objects.update(weight=0)
    promised = Contact.objects.get(state="callback")
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H + SECOND) is None
    assert take(world.bobs, at=TUESDAY_10H + timedelta(hours=1)).contact_id == promised.pk


def test_a_priority_comes_first_whichever_file_it_is_in_and_one_filtered_out_never(world: World) -> None:
    settle(world, files="order")
    other = lead_file(world.mission, "Autre", position=9)
    world.contact(deal=0.1)
    world.contact(deal=0.0, priority=-1)
    fill(world, other, 1, priority=1)
    assert [next(iter(dealt_files(world, 1))) for _n in range(2)] == ["Autre", "Annuaire 35"]
    assert dealt_files(world, 1) == {}


def test_the_random_order_runs_over_the_territories_of_a_file(world: World) -> None:
    late, early = world.contact(deal=0.8), world.contact(deal=0.3, territory="FR-ALM")
    assert [take(agent).contact_id for agent in (world.bobs, world.aminas)] == [early.pk, late.pk]


def test_a_reserved_contact_goes_to_its_agent_first_and_to_nobody_else(world: World) -> None:
    settle(world, split=True)
    bobs = world.contact(deal=0.9, assigned_to=world.bobs)
    free = world.contact(deal=0.1)
    world.contact(deal=0.2, assigned_to=world.aminas)
    first = take(world.bobs)
    assert (first.contact_id, first.dealt) == (bobs.pk, "assigned")
    Contact.objects.filter(pk=bobs.pk).update(state="closed")
    first.delete()
    assert take(world.bobs).contact_id == free.pk
    Claim.objects.all().delete()
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H) is None


@pytest.mark.parametrize("state", ["ended", "suspended"])
def test_the_part_of_an_agent_who_stops_returns_to_all_at_once(world: World, state: str) -> None:
    settle(world, split=True)
    hers = world.contact(assigned_to=world.aminas)
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H) is None
    ended_at = TUESDAY_10H if state == "ended" else None
    Engagement.objects.filter(pk=world.aminas.pk).update(state=state, ended_at=ended_at)
    assert take(world.bobs).contact_id == hers.pk


def test_the_claim_and_its_dial_say_how_the_contact_came(world: World) -> None:
    settle(world, handover_minutes=10)
    due = TUESDAY_10H + timedelta(hours=1)
    cases = {
        "fresh": {},
        "priority": {"priority": 1},
        "retry": {"state": "retry", "next_at": TUESDAY_10H},
        "callback": {"state": "callback", "next_at": due, "callback_for": world.bobs},
        "team": {"state": "callback", "next_at": due - timedelta(minutes=10), "callback_for": world.aminas},
    }
    for dealt, more in cases.items():
        contact = world.contact(**more)
        claim = take(world.bobs, at=due)
        assert (claim.contact_id, claim.dealt) == (contact.pk, dealt)
        assert dial(engagement=world.bobs, claim_id=claim.public_id, at=due).dealt == dealt
        log_call(engagement=world.bobs, claim_id=claim.public_id, said=Logged(key=uuid4(), outcome="REFI"), at=due)
    assert set(Dial.objects.values_list("dealt", flat=True)) == set(cases)


def test_the_missions_own_delay_hands_a_promise_over(world: World) -> None:
    settle(world, handover_minutes=5)
    contact = world.contact()
    due = TUESDAY_10H + timedelta(hours=1)
    call(world.bobs, "RAP", callback_at=due)
    assert next_contact(engagement=world.aminas, at=due + timedelta(minutes=5) - SECOND) is None
    taken_up = due + timedelta(minutes=5)
    assert take(world.aminas, at=taken_up).contact_id == contact.pk
    assert Callback.objects.values_list("state", "handed_over_at").get() == ("promised", taken_up)


def plan(world: World) -> str:
    from prospecting.dealing import PICK, pick_values

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE prospecting_contact")
        cursor.execute("EXPLAIN " + PICK, pick_values(world.mission, world.bobs, TUESDAY_10H))
        return "\n".join(line for (line,) in cursor.fetchall())


def test_each_pick_is_the_head_of_an_index(world: World) -> None:
    fill(world, world.file, 3000)
    found = plan(world)
    assert "Seq Scan on prospecting_contact" not in found
    assert {name for name in ("queue_fresh", "queue_retry", "queue_own", "queue_team") if name in found} >= {
        "queue_fresh", "queue_retry",
    }  # fmt: skip
    fresh = found[found.index("prospecting_contact_1.priority DESC") :]
    assert "Sort" not in fresh[fresh.index("LockRows") :]  # the head, not the first of a sort
