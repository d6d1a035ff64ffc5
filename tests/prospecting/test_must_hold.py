"""What the calling rules must hold, each line end to end: from the queue to the dial, with its evidence.

Each of these fails when its rule is taken out of the code. Times are Paris unless said.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from stdnum.fr import tva

from config.errors import Invalid, Refused
from marketplace.engaging import end
from marketplace.models import Engagement, Mission, Organisation
from prospecting.api.serializers import CallIn
from prospecting.calling import Logged, dial, log_call
from prospecting.consenting import record_basis
from prospecting.importing.loading import load_lead_file
from prospecting.importing.receiving import Origin, queue_lead_file, receive_lead_file
from prospecting.importing.rows import RowReader
from prospecting.models import Call, Callback, Claim, Contact, Dial, SetAsideRow
from prospecting.objecting import oppose
from prospecting.queue import next_contact
from prospecting.rules.territories import PARIS
from tests.cast import TUESDAY_10H, World, engaged, lead_file, person, running_mission
from tests.prospecting.test_calling import call, save, take
from tests.prospecting.test_consenting import CONSENT

PHONE = "+33199001234"


def paris(day: int, clock: str, month: int = 11) -> datetime:
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=PARIS)


def consumers(world: World) -> None:
    Mission.objects.filter(pk=world.mission.pk).update(regime="FR_B2C")
    world.mission.refresh_from_db()


def agreed(world: World, **more: Any) -> Contact:
    contact = world.contact(more.pop("phone", PHONE), **more)
    record_basis(contact=contact, stated=CONSENT, at=TUESDAY_10H)
    return contact


def in_hand(engagement: Engagement, contact: Contact) -> Claim:
    """In this agent's hand whatever the queue would say: the dial must hold by itself."""
    before, contact.state = contact.state, Contact.State.IN_HAND
    contact.save(update_fields=["state"])
    return Claim.objects.create(
        contact=contact, engagement=engagement, mission_id=contact.mission_id, before=before,
        claimed_at=TUESDAY_10H, expires_at=TUESDAY_10H + timedelta(days=400), public_id=uuid4(),
    )  # fmt: skip


def refused(engagement: Engagement, contact: Contact, at: datetime) -> Refused:
    with pytest.raises(Refused) as refusal:
        dial(engagement=engagement, claim_id=in_hand(engagement, contact).public_id, at=at)
    return refusal.value


def test_b2c_without_a_valid_basis_never_dials(world: World) -> None:
    consumers(world)
    contact = world.contact(PHONE)
    assert refused(world.bobs, contact, TUESDAY_10H).data["reason"] == "no_basis"
    assert next_contact(engagement=world.aminas, at=TUESDAY_10H) is None
    assert not Dial.objects.filter(allowed=True).exists()


def test_consent_on_day_366_blocks(world: World) -> None:
    consumers(world)
    contact, collected = agreed(world), CONSENT.collected_at
    assert collected is not None
    claim = in_hand(world.bobs, contact)
    last_moment = collected + timedelta(days=365, seconds=-1)
    assert dial(engagement=world.bobs, claim_id=claim.public_id, at=last_moment).allowed
    other = agreed(world, phone="+33199001235")
    assert refused(world.aminas, other, collected + timedelta(days=365)).data["reason"] == "no_basis"


def test_four_unanswered_attempts_by_four_agents_block_the_fifth(world: World) -> None:
    consumers(world)
    agreed(world)
    agents = [world.bobs, world.aminas, *(engaged(person(name), world.mission) for name in ("Zoé", "Yann"))]
    for day, agent in enumerate(agents):
        call(agent, "NRP", at=TUESDAY_10H + timedelta(days=day, minutes=10 * day))
    other = running_mission(world.organisation, "autre", regime="FR_B2C")
    elsewhere = Contact.objects.create(
        organisation=world.organisation, mission=other, lead_file=lead_file(other), phone=PHONE
    )
    record_basis(contact=elsewhere, stated=CONSENT, at=TUESDAY_10H)
    fifth = refused(engaged(world.charlie, other), elsewhere, paris(30, "10:40"))
    assert fifth.data == {
        "reason": "cap", "rule_version": "FR_B2C/2026-08-11", "next_at": "2026-12-24T10:00:00+01:00",
    }  # fmt: skip


