"""The throw-away process that opens a workbook: a crafted file may kill it, never its parent.

Started by workbooks.py as a plain script, without Django: `workbook_child.py FILE SHEET ROWS MEMORY SECONDS`.
Writes JSON lines: first {"sheets": [names]}, then one list of texts per row. SHEET counts from 1; ROWS 0 means all.
"""

import datetime as dt
import json
import resource
import sys
from typing import Any

from python_calamine import CalamineWorkbook

EXACT = 2**53  # a float holds every whole number below it


def main(path: str, sheet: int, rows: int, memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    book = CalamineWorkbook.from_path(path)
    write({"sheets": book.sheet_names})
    if 1 <= sheet <= len(book.sheet_names):
        write_rows(book.get_sheet_by_index(sheet - 1), rows)


def write_rows(sheet: Any, limit: int) -> None:
    before = sheet.start[0] if sheet.start else 0
    for _ in range(before):  # blank rows above the first filled one
        write([])
    for number, row in enumerate(sheet.iter_rows(), before + 1):
        write([text_of(value) for value in row])
        if number == limit:
            return


def text_of(value: object) -> str:
    """What a person would read in the cell, numbers without their decimal zero, dates as ISO 8601."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time.min else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value).replace("\x00", "")


def write(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
