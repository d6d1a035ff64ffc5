"""A contact given back before the dial: skipped with a reason, left with the page, kept by a sign of life."""

from datetime import timedelta
from uuid import uuid4

import pytest

from config.errors import DecrocheError, Invalid, Refused
from marketplace.models import Engagement
from prospecting.calling import dial
from prospecting.models import Callback, Claim, Contact, Skip
from prospecting.queue import heartbeat, leave, next_contact, skip
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call, take

MINUTE = timedelta(minutes=1)


def give_up(world: World, reason: str = "known", note: str = "", at=TUESDAY_10H) -> Skip:
    return skip(engagement=world.bobs, claim_id=take(world.bobs, at=at).public_id, reason=reason, note=note, at=at)


def test_a_contact_skipped_is_for_the_others_and_not_for_me_again(world: World) -> None:
    contact = world.contact(deal=0.1)
    other = world.contact(deal=0.9)
    skipped = give_up(world, "known")
    assert (skipped.contact_id, skipped.reason, skipped.at) == (contact.pk, "known", TUESDAY_10H)
    assert take(world.bobs).contact_id == other.pk
    assert take(world.aminas).contact_id == contact.pk


def test_a_retry_skipped_is_not_dealt_to_me_again_either(world: World) -> None:
    contact = world.contact(state="retry", next_at=TUESDAY_10H - MINUTE)
    give_up(world)
    contact.refresh_from_db()
    assert (contact.state, contact.next_at) == ("retry", TUESDAY_10H - MINUTE)
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H) is None
    assert take(world.aminas).contact_id == contact.pk


def test_my_own_promise_skipped_goes_to_the_team_at_its_time(world: World) -> None:
    contact = world.contact()
    due = TUESDAY_10H + timedelta(hours=1)
    call(world.bobs, "RAP", callback_at=due)
    give_up(world, "elsewhere", at=due)
    contact.refresh_from_db()
    assert (contact.state, contact.callback_for, Callback.objects.get().handed_over_at) == ("callback", None, due)
    assert next_contact(engagement=world.bobs, at=due + timedelta(hours=1)) is None
    assert take(world.aminas, at=due).contact_id == contact.pk


def test_a_contact_reserved_for_me_and_skipped_returns_to_all(world: World) -> None:
    contact = world.contact(assigned_to=world.bobs)
    from prospecting.models import QueueSettings

    QueueSettings.objects.create(mission=world.mission, split=True)
    give_up(world, "language")
    assert take(world.aminas).contact_id == contact.pk


@pytest.mark.parametrize(
    ("reason", "note", "field"), [("", "", "reason"), ("bored", "", "reason"), ("other", "  ", "note")]
)
def test_it_rejects_a_skip_without_its_reason(world: World, reason: str, note: str, field: str) -> None:
    world.contact()
    claim = take(world.bobs)
    with pytest.raises(Invalid) as refusal:
        skip(engagement=world.bobs, claim_id=claim.public_id, reason=reason, note=note, at=TUESDAY_10H)
    assert refusal.value.field == field
    assert Claim.objects.get() == claim and not Skip.objects.exists()


def test_a_call_in_progress_is_neither_skipped_nor_left(world: World) -> None:
    contact = world.contact()
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    for act in (
        lambda: skip(engagement=world.bobs, claim_id=claim.public_id, reason="known", at=TUESDAY_10H),
        lambda: leave(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "call_in_progress"
    contact.refresh_from_db()
    assert (contact.state, Claim.objects.get().pk) == ("in_hand", claim.pk)


def test_the_contact_of_somebody_else_is_not_mine_to_give_back(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    acts = (
        lambda: leave(engagement=world.aminas, claim_id=claim.public_id, at=TUESDAY_10H),
        lambda: skip(engagement=world.aminas, claim_id=claim.public_id, reason="known", at=TUESDAY_10H),
        lambda: heartbeat(engagement=world.aminas, claim_id=claim.public_id, at=TUESDAY_10H),
        lambda: leave(engagement=world.bobs, claim_id=uuid4(), at=TUESDAY_10H),
    )
    for act in acts:
        with pytest.raises(DecrocheError) as refusal:
            act()
        assert refusal.value.code == "claim_lapsed"
    assert Claim.objects.get() == claim


def test_leaving_gives_the_contact_back_as_it_was(world: World) -> None:
    contact = world.contact()
    leave(engagement=world.bobs, claim_id=take(world.bobs).public_id, at=TUESDAY_10H)
    contact.refresh_from_db()
    assert (contact.state, Claim.objects.exists()) == ("fresh", False)
    assert take(world.bobs).contact_id == contact.pk


def test_a_sign_of_life_prolongs_a_look_up_to_half_an_hour(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    ends = [
        heartbeat(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H + n * MINUTE) for n in range(4, 30, 4)
    ]
    assert [(end - TUESDAY_10H) // MINUTE for end in ends] == [9, 13, 17, 21, 25, 29, 30]
    claim.refresh_from_db()
    assert claim.seen_at == TUESDAY_10H + 28 * MINUTE
    with pytest.raises(Refused):
        heartbeat(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H + 30 * MINUTE)


def test_a_sign_of_life_during_a_call_holds_it_an_hour_more_even_once_the_engagement_has_ended(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    at = TUESDAY_10H + 50 * MINUTE
    assert heartbeat(engagement=Engagement.objects.get(pk=world.bobs.pk), claim_id=claim.public_id, at=at) == (
        at + 60 * MINUTE
    )


def test_a_look_is_not_prolonged_once_the_engagement_has_ended(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    with pytest.raises(Refused) as refusal:
        heartbeat(engagement=Engagement.objects.get(pk=world.bobs.pk), claim_id=claim.public_id, at=TUESDAY_10H)
    assert refusal.value.code == "engagement_not_active"


def test_nobody_gets_a_contact_that_everybody_skipped(world: World) -> None:
    contact = world.contact()
    give_up(world)
    skip(engagement=world.aminas, claim_id=take(world.aminas).public_id, reason="known", at=TUESDAY_10H)
    assert next_contact(engagement=world.aminas, at=TUESDAY_10H) is None
    assert Contact.objects.get(pk=contact.pk).state == "fresh"
