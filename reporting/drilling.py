"""The calls that a figure was counted from: as many as the figure says, the latest first."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.models import Engagement, Mission
from prospecting.models import LeadFile, Outcome
from reporting.rates import ALWAYS, Period, query

PAGE = 50


class Figure(models.TextChoices):
    """What was counted: every call; the call that first reached each contact; the call credited with its conversion."""

    DIALS = "dials", _("tous les appels")
    REACHED = "reached", _("contacts joints, au premier contact")
    CONVERTED = "converted", _("conversions")


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure of the manager's page: what it counts, of whom, of which file, when."""

    figure: Figure = Figure.DIALS
    agent: Engagement | None = None
    file: LeadFile | None = None
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class CountedCall:
    """`elsewhere_at` is when the contact converted outside a call, the one that this call is credited with."""

    public_id: UUID
    at: datetime
    agent: str
    company: str
    person: str
    phone: str | None
    file: str
    outcome: str
    seconds: int
    dials: int
    elsewhere_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedPage:
    number: int  # of the figure as a whole
    calls: list[CountedCall]
    next: UUID | None  # where the page after this one starts


OF_WHOM = """
  AND (%(agent)s::bigint IS NULL OR c.engagement_id = %(agent)s)
  AND (%(file)s::bigint IS NULL OR k.lead_file_id = %(file)s)"""
WHEN = """
  AND c.started_at >= coalesce(%(start)s, '-infinity'::timestamptz)
  AND c.started_at < coalesce(%(end)s, 'infinity'::timestamptz)"""

# each gives the ids of the calls of its figure
DIALS = f"""
SELECT c.id FROM call_live c JOIN prospecting_contact k ON k.id = c.contact_id
WHERE c.mission_id = %(mission)s {WHEN} {OF_WHOM}"""
REACHED = f"""{DIALS} AND c.reached AND NOT EXISTS (
  SELECT 1 FROM call_live e WHERE e.contact_id = c.contact_id AND e.reached
  AND (e.started_at, e.id) < (c.started_at, c.id)
  AND (%(agent)s::bigint IS NULL OR e.engagement_id = c.engagement_id))"""
CONVERTED = """
SELECT credited.id
FROM contact_day d
CROSS JOIN LATERAL (
  SELECT c.id FROM call_live c
  LEFT JOIN prospecting_conversion e ON e.contact_id = c.contact_id
  WHERE c.contact_id = d.contact_id AND c.reached AND CASE
    WHEN e.at < coalesce((SELECT min(x.started_at) FROM call_live x WHERE x.contact_id = d.contact_id AND x.converted),
                         'infinity')
    THEN c.started_at <= e.at ELSE c.converted END
  -- the first call that converted; or, converted elsewhere, the last talk before it
  ORDER BY CASE WHEN c.converted THEN c.started_at END, CASE WHEN c.converted THEN c.id END,
    c.started_at DESC, c.id DESC
  LIMIT 1) credited
WHERE d.mission_id = %(mission)s AND d.talks > 0  -- always so, and indexed
  AND d.day >= coalesce(%(first)s, '-infinity'::date) AND d.day < coalesce(%(until)s, 'infinity'::date)
  AND CASE WHEN %(agent)s::bigint IS NULL THEN d.first_won ELSE d.pair_won END = 1
  AND (%(agent)s::bigint IS NULL OR d.agent_id = %(agent)s)
  AND (%(file)s::bigint IS NULL OR d.lead_file_id = %(file)s)"""
IDS = {Figure.DIALS: DIALS, Figure.REACHED: REACHED, Figure.CONVERTED: CONVERTED}

LISTED = """
SELECT c.public_id, c.started_at, a.label, k.company, trim(k.first_name || ' ' || k.last_name), k.phone, f.name,
  c.outcome, c.seconds, c.dials, CASE WHEN NOT c.converted THEN e.at END
FROM prospecting_call c
JOIN prospecting_contact k ON k.id = c.contact_id
JOIN prospecting_leadfile f ON f.id = k.lead_file_id
JOIN marketplace_engagement a ON a.id = c.engagement_id
LEFT JOIN prospecting_conversion e ON e.contact_id = c.contact_id AND %(figure)s = 'converted'
WHERE c.id IN ({ids})
  AND (%(before)s::uuid IS NULL
    OR (c.started_at, c.id) < (SELECT started_at, id FROM prospecting_call WHERE public_id = %(before)s))
ORDER BY c.started_at DESC, c.id DESC LIMIT %(size)s"""

NUMBER = """
SELECT coalesce(sum({measure}), 0)::bigint FROM rate_cell
WHERE mission_id = %(mission)s
  AND day >= coalesce(%(first)s, '-infinity'::date) AND day < coalesce(%(until)s, 'infinity'::date)
  AND (%(agent)s::bigint IS NULL OR agent_id = %(agent)s)
  AND (%(file)s::bigint IS NULL OR lead_file_id = %(file)s)"""
MEASURES = {
    Figure.DIALS: ("dials", "dials"),
    Figure.REACHED: ("talks0", "pair_first"),
    Figure.CONVERTED: ("first_won", "pair_won"),
}


def counted_calls(*, mission: Mission, asked: Asked, before: UUID | None = None) -> CountedPage:
    """One page of the calls behind a figure, from the one after `before` on."""
    values = _values(mission, asked) | {"before": before, "size": PAGE + 1, "figure": asked.figure.value}
    outcomes = {outcome.code: outcome.label for outcome in Outcome.objects.for_mission(mission)}
    found = query(LISTED.format(ids=IDS[asked.figure]), values)
    calls = [replace(CountedCall(*row), outcome=outcomes.get(row[7], row[7])) for row in found[:PAGE]]
    measure = MEASURES[asked.figure][asked.agent is not None]
    ((number,),) = query(NUMBER.format(measure=measure), values)
    return CountedPage(number, calls, next=calls[-1].public_id if len(found) > PAGE else None)


def _values(mission: Mission, asked: Asked) -> dict[str, Any]:
    zone = ZoneInfo(mission.time_zone)
    first, until = asked.period.first, asked.period.until
    return {
        "mission": mission.pk,
        "agent": asked.agent and asked.agent.pk,
        "file": asked.file and asked.file.pk,
        "first": first,
        "until": until,
        "start": first and datetime.combine(first, time(), zone),
        "end": until and datetime.combine(until, time(), zone),
    }
