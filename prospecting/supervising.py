"""The live board: who is calling and since when, how each file stands, what deserves a look.

It counts what the calls themselves say. Nobody's screen is watched, no pause is timed: who does not call is simply not
calling.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.utils import CursorWrapper

from marketplace.models import Mission

TOGETHER: Final = timedelta(minutes=30)  # a longer rest between two dials begins another session
AROUND: Final = timedelta(minutes=15)  # since the last dial: still at the desk, between two calls
PACE: Final = timedelta(hours=2)  # what a file's pace is read from
SOON: Final = timedelta(hours=2)  # a file that lasts no longer is told
SILENCE: Final = 40  # calls in a row without reaching anybody
RECENT: Final = 50  # calls over which wrong numbers are counted
WRONG: Final = 0.3  # of them

# One row an engagement: what it holds, what it dialled today and since when, and how long nobody has been reached.
AGENTS = """
SELECT e.public_id, e.label, e.state, m.slug, m.title, c.claimed_at, under.at, day.dials, day.since, day.last,
       made.reached, made.converted, streak.calls, m.time_zone
FROM marketplace_engagement e
JOIN marketplace_mission m ON m.id = e.mission_id
LEFT JOIN prospecting_claim c ON c.engagement_id = e.id AND c.expires_at > %(at)s
LEFT JOIN LATERAL (
    SELECT at FROM prospecting_dial WHERE claim_id_seen = c.public_id AND allowed LIMIT 1) under ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS dials, max(at) AS last,
           max(at) FILTER (WHERE before IS NULL OR at - before > %(together)s) AS since
    FROM (SELECT at, lag(at) OVER (ORDER BY at) AS before FROM prospecting_dial
          WHERE engagement_id = e.id AND allowed AND at >= %(midnight)s) dialled) day
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE reached) AS reached, count(*) FILTER (WHERE converted) AS converted
    FROM prospecting_call k WHERE k.engagement_id = e.id AND k.started_at >= %(midnight)s AND NOT k.void
      AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = k.id)) made
CROSS JOIN LATERAL (
    SELECT count(*) AS calls FROM (
        SELECT bool_or(reached) OVER (ORDER BY started_at DESC, id DESC) AS reached_since FROM (
            SELECT id, started_at, reached FROM prospecting_call k
            WHERE k.engagement_id = e.id AND k.started_at >= %(midnight)s AND NOT k.void
              AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = k.id)
            ORDER BY started_at DESC, id DESC LIMIT %(silence)s) latest) counted
    WHERE NOT reached_since) streak
WHERE e.mission_id = ANY(%(missions)s) AND e.state <> 'ended' AND e.telemarketer_id IS NOT NULL
ORDER BY day.last DESC NULLS LAST, e.label
"""
# Fresh contacts by file, and how many of its contacts were called for the first time lately.
FILES = """
SELECT m.slug, m.title, f.public_id, f.name, left_over.fresh, tried.contacts, tried.since
FROM prospecting_leadfile f
JOIN marketplace_mission m ON m.id = f.mission_id
CROSS JOIN LATERAL (
    SELECT count(*) AS fresh FROM prospecting_contact k
    WHERE k.lead_file_id = f.id AND k.state = 'fresh' AND k.phone IS NOT NULL) left_over
CROSS JOIN LATERAL (
    SELECT count(DISTINCT c.contact_id) AS contacts, min(c.started_at) AS since
    FROM prospecting_call c JOIN prospecting_contact k ON k.id = c.contact_id
    WHERE c.mission_id = f.mission_id AND c.started_at >= %(since)s AND c.started_at < %(at)s
      AND k.lead_file_id = f.id AND k.attempts <= 1) tried
WHERE f.mission_id = ANY(%(missions)s) AND f.state = 'loaded' AND f.kind = 'file'
  AND (f.corrects_id IS NULL OR f.created > 0) -- corrected rows that brought nobody run out of nothing
ORDER BY m.title, f.position, f.id
"""
MISSIONS = """
SELECT m.slug, m.title,
       (SELECT count(*) FROM prospecting_callback b
        WHERE b.mission_id = m.id AND b.state = 'promised' AND b.due_at < %(overdue)s),
       recent.calls, recent.wrong
FROM marketplace_mission m
CROSS JOIN LATERAL (
    SELECT count(*) AS calls, count(*) FILTER (WHERE outcome = 'FNUM') AS wrong FROM (
        SELECT outcome FROM prospecting_call c
        WHERE c.mission_id = m.id AND c.started_at >= %(midnight)s AND c.source <> 'import'
        ORDER BY started_at DESC LIMIT %(recent)s) latest) recent
