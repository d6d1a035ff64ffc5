"""The rows of a call log in a temporary table, and the statements that make contacts, past agents and calls of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from marketplace.models import Organisation
from prospecting.importing.call_rows import LoggedRow, LogReader
from prospecting.importing.staging import as_json
from prospecting.models import CallLog, Outcome
from prospecting.objecting import lock_number, oppose
from prospecting.rules.territories import territory_of

COLUMNS = (
    "row_number, key, external_id, phone, phone_raw, territory, agent, started_at, seconds, dials, outcome, note, "
    'columns, reason, "column", value, cells'
)
CREATE = """
CREATE TEMPORARY TABLE logged (
    row_number integer, key text, external_id text, phone text, phone_raw text, territory text, agent text,
    started_at timestamptz, seconds integer, dials integer, outcome text, note text, columns jsonb,
    reason text, "column" text, value text, cells jsonb
) ON COMMIT DROP"""
COPY = f"COPY logged ({COLUMNS}) FROM STDIN"
# The rows that stand, each with the first row of its contact and the contact of the mission that it names, if any.
MADE = "CREATE TEMPORARY TABLE new_contact (id bigint, row_number integer) ON COMMIT DROP"
# Of contacts kept apart at one number, a log that only knows the number means the first one.
PLACE = """
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS
SELECT l.row_number, min(l.row_number) OVER (PARTITION BY l.key) AS first_row,
       min(coalesce(by_id.id, by_phone.id)) OVER (PARTITION BY l.key) AS contact_id
FROM logged l
LEFT JOIN (SELECT DISTINCT ON (external_id) external_id, id FROM prospecting_contact
           WHERE mission_id = %(mission)s AND external_id <> '' ORDER BY external_id, id) by_id
  ON by_id.external_id = l.external_id
LEFT JOIN (SELECT DISTINCT ON (phone) phone, id FROM prospecting_contact
           WHERE mission_id = %(mission)s AND phone IS NOT NULL ORDER BY phone, apart, id) by_phone
  ON by_phone.phone = l.phone
WHERE l.reason = ''"""
# Two contacts of the log may share a number (their ids differ): the first one has it, as in a lead file.
CONTACTS = """
WITH made AS (
    INSERT INTO prospecting_contact (organisation_id, mission_id, lead_file_id, external_id, phone, phone_raw,
                                     territory, columns, row_number, state)
    SELECT %(organisation)s, %(mission)s, %(lead_file)s, l.external_id,
           CASE WHEN l.phone <> '' AND l.row_number = min(l.row_number) OVER (PARTITION BY l.phone) THEN l.phone END,
           l.phone_raw, l.territory, l.columns, l.row_number, 'exhausted'
    FROM logged l JOIN placed p ON p.row_number = l.row_number AND p.first_row = l.row_number
    WHERE p.contact_id IS NULL
    ORDER BY l.row_number
    RETURNING id, row_number
)
INSERT INTO new_contact SELECT id, row_number FROM made"""
FIND = """
UPDATE placed SET contact_id = made.id FROM new_contact made
WHERE placed.contact_id IS NULL AND made.row_number = placed.first_row"""
AGENTS = """
INSERT INTO marketplace_engagement (organisation_id, mission_id, label, pay_cents, currency, terms, state, started_at,
                                    ended_at)
SELECT %(organisation)s, %(mission)s, coalesce(nullif(agent, ''), %(nobody)s), 0, 'EUR', '{}', 'ended',
       min(started_at), greatest(max(started_at), %(at)s)
FROM logged WHERE reason = '' GROUP BY 3
ON CONFLICT (mission_id, label) WHERE telemarketer_id IS NULL DO NOTHING"""
CALLS = """
INSERT INTO prospecting_call (organisation_id, mission_id, contact_id, engagement_id, call_log_id, phone, started_at,
                              seconds, dials, outcome, valid, answered, reached, argued, converted, final, refusal,
                              note, source)
SELECT %(organisation)s, %(mission)s, p.contact_id, e.id, %(log)s, l.phone, l.started_at, l.seconds, l.dials, o.code,
       o.valid, o.answered, o.reached, o.argued, o.id = ANY(%(wins)s), o.final, o.refusal, l.note, 'import'
FROM logged l JOIN placed p USING (row_number)
JOIN marketplace_engagement e ON e.mission_id = %(mission)s AND e.telemarketer_id IS NULL
  AND e.label = coalesce(nullif(l.agent, ''), %(nobody)s)
JOIN prospecting_outcome o ON o.code = l.outcome AND o.id = ANY(%(outcomes)s)
ORDER BY l.started_at, l.row_number"""
# What the past decides: converted and final stay so; a contact that already waited keeps its place, with its attempts.
STATES = """
UPDATE prospecting_contact c SET
    attempts = least(c.attempts + past.dials, 32767),
    columns = past.columns || c.columns,
    state = CASE WHEN past.converted THEN 'converted' WHEN past.final THEN 'closed'
                 WHEN c.lead_file_id = %(lead_file)s AND past.reached THEN 'closed' ELSE c.state END,
    next_at = CASE WHEN past.converted OR past.final THEN NULL ELSE c.next_at END,
    callback_for_id = CASE WHEN past.converted OR past.final THEN NULL ELSE c.callback_for_id END