@pytest.mark.parametrize("clock", ["13:30:00", "20:00:00", "09:59:59"])
def test_1330_and_2000_block(world: World, clock: str) -> None:
    consumers(world)
    contact = agreed(world)
    assert refused(world.bobs, contact, paris(24, clock)).data["reason"] == "outside_window"


@pytest.mark.parametrize("clock", ["10:00:00", "12:59:59", "14:00:00", "19:59:00"])
def test_1959_passes(world: World, clock: str) -> None:
    consumers(world)
    claim = in_hand(world.bobs, agreed(world))
    assert dial(engagement=world.bobs, claim_id=claim.public_id, at=paris(24, clock)).allowed


def test_reunion_is_judged_at_utc_plus_4(world: World) -> None:
    consumers(world)
    there = {"postal_code": "97400", "territory": "FR-RE"}
    claim = in_hand(world.bobs, agreed(world, **there))
    assert dial(engagement=world.bobs, claim_id=claim.public_id, at=paris(24, "07:00")).allowed  # 10:00 in Saint-Denis
    late = refused(world.aminas, agreed(world, phone="+262262900001", **there), paris(24, "17:00"))  # 20:00 there
    assert (late.data["reason"], late.data["next_at"]) == ("outside_window", "2026-11-25T10:00:00+04:00")


@pytest.mark.parametrize("saved_as", ["OPP", "REF", "RAP"])
def test_an_opposition_spoken_in_a_call_leaves_every_queue_at_once(world: World, saved_as: str) -> None:
    here = world.contact(PHONE)
    other = running_mission(world.organisation, "autre")
    rival = Organisation.objects.create(name="Rival")
    rivals = running_mission(rival, "rivale")
    there, elsewhere = (
        Contact.objects.create(organisation=one.organisation, mission=one, lead_file=lead_file(one), phone=PHONE)
        for one in (other, rivals)
    )
    held = in_hand(engaged(world.charlie, other), there)
    call(world.bobs, saved_as, reason="non", opposed=True, callback_at=TUESDAY_10H + timedelta(days=1))
    for contact in (here, there, elsewhere):
        contact.refresh_from_db()
    assert (here.next_at, there.state, there.blocked_reason, elsewhere.state) == (None, "blocked", "opposed", "fresh")
    assert here.state in {"blocked", "closed"} and not Claim.objects.filter(pk=held.pk).exists()
    assert not Callback.objects.filter(state="promised").exists()
    for engagement in (world.bobs, engaged(world.amina, other)):
        assert next_contact(engagement=engagement, at=TUESDAY_10H + timedelta(days=61)) is None
    assert next_contact(engagement=engaged(world.amina, rivals), at=TUESDAY_10H) is not None  # another business


