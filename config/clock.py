"""The server's clock, read once at each door and passed on from there.

A demo may be told to live at another moment (`bin/run --clock`), since calls are only allowed in working hours.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    return timezone.now() + timedelta(seconds=settings.CLOCK_OFFSET)
