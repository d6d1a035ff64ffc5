""" "Why?": where every contact of a mission stands for one agent, and when the next ones come back.

Every count is taken from an index alone (contacts_of_a_mission, queue_fresh, queue_retry, queue_team): opened on
demand, it reads a mission of a million contacts without reading the contacts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from marketplace.models import Engagement, Mission
from prospecting.dealing import EARLY, pick_values
from prospecting.rules.hours import next_working_slot, slots
from prospecting.rules.regimes import Regime, regime

SOON = 4  # the next returns that are told
HOUR = timedelta(hours=1)

STATES = """
SELECT state, blocked_reason, count(*) FROM prospecting_contact
WHERE mission_id = %(mission)s GROUP BY state, blocked_reason"""
# The rows are grouped as they stand in the index, then the few groups are judged as the pick would.
FRESH = """
SELECT CASE WHEN least_priority < 0 THEN 'filtered' WHEN weight = 0 THEN 'resting'
            WHEN %(split)s AND %(engagement)s > 0 AND assigned_to_id <> %(engagement)s AND assigned_to_id IN (
                 SELECT id FROM marketplace_engagement WHERE mission_id = %(mission)s AND state = 'active')
                 THEN 'reserved'
            WHEN territory = ANY(%(open)s::text[]) THEN 'ready' ELSE 'outside_hours' END,
       grouped.territory, sum(contacts)::bigint
FROM prospecting_leadfile f, LATERAL (
  SELECT assigned_to_id, territory, least(priority, 0) AS least_priority, count(*) AS contacts
  FROM prospecting_contact WHERE lead_file_id = f.id AND state = 'fresh' AND phone IS NOT NULL
  GROUP BY assigned_to_id, territory, least(priority, 0)) grouped
WHERE f.mission_id = %(mission)s GROUP BY 1, 2"""
RETRY = """
SELECT CASE WHEN weight = 0 THEN 'resting' WHEN NOT due THEN CASE blocked_reason
                 WHEN 'cap' THEN 'capped' WHEN 'cool_off' THEN 'cool_off' ELSE 'cooling' END
            WHEN territory = ANY(%(open)s::text[]) THEN 'ready' ELSE 'outside_hours' END,
       grouped.territory, sum(contacts)::bigint
FROM prospecting_leadfile f, LATERAL (
  SELECT territory, blocked_reason, next_at <= %(at)s AS due, count(*) AS contacts
  FROM prospecting_contact WHERE lead_file_id = f.id AND state = 'retry' AND priority >= 0
  GROUP BY territory, blocked_reason, due) grouped
WHERE f.mission_id = %(mission)s GROUP BY 1, 2"""
# When a promise may be dealt to this agent: a little early if it is theirs, late if it is a colleague's.
PROMISED_AT = """CASE WHEN callback_for_id = %(engagement)s OR %(engagement)s = 0 THEN next_at - %(early_by)s
                      WHEN callback_for_id IS NULL THEN next_at ELSE next_at + %(handover)s END"""
RETURNS = f"""
SELECT 'callback' AS what, min(moment), count(*) FROM (
  SELECT {PROMISED_AT} AS moment FROM prospecting_contact
  WHERE mission_id = %(mission)s AND state = 'callback') promised
