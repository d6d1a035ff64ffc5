"""The throw-away process that opens a workbook: a crafted file may kill it, never its parent.

Started by workbooks.py as a plain script, without Django: `workbook_child.py FILE SHEET ROWS MEMORY SECONDS COLUMNS`.
Writes JSON lines: first {"sheets": [names]}, then one list of texts per row of SHEET (from 1; ROWS 0 means all), or for
SHEET 0 one list of the first ROWS rows per sheet, for SHEET -1 nothing more.
{"refused": code} ends it, whatever came before.
"""

import datetime as dt
import json
import os
import resource
import sys
import zipfile
from itertools import islice
from typing import Any, NoReturn

from python_calamine import CalamineWorkbook, PasswordError

EXACT = 2**53  # a float holds every whole number below it
UNPACKED = 1024 * 1024 * 1024  # bytes that the zip's own list may add up to, and that one sheet may give
RATIO = 200  # a real sheet packs 5 to 30 times; a bomb a thousand times
SMALL = 10 * 1024 * 1024  # unpacked bytes below which the ratio proves nothing
PARTS, SHEETS, LOOKED_AT = 20_000, 250, 20
LONGEST_ROW = 16 * 1024 * 1024  # bytes of one row as JSON
XLSX, ODS = "xl/workbook.xml", "content.xml"


def main(path: str, sheet: int, rows: int, memory: int, seconds: int, columns: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    check_zip(path)
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError:
        refuse("protected")
    names = [name[:120] for name in book.sheet_names]
    if len(names) > SHEETS:
        refuse("too_many_sheets")
    write({"sheets": names})
    if 1 <= sheet <= len(names):
        for row in rows_of(book.get_sheet_by_index(sheet - 1), rows, columns):
            write(row)
    elif not sheet:
        for number in range(min(len(names), LOOKED_AT)):
            write(list(rows_of(book.get_sheet_by_index(number), rows, columns)))


def check_zip(path: str) -> None:
    """Refuse what is no workbook, and what would unpack to something enormous, by the zip's own list."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    if len(parts) > PARTS:
        refuse("too_many_sheets")
    names = {part.filename.replace("\\", "/").lower(): part for part in parts}
    if XLSX not in names and ODS not in names:
        refuse("not_a_spreadsheet")
    if any(part.flag_bits & 1 for part in parts):
        refuse("protected")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED or unpacked > max(SMALL, RATIO * os.stat(path).st_size):
        refuse("workbook_too_large")


def rows_of(sheet: Any, limit: int, columns: int) -> Any:
    """Rows of texts without the empty cells at their end, blank rows too; `limit` 0 means all."""
    before = sheet.start[0] if sheet.start else 0
    yield from ([] for _ in range(min(before, limit or before)))  # blank rows above the first filled one
    for row in islice(sheet.iter_rows(), max(limit - before, 0) if limit else None):
        cells = list(map(text_of, row))
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > columns:
            refuse("too_many_columns")
        yield cells


def text_of(value: object) -> str:
    """What a person would read in the cell, numbers without their decimal zero, dates as ISO 8601."""
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time.min else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value).replace("\x00", "")


written = 0


def write(line: object) -> None:
    """One line, of a bounded length; all of them bounded too: one long text that a million cells share is a bomb."""
    global written  # noqa: PLW0603 (a script of one pass)
    text = json.dumps(line) + "\n"
    written += len(text)
    if len(text) > LONGEST_ROW or written > UNPACKED:
        refuse("workbook_too_large")
    sys.stdout.write(text)


def refuse(code: str) -> NoReturn:
    sys.stdout.write(json.dumps({"refused": code}) + "\n")
    sys.stdout.flush()
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
