"""The rates of a mission, read from the sums: by agent, file, day or column, over any period. docs/measures.md.

Mission, file, day and column count a contact once, on the day it was first reached. An agent counts the contacts that
this agent reached, by this agent's own first reach, and the conversions credited to this agent's calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Mission
from prospecting.models import Contact, LeadFile
from reporting.statistics.intervals import wilson

TOP_VALUES = 100  # of a column; what comes after is one row
COLUMN = "column:"
UNATTRIBUTED = "unattributed"  # conversions that no agent can be credited with
# fields of a contact that sort contacts into groups; the others name a person or a number
GROUPING_FIELDS = ("city", "postal_code", "job_title", "company", "territory")


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the mission's own calendar, from `first` up to but without `until`; None is open."""

    first: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.until and self.first >= self.until:
            raise Invalid(
                "period", _("La période doit finir après son début ; le jour de fin n’y est pas compris."), field="to"
            )


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Row:
    """Counts and their rate. `key` is what a program holds on to: a public id, an ISO day, a column's value.

    `dials` are calls made in the period; `reached` contacts first reached in it, `argued` and `converted` those of
    them to whom the pitch was given and who converted within the mission's window.
    """

    key: str | None
    label: str
    dials: int
    reached: int
    argued: int
    converted: int
    rate: float | None = field(init=False)
    low: float | None = field(init=False)
    high: float | None = field(init=False)

    def __post_init__(self) -> None:
        bounds = wilson(self.converted, self.reached) if self.reached else None
        object.__setattr__(self, "rate", self.converted / self.reached if self.reached else None)
        object.__setattr__(self, "low", bounds[0] if bounds else None)
        object.__setattr__(self, "high", bounds[1] if bounds else None)


@dataclass(frozen=True, slots=True)
class Total(Row):
    """The mission's own row. The agents' `reached` add up to `reached` + `reached_by_several`."""

    reached_by_several: int


class Freshness(NamedTuple):
    """Everything saved before `as_of` is counted; `waiting` changes of this mission are about to be."""

    as_of: datetime
    waiting: int


@dataclass(frozen=True, slots=True)
class Rates:
    mission: str
    objective: str
    by: str
    as_of: datetime
    waiting: int
    rows: list[Row]
    total: Total


class Sums(NamedTuple):
    """What is read for one group: its contacts, counted once, and its contacts with each agent."""

    key: str | None
    label: str
    dials: int
    reached: int
    argued: int
    converted: int
    agent_reached: int
    agent_argued: int
    agent_converted: int

    def as_contacts(self) -> Row:
        return Row(self.key, self.label, self.dials, self.reached, self.argued, self.converted)

    def as_agent(self) -> Row:
        return Row(self.key, self.label, self.dials, self.agent_reached, self.agent_argued, self.agent_converted)


# the measures of Sums, in its order
MEASURES = ["dials", "talks0", "argued0", "first_won", "pair_first", "pair_argued", "pair_won"]
READ = ", ".join(f"sum({{0}}.{name})::bigint AS {name}" for name in MEASURES)
IN_PERIOD = "{0}.day >= coalesce(%(first)s, '-infinity'::date) AND {0}.day < coalesce(%(until)s, 'infinity'::date)"

BY_AGENT = f"""
SELECT e.public_id::text, e.label, {READ.format("r")}
FROM rate_cell r LEFT JOIN marketplace_engagement e ON e.id = r.agent_id
WHERE r.mission_id = %(mission)s AND {IN_PERIOD.format("r")}
GROUP BY e.id ORDER BY sum(r.pair_first) DESC, sum(r.dials) DESC, e.label"""

BY_FILE = f"""
SELECT f.public_id::text, f.name, {READ.format("r")}
FROM rate_cell r JOIN prospecting_leadfile f ON f.id = r.lead_file_id
WHERE r.mission_id = %(mission)s AND {IN_PERIOD.format("r")}
GROUP BY f.id ORDER BY sum(r.talks0) DESC, sum(r.dials) DESC, f.name"""

BY_DAY = f"""
SELECT r.day::text, r.day::text, {READ.format("r")}
FROM rate_cell r WHERE r.mission_id = %(mission)s AND {IN_PERIOD.format("r")}
GROUP BY r.day ORDER BY r.day"""

