"""Delimited text as people really send it: which encoding, which delimiter, and its records one by one.

csv.Sniffer and charset detectors get French files wrong (they see Polish in cp1252), so this counts French letters and
columns. Nothing here holds more than a sample, a line or a cell in memory, and all three are
bounded: text is therefore read where it is needed, without the child process that workbooks need.
"""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from config.errors import Invalid

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15", "mac_roman", "cp850")
OTHER_NAMES = {"utf-8-sig": "utf-8", "mac-roman": "mac_roman", "iso8859-1": "cp1252"}
DELIMITERS = (";", ",", "\t", "|")
SAMPLE_BYTES = 256 * 1024
SAMPLE_RECORDS = 200
LONGEST_CELL = 4 * 1024 * 1024  # characters; beyond it a quotation mark was left open
MOST_CELLS = 1000  # of a row: twice the columns of the widest header; what is beyond is not kept
CHUNK = 1024 * 1024
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CONTROLS = bytes(set(range(32)) - {9, 10, 13, 0, 26, 27}) + b"\x7f"
ASCII = bytes(range(128))
# How much a letter speaks for French; a character that is not here speaks against the encoding.
FRENCH = {
    **dict.fromkeys("é", 12),
    **dict.fromkeys("èàêç", 6),
    **dict.fromkeys("âîôûùëïöüœÉ’", 4),
    **dict.fromkeys("ÈÀÊÇÂÎÔÛŒæñáíóúäß°€«» –—…²ºª½", 1),
}
ENOUGH = 0.5  # of the accented characters must be French, or the encoding is not known

csv.field_size_limit(LONGEST_CELL)


def named_encoding(said: str) -> str:
    """One of ENCODINGS by any of its names (`UTF8`, `windows-1252`); Latin 1 is read as Windows’s, which holds it."""
    try:
        name = codecs.lookup(said).name
    except LookupError:
        raise undecodable(said) from None
    name = OTHER_NAMES.get(name, name)
    if name not in ENCODINGS:
        raise undecodable(said)
    return name


def recognise_encoding(path: Path) -> str:
    """The encoding of a whole text file, one of ENCODINGS; utf-16 also without its mark."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    return wide_encoding(head) or ("utf-8" if is_utf8(path) else narrow_encoding(path))


def wide_encoding(head: bytes) -> str:
    """UTF-16 without its mark: every second byte of mostly plain text is zero."""
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.4 * half:
        return "utf-16-le"
    return "utf-16-be" if half and head[::2].count(0) > 0.4 * half else ""


def is_utf8(path: Path) -> bool:
    """Strictly; a last character cut in two is forgiven, as a cut download is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks(path):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def narrow_encoding(path: Path) -> str:
    """Windows, old Macintosh or DOS, by the French letters that the bytes above 127 become."""
    seen: Counter[int] = Counter()
    for chunk in chunks(path):
        seen.update(chunk.translate(None, ASCII))
    scores = {name: french_score(seen, name) for name in ("cp1252", "mac_roman", "cp850")}
    best = max(scores, key=lambda name: scores[name])
    french = sum(count for byte, count in seen.items() if letter(byte, best) in FRENCH)
    if french < ENOUGH * seen.total():
        raise undecodable()
    return best


def french_score(seen: Counter[int], encoding: str) -> int:
    return sum(count * FRENCH.get(letter(byte, encoding), -3) for byte, count in seen.items())


def letter(byte: int, encoding: str) -> str:
    return bytes([byte]).decode(encoding, "replace")


def undecodable(encoding: str = "") -> Invalid:
    sentence = _("L’encodage de ce fichier n’est pas reconnu : enregistrez-le en « CSV UTF-8 ».")
    if encoding:
        sentence = _("Ce fichier n’est pas écrit en %(encoding)s.") % {"encoding": encoding}
    return Invalid("undecodable", sentence, field="encoding")


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def looks_binary(head: bytes) -> bool:
    """Control characters that no text has; UTF-16 and stray NULs are text."""
    return len(head) - len(head.translate(None, CONTROLS)) > 0.01 * len(head)


def recognise_delimiter(path: Path, encoding: str) -> str:
    """The delimiter that gives most records the same number of cells; `;` when there is one column."""
    lines = sample_lines(path, encoding)
    if lines and (said := said_delimiter(lines[0])):
        return said
    return max(DELIMITERS, key=lambda delimiter: columns_agree(lines, delimiter))


def said_delimiter(line: str) -> str:
    """Excel's own first line, `sep=;`."""
    text = line.strip("\ufeff \r\n").strip('"').lower()
    return text[4:5] or "\t" if text.startswith("sep=") else ""


def columns_agree(lines: list[str], delimiter: str) -> tuple[float, int]:
    """(share of the records that have the most frequent width, that width), 0 for a single column."""
    try:
        widths = Counter(len(record) for record in csv.reader(lines, delimiter=delimiter) if record)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, records = max(widths.items(), key=lambda item: (item[0] > 1, item[1]))
    return (records / widths.total(), width) if width > 1 else (0.0, 0)


def sample_lines(path: Path, encoding: str) -> list[str]:
    """Whole lines of the file's beginning."""
    with path.open("rb") as stream:
        raw = stream.read(SAMPLE_BYTES)
    text = codecs.getincrementaldecoder(with_mark(encoding))("replace").decode(raw).replace("\x00", "")
    lines = text.splitlines(keepends=True)
    return lines if len(raw) < SAMPLE_BYTES or len(lines) < 2 else lines[:-1]


def with_mark(encoding: str) -> str:
    """UTF-8's mark is not part of the first header."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def read_records(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Every record, blank ones too, so that the n-th one is the n-th row that a spreadsheet shows."""
    errors = "strict" if encoding.startswith("utf") and not (encoding == "utf-8" and is_utf8(path)) else "replace"
    with path.open(encoding=with_mark(encoding), errors=errors, newline="") as stream:
        records = csv.reader(lines_of(stream), delimiter=delimiter)
        try:
            for record in records:
                yield record if len(record) <= MOST_CELLS else record[:MOST_CELLS]
        except UnicodeError as error:
            raise undecodable(encoding) from error
        except csv.Error as error:
            raise open_quotation(records.line_num) from error


def lines_of(stream: TextIO) -> Iterator[str]:
    """Lines without NULs, none longer than a cell may be: a file of gigabytes on one line is never held in memory."""
    while line := stream.readline(LONGEST_CELL):
        if len(line) == LONGEST_CELL and line[-1] not in "\r\n":
            sentence = _("Une ligne de ce fichier est démesurée : ce n’est pas un tableau.")
            raise Invalid("line_too_long", sentence, field="file")
        yield line.replace("\x00", "") if "\x00" in line else line


def open_quotation(line: int) -> Invalid:
    sentence = _("Ligne %(line)s : cellule démesurée. Un guillemet ouvert n’est sans doute jamais refermé.") % {
        "line": line
    }
    return Invalid("open_quotation", sentence, line=line)