FROM (SELECT p.contact_id, sum(l.dials) AS dials, bool_or(o.id = ANY(%(wins)s)) AS converted, bool_or(o.final) AS final,
             bool_or(o.reached) AS reached, (array_agg(l.columns ORDER BY l.row_number))[1] AS columns
      FROM logged l JOIN placed p USING (row_number)
      JOIN prospecting_outcome o ON o.code = l.outcome AND o.id = ANY(%(outcomes)s)
      GROUP BY p.contact_id) past
WHERE c.id = past.contact_id AND c.state NOT IN ('in_hand', 'blocked')"""
SET_ASIDE = """
INSERT INTO prospecting_setasiderow (lead_file_id, row_number, "column", value, reason, cells)
SELECT %(lead_file)s, row_number, "column", value, reason, cells FROM logged WHERE reason <> ''"""
COUNT = """
SELECT (SELECT count(DISTINCT contact_id) FROM placed), (SELECT count(*) FROM placed),
       (SELECT coalesce(sum(dials), 0) FROM logged WHERE reason = ''),
       (SELECT count(DISTINCT agent) FROM logged WHERE reason = '')"""
REASONS = "SELECT reason, count(*) FROM logged WHERE reason <> '' GROUP BY reason ORDER BY count(*) DESC, reason"
OPPOSED = (
    "SELECT DISTINCT phone FROM logged WHERE reason = '' AND phone <> '' AND outcome = ANY(%(oppose)s) ORDER BY phone"
)


@dataclass(slots=True)
class Counts:
    created: int = 0
    known: int = 0
    calls: int = 0
    dials: int = 0
    agents: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def set_aside(self) -> int:
        return sum(self.reasons.values())

    def as_said(self) -> dict[str, Any]:
        return {
            "contacts": self.created + self.known,
            "calls": self.calls,
            "dials": self.dials,
            "agents": self.agents,
            "set_aside": self.set_aside,
            "reasons": self.reasons,
        }


def stage(reader: LogReader, rows: Iterable[tuple[int, list[str]]]) -> int:
    """Copy the rows into a fresh temporary table; how many there were. Needs a transaction."""
    done = 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.logged, pg_temp.placed, pg_temp.new_contact")
        cursor.execute(CREATE)
        copying: Any = cursor.cursor
        with copying.copy(COPY) as copy:
            for row_number, cells in rows:
                copy.write_row(line_of(reader.read(row_number, cells), cells))
                done += 1
        cursor.execute("ANALYZE pg_temp.logged")
    return done


def line_of(row: LoggedRow, cells: list[str]) -> tuple[object, ...]:
    told = (row.agent, row.started_at, row.seconds, row.dials, row.outcome, row.note, as_json(row.columns))
    kept = as_json(cells) if row.reason else "[]"
    place = territory_of("", row.phone or None)
    who = (row.row_number, row.key, row.external_id, row.phone, row.phone_raw, place)
    return (*who, *told, row.reason, row.column, row.value, kept)


def write(log: CallLog, at: datetime, nobody: str) -> Counts:
    """Contacts, agents, calls, states, oppositions, rows set aside: everything that the staged rows say."""
    outcomes = list(Outcome.objects.for_mission(log.mission))
    said: dict[str, Any] = {
        "organisation": log.organisation_id,
        "mission": log.mission_id,
        "lead_file": log.lead_file_id,
        "log": log.pk,
        "at": at,
        "nobody": nobody,
        "outcomes": [outcome.pk for outcome in outcomes],
        "wins": [outcome.pk for outcome in outcomes if outcome.wins(log.mission)],
        "oppose": [outcome.code for outcome in outcomes if outcome.then == Outcome.Then.OPPOSE],
    }
    with connection.cursor() as cursor:
        cursor.execute(OPPOSED, said)
        opposed = [phone for (phone,) in cursor.fetchall()]
        for phone in opposed:  # the numbers before the contacts, as everywhere
            lock_number(log.organisation_id, phone)
        cursor.execute(PLACE, said)
        cursor.execute(MADE)
        cursor.execute("ANALYZE pg_temp.placed")
        cursor.execute(CONTACTS, said)
        counts = Counts(created=cursor.rowcount)
        cursor.execute("ANALYZE pg_temp.new_contact")
        for statement in (FIND, AGENTS, CALLS, STATES, SET_ASIDE):
            cursor.execute(statement, said)
        count(cursor, counts)
    for phone in opposed:
        oppose(organisation=Organisation(pk=log.organisation_id), phone=phone, at=at, source="import")
    return counts


def count(cursor: CursorWrapper, counts: Counts) -> None:
    cursor.execute(COUNT)
    contacts, counts.calls, counts.dials, counts.agents = cursor.fetchone()
    counts.known = contacts - counts.created
    cursor.execute(REASONS)
    counts.reasons = dict(cursor.fetchall())