def test_an_opposed_number_imported_again_stays_blocked(world: World, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    world.contact(PHONE)
    call(world.bobs, "OPP")
    mission = running_mission(world.organisation, "autre")
    content = ContentFile("Société;Téléphone\nArmor;01 99 00 12 34\nBreizh;01 99 00 12 35\n".encode(), name="f.csv")
    origin = Origin(supplier="Annuaire")
    received = receive_lead_file(mission=mission, content=content, name="f.csv", by=None, origin=origin, ready=True)
    queue_lead_file(lead_file=received, at=TUESDAY_10H)
    loaded = load_lead_file(lead_file_id=received.pk, at=TUESDAY_10H)
    assert (loaded.created, loaded.set_aside) == (1, 1)
    assert list(mission.contacts.values_list("phone", flat=True)) == ["+33199001235"]
    assert SetAsideRow.objects.get().reason == "opposed"


def give_attempts(world: World, contact: Contact) -> None:
    for day in (20, 21, 22, 23):
        Dial.objects.create(
            organisation=world.organisation, mission=world.mission, contact=contact, engagement=world.bobs,
            phone=PHONE, at=paris(day, "10:00"), allowed=True, attempt=True, rule_version="x",
        )  # fmt: skip


EVERY_REFUSAL = {
    #                 the contact, when, the rule, its version, the next allowed time
    "no basis": ({}, "24 10:00", "no_basis", None),
    "weekend": ({}, "28 10:00", "weekend", "2026-11-30T10:00:00+01:00"),
    "lunch": ({}, "24 13:30", "outside_window", "2026-11-24T14:00:00+01:00"),
    "cap": ({}, "24 10:00", "cap", "2026-12-21T10:00:00+01:00"),
    "holiday": ({}, "25 10:00", "holiday", "2026-12-28T10:00:00+01:00"),
    "opposed": ({}, "24 10:00", "opposed", None),
}


@pytest.mark.parametrize("case", EVERY_REFUSAL)
def test_every_refusal_names_its_rule_its_version_and_the_next_time(world: World, case: str) -> None:
    consumers(world)
    contact = world.contact(PHONE) if case == "no basis" else agreed(world)
    _more, when, rule, next_at = EVERY_REFUSAL[case]
    day, clock = when.split()
    if case == "cap":
        give_attempts(world, contact)
    if case == "opposed":
        oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page")
        contact.refresh_from_db()
    at = paris(int(day), clock, month=12 if case == "holiday" else 11)
    refusal = refused(world.bobs, contact, at)
    assert refusal.data == {"reason": rule, "rule_version": "FR_B2C/2026-08-11", "next_at": next_at}
    assert refusal.sentence and (next_at is None) != ("prochain créneau" in refusal.sentence)
    kept = Dial.objects.get(allowed=False)
    assert (kept.reasons[0], kept.rule_version, kept.evidence["next_at"]) == (rule, "FR_B2C/2026-08-11", next_at)
    assert kept.evidence["reasons"][0]["version"] == kept.rule_version
    assert kept.evidence["facts"]["regime"] == "FR_B2C"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("73282932000074", "73282932000074"),
        ("356 000 000 00048", "35600000000048"),
        ("35600000049837", "35600000049837"),  # La Poste: a sum of digits that is a multiple of 5
        ("35600000049838", ""),
        ("73282932000075", ""),
    ],
)
def test_a_siret_is_checked_by_its_formula(text: str, kept: str) -> None:
    draft = RowReader(["Tel", "SIRET"], {"phone": "Tel", "siret": "SIRET"}).read(2, ["0199001234", text])
    assert draft.fields["siret"] == kept


@pytest.mark.parametrize(
    ("number", "good"), [("FR03552081317", True), ("FR44732829320", True), ("FR45732829320", False)]
)
def test_a_vat_number_is_checked_by_its_formula(number: str, good: bool) -> None:
    assert tva.is_valid(number) is good


def test_a_callback_beyond_the_horizon_is_refused(world: World) -> None:
    world.contact(PHONE)
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    with pytest.raises(Invalid) as refusal:
        save(world.bobs, claim.public_id, "RAP", TUESDAY_10H, callback_at=TUESDAY_10H + timedelta(days=401))
    assert (refusal.value.field, Callback.objects.count(), Call.objects.count()) == ("callback_at", 0, 0)


def test_a_callback_after_the_consent_ends_is_not_promised(world: World) -> None:
    consumers(world)
    agreed(world)
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    assert CONSENT.collected_at is not None
    after = CONSENT.collected_at + timedelta(days=366)
    with pytest.raises(Invalid) as refusal:
        save(world.bobs, claim.public_id, "RAP", TUESDAY_10H, callback_at=after)
    assert (refusal.value.field, Callback.objects.count()) == ("callback_at", 0)


def test_a_clock_that_lies_counts_for_nothing(world: World) -> None:
    """The client names no time of the call, and its seconds are never more than the server's."""
    world.contact(PHONE)
    made = call(world.bobs, "NRP", seconds=9_999)
    assert (made.started_at, made.seconds) == (TUESDAY_10H, 60)
    assert not {"at", "started_at", "dialled_at", "logged_at"} & set(CallIn().fields)


def test_an_engagement_ended_in_the_middle_of_a_call_saves_it_and_nothing_more(world: World) -> None:
    world.contact(PHONE)
    world.contact("+33199001235")
    claim = take(world.bobs)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    end(engagement=world.bobs, at=TUESDAY_10H + timedelta(seconds=30))
    world.bobs.refresh_from_db()
    saved, new = log_call(
        engagement=world.bobs, claim_id=claim.public_id, said=Logged(key=uuid4(), outcome="NRP"),
        at=TUESDAY_10H + timedelta(minutes=1),
    )  # fmt: skip
    assert (new, saved.outcome) == (True, "NRP")
    with pytest.raises(Refused) as refusal:
        next_contact(engagement=world.bobs, at=TUESDAY_10H + timedelta(minutes=2))
    assert refusal.value.code == "engagement_not_active"
    assert Dial.objects.count() == 1
