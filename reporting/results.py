"""The manager's page: what a mission's rates say over a period, in a fixed number of queries, whatever its size."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketplace.models import Engagement, Mission
from prospecting.models import CallLog, Contact, LeadFile
from reporting.rates import (
    IN_PERIOD,
    MEASURES,
    UNATTRIBUTED,
    Freshness,
    Period,
    Row,
    Sums,
    Total,
    freshness,
    query,
    total,
)

FEW = 30  # contacts reached below which a rate says little
TREND_WEEKS = 7
WAITING = (Contact.State.FRESH, Contact.State.IN_HAND, Contact.State.RETRY, Contact.State.CALLBACK)
OVER = (Contact.State.CLOSED, Contact.State.EXHAUSTED, Contact.State.BLOCKED)


@dataclass(frozen=True, slots=True)
class Span:
    """A choice of the period switch: its code in addresses, and its days in the mission's time zone."""

    code: str
    period: Period


@dataclass(frozen=True, slots=True)
class Week:
    """The contacts first reached in a week, from its Monday; `open` while some of them may still convert."""

    monday: date
    row: Row
    open: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    row: Row
    origin: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Agents × files: `lines` are (agent's name, a row or None per file, the agent's own row)."""

    files: list[Row]
    lines: list[tuple[Row, list[Row | None]]]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the contacts' way; its share is of `base`, None where it starts."""

    code: str
    number: int
    base: int | None

    @property
    def share(self) -> float | None:
        return self.number / self.base if self.base else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the mission's contacts stand now: how many in each state, and in the three groups."""

    states: dict[str, int]
    waiting: int
    converted: int
    over: int
    never_callable: int

    @property
    def received(self) -> int:
        return self.waiting + self.converted + self.over


@dataclass(frozen=True, slots=True)
class Results:
    mission: Mission
    span: Span
    total: Total
    may_rise_until: date | None
    weeks: list[Week]
    agents: list[Row]
    files: list[FileRow]
    matrix: Matrix
    days: list[Row]
    funnel: list[Step]
    standing: Standing
    fresh: Freshness
    undated: list[CallLog]


class Cell(NamedTuple):
    """A group of the sums: by agent, by file, by both, by day, or all of them, as the null columns say."""

    agent: int | None
    file: int | None
    day: date | None
    sums: Sums


class WeekSums(NamedTuple):
    monday: date
    sums: Sums
    called: int
    answered: int


CELLS = f"""
SELECT agent_id, lead_file_id, day, {", ".join(f"sum({name})::bigint" for name in MEASURES)}
FROM rate_cell r WHERE mission_id = %(mission)s AND {IN_PERIOD.format("r")}
GROUP BY GROUPING SETS ((agent_id), (lead_file_id), (agent_id, lead_file_id), (day))"""

WEEKS = f"""
SELECT date_trunc('week', day)::date, sum(called0)::bigint, sum(answered0)::bigint,
  {", ".join(f"sum({name})::bigint" for name in MEASURES)}
FROM rate_cell WHERE mission_id = %s GROUP BY 1 ORDER BY 1"""

STANDING = """
SELECT state, count(*), count(*) FILTER (WHERE state = 'blocked' AND NOT EXISTS
  (SELECT 1 FROM contact_day d WHERE d.contact_id = c.id))
FROM prospecting_contact c WHERE mission_id = %s GROUP BY state"""


def spans(mission: Mission, at: datetime) -> dict[str, Span]:
    """This week from its Monday, the last thirty days, and everything."""
    today = at.astimezone(ZoneInfo(mission.time_zone)).date()
    tomorrow = today + timedelta(days=1)
    return {
        "week": Span("week", Period(today - timedelta(days=today.weekday()), tomorrow)),
        "month": Span("month", Period(tomorrow - timedelta(days=30), tomorrow)),
        "all": Span("all", Period()),
    }


def read_results(*, mission: Mission, code: str, at: datetime) -> Results:
    """`code` is week, month or all; anything else is the shortest with 30 contacts reached.

    Where a log without dates was imported, a week says nothing, nor does the age of a contact's first reach.
    """
    weeks = [WeekSums(row[0], Sums(None, "", *row[3:]), row[1], row[2]) for row in query(WEEKS, [mission.pk])]
    undated = list(CallLog.objects.filter(mission=mission, dated=False).order_by("pk"))
    span = _span(mission, code, [] if undated else weeks, at)
    period = {"mission": mission.pk, "first": span.period.first, "until": span.period.until}
    cells = [Cell(row[0], row[1], row[2], Sums(None, "", *row[3:])) for row in query(CELLS, period)]
    agents, files = _agents(mission, cells), _files(mission, cells)
    days = sorted((cell for cell in cells if cell.day), key=lambda cell: cell.day or date.min)
    standing = _standing(mission)
    return Results(
        mission=mission,
        span=span,
        total=total([cell.sums for cell in days]),
        may_rise_until=None if undated else _may_rise_until(mission, days, at),
        weeks=_weeks(mission, weeks, at),
        agents=[row for _key, row in agents],
        files=[file for _key, file in files],
        matrix=_matrix(cells, agents, files),
        days=[_day(cell) for cell in days],
        funnel=_funnel(standing, weeks),
        standing=standing,
        fresh=freshness(mission, at),
        undated=undated,
    )


