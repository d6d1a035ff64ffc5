"""The throw-away process that reads an ICS feed: a crafted one may kill it, never its parent.

Started by feeds.py as a plain script, without Django: `feed_child.py FROM UNTIL ZONE OURS MEMORY SECONDS`, the feed
on its standard input. Writes one JSON list of [from, to] instants in UTC. Skipped: what is free, cancelled, or ours.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

MOST = 20_000
TOO_OFTEN = {"SECONDLY", "MINUTELY"}  # nobody meets that often: millions of times in a month
Pair = tuple[datetime, datetime]


def main(since: str, until: str, zone: str, ours: str, memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    here, first, last = ZoneInfo(zone), datetime.fromisoformat(since), datetime.fromisoformat(until)
    content, pairs = sys.stdin.buffer.read().strip(), []
    if not content.upper().endswith(b"END:VCALENDAR"):  # cut on its way: what is missing would look free
        sys.exit(1)
    for calendar in Calendar.from_ical(content, multiple=True):
        if any(str(rule).upper() in TOO_OFTEN for event in calendar.walk("VEVENT") for rule in rules_of(event)):
            sys.exit(1)
        pairs += [*events(calendar, first, last, here, ours), *busy(calendar, here)]
    kept = sorted({(opens, closes) for opens, closes in pairs if opens < closes and closes > first and opens < last})
    if len(kept) > MOST:
        sys.exit(1)
    sys.stdout.write(json.dumps([[opens.isoformat(), closes.isoformat()] for opens, closes in kept]))


def rules_of(event: Any) -> list[Any]:
    found = event.get("RRULE", [])
    return [name for rule in (found if isinstance(found, list) else [found]) for name in rule.get("FREQ", [])]


def events(calendar: Any, first: datetime, last: datetime, here: ZoneInfo, ours: str) -> Iterator[Pair]:
    for number, event in enumerate(recurring_ical_events.of(calendar, skip_bad_series=True).between(first, last)):
        if number > MOST:
            sys.exit(1)
        free = (
            str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED"
        )
        if not free and not str(event.get("UID", "")).endswith(ours):
            yield span(event.start, event.end, here)


def busy(calendar: Any, here: ZoneInfo) -> Iterator[Pair]:
    """VFREEBUSY: periods that are not FREE."""
    for part in calendar.walk("VFREEBUSY"):
        found = part.get("FREEBUSY", [])
        for period in found if isinstance(found, list) else [found]:
            if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                for one in period.dts if hasattr(period, "dts") else [period]:
                    yield span(one.start, one.end, here)


def span(opens: Any, closes: Any, here: ZoneInfo) -> Pair:
    """A whole day is a day of the agenda's own clock; so is an hour that names no zone."""
    return instant(opens, here), instant(closes, here)


def instant(value: Any, here: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=here)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), here).astimezone(UTC)
    raise TypeError(type(value))


if __name__ == "__main__":
    sys.path = [path for path in sys.path if path]
    main(*sys.argv[1:5], *map(int, sys.argv[5:]))  # type: ignore[arg-type]