BY_COLUMN = f"""
WITH grouped AS (
  SELECT {{value}} AS value, {READ.format("d")}
  FROM prospecting_contact c JOIN contact_day d ON d.contact_id = c.id
  WHERE c.mission_id = %(mission)s AND {IN_PERIOD.format("d")}
  GROUP BY 1
), placed AS (
  SELECT *, row_number() OVER (ORDER BY talks0 DESC, dials DESC, value) AS place FROM grouped)
SELECT CASE WHEN place <= %(top)s THEN value END, count(*)::text, {READ.format("placed")}
FROM placed GROUP BY 1 ORDER BY min(place)"""

KNOWN_COLUMNS = """
SELECT DISTINCT jsonb_object_keys(columns) FROM prospecting_contact WHERE mission_id = %s ORDER BY 1 LIMIT 40"""

FRESHNESS = """
SELECT count(*), clock_timestamp() - min(mark.marked_at)
FROM dirty_contact mark JOIN prospecting_contact c ON c.id = mark.contact_id WHERE c.mission_id = %s"""


def read_rates(*, mission: Mission, by: str, at: datetime, period: Period = ALWAYS) -> Rates:
    """`by` is agent, file, day or column:NAME. Raises Invalid for another one, or a column that no file has."""
    fresh = freshness(mission, at)
    sums = _sums(mission, by, period)
    return Rates(
        mission=mission.slug,
        objective=mission.objective,
        by=by,
        as_of=fresh.as_of,
        waiting=fresh.waiting,
        rows=[each.as_agent() if by == "agent" else each.as_contacts() for each in sums],
        total=total(sums),
    )


def freshness(mission: Mission, at: datetime) -> Freshness:
    """At `at`, how far the sums have come: to the oldest change that is not folded yet."""
    ((waiting, behind),) = query(FRESHNESS, [mission.pk])
    return Freshness((at - (behind or timedelta())).astimezone(ZoneInfo(mission.time_zone)), waiting)


def total(groups: list[Sums]) -> Total:
    """Groups of any kind share their contacts out, so the contact's own counts add up to the mission's."""
    dials, reached, argued, converted, by_agents, _argued, _converted = (
        (sum(column) for column in zip(*(group[2:] for group in groups), strict=True))
        if groups
        else [0] * len(MEASURES)
    )
    return Total(None, _("Mission"), dials, reached, argued, converted, reached_by_several=by_agents - reached)


def _sums(mission: Mission, by: str, period: Period) -> list[Sums]:
    values = {"mission": mission.pk, "first": period.first, "until": period.until}
    if by == "agent":
        return [_named(Sums(*row)) for row in query(BY_AGENT, values)]
    if by == "file":
        return [Sums(*row) for row in query(BY_FILE, values)]
    if by == "day":
        return [_dated(Sums(*row)) for row in query(BY_DAY, values)]
    if by.startswith(COLUMN):
        value, name = _column(mission, by.removeprefix(COLUMN))
        rows = query(BY_COLUMN.replace("{value}", value), values | {"name": name, "top": TOP_VALUES})
        return [_valued(Sums(*row)) for row in rows]
    raise Invalid(
        "by", _("« {by} » n’est pas un regroupement : agent, file, day ou column:NOM.").format(by=by), field="by"
    )


def _named(row: Sums) -> Sums:
    return row if row.key else row._replace(key=UNATTRIBUTED, label=_("non attribué"))


def _dated(row: Sums) -> Sums:
    return row._replace(label=date_format(date.fromisoformat(row.label), "SHORT_DATE_FORMAT"))


def _valued(row: Sums) -> Sums:
    """For a column the label read is how many values stand in the row: more than one only in the last."""
    if row.key is None:
        return row._replace(label=_("{number} autres valeurs").format(number=row.label))
    return row._replace(label=row.key or _("(vide)"))


def _column(mission: Mission, name: str) -> tuple[str, str]:
    """The SQL of a contact's value: of an extra column by its header, or of a field by its own name or its header."""
    if Contact.objects.filter(mission=mission, columns__has_key=name).exists():
        return "coalesce(c.columns ->> %(name)s, '')", name
    mappings = LeadFile.objects.filter(mission=mission).values_list("mapping", flat=True)
    headers = {header: name for mapping in mappings for name, header in mapping.items()}
    column = headers.get(name, name)
    if column in GROUPING_FIELDS:
        return f"c.{column}", column
    raise Invalid("column", _unknown_column(mission, name), field="by")


def _unknown_column(mission: Mission, name: str) -> str:
    known = ", ".join([column for (column,) in query(KNOWN_COLUMNS, [mission.pk])] + list(GROUPING_FIELDS))
    return _("Aucun fichier de cette mission n’a de colonne « {name} ». Colonnes : {known}.").format(
        name=name, known=known
    )


def query(sql: str, values: Mapping[str, Any] | list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
