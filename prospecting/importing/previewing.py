"""What a file would become, shown before anything is loaded: the same staging and judgement as a load, row by row."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from django.db import connection, transaction

from prospecting.importing.bases import SaidOnce
from prospecting.importing.columns import PHONES
from prospecting.importing.matching import Matching
from prospecting.importing.reading import Table
from prospecting.importing.receiving import table_of
from prospecting.importing.rows import RowReader
from prospecting.importing.staging import Tally, judge, stage
from prospecting.models import LeadFile

FIRST = 4  # rows shown as they come
CHUNK = 500  # rows fetched at once
ROWS = 20_000  # judged while a person waits; a longer file is judged whole when it is loaded
CREATED, UPDATED, MERGED, SET_ASIDE = "created", "updated", "merged", "set_aside"

# The first rows, the first row that each reason strikes, one that is merged, those of the notices.
SHOWN = """
WITH shown AS (
    SELECT row_number FROM (SELECT row_number FROM staged ORDER BY row_number LIMIT %(first)s) head
    UNION SELECT min(row_number) FROM staged WHERE reason <> '' GROUP BY reason
    UNION SELECT min(row_number) FROM judged WHERE nth > 1
    UNION SELECT unnest(%(noticed)s::integer[])
)
SELECT s.row_number, s.cells, s.reason, s."column", j.nth,
       (SELECT min(o.row_number) FROM judged o WHERE o.phone = s.phone), f.name
FROM staged s JOIN shown USING (row_number)
LEFT JOIN judged j USING (row_number)
LEFT JOIN prospecting_contact c ON c.id = j.contact_id
LEFT JOIN prospecting_leadfile f ON f.id = c.lead_file_id
ORDER BY s.row_number"""
ASIDE = """SELECT row_number, reason, "column", value, cells FROM staged WHERE reason <> '' ORDER BY row_number"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: its cells, what it becomes and why, the columns that decided it; `of`: the row or the file it joins."""

    number: int
    cells: list[str]
    fate: str
    reason: str = ""
    of: str = ""
    wrong: frozenset[str] = frozenset()


@dataclass(slots=True)
class Evidence:
    """How well the recognised encoding and delimiter fit the rows that were read."""

    rows: int = 0
    full_width: int = 0
    accented: int = 0
    garbled: int = 0

    def watch(self, rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
        for number, cells in rows:
            self.rows += 1
            self.full_width += len(cells) == width
            text = "".join(cells)
            if not text.isascii():
                self.accented += 1
                self.garbled += "\ufffd" in text or "Ã" in text
            yield number, cells


@dataclass(frozen=True, slots=True)
class Preview:
    """`tally` is None while no column is the phone's. `whole`: every row of the file was judged."""

    table: Table
    mapping: Mapping[str, str]
    evidence: Evidence
    tally: Tally | None = None
    notices: list[dict[str, Any]] = field(default_factory=list)
    rows: list[Shown] = field(default_factory=list)
    whole: bool = True

    @property
    def first(self) -> list[Shown]:
        return self.rows[:FIRST]

    @property
    def doubtful(self) -> list[Shown]:
        return self.rows[FIRST:]

    @property
    def examples(self) -> dict[str, int]:
        """{reason: the first row that it strikes}."""
        return {row.reason: row.number for row in reversed(self.rows) if row.fate == SET_ASIDE}


def preview(lead_file: LeadFile, *, limit: int = ROWS) -> Preview:
    """Judge the first `limit` rows against the mission's contacts as they are now, and load nothing."""
    table, mapping = table_of(lead_file), lead_file.mapping
    if not any(name in mapping for name in PHONES):
        head = [Shown(number, cells, "") for number, cells in table.sample[:FIRST]]
        return Preview(table, mapping, Evidence(), rows=head)
    evidence, reader = Evidence(), RowReader(table.layout.headers, mapping)
    rows = iter(table.rows())
    with transaction.atomic():
        once = SaidOnce.of(lead_file)
        stage(lead_file.mission, reader, evidence.watch(islice(rows, limit), len(table.layout.headers)), once=once)
        tally = judge(lead_file.mission, Matching.of(lead_file))
        notices = reader.notices.as_list()
        shown = list(shown_rows(notices))
    return Preview(table, mapping, evidence, tally, notices, shown, whole=next(rows, None) is None)


def shown_rows(notices: list[dict[str, Any]]) -> Iterator[Shown]:
    noticed = {notice["row"]: notice for notice in notices}
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, {"first": FIRST, "noticed": list(noticed)})
        for number, cells, reason, column, nth, first_row, known_in in cursor.fetchall():
            notice = noticed.get(number, {})
            wrong = frozenset(filter(None, (column, notice.get("column"))))
            if reason:
                yield Shown(number, as_cells(cells), SET_ASIDE, reason, wrong=wrong)
            elif nth > 1:
                yield Shown(number, as_cells(cells), MERGED, of=str(first_row), wrong=wrong)
            else:
                fate = UPDATED if known_in else CREATED
                yield Shown(number, as_cells(cells), fate, notice.get("code", ""), known_in or "", wrong)


def as_cells(cells: Any) -> list[str]:
    return list(orjson.loads(cells) if isinstance(cells, str) else cells)


def rows_that_would_stay_aside(lead_file: LeadFile) -> Iterator[tuple[int, str, str, str, list[str]]]:
    """(row number, reason, column, value, cells) of every row of the file that a load would set aside now, in a stream.

    The rows live in a temporary table while they are read: the transaction lasts as long as the reading.
    """
    table = table_of(lead_file)
    with transaction.atomic():
        reader = RowReader(table.layout.headers, lead_file.mapping)
        stage(lead_file.mission, reader, table.rows(), once=SaidOnce.of(lead_file))
        judge(lead_file.mission, Matching.of(lead_file))
        with connection.connection.cursor(name="aside") as cursor:
            cursor.itersize = CHUNK
            cursor.execute(ASIDE)
            for *told, cells in cursor:
                yield (*told, as_cells(cells))
