"""The next contact, handed to one agent at a time, and why there is none."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.errors import Refused
from marketplace.models import Engagement, Mission
from prospecting.facts import decide
from prospecting.models import Callback, Claim, Contact, Dial
from prospecting.rules.calling_rules import Decision
from prospecting.rules.hours import next_working_slot, open_territories
from prospecting.rules.regimes import regime

HOLD_BEFORE_DIAL = timedelta(minutes=5)
HOLD_AFTER_DIAL = timedelta(hours=1)  # a long talk, and the note after it
HANDOVER = timedelta(minutes=30)  # a promise its agent does not keep goes to the team after that
EARLY = timedelta(minutes=15)  # how long before its time a promised callback is dealt: the regimes' tolerance
TRIES = 50  # contacts that turn out to be held are put back with their time; then the agent is told to wait

# In order: my promises that are due, the team's overdue ones, retries that are due, fresh contacts as they were dealt.
# SKIP LOCKED: agents never wait for one another; the row's state, changed with the claim, keeps the others off it.
PICK = """
SELECT * FROM prospecting_contact
WHERE mission_id = %(mission)s AND {which}
ORDER BY {order} LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
PROMISED = (
    """state = 'callback' AND next_at <= %(early)s AND (callback_for_id = %(engagement)s OR next_at <= %(overdue)s
       OR callback_for_id IS NULL AND next_at <= %(at)s)""",
    "callback_for_id IS DISTINCT FROM %(engagement)s, next_at",
)
RETRY = ("state = 'retry' AND next_at <= %(at)s AND territory = ANY(%(open)s)", "next_at")
FRESH = ("state = 'fresh' AND territory = %(territory)s", "deal")


@transaction.atomic
def next_contact(*, engagement: Engagement, at: datetime) -> Claim | None:
    """The contact to call now, held for this agent; the one already in hand, if any; None when nothing is ready.

    Two tabs of one agent get the same contact, never a second one. Raises Refused when the engagement or the mission
    does not run.
    """
    locked = Engagement.objects.select_for_update(no_key=True, of=("self",)).select_related("mission__organisation")
    engagement = locked.get(pk=engagement.pk)
    mission = engagement.mission
    check_may_work(engagement, mission)
    if held := _in_hand(engagement, at):
        return held
    release_lapsed(mission_id=mission.pk, at=at)
    for _try in range(TRIES):
        contact = _pick(mission, engagement, at)
        if contact is None:
            return None
        decision = decide(contact, at)
        if decision.allowed:
            return _hold(contact, engagement, at)
        put_off(contact, decision)
    return None


def check_may_work(engagement: Engagement, mission: Mission) -> None:
    if engagement.state != Engagement.State.ACTIVE:
        raise Refused(
            "engagement_not_active", _("Votre engagement est suspendu ou terminé : aucun appel n’est possible.")
        )
    if mission.state != Mission.State.RUNNING:
        raise Refused("mission_not_running", _("Cette mission n’est pas en cours : aucun appel n’est possible."))


def _in_hand(engagement: Engagement, at: datetime) -> Claim | None:
    """Asked of a hand that is nearly always empty, so the contact is read only when there is one."""
    claim = Claim.objects.filter(engagement=engagement).first()
    if claim is None:
        return None
    if claim.expires_at <= at:
        release(claim, at=at)
        return None
    return Claim.objects.select_related("contact__mission__organisation").get(pk=claim.pk)


def _pick(mission: Mission, engagement: Engagement, at: datetime) -> Contact | None:
    open_now = list(open_territories(regime(mission.regime, at), at))
    values: dict[str, Any] = {
        "mission": mission.pk,
        "engagement": engagement.pk,
        "at": at,
        "early": at + EARLY,
        "overdue": at - HANDOVER,
        "open": open_now,
    }
    contact = _first(PROMISED, values) or _first(RETRY, values) or _first_fresh(open_now, values)
    if contact is not None:
        contact.mission = mission
    return contact


def _first(pick: tuple[str, str], values: dict[str, Any]) -> Contact | None:
    which, order = pick
    return next(iter(Contact.objects.raw(PICK.format(which=which, order=order), values)), None)


