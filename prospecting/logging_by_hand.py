"""A number typed by the telemarketer: called at once, or already called on their own phone and noted afterwards."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Engagement, Mission
from prospecting.answering import one_number
from prospecting.facts import decide
from prospecting.models import Claim, Contact, Dial, LeadFile
from prospecting.objecting import OPPOSED, lock_number
from prospecting.queue import check_may_work
from prospecting.reasons import sentence
from prospecting.rules.calling_rules import Decision
from prospecting.rules.territories import territory_of
from prospecting.taking import free_the_hand, lock_engagement, record_dial, take

SOURCE = "Origine"  # the column of a typed contact that says where its number comes from


@dataclass(frozen=True, slots=True)
class Typed:
    """What the agent types. `source`: where the number comes from, in a sentence that can be said on the phone.

    made_at: when the call was made, for one already made on their own phone; None to call now.
    """

    phone: str
    company: str = ""
    last_name: str = ""
    postal_code: str = ""
    source: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InHand:
    """The contact in hand with its line open. `against`: what the rules had against a call already made, or nothing."""

    claim: Claim
    against: str


def call_by_hand(*, engagement: Engagement, typed: Typed, at: datetime) -> InHand:
    """Take the number in hand and open its line: dialled now if the rules allow it, or noted as already made.

    A contact that the mission has is taken as it is; another enters the mission's file of typed contacts. A call to be
    made is refused with the plain reason, and nothing new is kept. One already made counts as an attempt and is never
    lost: what the rules had against it is stored beside it, and told.
    """
    _check_time(typed, engagement, at)
    phone = one_number(typed.phone)
    taken, decision = _call(engagement, phone, typed, at)
    if taken is None:
        raise Refused("call_not_allowed", sentence(decision, at), field="phone", **decision.told())
    return InHand(taken, sentence(decision, typed.made_at or at))


def _check_time(typed: Typed, engagement: Engagement, at: datetime) -> None:
    if typed.made_at is None:
        return
    if typed.made_at > at:
        raise Invalid("in_the_future", _("Cette heure n’est pas encore passée."), field="made_at")
    if typed.made_at < engagement.started_at:
        raise Invalid("before_engagement", _("Votre engagement n’avait pas encore commencé."), field="made_at")


@transaction.atomic
def _call(engagement: Engagement, phone: str, typed: Typed, at: datetime) -> tuple[Claim | None, Decision]:
    engagement = lock_engagement(engagement)
    mission = engagement.mission
    check_may_work(engagement, mission)
    lock_number(mission.organisation_id, phone)
    contact = _known(mission, phone) or _new(mission, phone, typed)
    decision = decide(contact, typed.made_at or at)
    if not decision.allowed and (typed.made_at is None or _may_not_enter(contact, decision)):
        _keep_refusal(contact, engagement, decision, at)
        return None, decision
    _enter(contact, mission, decision)
    free_the_hand(engagement, at, but=contact.pk)
    claim = take(contact, engagement, at, Claim.Dealt.FREE if typed.made_at is None else Claim.Dealt.MANUAL)
    record_dial(claim, contact, typed.made_at or at, decision, counts=True)
    return claim, decision


def _known(mission: Mission, phone: str) -> Contact | None:
    contacts = Contact.objects.select_for_update(no_key=True, of=("self",)).select_related("mission", "lead_file")
    return contacts.filter(mission=mission, phone=phone).order_by("apart").first()


def _new(mission: Mission, phone: str, typed: Typed) -> Contact:
    """Not kept yet: the rules are asked first."""
    if not typed.source.strip():
        raise Invalid(
            "source_required", _("Dites d’où vient ce numéro : la personne peut vous le demander."), field="source"
        )
    return Contact(
        organisation_id=mission.organisation_id,
        mission=mission,
        phone=phone,
        phone_raw=typed.phone.strip(),
        company=typed.company.strip(),
        last_name=typed.last_name.strip(),
        postal_code=typed.postal_code.strip(),
        territory=territory_of(typed.postal_code, phone),
        columns={SOURCE: typed.source.strip()},
    )


def _may_not_enter(contact: Contact, decision: Decision) -> bool:
    """Without a basis in law, a number that the mission does not have is not even kept."""
    return contact._state.adding and any(reason.code in ("no_basis", "unreviewed") for reason in decision.reasons)


def _keep_refusal(contact: Contact, engagement: Engagement, decision: Decision, at: datetime) -> None:
    if contact._state.adding:
        return
    Dial.objects.create(
        organisation_id=contact.organisation_id,
        mission_id=contact.mission_id,
        contact=contact,
        engagement=engagement,
        phone=contact.phone or "",
        at=at,
        allowed=False,
        attempt=False,
        dealt=Claim.Dealt.FREE,
        reasons=[reason.code for reason in decision.reasons],
        rule_version=decision.rule_version,
        evidence=decision.evidence(),
    )


def _enter(contact: Contact, mission: Mission, decision: Decision) -> None:
    """A new contact enters the file of those typed by hand, which the mission gets with its first one."""
    if not contact._state.adding:
        return
    if any(reason.code == OPPOSED for reason in decision.reasons):
        contact.state, contact.blocked_reason = Contact.State.BLOCKED, OPPOSED
    Mission.objects.select_for_update(no_key=True).get(pk=mission.pk)  # one such file, whoever types first
    lead_file, _new_file = LeadFile.objects.get_or_create(
        mission=mission,
        kind=LeadFile.Kind.TYPED,
        defaults={
            "organisation_id": mission.organisation_id,
            "name": _("Fiches saisies à la main"),
            "state": LeadFile.State.LOADED,
            "columns": [SOURCE],
            "weight": 0,
        },
    )
    LeadFile.objects.filter(pk=lead_file.pk).update(
        rows=F("rows") + 1, rows_done=F("rows_done") + 1, created=F("created") + 1
    )
    contact.lead_file = lead_file
    contact.save()
