"""When somebody receives: weekly open hours minus what fills them. Pure; spans exclude their end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from prospecting.rules.holidays import is_holiday
from prospecting.rules.territories import TERRITORIES

Span = tuple[datetime, datetime]  # [from, to), aware
Weekly = Sequence[dict[str, object]]  # {"day": 0-6, "from": "09:00", "to": "12:00"}, as Agenda.weekly

STEP = timedelta(
    minutes=30
)  # slots are offered at the opening, then every half-hour; any other free minute may be asked
OFFICE_HOURS: list[dict[str, object]] = [
    {"day": day, "from": opens, "to": closes}
    for day in range(5)
    for opens, closes in (("09:00", "12:00"), ("14:00", "18:00"))
]


class WhyNot(IntEnum):
    """Why a time cannot be had, in the order in which it is looked at."""

    PAST = 1
    TOO_SOON = 2
    TOO_FAR = 3
    HOLIDAY = 4
    OUTSIDE_HOURS = 5
    TAKEN = 6


@dataclass(frozen=True, slots=True)
class Diary:
    """An agenda as the rules see it. `taken`: the appointments ahead; `busy`: what is blocked or read from a feed."""

    zone: ZoneInfo
    weekly: Weekly
    buffer: timedelta
    notice: timedelta
    horizon: timedelta
    taken: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()

    @property
    def territory(self) -> str:
        """Whose holidays the agenda keeps: the first territory on its clock, the French mainland on that of Paris."""
        return next((code for code, one in TERRITORIES.items() if one.zone.key == self.zone.key), "FR")


def why_not(diary: Diary, span: Span, at: datetime, territory: str = "") -> WhyNot | None:
    """Why this span cannot be booked at `at`; None when it can. The holidays of the contact's territory count too."""
    starts_at, ends_at = span
    if starts_at <= at:
        return WhyNot.PAST
    if starts_at < at + diary.notice:
        return WhyNot.TOO_SOON
    if starts_at > at + diary.horizon:
        return WhyNot.TOO_FAR
    if holiday_of(diary, starts_at, territory):
        return WhyNot.HOLIDAY
    if not any(opens <= starts_at and ends_at <= closes for opens, closes in _openings(diary, starts_at)):
        return WhyNot.OUTSIDE_HOURS
    return WhyNot.TAKEN if _is_taken(diary, span) else None


def holiday_of(diary: Diary, at: datetime, territory: str = "") -> str | None:
    """The name of the public holiday on which `at` falls, here or at the contact's."""
    here = is_holiday(diary.territory, at.astimezone(diary.zone).date())
    if here or not territory:
        return here
    return is_holiday(territory, at.astimezone(TERRITORIES[territory].zone).date())


def free_times(diary: Diary, minutes: int, at: datetime, territory: str = "") -> Iterator[datetime]:
    """The starts, in order, at which `minutes` may be booked."""
    length, step = timedelta(minutes=minutes), min(STEP, timedelta(minutes=minutes))
    first = at.astimezone(diary.zone).date()
    for day in (first + timedelta(days=n) for n in range(diary.horizon.days + 2)):
        for opens, closes in windows(diary, day):
            start = opens
            while start + length <= closes:
                if why_not(diary, (start, start + length), at, territory) is None:
                    yield start
                start += step


def windows(diary: Diary, day: date) -> list[Span]:
    """The open spans of a day of the agenda's own calendar, those that touch made one; holidays are not looked at."""
    spans = sorted(
        (_instant(day, str(one["from"]), diary.zone), _instant(day, str(one["to"]), diary.zone))
        for one in diary.weekly
        if one["day"] == day.weekday()
    )
    return joined(spans)


def joined(spans: Sequence[Span]) -> list[Span]:
    """Sorted spans with those that touch or overlap made one; empty ones dropped."""
    out: list[Span] = []
    for opens, closes in spans:
        if out and opens <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], closes))
        elif opens < closes:
            out.append((opens, closes))
    return out


def _openings(diary: Diary, at: datetime) -> list[Span]:
    return windows(diary, at.astimezone(diary.zone).date())


def _is_taken(diary: Diary, span: Span) -> bool:
    starts_at, ends_at = span
    near = diary.buffer
    return any(starts_at < closes + near and opens < ends_at + near for opens, closes in diary.taken) or any(
        starts_at < closes and opens < ends_at for opens, closes in diary.busy
    )


def _instant(day: date, hour: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), zone).astimezone(UTC)
