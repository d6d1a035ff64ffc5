"""The one write path of a call: dial, outcome, what becomes of the contact, undo."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from config.errors import Invalid, Refused
from marketplace.models import Engagement
from prospecting.booking import Slot
from prospecting.calling import Logged, dial, log_call, undo
from prospecting.explaining import explain
from prospecting.models import Appointment, Call, Callback, Claim, Contact, Dial, Opposition
from prospecting.objecting import number_hash, oppose
from prospecting.queue import next_contact, release_lapsed
from tests.cast import TUESDAY_10H, World, engaged, lead_file, running_mission

THURSDAY_19H = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
LATER = TUESDAY_10H + timedelta(minutes=3)


def take(engagement: Engagement, at: datetime = TUESDAY_10H) -> Claim:
    claim = next_contact(engagement=engagement, at=at)
    assert claim is not None
    return claim


def call(engagement: Engagement, outcome: str, at: datetime = TUESDAY_10H, **said: Any) -> Call:
    """Take the next contact, dial it and save its outcome a minute later."""
    claim = take(engagement, at)
    dial(engagement=engagement, claim_id=claim.public_id, at=at)
    return save(engagement, claim.public_id, outcome, at + timedelta(minutes=1), **said)


def save(engagement: Engagement, claim_id: UUID, outcome: str, at: datetime, **said: Any) -> Call:
    logged, _new = log_call(
        engagement=engagement, claim_id=claim_id, said=Logged(key=uuid4(), outcome=outcome, **said), at=at
    )
    return logged


def test_a_call_copies_the_flags_of_its_outcome_and_counts_its_seconds(world: World) -> None:
    contact = world.contact()
    saved = call(world.bobs, "REF", reason="déjà un traiteur", seconds=45, note="aimable")
    row = Call.objects.values(
        "contact_id", "engagement_id", "outcome", "valid", "answered", "reached", "argued", "converted", "final",
        "refusal", "reason", "note", "seconds", "dials", "phone", "started_at", "source",
    ).get(pk=saved.pk)  # fmt: skip
    assert row == {
        "contact_id": contact.pk, "engagement_id": world.bobs.pk, "outcome": "REF", "valid": True, "answered": True,
        "reached": True, "argued": True, "converted": False, "final": True, "refusal": True,
        "reason": "déjà un traiteur", "note": "aimable", "seconds": 45, "dials": 1, "phone": contact.phone,
        "started_at": TUESDAY_10H, "source": "cockpit",
    }  # fmt: skip


def test_no_more_seconds_than_have_passed_since_the_dial(world: World) -> None:
    world.contact()
    assert call(world.bobs, "NRP", seconds=3600).seconds == 60


@pytest.mark.parametrize(
    ("outcome", "said", "state", "next_at"),
    [
        ("NRP", {}, "retry", datetime(2026, 11, 24, 13, 1, tzinfo=UTC)),  # the afternoon, past the gap of four hours
        ("OCC", {}, "retry", datetime(2026, 11, 24, 9, 16, tzinfo=UTC)),
        ("ABS", {}, "retry", datetime(2026, 11, 25, 8, 0, tzinfo=UTC)),
        ("ABSL", {"reopen_on": date(2026, 12, 25)}, "retry", datetime(2026, 12, 28, 8, 0, tzinfo=UTC)),
        ("REFI", {}, "closed", None),
        ("HC", {}, "closed", None),
        ("FNUM", {}, "closed", None),
        ("OPP", {}, "blocked", None),
        ("RAP", {"callback_at": THURSDAY_19H}, "callback", THURSDAY_19H),
        ("LEAD", {"answers": {"covers": "80"}}, "converted", None),
    ],
)  # fmt: skip
def test_what_becomes_of_the_contact(
    world: World, outcome: str, said: dict[str, Any], state: str, next_at: datetime | None
) -> None:
    contact = world.contact()
    call(world.bobs, outcome, **said)
    contact.refresh_from_db()
    assert (contact.state, contact.next_at, contact.attempts) == (state, next_at, 1)
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "said", "field"),
    [
        ("REF", {}, "reason"),
        ("RAP", {}, "callback_at"),
        ("RAP", {"callback_at": TUESDAY_10H - timedelta(days=1)}, "callback_at"),
        ("ABSL", {}, "reopen_on"),
        ("ABSL", {"reopen_on": date(9999, 12, 31)}, "reopen_on"),
        ("RDV", {"answers": {"covers": "80"}}, "appointment"),
        ("LEAD", {}, "answers.covers"),
        ("XYZ", {}, "outcome"),
    ],
)
def test_it_rejects_an_outcome_that_misses_what_it_needs(
    world: World, outcome: str, said: dict[str, Any], field: str
) -> None:
    contact = world.contact()
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    with pytest.raises(Invalid) as refusal:
        save(world.bobs, claim.public_id, outcome, LATER, **said)
    contact.refresh_from_db()
    assert (refusal.value.field, contact.state, Call.objects.count()) == (field, "in_hand", 0)


def test_an_appointment_is_booked_with_the_call_that_won_it(world: World) -> None:
    contact = world.contact(address="3 rue des Halles")
    at = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
    saved = call(
        world.bobs, "RDV", answers={"covers": "120"}, appointment=Slot(at, "on_site"), note="demander Mme Le Goff"
    )
    assert Appointment.objects.values(
        "contact_id", "engagement_id", "call_id", "kind", "starts_at", "minutes", "place", "note", "state"
    ).get() == {
        "contact_id": contact.pk, "engagement_id": world.bobs.pk, "call_id": saved.pk, "kind": "on_site",
        "starts_at": at,
        "minutes": 30, "place": "3 rue des Halles, 35000 Rennes", "note": "demander Mme Le Goff", "state": "booked",
    }  # fmt: skip


def test_the_same_key_logs_once_and_with_other_contents_is_refused(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    said = Logged(key=uuid4(), outcome="NRP")
    first = log_call(engagement=world.bobs, claim_id=claim.public_id, said=said, at=LATER)
    again = log_call(engagement=world.bobs, claim_id=claim.public_id, said=said, at=LATER + timedelta(hours=3))
    assert (first[1], again) == (True, (first[0], False))
    with pytest.raises(Refused, match="clé"):
        log_call(engagement=world.bobs, claim_id=claim.public_id, said=Logged(key=said.key, outcome="OCC"), at=LATER)
    assert Call.objects.count() == 1


def test_one_outcome_per_dial_under_any_key(world: World) -> None:
    world.contact()
    saved = call(world.bobs, "NRP")
    with pytest.raises(Refused) as refusal:
        save(world.bobs, saved.dial.claim_id_seen, "OCC", LATER)
    assert (refusal.value.code, Call.objects.count()) == ("already_logged", 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        _twin(saved).save()


def _twin(saved: Call) -> Call:
    twin = Call.objects.get(pk=saved.pk)
    twin.pk, twin.public_id, twin.key = None, uuid4(), uuid4()
    return twin


def test_it_rejects_an_outcome_without_a_dial(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    with pytest.raises(Refused) as refusal:
        save(world.bobs, claim.public_id, "NRP", LATER)
    assert (refusal.value.code, Call.objects.count()) == ("not_dialled", 0)


def test_dialling_twice_is_one_attempt(world: World) -> None:
    contact = world.contact()
    claim = take(world.bobs)
    first = dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    again = dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H + timedelta(seconds=4))
    contact.refresh_from_db()
    assert (again, contact.attempts, Dial.objects.count()) == (first, 1, 1)


def test_a_technical_failure_is_no_attempt(world: World) -> None:
    contact = world.contact()
    call(world.bobs, "ERR")
    contact.refresh_from_db()
    assert (contact.attempts, Dial.objects.filter(attempt=True).count(), contact.state) == (0, 0, "retry")


def test_the_dial_is_judged_again_and_its_refusal_is_kept_with_its_evidence(world: World) -> None:
    contact = world.contact()
    claim = take(world.bobs, at=datetime(2026, 11, 24, 11, 29, tzinfo=UTC))
    with pytest.raises(Refused) as refusal:
        dial(engagement=world.bobs, claim_id=claim.public_id, at=datetime(2026, 11, 24, 11, 30, tzinfo=UTC))
    contact.refresh_from_db()
    assert refusal.value.data == {
        "reason": "outside_window", "next_at": "2026-11-24T13:30:00+01:00", "rule_version": "FR_B2B/2026-08-11",
    }  # fmt: skip
    assert refusal.value.sentence.replace("\u00a0", " ").endswith("; prochain créneau à 13 h 30")
    assert Dial.objects.values("allowed", "attempt", "reasons", "rule_version").get() == {
        "allowed": False, "attempt": False, "reasons": ["outside_window"], "rule_version": "FR_B2B/2026-08-11",
    }  # fmt: skip
    assert (contact.state, contact.next_at, contact.attempts) == (
        "retry",
        datetime(2026, 11, 24, 12, 30, tzinfo=UTC),
        0,
    )


def test_the_fifth_attempt_on_a_number_is_refused_across_missions_and_agents(world: World) -> None:
    number = "+33199001234"
    others = [running_mission(world.organisation, slug=f"autre-{n}") for n in range(4)]
    contact = world.contact(number)
    for days, mission in enumerate(others):
        file = lead_file(mission)
        Contact.objects.create(
            organisation=world.organisation, mission=mission, lead_file=file, phone=number, territory="FR"
        )
        call(engaged(world.amina, mission), "NRP", at=TUESDAY_10H + timedelta(days=[0, 1, 2, 6][days]))
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H + timedelta(days=7)) is None
    contact.refresh_from_db()
    assert (contact.state, contact.next_at) == ("retry", datetime(2026, 12, 24, 9, 0, tzinfo=UTC))


def test_an_opposition_spoken_in_a_call_empties_every_queue_of_the_business_at_once(world: World) -> None:
    number = "+33199001234"
    other = running_mission(world.organisation, slug="autre")
    twin = Contact.objects.create(
        organisation=world.organisation, mission=other, lead_file=lead_file(other), phone=number, territory="FR"
    )
    world.contact(number)
    call(world.bobs, "RAP", callback_at=TUESDAY_10H + timedelta(days=1), opposed=True)
    twin.refresh_from_db()
    assert (twin.state, twin.blocked_reason) == ("blocked", "opposed")
    assert [c.state for c in Callback.objects.all()] == ["cancelled"]
    assert next_contact(engagement=engaged(world.amina, other), at=TUESDAY_10H) is None
    assert Opposition.objects.values_list("number_hash", flat=True).get() == number_hash(number)


def test_an_opposition_is_never_removed_nor_changed(world: World) -> None:
    oppose(organisation=world.organisation, phone="+33199001234", at=TUESDAY_10H, source="page")
    oppose(organisation=world.organisation, phone="+33199001234", at=TUESDAY_10H, source="page")
    with pytest.raises(IntegrityError), transaction.atomic():
        Opposition.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Opposition.objects.update(number_hash="0")
    assert Opposition.objects.count() == 1


def test_a_promise_is_kept_by_the_next_call_to_the_same_person(world: World) -> None:
    contact = world.contact()
    due = TUESDAY_10H + timedelta(days=1)
    call(world.bobs, "RAP", callback_at=due)
    kept_by = call(world.bobs, "REFI", at=due)
    contact.refresh_from_db()
    assert list(Callback.objects.values_list("state", "due_at", "kept_in_id")) == [("kept", due, kept_by.pk)]
    assert contact.state == "closed"


def test_a_wrong_number_goes_on_to_the_contacts_next_one(world: World) -> None:
    contact = world.contact(other_phones=["+33199005555"])
    call(world.bobs, "FNUM")
    contact.refresh_from_db()
    assert (contact.phone, contact.other_phones, contact.state) == ("+33199005555", [], "retry")


def test_the_cap_makes_a_contact_unreachable(world: World) -> None:
    contact = world.contact()
    for days in (0, 1, 2, 3):
        call(world.bobs, "NRP", at=TUESDAY_10H + timedelta(days=days))
    contact.refresh_from_db()
    assert (contact.state, contact.attempts) == ("exhausted", 4)


def test_undo_takes_the_outcome_back_and_another_may_follow(world: World) -> None:
    contact = world.contact()
    saved = call(world.bobs, "LEAD", answers={"covers": "80"})
    claim = undo(engagement=world.bobs, call_id=saved.public_id, key=uuid4(), at=TUESDAY_10H + timedelta(seconds=65))
    contact.refresh_from_db()
    assert (contact.state, claim.contact_id) == ("in_hand", contact.pk)
    again = save(world.bobs, claim.public_id, "NRP", LATER)
    live = Call.objects.filter(void=False, corrected_by=None)
    assert (list(live), Dial.objects.filter(attempt=True).count()) == ([again], 1)
    contact.refresh_from_db()
    assert (contact.state, contact.attempts) == ("retry", 1)


def test_undo_comes_too_late_after_twelve_seconds_and_never_undoes_an_opposition(world: World) -> None:
    world.contact()
    saved = call(world.bobs, "NRP")
    with pytest.raises(Refused) as late:
        undo(engagement=world.bobs, call_id=saved.public_id, key=uuid4(), at=TUESDAY_10H + timedelta(seconds=73))
    assert late.value.code == "too_late_to_undo"
    world.contact("+33199009999")
    opposed = call(world.bobs, "OPP")
    with pytest.raises(Refused) as stands:
        undo(engagement=world.bobs, call_id=opposed.public_id, key=uuid4(), at=TUESDAY_10H + timedelta(seconds=65))
    assert stands.value.code == "opposition_stands"


def test_an_outcome_that_comes_after_the_claim_has_lapsed_is_not_lost(world: World) -> None:
    contact = world.contact()
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    much_later = TUESDAY_10H + timedelta(hours=6)
    assert release_lapsed(at=much_later) == 1
    saved = save(world.bobs, claim.public_id, "REFI", much_later)
    contact.refresh_from_db()
    assert (saved.started_at, contact.state) == (TUESDAY_10H, "closed")


def test_an_ended_engagement_and_a_paused_mission_get_no_contact(world: World) -> None:
    world.contact()
    world.mission.state = "paused"
    world.mission.save()
    with pytest.raises(Refused) as paused:
        next_contact(engagement=world.bobs, at=TUESDAY_10H)
    world.mission.state = "running"
    world.mission.save()
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    with pytest.raises(Refused) as ended:
        next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert (paused.value.code, ended.value.code) == ("mission_not_running", "engagement_not_active")


def test_the_queue_explains_itself(world: World) -> None:
    world.contact()
    world.contact(territory="FR-RE")  # 13:00 there: lunch
    world.contact(state="retry", next_at=TUESDAY_10H + timedelta(hours=2))
    world.contact(state="blocked", blocked_reason="opposed")
    state = explain(mission=world.mission, engagement=world.bobs, at=TUESDAY_10H)
    assert (state.total, state.ready, state.fresh, state.retry, state.blocked, state.open_now, state.next_at) == (
        4, 1, 2, 1, 1, True, TUESDAY_10H + timedelta(hours=2),
    )  # fmt: skip


def test_a_promise_that_the_cap_forbids_is_not_made(world: World) -> None:
    contact = world.contact()
    for days in (0, 1, 2):
        call(world.bobs, "NRP", at=TUESDAY_10H + timedelta(days=days))
    at = TUESDAY_10H + timedelta(days=3)
    claim = take(world.bobs, at)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=at)
    with pytest.raises(Invalid) as refusal:
        save(world.bobs, claim.public_id, "RAP", at, callback_at=at + timedelta(days=4))
    saved = save(world.bobs, claim.public_id, "RAP", at, callback_at=TUESDAY_10H + timedelta(days=30))
    contact.refresh_from_db()
    assert (refusal.value.field, refusal.value.code) == ("callback_at", "callback_not_allowed")
    assert (saved.outcome, contact.state) == ("RAP", "callback")
