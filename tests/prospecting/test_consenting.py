"""Consent: recorded with its proof, withdrawn by voice or on the page, at once and everywhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from config.errors import Invalid, Refused
from marketplace.models import Mission
from prospecting.calling import Logged, dial, log_call
from prospecting.consenting import in_force, proof, record_basis, withdraw_by_proof, withdraw_consent
from prospecting.models import Basis, Call, Callback, Claim, Contact, Dial, Opposition
from prospecting.queue import next_contact
from prospecting.rules.bases import Stated
from tests.cast import TUESDAY_10H, World, lead_file, running_mission

PHONE = "+33199001234"
COLLECTED = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)  # a year later, a Tuesday at 11:00 in Paris
CONSENT = Stated(
    "consent", COLLECTED, about="réceptions", source="formulaire du site",
    mentions={
        "who": "Traiteur Armor, pour des réceptions", "answer": "oui", "period": "un an", "withdraw": "par e-mail",
        "proof": "sur demande",
    },
)  # fmt: skip


@pytest.fixture
def consumers(world: World) -> World:
    Mission.objects.filter(pk=world.mission.pk).update(regime="FR_B2C")
    world.mission.refresh_from_db()
    return world


def agreed(world: World, phone: str = PHONE, **more: str) -> tuple[Contact, Basis]:
    contact = world.contact(phone, **more)
    return contact, record_basis(contact=contact, stated=CONSENT, at=TUESDAY_10H)


def take(world: World, at: datetime = TUESDAY_10H) -> Claim | None:
    return next_contact(engagement=world.bobs, at=at)


def test_b2c_without_a_valid_basis_never_dials(consumers: World) -> None:
    contact = consumers.contact(PHONE)
    assert take(consumers) is None
    contact.refresh_from_db()
    assert (contact.state, contact.blocked_reason) == ("blocked", "no_basis")
    assert not Dial.objects.filter(allowed=True).exists()


def test_a_basis_that_comes_later_frees_the_contact(consumers: World) -> None:
    contact = consumers.contact(PHONE)
    take(consumers)
    record_basis(contact=contact, stated=CONSENT, at=TUESDAY_10H)
    claim = take(consumers)
    assert claim and dial(engagement=consumers.bobs, claim_id=claim.public_id, at=TUESDAY_10H).allowed


def test_consent_on_day_366_blocks(consumers: World) -> None:
    contact, basis = agreed(consumers)
    day_366 = COLLECTED + timedelta(days=365)
    assert basis.until == day_366 and in_force(basis, day_366 - timedelta(seconds=1)) and not in_force(basis, day_366)
    claim = take(consumers, day_366 - timedelta(minutes=3))
    assert claim is not None
    with pytest.raises(Refused) as refusal:
        dial(engagement=consumers.bobs, claim_id=claim.public_id, at=day_366)
    assert refusal.value.data == {"reason": "no_basis", "rule_version": "FR_B2C/2026-08-11", "next_at": None}
    contact.refresh_from_db()
    assert (contact.state, contact.blocked_reason) == ("blocked", "no_basis")
    refused = Dial.objects.get()
    assert (refused.allowed, refused.rule_version, refused.reasons) == (False, "FR_B2C/2026-08-11", ["no_basis"])
    assert refused.evidence["facts"]["basis_until"] == day_366.isoformat()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"collected_at": TUESDAY_10H - timedelta(days=365)}, "basis_expired", "collected_at"),
        ({"mentions": {**CONSENT.mentions, "answer": "non"}}, "consent_refused", "answer"),
        ({"mentions": {**CONSENT.mentions, "who": "Un rival"}}, "consent_for_another", "who"),
        ({"mentions": {**CONSENT.mentions, "proof": ""}}, "mention_missing", "proof"),
    ],
)
def test_what_is_no_basis_is_not_recorded(consumers: World, change: dict, code: str, field: str) -> None:
    contact = consumers.contact(PHONE)
    with pytest.raises(Invalid) as refusal:
        record_basis(contact=contact, stated=replace(CONSENT, **change), at=TUESDAY_10H)
    assert (refusal.value.code, refusal.value.field, Basis.objects.count()) == (code, field, 0)


def test_who_may_be_a_consumer_is_held_in_a_mission_to_professionals(world: World) -> None:
    contact = world.contact(PHONE, kind="unclear")
    assert take(world) is None
    contact.refresh_from_db()
    assert (contact.state, contact.blocked_reason) == ("blocked", "unreviewed")


@pytest.mark.parametrize("outcome", ["NRP", "REF", "RAP"])
def test_a_withdrawal_said_in_a_call_stops_everything_whatever_it_is_saved_as(consumers: World, outcome: str) -> None:
    contact, basis = agreed(consumers)
    mission = running_mission(consumers.organisation, "autre")
    other = Contact.objects.create(
        organisation=mission.organisation, mission=mission, lead_file=lead_file(mission), phone=PHONE
    )
    claim = take(consumers)
    assert claim is not None
    dial(engagement=consumers.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    said = Logged(
        key=uuid4(), outcome=outcome, reason="non", withdrawn=True, callback_at=TUESDAY_10H + timedelta(days=2)
    )
    log_call(engagement=consumers.bobs, claim_id=claim.public_id, said=said, at=TUESDAY_10H)
    basis.refresh_from_db()
    assert (basis.withdrawn_at, basis.withdrawn_by) == (TUESDAY_10H, "call")
    assert Opposition.objects.get().source == "withdrawal"
    assert Call.objects.get().outcome == outcome
    for one in (contact, other):
        one.refresh_from_db()
        if one.state != "closed":
            assert (one.state, one.blocked_reason) == ("blocked", "opposed")
    assert not Callback.objects.filter(state="promised").exists()
    assert take(consumers, TUESDAY_10H + timedelta(days=3)) is None


def test_a_withdrawal_on_the_page_of_the_proof_is_immediate_everywhere(consumers: World) -> None:
    contact, basis = agreed(consumers)
    assert take(consumers) is not None
    withdraw_by_proof(basis=basis, at=TUESDAY_10H)
    withdraw_by_proof(basis=basis, at=TUESDAY_10H + timedelta(days=1))  # twice is once
    contact.refresh_from_db()
    basis.refresh_from_db()
    assert (contact.state, contact.blocked_reason, Claim.objects.count()) == ("blocked", "opposed", 0)
    assert (basis.withdrawn_at, basis.withdrawn_by) == (TUESDAY_10H, "page")
    assert Opposition.objects.count() == 1


def test_a_proof_whose_contact_is_gone_still_withdraws(consumers: World) -> None:
    contact, basis = agreed(consumers)
    Basis.objects.update(contact=None)
    basis.refresh_from_db()
    withdraw_by_proof(basis=basis, at=TUESDAY_10H)
    assert take(consumers) is None  # the hash blocks it where it is dealt
    contact.refresh_from_db()
    assert contact.blocked_reason == "opposed"


def test_a_token_opens_one_proof_and_guesses_open_none(consumers: World) -> None:
    _contact, basis = agreed(consumers)
    other = agreed(consumers, "+33199001235")[1]
    assert len(basis.proof_token) == 43 and basis.proof_token != other.proof_token
    assert (proof(basis.proof_token), proof(basis.proof_token[:-1]), proof("")) == (basis, None, None)


def test_another_business_keeps_its_own_consent(consumers: World) -> None:
    _contact, basis = agreed(consumers)
    rival = type(consumers.organisation).objects.create(name="Rival")
    withdraw_consent(organisation=rival, phone=PHONE, at=TUESDAY_10H, by="request")
    basis.refresh_from_db()
    assert basis.withdrawn_at is None and take(consumers) is not None
