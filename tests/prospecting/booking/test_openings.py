"""When somebody receives: against a brute-force look at every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prospecting.rules.holidays import is_holiday
from prospecting.rules.openings import OFFICE_HOURS, STEP, Diary, Span, WhyNot, free_times, why_not

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 12, 22, 9, 7, tzinfo=UTC)  # three days before Christmas
MINUTE = timedelta(minutes=1)


def paris(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=PARIS)


def diary(**more: object) -> Diary:
    usual = {"zone": PARIS, "weekly": OFFICE_HOURS, "buffer": timedelta(0), "notice": timedelta(hours=4)}
    return Diary(**{**usual, "horizon": timedelta(days=30), **more})  # type: ignore[arg-type]


def half_an_hour(start: datetime) -> Span:
    return start, start + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (paris(22, 10), WhyNot.PAST),
        (paris(22, 10, 7), WhyNot.PAST),
        (paris(22, 11), WhyNot.TOO_SOON),
        (paris(23, 10), None),
        (paris(23, 11, 17), None),  # any minute, as long as it is open
        (paris(23, 11, 45), WhyNot.OUTSIDE_HOURS),  # it would end at 12:15
        (paris(23, 13), WhyNot.OUTSIDE_HOURS),
        (paris(25, 10), WhyNot.HOLIDAY),
        (paris(26, 10), WhyNot.OUTSIDE_HOURS),  # a Saturday
        (paris(22, 10) + timedelta(days=31), WhyNot.TOO_FAR),
    ],
)
def test_why_not(start: datetime, why: WhyNot | None) -> None:
    assert why_not(diary(), half_an_hour(start), AT) is why


def test_the_contacts_own_holidays_count_too() -> None:
    """26 December 2022 was a Monday: a holiday in Alsace-Moselle, not in Paris."""
    at, monday = datetime(2022, 12, 20, tzinfo=UTC), datetime(2022, 12, 26, 10, tzinfo=PARIS)
    assert why_not(diary(), half_an_hour(monday), at) is None
    assert why_not(diary(), half_an_hour(monday), at, "FR-ALM") is WhyNot.HOLIDAY


def test_an_agenda_on_another_clock_opens_on_that_clock_and_keeps_its_holidays() -> None:
    reunion = diary(zone=ZoneInfo("Indian/Reunion"), horizon=timedelta(days=400))
    nine_there = datetime(2026, 12, 23, 5, 0, tzinfo=UTC)
    assert why_not(reunion, half_an_hour(nine_there), AT) is None
    assert why_not(reunion, half_an_hour(nine_there - MINUTE), AT) is WhyNot.OUTSIDE_HOURS
    abolition = datetime(2027, 12, 20, 6, 0, tzinfo=UTC)  # a Monday
    assert why_not(reunion, half_an_hour(abolition), AT) is WhyNot.HOLIDAY


def test_the_buffer_keeps_appointments_apart_and_busy_times_need_none() -> None:
    kept = diary(
        buffer=timedelta(minutes=15), taken=(half_an_hour(paris(23, 10)),), busy=(half_an_hour(paris(23, 15)),)
    )
    wrong = {paris(23, 9, 20): 1, paris(23, 9, 15): 0, paris(23, 10, 44): 1, paris(23, 10, 45): 0}
    wrong |= {paris(23, 14, 31): 1, paris(23, 14, 30): 0, paris(23, 15, 29): 1, paris(23, 15, 30): 0}
    for start, taken in wrong.items():
        assert why_not(kept, half_an_hour(start), AT) is (WhyNot.TAKEN if taken else None), start


def test_a_free_day_offers_every_half_hour() -> None:
    day = [one.astimezone(PARIS) for one in free_times(diary(), 60, AT) if one.astimezone(PARIS).day == 23]
    mornings, afternoons = (
        ["09:00", "09:30", "10:00", "10:30", "11:00"],
        [f"{h}:{m}" for h in (14, 15, 16) for m in ("00", "30")],
    )
    assert [f"{one:%H:%M}" for one in day] == [*mornings, *afternoons, "17:00"]


hours = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
weekly = st.lists(st.fixed_dictionaries({"day": st.integers(0, 6), "from": hours, "to": hours}), max_size=8)
spans = st.lists(
    st.tuples(st.integers(0, 3 * 1440), st.integers(1, 300)).map(
        lambda one: (AT + one[0] * MINUTE, AT + (one[0] + one[1]) * MINUTE)
    ),
    max_size=4,
).map(tuple)
diaries = st.builds(
    diary,
    zone=st.sampled_from([PARIS, ZoneInfo("Indian/Reunion"), ZoneInfo("America/Cayenne")]),
    weekly=weekly,
    buffer=st.sampled_from([0, 10, 45]).map(lambda n: n * MINUTE),
    notice=st.sampled_from([0, 4, 24]).map(lambda n: timedelta(hours=n)),
    horizon=st.sampled_from([1, 3]).map(lambda n: timedelta(days=n)),
    taken=spans,
    busy=spans,
)


def open_minutes(one: Diary, territory: str) -> set[datetime]:
    """Every minute of the next days that is open and not busy, looked at one by one."""
    found, minute = set(), AT.replace(second=0) - timedelta(days=1)
    while minute < AT + timedelta(days=6):
        there = minute.astimezone(one.zone)
        opened = any(
            row["day"] == there.weekday() and str(row["from"]) <= f"{there:%H:%M}" < str(row["to"])
            for row in one.weekly
        )
        if opened and not any(opens <= minute < closes for opens, closes in one.busy):
            found.add(minute)
        minute += MINUTE
    return found


def brute(one: Diary, start: datetime, minutes: int, free: set[datetime], territory: str) -> bool:
    ends = start + minutes * MINUTE
    day_off = is_holiday(one.territory, start.astimezone(one.zone).date()) or is_holiday(
        territory, start.astimezone(PARIS).date()
    )
    apart = all(start >= closes + one.buffer or ends + one.buffer <= opens for opens, closes in one.taken)
    in_time = start > AT and AT + one.notice <= start <= AT + one.horizon
    one_day = all((start + n * MINUTE) in free for n in range(minutes))
    return bool(in_time and not day_off and apart and one_day)


@settings(max_examples=60)
@given(one=diaries, minutes=st.sampled_from([5, 30, 75]), shift=st.integers(0, 3 * 1440))
def test_every_minute_agrees_with_brute_force(one: Diary, minutes: int, shift: int) -> None:
    free = open_minutes(one, "FR-ALM")
    start = AT + shift * MINUTE
    said = why_not(one, (start, start + minutes * MINUTE), AT, "FR-ALM") is None
    assert said == brute(one, start, minutes, free, "FR-ALM")
    offered = list(free_times(one, minutes, AT, "FR-ALM"))
    assert offered == sorted(set(offered))
    assert all(brute(one, slot, minutes, free, "FR-ALM") for slot in offered)
    assert set(offered) == {slot for slot in grid(one, minutes) if brute(one, slot, minutes, free, "FR-ALM")}


def grid(one: Diary, minutes: int) -> set[datetime]:
    """The starts that may be offered: from each opening, joined where two touch, every half-hour or every length."""
    found = set()
    for day in (date(2026, 12, 21) + timedelta(days=n) for n in range(8)):
        marks = [
            (str(row["from"]), str(row["to"]))
            for row in one.weekly
            if row["day"] == day.weekday() and row["from"] < row["to"]  # type: ignore[operator]
        ]
        for opens, _closes in marks:
            if any(other[0] < opens <= other[1] for other in marks):
                continue  # it only goes on from another
            start = datetime.combine(day, time.fromisoformat(opens), one.zone)
            found |= {start.astimezone(UTC) + n * min(STEP, minutes * MINUTE) for n in range(300)}
    return found
