"""The instant at which a measured server believes to live: a working Tuesday, 10:00 in Paris."""

from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from prospecting.rules.hours import is_working_day
from prospecting.rules.regimes import regime

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = 1


def offset() -> int:
    """Seconds from now to the next Tuesday at 10:00 that is no holiday, for CLOCK_OFFSET."""
    now = datetime.now(PARIS)
    days = (now.date() + timedelta(days=n) for n in count(1))
    day = next(day for day in days if day.weekday() == TUESDAY and is_working_day("FR", regime("FR_B2B", now), day))
    return int((datetime.combine(day, time(10), PARIS) - now).total_seconds())
