"""The rows of a file in a temporary table: copied in one stream, judged by a few statements over all of them.

Judging changes nothing outside the temporary table, so a preview, a dry run and a load count the same way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper

from marketplace.models import Mission
from prospecting.importing.phones import DO_NOT_CALL
from prospecting.importing.rows import OPPOSED, TEXT_FIELDS, Draft, RowReader
from prospecting.objecting import HASH, hash_pads, oppositions_to
from prospecting.rules.territories import territory_of

TEXTS = ", ".join(TEXT_FIELDS)
COLUMNS = ("row_number", "phone", "other_phones", "phone_raw", "reason", '"column"', "value", "territory")
CREATE = f"""
CREATE TEMPORARY TABLE staged (
    row_number integer, phone text, other_phones jsonb, phone_raw text, reason text, "column" text, value text,
    territory text, {", ".join(f"{name} text" for name in TEXT_FIELDS)}, columns jsonb, cells jsonb
) ON COMMIT DROP"""
COPY = f"COPY staged ({', '.join(COLUMNS)}, {TEXTS}, columns, cells) FROM STDIN"
# A number that one row of the file forbids is forbidden in every row.
FORBID = """
UPDATE staged SET reason = %(reason)s, "column" = forbidden."column", value = forbidden.value
FROM (SELECT DISTINCT ON (phone) phone, "column", value FROM staged
      WHERE reason = %(reason)s AND phone <> '' ORDER BY phone, row_number) AS forbidden
WHERE staged.phone = forbidden.phone AND staged.reason = ''"""
# A number that a person opposed, in any scope that reaches the mission; any number of the row is enough.
FORBID_OPPOSED = f"""
UPDATE staged SET reason = %(reason)s, "column" = '', value = left(phone_raw, 500)
FROM (SELECT row_number FROM staged, jsonb_array_elements_text(jsonb_build_array(phone) || other_phones) AS number
      WHERE reason = '' AND {HASH.format(phone="number")} IN (
          SELECT number_hash FROM prospecting_opposition
          WHERE organisation_id IS NULL OR organisation_id = %(organisation)s
            AND (mission_id IS NULL OR mission_id = %(mission)s))) AS forbidden
WHERE staged.row_number = forbidden.row_number"""
# nth: 1 for the first row of a number, which becomes or completes the contact; the later ones are merged into it.
JUDGE = """
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
SELECT staged.row_number, staged.phone, contact.id AS contact_id,
       row_number() OVER (PARTITION BY staged.phone ORDER BY staged.row_number) AS nth
FROM staged LEFT JOIN prospecting_contact AS contact
  ON contact.mission_id = %(mission)s AND contact.phone = staged.phone
WHERE staged.reason = ''"""
TALLY = """
SELECT count(*) FILTER (WHERE nth = 1 AND contact_id IS NULL),
       count(*) FILTER (WHERE nth = 1 AND contact_id IS NOT NULL),
       count(*) FILTER (WHERE nth > 1)
FROM judged"""

REASONS = "SELECT reason, count(*) FROM staged WHERE reason <> '' GROUP BY reason ORDER BY count(*) DESC, reason"


@dataclass(slots=True)
class Tally:
    """What becomes of the rows: rows = created + updated + merged + set_aside. `reasons` count the rows set aside."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    merged: int = 0
    set_aside: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def entering(self) -> int:
        """Contacts that will be there to call."""
        return self.created + self.updated


def stage(
    mission: Mission,
    reader: RowReader,
    rows: Iterable[tuple[int, list[str]]],
    *,
    tell: Callable[[int], None] = lambda done: None,
) -> int:
    """Copy the rows into a fresh temporary table; how many there were. Needs a transaction, at whose end it is gone."""
    done = 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.staged, pg_temp.judged")
        cursor.execute(CREATE)
        with copying(cursor) as copy:
            for row_number, cells in rows:
                draft = reader.read(row_number, cells)
                copy.write_row(line_of(draft, cells))
                done += 1
                tell(done)
        cursor.execute("ANALYZE pg_temp.staged")
        if oppositions_to(mission).exists():
            said: dict[str, Any] = {"reason": OPPOSED, "organisation": mission.organisation_id, "mission": mission.pk}
            cursor.execute(FORBID_OPPOSED, {**said, **hash_pads()})
    return done


def copying(cursor: CursorWrapper) -> Any:
    return cursor.cursor.copy(COPY)


def line_of(draft: Draft, cells: list[str]) -> tuple[object, ...]:
    phone = draft.numbers[0] if draft.numbers else ""
    texts = draft.fields
    return (
        draft.row_number,
        phone,
        as_json(draft.numbers[1:]),
        draft.phone_raw,
        draft.reason,
        draft.column,
        draft.value,
        territory_of(texts.get("postal_code", ""), phone or None),
        *(texts.get(name, "") for name in TEXT_FIELDS),
        as_json(draft.columns),
        as_json(cells),
    )


def as_json(value: object) -> str:
    return orjson.dumps(value).decode()


def judge(mission: Mission) -> Tally:
    """Decide what becomes of every staged row, against the mission's contacts as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(FORBID, {"reason": DO_NOT_CALL})
        cursor.execute(JUDGE, {"mission": mission.pk})
        cursor.execute("ANALYZE pg_temp.judged")  # without it the planner joins 300,000 rows in nested loops
        cursor.execute(TALLY)
        created, updated, merged = cursor.fetchone()
        cursor.execute(REASONS)
        reasons: dict[str, int] = dict(cursor.fetchall())
    set_aside = sum(reasons.values())
    return Tally(created + updated + merged + set_aside, created, updated, merged, set_aside, reasons)
