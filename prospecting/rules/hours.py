"""When a territory may be called: windows on working days, found forward from an instant. All instants are aware."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from prospecting.rules.holidays import is_holiday
from prospecting.rules.regimes import Regime
from prospecting.rules.territories import TERRITORIES


@dataclass(frozen=True, slots=True)
class Slot:
    """One opening of a territory: [opens, closes), in its own time."""

    opens: datetime
    closes: datetime

    def holds(self, at: datetime) -> bool:
        return self.opens <= at < self.closes


def is_working_day(territory: str, regime: Regime, day: date) -> bool:
    return day.weekday() in regime.days and is_holiday(territory, day) is None


def slots(territory: str, regime: Regime, at: datetime) -> Iterator[Slot]:
    """The openings that end after `at`, in order, without end; the first may have begun."""
    zone = TERRITORIES[territory].zone
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=n) for n in count()):
        if is_working_day(territory, regime, day):
            for window in regime.windows:
                slot = Slot(datetime.combine(day, window.opens, zone), datetime.combine(day, window.closes, zone))
                if slot.closes > at:
                    yield slot


def next_working_slot(territory: str, regime: Regime, at: datetime) -> datetime:
    """The earliest instant from `at` on at which the territory may be called: `at` itself when it is open."""
    slot = next(slots(territory, regime, at))
    return max(slot.opens, at.astimezone(slot.opens.tzinfo))


def next_half_day(territory: str, regime: Regime, at: datetime) -> datetime:
    """The opening of the next half-day: from a morning the afternoon, from an afternoon the next working morning."""
    return next(slot.opens for slot in slots(territory, regime, at) if slot.opens > at)


def next_working_day(territory: str, regime: Regime, at: datetime) -> datetime:
    """The first opening of the next working day after the day of `at`."""
    today = at.astimezone(TERRITORIES[territory].zone).date()
    return next(slot.opens for slot in slots(territory, regime, at) if slot.opens.date() > today)


def open_territories(regime: Regime, at: datetime) -> tuple[str, ...]:
    """The territories that may be called at this instant, in the order of their list."""
    return tuple(code for code in TERRITORIES if next(slots(code, regime, at)).holds(at))
