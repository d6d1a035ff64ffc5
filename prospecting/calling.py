"""The one write path of a call: the dial, its outcome, what becomes of the contact, and the undo."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config import rows
from config.errors import Invalid, Refused
from marketplace.models import Engagement
from prospecting import following, locked
from prospecting.accepting import open_acceptance, void
from prospecting.booking import Slot, book
from prospecting.consenting import withdraw_consent
from prospecting.facts import decide
from prospecting.models import Call, Callback, Claim, Contact, Dial, Outcome
from prospecting.moving import undo_with
from prospecting.objecting import OPPOSED, is_opposed, lock_number, oppose, withdraw
from prospecting.queue import HOLD_AFTER_DIAL, check_may_work, lapsed, put_off, release
from prospecting.reasons import sentence
from prospecting.rules.calling_rules import Decision

# A line that the queue did not deal says by itself how the call came about.
SOURCES = {Claim.Dealt.INBOUND: Call.Source.INBOUND, Claim.Dealt.MANUAL: Call.Source.MANUAL}
UNDO_WITHIN = timedelta(seconds=12)  # ten on the screen, and the way to the server


@dataclass(frozen=True, slots=True)
class Logged:
    """What the agent says of one call. `key` is made by the client: the same key never logs twice.

    callback_at: for an outcome that promises one. reopen_on: for one that asks a date. opposed: the person also said
    "never again", whatever else the call is saved as. late: it waited on the agent's computer, nobody is on the line.
    """

    key: UUID
    outcome: str
    seconds: int = 0
    note: str = ""
    reason: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    callback_at: datetime | None = None
    reopen_on: date | None = None
    appointment: Slot | None = None
    opposed: bool = False
    withdrawn: bool = False
    late: bool = False

    def digest(self) -> str:
        """Of what was said; not of how it came: the same call, sent again later, is the same call."""
        said = {name: value for name, value in asdict(self).items() if name != "late"}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def dial(*, engagement: Engagement, claim_id: UUID, at: datetime) -> Dial:
    """Command the dial of the contact in hand: the rules again, under lock; then the number, and one attempt counted.

    The attempt counts before it rings. Dialling twice under one claim is the same dial. Raises Refused with the plain
    reason and, in `data`, its code, its version and the next allowed time; the refusal is stored with its evidence.
    """
    dialled, decision = _dial(engagement=engagement, claim_id=claim_id, at=at)
    if decision is not None and not decision.allowed:
        raise Refused("call_not_allowed", sentence(decision, at), **decision.told())
    return dialled


@transaction.atomic
def _dial(*, engagement: Engagement, claim_id: UUID, at: datetime) -> tuple[Dial, Decision | None]:
    claim = locked.take_claim(engagement, claim_id)
    if claim is None:
        raise lapsed()
    check_may_work(claim.engagement, claim.mission)
    contact, again = locked.contact_of(claim)
    if again is not None:
        return again, None
    decision = decide(contact, at)
    dialled = _attempt(engagement, claim, contact, decision, at)
    if decision.allowed:
        values = {"contact": contact.pk, "claim": claim.pk, "until": at + HOLD_AFTER_DIAL}
        still_held = rows.insert(dialled, DIALLED, first_do=COUNT, also="EXISTS (SELECT FROM held)", **values)
    else:
        rows.insert(dialled, DIALLED)
        contact.state = claim.before
        still_held, _kinds = Claim.objects.filter(pk=claim.pk).delete()
        put_off(contact, decision)
    if not still_held:
        raise lapsed()
    return dialled, decision


COUNT = """
WITH counted AS (UPDATE prospecting_contact SET attempts = attempts + 1 WHERE id = %(contact)s),
held AS (UPDATE prospecting_claim SET expires_at = %(until)s WHERE id = %(claim)s RETURNING id)"""
DIALLED = ["organisation_id", "mission_id", "contact_id", "engagement_id", "claim_id_seen", "phone", "at", "allowed",
           "attempt", "dealt", "reasons", "rule_version", "evidence"]  # fmt: skip


def _attempt(engagement: Engagement, claim: Claim, contact: Contact, decision: Decision, at: datetime) -> Dial:
    return Dial(
        organisation_id=contact.organisation_id,
        mission_id=contact.mission_id,
        contact=contact,
        engagement=engagement,
        claim_id_seen=claim.public_id,
        phone=contact.phone or "",
        at=at,
        allowed=decision.allowed,
        attempt=decision.allowed,
        dealt=claim.dealt,
        reasons=[reason.code for reason in decision.reasons],
        rule_version=decision.rule_version,
        evidence=decision.evidence(),
    )


def log_call(
    *, engagement: Engagement, claim_id: UUID, said: Logged, at: datetime, source: str = Call.Source.COCKPIT
) -> tuple[Call, bool]:
    """Save one call with its flags, move the contact on, free the agent's hand. Returns (call, newly made).

    The same key again returns the call as it is; with other contents it is refused. A claim that has lapsed since the
    dial still takes its outcome: nothing that was said on the phone is lost.
    """
    with transaction.atomic():
        dial = locked.take_dial(engagement, claim_id)
        if dial is None:
            raise Refused("not_dialled", _("Composez d’abord le numéro : un résultat suit un appel."), field="claim")
        dialled = locked.Dialled(engagement, dial, outcome=said.outcome, key=said.key)
        if dialled.same_key:
            return _replayed(dialled.same_key, said), False
        return _log(engagement, dial, dialled, said, at, source), True


def _replayed(call: Call, said: Logged) -> Call:
    if call.digest != said.digest():
        raise Refused("key_reused", _("Cette clé a déjà servi pour un autre appel."), field="key")
    return call


def _log(engagement: Engagement, dial: Dial, dialled: locked.Dialled, said: Logged, at: datetime, source: str) -> Call:
    contact, outcome = dialled.contact, dialled.outcome
    if outcome is None:
        raise Invalid("unknown_outcome", _("Cette qualification n’existe pas dans cette mission."), field="outcome")
    following.check(contact, outcome, said, at)
    if dialled.last_id and not dialled.undone:
        raise Refused("already_logged", _("Cet appel a déjà son résultat."))
    call = _call(engagement, dial, contact, outcome, said, at, source)
    call.corrects_id = dialled.last_id  # the void that this row follows, when the first outcome was undone
    freed, promised = rows.insert(call, LOGGED, first_do=FREE, also=FREED, claim=dial.claim_id_seen)
    if not outcome.attempt and dial.attempt:
        Dial.objects.filter(pk=dial.pk).update(attempt=False)
        Contact.objects.filter(pk=contact.pk).update(attempts=contact.attempts - 1)
    if freed or _still_decides(contact, outcome, dial):
        if promised:
            Callback.objects.filter(contact=contact, state=Callback.State.PROMISED).update(
                state=Callback.State.KEPT, kept_in=call
            )
        following.move_on(contact, outcome, call, said, at)
        if dial.dealt in SOURCES or dial.dealt == Claim.Dealt.FREE:
            following.stay_ended(contact, dial.evidence.get("before", ""))
    booked = None
    if outcome.appointment and said.appointment:
        booked = book(call=call, contact=contact, slot=said.appointment, at=at, late=said.late)
    if call.converted:
        open_acceptance(call=call, contact=contact, appointment=booked, at=at)
    if said.withdrawn:
        withdraw_consent(organisation=contact.organisation, phone=dial.phone, at=at, by="call")
    elif said.opposed or outcome.then == Outcome.Then.OPPOSE:
        oppose(organisation=contact.organisation, phone=dial.phone, at=at, source="call")
    if (said.withdrawn or said.opposed) and dial.dealt == Claim.Dealt.INBOUND:
        withdraw(Contact.objects.filter(pk=contact.pk), reason=OPPOSED)  # it may have another number by now
    return call


def _still_decides(contact: Contact, outcome: Outcome, dial: Dial) -> bool:
    """Whether an outcome that comes in after its claim has lapsed still moves the contact.

    Not one that somebody holds by now, or that is converted, closed or blocked; nor one dialled again since, whose
    later outcome stands, unless this one is final.
    """
    if contact.state not in Contact.WAITING:
        return False
    return outcome.final or not Dial.objects.filter(contact=contact, allowed=True, at__gt=dial.at).exists()


FREE = """
WITH freed AS (
  DELETE FROM prospecting_claim WHERE contact_id = %(contact_id)s AND public_id = %(claim)s RETURNING id)"""
FREED = """ARRAY[EXISTS (SELECT FROM freed),
  EXISTS (SELECT FROM prospecting_callback WHERE contact_id = %(contact_id)s AND state = 'promised')]"""
FLAGS = ["valid", "answered", "reached", "argued", "converted", "final", "refusal"]
LOGGED = ["organisation_id", "mission_id", "contact_id", "engagement_id", "dial_id", "corrects_id", "key", "digest",
          "phone", "started_at", "seconds", "outcome", *FLAGS, "reason", "note", "answers", "source",
          "logged_at"]  # fmt: skip


def _call(
    engagement: Engagement, dial: Dial, contact: Contact, outcome: Outcome, said: Logged, at: datetime, source: str
) -> Call:
    elapsed = max(0, int((at - dial.at).total_seconds()))
    return Call(
        organisation_id=contact.organisation_id,
        mission=contact.mission,
        contact=contact,
        engagement=engagement,
        dial=dial,
        key=said.key,
        digest=said.digest(),
        phone=dial.phone,
        started_at=dial.at,
        seconds=min(said.seconds, elapsed),
        outcome=outcome.code,
        valid=outcome.valid,
        answered=outcome.answered,
        reached=outcome.reached,
        argued=outcome.argued,
        converted=outcome.wins(contact.mission),
        final=outcome.final,
        refusal=outcome.refusal,
        reason=said.reason,
        note=said.note,
        answers=said.answers,
        source=SOURCES.get(Claim.Dealt(dial.dealt), source),
        logged_at=at,
    )


@transaction.atomic
def undo(*, engagement: Engagement, call_id: UUID, key: UUID, at: datetime) -> Claim:
    """Take back the outcome just saved: a void row that names it, its promises cancelled, the contact in hand again.

    Within 12 seconds, by the same agent; an opposition stands. The contact meanwhile dealt goes back to the queue.
    The same key again gives the same contact back.
    """
    under_lock = Engagement.objects.select_for_update(no_key=True, of=("self",)).select_related("mission")
    engagement = under_lock.get(pk=engagement.pk)  # as in next_contact: one hand, whatever comes at once
    check_may_work(engagement, engagement.mission)
    call = Call.objects.filter(engagement=engagement, public_id=call_id, void=False).select_related("dial").first()
    if call is None or call.dial is None:
        raise Refused("nothing_to_undo", _("Il n’y a rien à annuler."))
    lock_number(call.organisation_id, call.phone)
    contact = Contact.objects.select_for_update(no_key=True).get(pk=call.contact_id)
    if past := Call.objects.filter(engagement=engagement, key=key).first():
        return _undone_before(past, call)
    _check_undo(call, contact, at)
    void(call, at)
    _void(call, key, at)
    Callback.objects.filter(made_in=call).delete()
    Callback.objects.filter(kept_in=call).update(state=Callback.State.PROMISED, kept_in=None)
    undo_with(call, at)
    ours = Dial.objects.filter(pk=call.dial.pk, attempt=False).exclude(dealt=Claim.Dealt.INBOUND)
    contact.attempts += ours.update(attempt=True)
    return _take_back(engagement, contact, call, call.dial, at)


def _undone_before(past: Call, call: Call) -> Claim:
    claim = Claim.objects.filter(engagement=past.engagement_id, contact=call.contact_id).first()
    if past.corrects_id != call.pk or claim is None:
        raise Refused("key_reused", _("Cette clé a déjà servi pour un autre appel."), field="key")
    return claim


def _check_undo(call: Call, contact: Contact, at: datetime) -> None:
    if Call.objects.filter(corrects=call).exists():
        raise Refused("already_undone", _("Cet appel est déjà annulé."))
    if at - call.logged_at > UNDO_WITHIN:
        raise Refused("too_late_to_undo", _("Les dix secondes sont passées : corrigez par une note au prochain appel."))
    if is_opposed(call.mission, call.phone):
        raise Refused("opposition_stands", _("Une opposition ne s’annule pas."))
    if contact.state == Contact.State.IN_HAND:
        raise Refused("already_dealt", _("Cette fiche est déjà dans d’autres mains."))


def _void(call: Call, key: UUID, at: datetime) -> None:
    Call.objects.create(
        organisation_id=call.organisation_id,
        mission_id=call.mission_id,
        contact_id=call.contact_id,
        engagement_id=call.engagement_id,
        dial_id=call.dial_id,
        corrects=call,
        void=True,
        key=key,
        phone=call.phone,
        started_at=call.started_at,
        outcome=call.outcome,
        answered=False,
        reached=False,
        argued=False,
        converted=False,
        final=False,
        source=call.source,
        logged_at=at,
    )


def _take_back(engagement: Engagement, contact: Contact, call: Call, dialled: Dial, at: datetime) -> Claim:
    for claim in Claim.objects.filter(engagement=engagement):
        release(claim, at=at)
    promise = Callback.objects.filter(contact=contact, state=Callback.State.PROMISED).first()
    before = dialled.evidence.get("before", Contact.State.RETRY)
    contact.state = Contact.State.IN_HAND
    contact.next_at = promise.due_at if promise else at
    contact.callback_for = promise.engagement if promise else None
    moved_on = call.valid is False or dialled.dealt != Claim.Dealt.INBOUND  # a former number may have called back
    if contact.phone and contact.phone != call.phone and moved_on:  # « faux numéro » had gone on to the next one
        contact.other_phones = [contact.phone, *contact.other_phones]
        contact.phone = contact.phone_raw = call.phone
    contact.save(update_fields=["state", "next_at", "callback_for", "attempts", "phone", "phone_raw", "other_phones"])
    return Claim.objects.create(
        public_id=dialled.claim_id_seen,
        contact=contact,
        engagement=engagement,
        mission_id=contact.mission_id,
        before=Contact.State.CALLBACK if promise else before,
        dealt=dialled.dealt,
        claimed_at=at,
        expires_at=at + HOLD_AFTER_DIAL,
    )
