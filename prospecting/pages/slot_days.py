"""Free slots as a page offers them: by day, each with its hour, on one clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from config import typography
from prospecting.availability import FreeSlot


@dataclass(frozen=True, slots=True)
class SlotDay:
    """A day that has free slots: its name, and (instant as the form sends it, hour as one reads it)."""

    label: str
    slots: list[tuple[str, str]]


def slot_days(free: Iterable[FreeSlot], zone: str, limit: int, but: datetime | None = None) -> list[SlotDay]:
    """`but` is the hour that is to be left."""
    starts = (slot.starts_at.astimezone(ZoneInfo(zone)) for slot in free if slot.starts_at != but)
    days = groupby(starts, key=lambda start: start.date())
    found: list[SlotDay] = []
    for day, hours in days:
        if len(found) == limit:
            break
        found.append(
            SlotDay(typography.weekday(day), [(one.isoformat(), typography.clock(one, zone)) for one in hours])
        )
    return found
