"""The next contact, handed to one agent at a time, held while they look and call, and given back."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config import rows
from config.errors import Invalid, Refused
from marketplace.models import Engagement, Mission
from prospecting import locked
from prospecting.dealing import EARLY, pick
from prospecting.facts import decide
from prospecting.models import Callback, Claim, Contact, Dial, Skip
from prospecting.objecting import try_number
from prospecting.rules.calling_rules import Decision

HOLD_BEFORE_DIAL = timedelta(minutes=5)
HOLD_AFTER_DIAL = timedelta(hours=1)  # a long talk, and the note after it
LONGEST_LOOK = timedelta(minutes=30)  # a screen left open does not keep a contact from the others for ever
LONGEST_CALL = timedelta(hours=4)
TRIES = 50  # contacts that turn out to be held are put back with their time; then the agent is told to wait


@transaction.atomic
def next_contact(*, engagement: Engagement, at: datetime) -> Claim | None:
    """The contact to call now, held for this agent; the one already in hand, if any; None when nothing is ready.

    Two tabs of one agent get the same contact, never a second one. Raises Refused when the engagement or the mission
    does not run.
    """
    engagement = locked.lock_engagement(engagement)
    mission = engagement.mission
    check_may_work(engagement, mission)
    in_hand, lapsed_ones = locked.hand(engagement, at)
    if in_hand and (held := _still_in_hand(in_hand, at)):
        return held
    if lapsed_ones:
        release_lapsed(mission_id=mission.pk, at=at)
    early = EARLY
    for _try in range(TRIES):
        found = pick(mission, engagement, at, early=early)
        if found is None:
            return None
        contact, dealt = found
        if contact.state == Contact.State.CALLBACK:
            early = timedelta(0)  # one put off to a moment within the tolerance would be picked again, and again
        if contact.apart and not _alone_at_its_number(contact):
            _wait_for_the_number(contact, at)
            continue
        decision = decide(contact, at)
        if decision.allowed:
            return _hold(contact, engagement, dealt, at)
        put_off(contact, decision)
    return None


def check_may_work(engagement: Engagement, mission: Mission) -> None:
    if engagement.state != Engagement.State.ACTIVE:
        raise Refused(
            "engagement_not_active", _("Votre engagement est suspendu ou terminé : aucun appel n’est possible.")
        )
    if mission.state != Mission.State.RUNNING:
        raise Refused("mission_not_running", _("Cette mission n’est pas en cours : aucun appel n’est possible."))


def _still_in_hand(claim: Claim, at: datetime) -> Claim | None:
    if claim.expires_at <= at:
        release(claim, at=at)
        return None
    return Claim.objects.select_related("contact__mission__organisation").get(pk=claim.pk)


def _alone_at_its_number(contact: Contact) -> bool:
    """Whether no other agent takes, or has just taken, a contact that shares this number.

    The contact is locked already and numbers come first, so the number is tried, never waited for.
    """
    held = Claim.objects.filter(contact__organisation_id=contact.organisation_id, contact__phone=contact.phone)
    return try_number(contact.organisation_id, contact.phone or "") and not held.exists()


def _wait_for_the_number(contact: Contact, at: datetime) -> None:
    contact.next_at = at + HOLD_BEFORE_DIAL
    if contact.state != Contact.State.CALLBACK:
        contact.state = Contact.State.RETRY
    contact.save(update_fields=["state", "next_at"])


def _hold(contact: Contact, engagement: Engagement, dealt: str, at: datetime) -> Claim:
    claim = Claim(
        contact=contact,
        engagement=engagement,
        mission_id=contact.mission_id,
        before=contact.state,
        dealt=dealt,
        claimed_at=at,
        expires_at=at + HOLD_BEFORE_DIAL,
    )
    contact.state, contact.blocked_reason = Contact.State.IN_HAND, ""
    rows.insert(claim, HELD, first_do=TAKE)
    if dealt == Claim.Dealt.TEAM_CALLBACK:
        missed = Callback.objects.filter(contact=contact, state=Callback.State.PROMISED, handed_over_at=None)
        missed.update(handed_over_at=at)
    return claim


HELD = ["contact_id", "engagement_id", "mission_id", "before", "dealt", "claimed_at", "expires_at"]
TAKE = """
WITH taken AS (UPDATE prospecting_contact SET state = 'in_hand', blocked_reason = '' WHERE id = %(contact_id)s)"""


def put_off(contact: Contact, decision: Decision) -> None:
    """The law says not now: the contact waits until it may be called, or is blocked for good."""
    if decision.next_at is None:
        contact.state, contact.next_at, contact.callback_for = Contact.State.BLOCKED, None, None
        contact.blocked_reason = decision.lasting
    else:
        if contact.state != Contact.State.CALLBACK:
            contact.state = Contact.State.RETRY
        contact.next_at, contact.blocked_reason = decision.next_at, decision.reasons[0].code
    contact.save(update_fields=["state", "next_at", "callback_for", "blocked_reason"])


@transaction.atomic
def release(claim: Claim, *, at: datetime) -> None:
    """Give the contact back. One that was dialled without an outcome waits like an unanswered one."""
    contact = Contact.objects.select_for_update(no_key=True).select_related("mission").get(pk=claim.contact_id)
    given_back, _kinds = Claim.objects.filter(pk=claim.pk).delete()
    if not given_back or contact.state != Contact.State.IN_HAND:
        return  # somebody else gave it back meanwhile, and another agent may hold it
    contact.state = claim.before
    dialled = Dial.objects.filter(claim_id_seen=claim.public_id, attempt=True).exists()
    if dialled and claim.before in (Contact.State.FRESH, Contact.State.RETRY):
        contact.state = Contact.State.RETRY
        contact.next_at = decide(contact, at).next_at or at
    contact.save(update_fields=["state", "next_at"])


def release_lapsed(*, at: datetime, mission_id: int | None = None) -> int:
    """Claims past their time go back to the queue; those another transaction works on are left to it."""
    lapsed = Claim.objects.filter(expires_at__lte=at)
    if mission_id is not None:
        lapsed = lapsed.filter(mission_id=mission_id)
    with transaction.atomic(savepoint=False):
        # with their contacts: who saves an outcome holds the contact, and then takes the claim
        rows = lapsed.select_related("contact")
        claims = list(rows.select_for_update(skip_locked=True, no_key=True, of=("self", "contact")))
        for claim in claims:
            release(claim, at=at)
    return len(claims)


@transaction.atomic
def leave(*, engagement: Engagement, claim_id: UUID, at: datetime) -> None:
    """Give back the contact in hand before any dial, as it was: the agent goes, or closes the page.

    Raises Refused once it is being called: that call has an outcome to come.
    """
    claim, contact = _not_dialled(engagement, claim_id)
    contact.state = claim.before
    contact.save(update_fields=["state"])


@transaction.atomic
def skip(*, engagement: Engagement, claim_id: UUID, reason: str, at: datetime, note: str = "") -> Skip:
    """Give back a contact before the dial, with a reason: the others may have it, this agent will not again.

    A promise or a part that was this agent's own goes to the team.
    """
    if reason not in Skip.Reason.values:
        raise Invalid("unknown_reason", _("Choisissez un motif de la liste."), field="reason")
    if reason == Skip.Reason.OTHER and not note.strip():
        raise Invalid("note_required", _("Dites pourquoi en quelques mots."), field="note")
    claim, contact = _not_dialled(engagement, claim_id)
    if contact.callback_for_id == engagement.pk:
        contact.callback_for = None
        promised = Callback.objects.filter(contact=contact, state=Callback.State.PROMISED)
        promised.update(handed_over_at=at)
    if contact.assigned_to_id == engagement.pk:
        contact.assigned_to = None
    contact.state = claim.before
    contact.save(update_fields=["state", "callback_for", "assigned_to"])
    said = {"reason": reason, "note": note.strip()[:300], "at": at}
    return Skip.objects.update_or_create(engagement=engagement, contact=contact, defaults=said)[0]


def _not_dialled(engagement: Engagement, claim_id: UUID) -> tuple[Claim, Contact]:
    """The claim, taken away, and its contact under lock: a dial that comes at once finds no claim any more."""
    claim = Claim.objects.filter(engagement=engagement, public_id=claim_id).first()
    if claim is None:
        raise lapsed()
    contact = Contact.objects.select_for_update(no_key=True).get(pk=claim.contact_id)
    if Dial.objects.filter(claim_id_seen=claim_id, allowed=True).exists():
        raise Refused("call_in_progress", _("Un appel est en cours : enregistrez d’abord son résultat."))
    given_back, _kinds = Claim.objects.filter(pk=claim.pk).delete()
    if not given_back or contact.state != Contact.State.IN_HAND:
        raise lapsed()
    return claim, contact


def lapsed() -> Refused:
    return Refused("claim_lapsed", _("Cette fiche n’est plus dans vos mains. La suivante vous attend."))


def heartbeat(*, engagement: Engagement, claim_id: UUID, at: datetime) -> datetime:
    """The cockpit is alive: its hold lasts on, within bounds. Returns when it ends now.

    A look lasts 30 minutes at the most, a call four hours. Raises Refused when the hold is over or the work stopped.
    """
    claim = Claim.objects.filter(engagement=engagement, public_id=claim_id, expires_at__gt=at).first()
    if claim is None:
        raise lapsed()
    if Dial.objects.filter(claim_id_seen=claim_id, allowed=True).exists():
        until = min(at + HOLD_AFTER_DIAL, claim.claimed_at + LONGEST_CALL)
    else:
        check_may_work(engagement, engagement.mission)
        until = min(at + HOLD_BEFORE_DIAL, claim.claimed_at + LONGEST_LOOK)
    until = max(until, claim.expires_at)
    if not Claim.objects.filter(pk=claim.pk, expires_at__gt=at).update(seen_at=at, expires_at=until):
        raise lapsed()
    return until


def promises(*, engagement: Engagement) -> QuerySet[Callback]:
    """The callbacks this agent promised and has not kept yet, the next one first."""
    return (
        Callback.objects.filter(engagement=engagement, state=Callback.State.PROMISED)
        .select_related("contact")
        .order_by("due_at")
    )
