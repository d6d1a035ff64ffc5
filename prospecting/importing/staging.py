"""The rows of a file in a temporary table: copied in one stream, judged by a few statements over all of them.

Judging changes nothing outside the temporary table, so a preview, a dry run and a load count the same way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper

from config import clock
from marketplace.models import Mission
from prospecting.importing.bases import NOTHING, BasisReader, SaidOnce
from prospecting.importing.judging import FATES, FIELDS, judge_rows
from prospecting.importing.matching import BY_NUMBER, Matching
from prospecting.importing.phones import DO_NOT_CALL
from prospecting.importing.rows import OPPOSED, TEXT_FIELDS, Draft, RowReader
from prospecting.objecting import HASH, hash_pads, oppositions_to
from prospecting.rules.kinds import kind_of
from prospecting.rules.territories import territory_of

TEXTS = ", ".join(TEXT_FIELDS)
COLUMNS = (
    "row_number",
    "phone",
    "other_phones",
    "phone_raw",
    "reason",
    '"column"',
    "value",
    "territory",
    "kind",
    "basis",
)
CREATE = f"""
CREATE TEMPORARY TABLE staged (
    row_number integer, phone text, other_phones jsonb, phone_raw text, reason text, "column" text, value text,
    territory text, kind text, basis jsonb, {", ".join(f"{name} text" for name in TEXT_FIELDS)}, columns jsonb,
    cells jsonb
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
REASONS = "SELECT reason, count(*) FROM staged WHERE reason <> '' GROUP BY reason ORDER BY count(*) DESC, reason"


@dataclass(slots=True)
class Tally:
    """What becomes of the rows: rows = created + updated + unchanged + merged + set_aside.

    `reasons` count the rows set aside; `fields`, how many contacts change in each field; `missing`, the contacts of
    the older version that this one does not name; `kept_apart`, the new contacts that share their number with others.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    set_aside: int = 0
    missing: int = 0
    kept_apart: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)

    @property
    def entering(self) -> int:
        """Contacts that will be there to call."""
        return self.created + self.updated + self.unchanged


def stage(
    mission: Mission,
    reader: RowReader,
    rows: Iterable[tuple[int, list[str]]],
    *,
    tell: Callable[[int], None] = lambda done: None,
    at: datetime | None = None,
    once: SaidOnce = NOTHING,
) -> int:
    """Copy the rows into a fresh temporary table; how many there were. Needs a transaction, at whose end it is gone.

    `at` judges the bases that the rows state: now, unless a load says when. `once` is what the file says of them all.
    """
    done, bases = 0, BasisReader(mission, reader.headers, reader.places, at or clock.now(), once)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.staged")
        cursor.execute(CREATE)
        with copying(cursor) as copy:
            for row_number, cells in rows:
                draft = reader.read(row_number, cells)
                basis = bases.read(draft, cells) if bases.needed else None
                copy.write_row(line_of(draft, cells, basis))
                done += 1
                tell(done)
        cursor.execute("ANALYZE pg_temp.staged")
        if oppositions_to(mission).exists():
            said: dict[str, Any] = {"reason": OPPOSED, "organisation": mission.organisation_id, "mission": mission.pk}
            cursor.execute(FORBID_OPPOSED, {**said, **hash_pads()})
    return done


def copying(cursor: CursorWrapper) -> Any:
    return cursor.cursor.copy(COPY)


def line_of(draft: Draft, cells: list[str], basis: dict[str, Any] | None = None) -> tuple[object, ...]:
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
        kind_of(company=texts.get("company", ""), siret=texts.get("siret", ""), legal_form=draft.legal_form),
        None if basis is None else as_json(basis),
        *(texts.get(name, "") for name in TEXT_FIELDS),
        as_json(draft.columns),
        as_json(cells),
    )


def as_json(value: object) -> str:
    return orjson.dumps(value).decode()


def judge(mission: Mission, matching: Matching = BY_NUMBER) -> Tally:
    """Decide what becomes of every staged row, against the mission's contacts as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(FORBID, {"reason": DO_NOT_CALL})
        judge_rows(cursor, mission.pk, matching)
        return tally_of(cursor)


def tally_of(cursor: CursorWrapper) -> Tally:
    cursor.execute(FATES)
    created, updated, unchanged, merged, kept_apart = cursor.fetchone()
    tally = Tally(created=created, updated=updated, unchanged=unchanged, merged=merged, kept_apart=kept_apart)
    cursor.execute(REASONS)
    tally.reasons = dict(cursor.fetchall())
    cursor.execute(FIELDS)
    tally.fields = dict(cursor.fetchall())
    cursor.execute("SELECT count(*) FROM missing")
    (tally.missing,) = cursor.fetchone()
    tally.set_aside = sum(tally.reasons.values())
    tally.rows = created + updated + unchanged + merged + tally.set_aside
    return tally