def _first_fresh(open_now: list[str], values: dict[str, Any]) -> Contact | None:
    """One look per open territory: each is the head of an index, however long the file."""
    found = (_first(FRESH, values | {"territory": territory}) for territory in open_now)
    return next((contact for contact in found if contact is not None), None)


def _hold(contact: Contact, engagement: Engagement, at: datetime) -> Claim:
    claim = Claim.objects.create(
        contact=contact,
        engagement=engagement,
        mission_id=contact.mission_id,
        before=contact.state,
        claimed_at=at,
        expires_at=at + HOLD_BEFORE_DIAL,
    )
    contact.state = Contact.State.IN_HAND
    contact.save(update_fields=["state"])
    return claim


def put_off(contact: Contact, decision: Decision) -> None:
    """The law says not now: the contact waits until it may be called, or is blocked for good."""
    if decision.next_at is None:
        contact.state, contact.next_at, contact.callback_for = Contact.State.BLOCKED, None, None
        contact.blocked_reason = decision.lasting
    else:
        if contact.state != Contact.State.CALLBACK:
            contact.state = Contact.State.RETRY
        contact.next_at = decision.next_at
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
    if dialled and claim.before != Contact.State.CALLBACK:
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


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many contacts of a mission stand where, at one instant, and when the next ones return.

    ready: could be dealt to this agent now. Sums to `total`: fresh + retry + callback + in_hand + converted + closed +
    exhausted + blocked + without_phone.
    """

    total: int
    ready: int
    fresh: int
    retry: int
    callback: int
    in_hand: int
    converted: int
    closed: int
    exhausted: int
    blocked: int
    without_phone: int
    open_now: bool
    opens_at: datetime
    next_at: datetime | None


COUNTS = """
SELECT count(*),
       count(*) FILTER (WHERE phone IS NOT NULL AND (
            state = 'fresh' AND territory = ANY(%(open)s)
         OR state = 'retry' AND next_at <= %(at)s AND territory = ANY(%(open)s)
         OR state = 'callback' AND (next_at <= %(overdue)s
            OR (callback_for_id = %(engagement)s OR callback_for_id IS NULL) AND next_at <= %(early)s))),
       count(*) FILTER (WHERE phone IS NOT NULL AND state = 'fresh'),
       count(*) FILTER (WHERE state = 'retry'), count(*) FILTER (WHERE state = 'callback'),
       count(*) FILTER (WHERE state = 'in_hand'), count(*) FILTER (WHERE state = 'converted'),
       count(*) FILTER (WHERE state = 'closed'), count(*) FILTER (WHERE state = 'exhausted'),
       count(*) FILTER (WHERE state = 'blocked'), count(*) FILTER (WHERE phone IS NULL AND state = 'fresh'),
       min(next_at) FILTER (WHERE state IN ('retry', 'callback') AND next_at > %(at)s)
FROM prospecting_contact WHERE mission_id = %(mission)s
"""


def explain(*, engagement: Engagement, at: datetime) -> QueueState:
    """ "Why is my queue empty?", in one statement."""
    rules = regime(engagement.mission.regime, at)
    open_now = list(open_territories(rules, at))
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTS,
            {
                "mission": engagement.mission_id,
                "engagement": engagement.pk,
                "at": at,
                "early": at + EARLY,
                "overdue": at - HANDOVER,
                "open": open_now,
            },
        )
        *counts, next_at = cursor.fetchone()
    names = [field.name for field in fields(QueueState)][: len(counts)]
    return QueueState(
        **dict(zip(names, counts, strict=True)),
        open_now=bool(open_now),
        opens_at=next_working_slot("FR", rules, at),
        next_at=next_at,
    )


def promises(*, engagement: Engagement) -> QuerySet[Callback]:
    """The callbacks this agent promised and has not kept yet, the next one first."""
    return (
        Callback.objects.filter(engagement=engagement, state=Callback.State.PROMISED)
        .select_related("contact")
        .order_by("due_at")
    )