WHERE moment > %(at)s GROUP BY date_bin('15 minutes', moment, 'epoch')
UNION ALL
SELECT 'retry', min(next_at), count(*)
FROM prospecting_leadfile f JOIN prospecting_contact c ON c.lead_file_id = f.id
WHERE f.mission_id = %(mission)s AND f.weight > 0 AND c.state = 'retry' AND c.priority >= 0 AND c.next_at > %(at)s
GROUP BY date_bin('15 minutes', next_at, 'epoch')
ORDER BY 2 LIMIT 400"""
# What this agent gave back and could otherwise be dealt.
SKIPPED = f"""
SELECT count(*) FROM prospecting_skip s JOIN prospecting_contact c ON c.id = s.contact_id
JOIN prospecting_leadfile f ON f.id = c.lead_file_id
WHERE s.engagement_id = %(engagement)s AND (
  c.state = 'callback' AND {PROMISED_AT} <= %(at)s
  OR f.weight > 0 AND c.priority >= 0 AND c.territory = ANY(%(open)s::text[]) AND (
    c.state = 'retry' AND c.next_at <= %(at)s
    OR c.state = 'fresh' AND c.phone IS NOT NULL AND (
      NOT %(split)s OR c.assigned_to_id IS NULL OR c.assigned_to_id = %(engagement)s OR c.assigned_to_id NOT IN (
        SELECT id FROM marketplace_engagement WHERE mission_id = %(mission)s AND state = 'active'))))"""


@dataclass(frozen=True, slots=True)
class Place:
    """Contacts that wait for the opening of their territory."""

    territory: str
    contacts: int
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class Return:
    """Contacts that may be called again from an instant. what: "retry", "callback" or "opening" (of a territory)."""

    at: datetime
    contacts: int
    what: str


@dataclass(frozen=True, slots=True)
class Hour:
    """What becomes callable within one hour of the rest of the day."""

    starts_at: datetime
    retry: int
    callback: int
    opening: int

    @property
    def contacts(self) -> int:
        return self.retry + self.callback + self.opening


@dataclass(frozen=True, slots=True)
class QueueState:
    """Where the contacts of a mission stand for one agent at one instant, and when the next ones return.

    Each contact stands in exactly one of `ready` (could be dealt now) … `converted`: they sum to `total`. fresh, retry
    and callback count the same contacts by their state. next_at: the next retry or promise; returns: the next instants
    at which some come back; forecast: the rest of the day, an hour each, until the last opening closes.
    """

    total: int
    ready: int
    cooling: int
    capped: int
    cool_off: int
    promised: int
    outside_hours: int
    reserved: int
    filtered: int
    resting: int
    skipped: int
    without_phone: int
    in_hand: int
    blocked: int
    exhausted: int
    closed: int
    converted: int
    fresh: int
    retry: int
    callback: int
    blocked_by: dict[str, int]
    places: list[Place]
    open_now: bool
    opens_at: datetime
    next_at: datetime | None
    returns: list[Return]
    forecast: list[Hour]


STANDINGS = (
    "ready", "cooling", "capped", "cool_off", "promised", "outside_hours", "reserved", "filtered", "resting", "skipped",
    "without_phone", "in_hand", "blocked", "exhausted", "closed", "converted",
)  # fmt: skip


def explain(*, mission: Mission, engagement: Engagement | None = None, at: datetime) -> QueueState:
    """ "Why is my queue empty?", in five statements. Without an engagement: for the mission as a whole."""
    values = _values(mission, engagement, at)
    states, blocked_by = _states(values)
    fresh, retry, returns, skipped = _ask(FRESH, values), _ask(RETRY, values), _ask(RETURNS, values), 0
    if engagement is not None:
        ((skipped,),) = _ask(SKIPPED, values)
    later = sum(number for what, _moment, number in returns if what == "callback")
    stands = Counter({state: states[state] for state in ("in_hand", "blocked", "exhausted", "closed", "converted")})
    stands.update(_by_standing(fresh), skipped=skipped, promised=later)
    stands.update(_by_standing(retry))
    stands.update(
        without_phone=states["fresh"] - _sum(fresh),
        filtered=states["retry"] - _sum(retry),
        ready=states["callback"] - later - skipped,
    )
    rules = regime(mission.regime, at)
    places = _places([*fresh, *retry], rules, at)
    coming, today = _coming(returns, places), at.astimezone(ZoneInfo(mission.time_zone))
    return QueueState(
        total=states.total(),
        **{name: stands[name] for name in STANDINGS},
        **{state: states[state] for state in ("fresh", "retry", "callback")},
        blocked_by=blocked_by,
        places=places,
        open_now=bool(values["open"]),
        opens_at=next_working_slot("FR", rules, at),
        next_at=min((one.at for one in coming if one.what != "opening"), default=None),
        returns=_soonest(coming),
        forecast=_forecast(coming, _closes_today({row[1] for row in [*fresh, *retry]}, rules, today), today),
    )


def _values(mission: Mission, engagement: Engagement | None, at: datetime) -> dict[str, Any]:
    values = pick_values(mission, engagement, at)
    return values | {"early_by": EARLY, "handover": at - values["overdue"]}


def _ask(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _states(values: dict[str, Any]) -> tuple[Counter[str], dict[str, int]]:
    states: Counter[str] = Counter()
    blocked_by = {}
    for state, reason, number in sorted(_ask(STATES, values), key=lambda row: -row[2]):
        states[state] += number
        if state == "blocked":
            blocked_by[reason] = number
    return states, blocked_by


def _by_standing(rows: Iterable[tuple[Any, ...]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for standing, _territory, number in rows:
        counts[standing] += number
    return counts


def _sum(rows: Iterable[tuple[Any, ...]]) -> int:
    return sum(number for _standing, _territory, number in rows)


def _places(rows: Iterable[tuple[Any, ...]], rules: Regime, at: datetime) -> list[Place]:
    counts: Counter[str] = Counter()
    for standing, territory, number in rows:
        if standing == "outside_hours":
            counts[territory] += number
    found = [Place(territory, number, next_working_slot(territory, rules, at)) for territory, number in counts.items()]
    return sorted(found, key=lambda place: (place.opens_at, -place.contacts))


def _coming(returns: Iterable[tuple[Any, ...]], places: Iterable[Place]) -> list[Return]:
    coming = [Return(moment, number, what) for what, moment, number in returns]
    coming += [Return(place.opens_at, place.contacts, "opening") for place in places]
    return sorted(coming, key=lambda one: one.at)


def _soonest(coming: Iterable[Return]) -> list[Return]:
    """The first instants; what comes at one instant of one kind is told together."""
    together: Counter[tuple[datetime, str]] = Counter()
    for one in coming:
        together[one.at, one.what] += one.contacts
    return [Return(moment, number, what) for (moment, what), number in list(together.items())[:SOON]]


def _forecast(coming: Iterable[Return], closes: datetime, today: datetime) -> list[Hour]:
    """Hour by hour until the last opening of today closes; none on a day off."""
    counts: Counter[tuple[datetime, str]] = Counter()
    for one in coming:
        if one.at < closes:
            counts[_hour(one.at.astimezone(today.tzinfo)), one.what] += one.contacts
    hours, hour = [], _hour(today)
    while hour < closes:
        hours.append(Hour(hour, counts[hour, "retry"], counts[hour, "callback"], counts[hour, "opening"]))
        hour += HOUR
    return hours


def _closes_today(territories: Iterable[str], rules: Regime, today: datetime) -> datetime:
    """When the last opening of today ends in these territories; `today` itself, an instant, when none is left."""
    ends = [today]
    for territory in territories:
        left = islice(slots(territory, rules, today), len(rules.windows))
        ends += [slot.closes for slot in left if slot.opens.astimezone(today.tzinfo).date() == today.date()]
    return max(ends)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


PARTS = """
SELECT f.id, grouped.assigned_to_id, contacts FROM prospecting_leadfile f, LATERAL (
  SELECT assigned_to_id, count(*) AS contacts FROM prospecting_contact
  WHERE lead_file_id = f.id AND state = 'fresh' AND phone IS NOT NULL GROUP BY assigned_to_id) grouped
WHERE f.mission_id = %(mission)s"""


def fresh_parts(mission: Mission) -> tuple[Counter[int], Counter[int]]:
    """Fresh contacts by file, and those reserved by engagement."""
    by_file: Counter[int] = Counter()
    by_agent: Counter[int] = Counter()
    for file, agent, number in _ask(PARTS, {"mission": mission.pk}):
        by_file[file] += number
        if agent is not None:
            by_agent[agent] += number
    return by_file, by_agent
