"""XLSX and ODS: looked at as a zip, then opened by calamine, all in a child process with little memory and time.

The web process and the worker never open the archive: they read bounded JSON lines from the child, nothing else.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from config.errors import Invalid

CHILD = Path(__file__).with_name("workbook_child.py")
MEMORY = 1536 * 1024 * 1024  # bytes of address space of the child; 100,000 rows × 69 columns need about a third
COLUMNS = 500  # of any file: what a person can still look through; a row of text is cut at twice as many
SECONDS = 60  # of processor time; 100,000 rows × 69 columns need a quarter
NAMES_ONLY = -1
LONGEST_LINE = 17 * 1024 * 1024  # bytes of one row as the child tells it, which refuses to write a longer one


def damaged() -> Invalid:
    sentence = _("Ce classeur ne peut pas être lu : il est abîmé ou démesuré. Enregistrez la feuille en CSV.")
    return Invalid("workbook_unreadable", sentence)


def unsupported() -> Invalid:
    sentence = _("Ce fichier n’est ni un CSV, ni un classeur Excel (.xlsx) ou LibreOffice (.ods).")
    return Invalid("not_a_spreadsheet", sentence, field="file")


def too_large() -> Invalid:
    return Invalid(
        "workbook_too_large", _("Ce classeur se déplie en un fichier démesuré : il n’est pas ouvert."), field="file"
    )


def protected() -> Invalid:
    sentence = _("Ce classeur est protégé par un mot de passe : enregistrez-le sans mot de passe, ou en CSV.")
    return Invalid("protected", sentence, field="file")


def too_many_sheets() -> Invalid:
    sentence = _("Ce classeur a trop de feuilles : gardez celle des contacts, ou enregistrez-la en CSV.")
    return Invalid("too_many_sheets", sentence, field="file")


def too_many_columns() -> Invalid:
    sentence = _("Ce fichier a plus de %(columns)d colonnes : retirez celles qui ne servent pas.")
    return Invalid("too_many_columns", sentence % {"columns": COLUMNS}, field="file")


# What the child may answer instead of rows.
REFUSALS: dict[str, Callable[[], Invalid]] = {
    "not_a_spreadsheet": unsupported,
    "workbook_too_large": too_large,
    "protected": protected,
    "too_many_sheets": too_many_sheets,
    "too_many_columns": too_many_columns,
}


def heads(path: Path, rows: int) -> tuple[list[str], list[list[list[str]]]]:
    """The names of the sheets in their order, and the first `rows` of each of the first twenty; 0: of none."""
    with opened(path, sheet=0 if rows else NAMES_ONLY, limit=rows) as (names, lines):
        return names, list(lines)


def read_sheet(path: Path, sheet: int, *, limit: int = 0) -> Iterator[list[str]]:
    """The rows of one sheet (counted from 1) as texts, blank rows too; `limit` 0 means all."""
    with opened(path, sheet=sheet, limit=limit) as (_names, rows):
        yield from rows


@contextmanager
def opened(path: Path, *, sheet: int, limit: int = 0) -> Iterator[tuple[list[str], Iterator[Any]]]:
    command = [sys.executable, "-I", str(CHILD), str(path), *map(str, (sheet, limit, MEMORY, SECONDS, COLUMNS))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # noqa: S603 (our own script)
    try:
        lines = lines_of(child)
        first: Any = next(lines, None)
        if not first:
            raise damaged()
        yield first["sheets"], lines
    finally:
        child.kill()
        if child.stdout:
            child.stdout.close()
        child.wait()


def lines_of(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    """What the child tells until it ends; one that dies half-way makes the whole file unreadable."""
    while child.stdout and (line := child.stdout.readline(LONGEST_LINE)):
        if not line.endswith(b"\n"):
            break
        said = json.loads(line)
        if isinstance(said, dict) and "refused" in said:
            raise REFUSALS.get(said["refused"], damaged)()
        yield said
    if child.wait() != 0:
        raise damaged()
