"""Writing what was judged: the temporary tables become contacts, changes that can be undone, and rows set aside."""

from typing import Any

from django.db import connection, transaction

from prospecting.importing.judging import judge_rows
from prospecting.importing.matching import Matching
from prospecting.importing.phones import DO_NOT_CALL
from prospecting.importing.rows import TEXT_FIELDS
from prospecting.importing.staging import Tally, tally_of
from prospecting.models import Contact, LeadFile
from prospecting.objecting import withdraw

# Contacts from which a load has them counted: the planner takes a mission that just came in for one of no contact, and
# compares every row of its bases, and of its next file, with every contact (3,000 rows: 9 million comparisons).
MANY = 1_000
TIMES = 3  # a number that came into the mission meanwhile has the rows judged anew, so often

FIELDS = ", ".join(TEXT_FIELDS)
INSERT = f"""
INSERT INTO prospecting_contact (organisation_id, mission_id, lead_file_id, phone, phone_raw, other_phones, territory,
                                 {FIELDS}, columns, row_number, apart, also_at, kind)
SELECT %(organisation)s, %(mission)s, %(lead_file)s, s.phone, s.phone_raw, s.other_phones || coalesce(b.phones, '[]'),
       s.territory, {", ".join(f"s.{name}" for name in TEXT_FIELDS)}, s.columns, s.row_number, j.apart,
       coalesce(b.rows, '[]'), s.kind
FROM judged j JOIN staged s USING (row_number) LEFT JOIN beside b ON b.home = j.row_number
WHERE j.nth = 1 AND j.contact_id IS NULL
ORDER BY s.row_number
ON CONFLICT (mission_id, phone, apart) WHERE phone IS NOT NULL DO NOTHING"""
TEXTS = (*TEXT_FIELDS, "territory", "phone", "phone_raw")
LISTS = ("columns", "other_phones", "also_at")
SIDES = """
UPDATE prospecting_contact c SET {sets}
FROM {source} ch WHERE c.id = ch.contact_id AND {which}"""


def to_side(side: str, source: str, which: str) -> str:
    """The statement that gives contacts what `side` ("before" or "after") of their changes says."""
    texts = [f"{name} = CASE WHEN ch.{side} ? '{name}' THEN ch.{side}->>'{name}' ELSE c.{name} END" for name in TEXTS]
    lists = [f"{name} = coalesce(ch.{side}->'{name}', c.{name})" for name in LISTS]
    apart = f"apart = coalesce((ch.{side}->>'apart')::smallint, c.apart)"
    return SIDES.format(sets=", ".join([*texts, *lists, apart]), source=source, which=which)


UPDATE = to_side("after", "changed", "true")
REMEMBER = """
INSERT INTO prospecting_contactchange (lead_file_id, contact_id, row_number, what, before, after)
SELECT %(lead_file)s, contact_id, row_number, CASE WHEN own THEN 'updated' ELSE 'beside' END, before, after
FROM changed
UNION ALL SELECT %(lead_file)s, contact_id, NULL, 'missing', '{}', '{}' FROM missing
UNION ALL SELECT %(lead_file)s, contact_id, j.row_number, 'seen', '{}', '{}'
FROM judged j JOIN prospecting_contact c ON c.id = j.contact_id
WHERE j.nth = 1 AND c.lead_file_id <> ALL(%(chain)s)
  AND NOT EXISTS (SELECT FROM changed ch WHERE ch.contact_id = c.id)"""
SET_ASIDE = """
INSERT INTO prospecting_setasiderow (lead_file_id, row_number, "column", value, reason, cells)
SELECT %(lead_file)s, row_number, "column", value, reason, cells FROM staged WHERE reason <> ''"""
# A number that this file forbids leaves the queues of the whole business, whichever file brought it. The numbers are
# fetched first: the planner, who knows nothing of rows inserted a moment ago, would read every staged row for each
# contact (seen: 23 minutes with a million rows, of which none was forbidden).
FORBIDDEN = "SELECT DISTINCT phone FROM staged WHERE reason = %(reason)s AND phone <> ''"
HOLD_BACK = """
CREATE TEMPORARY TABLE held_back ON COMMIT DROP AS
SELECT c.id AS contact_id, c.state, c.blocked_reason, c.next_at, c.callback_for_id, k.before AS claimed_from,
       p.id AS promise
FROM prospecting_contact c
LEFT JOIN prospecting_claim k ON k.contact_id = c.id
LEFT JOIN prospecting_callback p ON p.contact_id = c.id AND p.state = 'promised'
WHERE c.organisation_id = %(organisation)s AND c.state IN ('fresh', 'retry', 'callback', 'in_hand')
  AND c.phone = ANY(%(phones)s)
ORDER BY c.id FOR NO KEY UPDATE OF c"""
HELD_BACK = """
INSERT INTO prospecting_contactchange (lead_file_id, contact_id, what, before, after)
SELECT %(lead_file)s, contact_id, 'held_back',
       jsonb_build_object('state', coalesce(claimed_from, state), 'blocked_reason', blocked_reason, 'next_at', next_at,
                          'callback_for_id', callback_for_id, 'promise', promise),
       jsonb_build_object('state', 'blocked', 'blocked_reason', %(reason)s::text)
FROM held_back
ON CONFLICT (lead_file_id, contact_id) DO UPDATE
SET before = prospecting_contactchange.before || excluded.before,
    after = prospecting_contactchange.after || excluded.after"""


class Overtaken(Exception):
    """A number came into the mission between the judgement and the writing."""


def write_contacts(lead_file: LeadFile, tally: Tally, matching: Matching) -> Tally:
    """Insert, change, remember, set aside: what was judged. A number that appeared meanwhile has it judged anew."""
    for _time in range(TIMES):
        try:
            with transaction.atomic():
                write(lead_file, tally, matching)
            return tally
        except Overtaken:
            with connection.cursor() as cursor:
                judge_rows(cursor, lead_file.mission_id, matching)
                tally = tally_of(cursor)
    write(lead_file, tally, matching)
    return tally


def write(lead_file: LeadFile, tally: Tally, matching: Matching) -> None:
    said: dict[str, Any] = {
        "organisation": lead_file.organisation_id,
        "mission": lead_file.mission_id,
        "lead_file": lead_file.pk,
        "chain": list(matching.chain),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, said)
        if cursor.rowcount < tally.created:
            raise Overtaken
        if tally.created >= MANY:  # before any row is locked: analysing waits for another load that does it too
            cursor.execute("ANALYZE prospecting_contact")
        cursor.execute(UPDATE)
        cursor.execute(REMEMBER, said)
        cursor.execute(SET_ASIDE, said)


def hold_back_forbidden(lead_file: LeadFile) -> None:
    """Take the numbers that the file forbids out of every queue of the business, remembering where they stood."""
    said: dict[str, Any] = {
        "organisation": lead_file.organisation_id,
        "lead_file": lead_file.pk,
        "reason": DO_NOT_CALL,
    }
    with connection.cursor() as cursor:
        cursor.execute(FORBIDDEN, said)
        said["phones"] = [phone for (phone,) in cursor.fetchall()]
        if not said["phones"]:
            return
        cursor.execute("DROP TABLE IF EXISTS pg_temp.held_back")
        cursor.execute(HOLD_BACK, said)
        cursor.execute("SELECT contact_id FROM held_back")
        contacts = [contact_id for (contact_id,) in cursor.fetchall()]
        cursor.execute(HELD_BACK, said)
    if contacts:
        withdraw(Contact.objects.filter(pk__in=contacts), reason=DO_NOT_CALL)