def _span(mission: Mission, code: str, weeks: list[WeekSums], at: datetime) -> Span:
    """The one asked for, else the shortest that has enough contacts reached to say something."""
    choices = spans(mission, at)
    if code in choices:
        return choices[code]
    return next((choices[name] for name in ("week", "month") if _enough(choices[name], weeks)), choices["all"])


def _enough(span: Span, weeks: list[WeekSums]) -> bool:
    """Whole weeks only: what the page has read anyway."""
    return sum(week.sums.reached for week in weeks if span.period.first and week.monday >= span.period.first) >= FEW


def _agents(mission: Mission, cells: list[Cell]) -> list[tuple[int, Row]]:
    names = {e.pk: (str(e.public_id), e.label) for e in Engagement.objects.filter(mission=mission)}
    rows = []
    for cell in cells:
        if cell.agent is not None and cell.file is None:
            key, label = names.get(cell.agent, (UNATTRIBUTED, _("non attribué")))
            rows.append((cell.agent, cell.sums._replace(key=key, label=label).as_agent()))
    return sorted(rows, key=lambda row: _most_reached(row[1]))


def _files(mission: Mission, cells: list[Cell]) -> list[tuple[int, FileRow]]:
    found = {file.pk: file for file in LeadFile.objects.filter(mission=mission)}
    rows = []
    for cell in cells:
        if cell.file is not None and cell.agent is None:
            file = found[cell.file]
            row = cell.sums._replace(key=str(file.public_id), label=file.name).as_contacts()
            origin = " · ".join(filter(None, [file.supplier, str(file.get_legal_basis_display())]))
            rows.append((file.pk, FileRow(row, origin)))
    return sorted(rows, key=lambda row: _most_reached(row[1].row))


def _most_reached(row: Row) -> tuple[int, int, str]:
    """Not by rate: where intervals overlap, an order by rate would be a ranking by luck."""
    return (-row.reached, -row.dials, row.label)


def _matrix(cells: list[Cell], agents: list[tuple[int, Row]], files: list[tuple[int, FileRow]]) -> Matrix:
    both = {(cell.agent, cell.file): cell.sums.as_agent() for cell in cells}
    lines = [(row, [both.get((agent, file)) for file, _row in files]) for agent, row in agents]
    return Matrix(files=[file.row for _key, file in files], lines=lines)


def _day(cell: Cell) -> Row:
    day = cell.day or date.min
    return cell.sums._replace(key=day.isoformat(), label=date_format(day, "SHORT_DATE_FORMAT")).as_contacts()


def _weeks(mission: Mission, weeks: list[WeekSums], at: datetime) -> list[Week]:
    today = at.astimezone(ZoneInfo(mission.time_zone)).date()
    closes = timedelta(days=mission.window_days + 6)
    rows = [Week(week.monday, week.sums.as_contacts(), week.monday + closes >= today) for week in weeks]
    return [week for week in rows if week.row.reached][-TREND_WEEKS:]


def _may_rise_until(mission: Mission, days: list[Cell], at: datetime) -> date | None:
    """The last day on which a contact reached in the period may still convert, if that is not past."""
    reached = [cell.day for cell in days if cell.day and cell.sums.reached]
    if not reached:
        return None
    last = max(reached) + timedelta(days=mission.window_days)
    return last if last >= at.astimezone(ZoneInfo(mission.time_zone)).date() else None


def _standing(mission: Mission) -> Standing:
    rows = query(STANDING, [mission.pk])
    states = {state: number for state, number, _never in rows}
    return Standing(
        states=states,
        waiting=sum(states.get(state, 0) for state in WAITING),
        converted=states.get(Contact.State.CONVERTED, 0),
        over=sum(states.get(state, 0) for state in OVER),
        never_callable=sum(never for _state, _number, never in rows),
    )


def _funnel(standing: Standing, weeks: list[WeekSums]) -> list[Step]:
    """Since the beginning. A step’s base is the step before; but conversions stand on the reached, as in the rate."""
    callable_ = standing.received - standing.never_callable
    called, answered = sum(week.called for week in weeks), sum(week.answered for week in weeks)
    reached, argued, converted = (
        sum(getattr(week.sums, name) for week in weeks) for name in ("reached", "argued", "converted")
    )
    return [
        Step("received", standing.received, None),
        Step("callable", callable_, standing.received),
        Step("called", called, callable_),
        Step("answered", answered, called),
        Step("reached", reached, answered),
        Step("argued", argued, reached),
        Step("converted", converted, reached),
    ]
