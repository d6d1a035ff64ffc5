"""XLSX: looked at as a zip first, then opened by calamine in a child process with little memory and time."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from config.errors import Invalid

CHILD = Path(__file__).with_name("workbook_child.py")
MEMORY = 1536 * 1024 * 1024  # bytes of address space of the child; 100,000 rows × 69 columns need about a third
SECONDS = 120  # of processor time
UNPACKED = 1024 * 1024 * 1024  # bytes that the zip's own list may add up to
RATIO = 200  # a real sheet packs 5 to 30 times; a bomb a thousand times
SMALL = 10 * 1024 * 1024  # unpacked bytes below which the ratio proves nothing


def check_zip(path: Path) -> None:
    """Refuse what is not an XLSX, and what would unpack to something enormous, by the zip's own list."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged() from error
    names = {part.filename.replace("\\", "/").lower() for part in parts}
    if "xl/workbook.xml" not in names:
        raise unsupported()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED or unpacked > max(SMALL, RATIO * path.stat().st_size):
        raise Invalid("workbook_too_large", _("Ce classeur se déplie en un fichier démesuré : il n’est pas ouvert."))


def damaged() -> Invalid:
    sentence = _("Ce classeur ne peut pas être lu : il est abîmé ou démesuré. Enregistrez la feuille en CSV.")
    return Invalid("workbook_unreadable", sentence)


def unsupported() -> Invalid:
    return Invalid("not_a_spreadsheet", _("Ce fichier n’est ni un CSV ni un classeur Excel (.xlsx)."))


def sheet_names(path: Path) -> list[str]:
    """The names of a checked workbook's sheets, in their order."""
    with opened(path, sheet=0) as (names, _rows):
        return names


def read_sheet(path: Path, sheet: int, *, limit: int = 0) -> Iterator[list[str]]:
    """The rows of one sheet (counted from 1) as texts, blank rows too; `limit` 0 means all."""
    with opened(path, sheet=sheet, limit=limit) as (_names, rows):
        yield from rows


@contextmanager
def opened(path: Path, *, sheet: int, limit: int = 0) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    command = [sys.executable, "-I", str(CHILD), str(path), *map(str, (sheet, limit, MEMORY, SECONDS))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # noqa: S603 (our own script)
    assert child.stdout is not None  # noqa: S101 (PIPE above)
    try:
        names = json.loads(child.stdout.readline() or "{}").get("sheets")
        if names is None:
            raise damaged()
        yield names, rows_of(child)
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def rows_of(child: subprocess.Popen[bytes]) -> Iterator[list[str]]:
    """Rows until the child ends; a child that dies half-way makes the whole file unreadable."""
    for line in child.stdout or ():
        if not line.endswith(b"\n"):
            break
        yield json.loads(line)
    if child.wait() != 0:
        raise damaged()