WHERE m.id = ANY(%(missions)s) ORDER BY m.title
"""


@dataclass(frozen=True, slots=True)
class AtWork:
    """One agent: `doing` is "calling", "preparing", "between", "away" or "suspended", `since` when (None when away).

    `silence`: calls of today since somebody was last reached, up to 40.
    """

    engagement: UUID
    name: str
    slug: str
    mission: str
    zone: str
    doing: str
    since: datetime | None
    session: datetime | None
    last: datetime | None
    dials: int
    reached: int
    converted: int
    silence: int

    @property
    def here(self) -> bool:
        return self.doing in {"calling", "preparing", "between"}


@dataclass(frozen=True, slots=True)
class FileLeft:
    """A file's contacts never called yet, and how long they last at the pace of the last two hours of work."""

    slug: str
    mission: str
    file: UUID
    name: str
    fresh: int
    an_hour: float

    @property
    def lasts(self) -> timedelta | None:
        return timedelta(hours=self.fresh / self.an_hour) if self.an_hour else None


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that deserves a look: a code, whom or what it is about, and its figures.

    Codes: "exhausted", "exhausted_soon" (file) · "silence" (agent) · "overdue", "wrong_numbers" (mission).
    """

    code: str
    slug: str
    about: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Board:
    at: datetime
    agents: list[AtWork]
    files: list[FileLeft]
    alerts: list[Alert]

    @property
    def here(self) -> int:
        return sum(agent.here for agent in self.agents)

    @property
    def dials(self) -> int:
        return sum(agent.dials for agent in self.agents)

    @property
    def reached(self) -> int:
        return sum(agent.reached for agent in self.agents)

    @property
    def converted(self) -> int:
        return sum(agent.converted for agent in self.agents)


def board(*, missions: Sequence[Mission], zone: str, at: datetime) -> Board:
    """The state of these missions at an instant, in three statements. Days begin at midnight in `zone`."""
    midnight = datetime.combine(at.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))
    asked = {
        "missions": [mission.pk for mission in missions],
        "at": at,
        "midnight": midnight,
        "since": max(midnight, at - PACE),
        "overdue": at - TOGETHER,
        "together": TOGETHER,
        "silence": SILENCE,
        "recent": RECENT,
    }
    with connection.cursor() as cursor:
        agents = [_agent(row, at) for row in _rows(cursor, AGENTS, asked)]
        files = [_file(row, at) for row in _rows(cursor, FILES, asked)]
        alerts = [*_of_files(files), *_of_agents(agents), *_of_missions(_rows(cursor, MISSIONS, asked))]
    return Board(at, agents, files, alerts)


def _rows(cursor: CursorWrapper, sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor.execute(sql, asked)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _agent(row: tuple[Any, ...], at: datetime) -> AtWork:
    public_id, name, state, slug, mission, claimed, dialled, dials, session, last, *made, zone = row
    reached, converted, silence = made
    doing, since = _doing(state, claimed, dialled, last, at)
    return AtWork(
        public_id, name, slug, mission, zone, doing, since, session, last, dials, reached, converted, silence
    )  # fmt: skip


def _doing(
    state: str, claimed: datetime | None, dialled: datetime | None, last: datetime | None, at: datetime
) -> tuple[str, datetime | None]:
    if state == "suspended":
        return "suspended", None
    if dialled:
        return "calling", dialled
    if claimed:
        return "preparing", claimed
    return ("between", last) if last and at - last <= AROUND else ("away", None)


def _file(row: tuple[Any, ...], at: datetime) -> FileLeft:
    slug, mission, public_id, name, fresh, contacts, since = row
    worked = max(at - since, timedelta(minutes=15)) if since else PACE
    return FileLeft(slug, mission, public_id, name, fresh, contacts / (worked / timedelta(hours=1)))


def _of_files(files: Iterable[FileLeft]) -> Iterator[Alert]:
    for file in files:
        if file.fresh == 0:
            yield Alert("exhausted", file.slug, file.name, {})
        elif file.lasts and file.lasts <= SOON:
            yield Alert("exhausted_soon", file.slug, file.name, {"lasts": file.lasts, "fresh": file.fresh})


def _of_agents(agents: Iterable[AtWork]) -> Iterator[Alert]:
    for agent in agents:
        if agent.here and agent.silence >= SILENCE:
            yield Alert("silence", agent.slug, agent.name, {"calls": agent.silence})


def _of_missions(rows: Iterable[tuple[Any, ...]]) -> Iterator[Alert]:
    for slug, title, overdue, calls, wrong in rows:
        if overdue:
            yield Alert("overdue", slug, title, {"callbacks": overdue})
        if calls == RECENT and wrong / calls >= WRONG:
            yield Alert("wrong_numbers", slug, title, {"calls": calls, "wrong": wrong})
