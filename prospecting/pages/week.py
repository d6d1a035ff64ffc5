"""One week of appointments as a table: the hours that matter by the days, read in the mission's or agenda's zone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from prospecting.models import Appointment, BusyTime

EARLIEST, LATEST = 9, 17  # hours always shown


@dataclass(frozen=True, slots=True)
class Meet:
    """An appointment in its cell. `tone` is "go", "look", "off" or "", each with its words beside."""

    one: Appointment
    zone: str
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Busy:
    starts_at: datetime
    ends_at: datetime
    zone: str
    what: str
    agenda: str


@dataclass(frozen=True, slots=True)
class Cell:
    day: date
    today: bool
    meets: list[Meet]
    busy: list[Busy]


@dataclass(frozen=True, slots=True)
class Row:
    hour: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class WeekPage:
    monday: date
    before: date
    after: date
    days: list[tuple[date, bool]]
    rows: list[Row]
    count: int

    @property
    def lists(self) -> list[tuple[date, list[Cell]]]:
        """Day by day, for a narrow screen: the days on which something stands, their cells in order."""
        by_day = [(day, [row.cells[place] for row in self.rows]) for place, (day, _today) in enumerate(self.days)]
        found = [(day, [cell for cell in cells if cell.meets or cell.busy]) for day, cells in by_day]
        return [(day, cells) for day, cells in found if cells]


def monday_of(text: str, at: datetime, zone: ZoneInfo) -> date:
    """The Monday of the day asked for in the address; this week's without a readable one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = at.astimezone(zone).date()
    if not 2000 <= day.year <= 2100:
        day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def span_of(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """[Monday, next Monday), as instants."""
    opens, closes = (datetime.combine(monday + timedelta(days=n), time(), zone) for n in (0, 7))
    return opens, closes


def week(meets: Sequence[Meet], busy: Iterable[BusyTime], monday: date, at: datetime, zone: ZoneInfo) -> WeekPage:
    """Saturday and Sunday only when something is on them."""
    places: dict[tuple[date, int], tuple[list[Meet], list[Busy]]] = defaultdict(lambda: ([], []))
    for meet in meets:
        start = meet.one.starts_at.astimezone(zone)
        places[start.date(), start.hour][0].append(meet)
    for taken in busy:
        _lay(taken, monday, zone, places)
    used = {day.weekday() for day, _hour in places}
    days = [monday + timedelta(days=n) for n in range(7 if used & {6} else 6 if used & {5} else 5)]
    hours = [hour for _day, hour in places]
    today = at.astimezone(zone).date()
    rows = [
        Row(hour, [Cell(day, day == today, *places.get((day, hour), ([], []))) for day in days])
        for hour in range(min([EARLIEST, *hours]), max([LATEST, *hours]) + 1)
    ]
    around = (monday - timedelta(days=7), monday + timedelta(days=7))
    return WeekPage(monday, *around, [(day, day == today) for day in days], rows, len(meets))


def _lay(
    taken: BusyTime, monday: date, zone: ZoneInfo, places: dict[tuple[date, int], tuple[list[Meet], list[Busy]]]
) -> None:
    """A busy time stands once in each day that it covers, at its hour or at the first one shown."""
    opens, closes = taken.starts_at.astimezone(zone), taken.ends_at.astimezone(zone)
    for day in (monday + timedelta(days=n) for n in range(5)):
        first, last = datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
        if opens < last and closes > first:
            hour = opens.hour if opens >= first else EARLIEST
            hour = min(max(hour, EARLIEST), LATEST)
            places[day, hour][1].append(Busy(opens, closes, zone.key, taken.what, taken.agenda.name))


def tone(one: Appointment) -> str:
    states = Appointment.State
    if one.state in (states.CANCELLED, states.MOVED):
        return "off"
    if one.state in (states.PROSPECT_ABSENT, states.CLIENT_ABSENT):
        return "look"
    return "go" if one.state in (states.HELD, states.CONFIRMED) else ""
