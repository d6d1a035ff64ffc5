"""A file as it came becomes a table: how it is written, where its header stands, and its rows one by one.

What was recognised can be corrected (encoding, delimiter, header row, sheet). Rows are always read in a stream: a large
file needs no more memory than a small one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from config.errors import Invalid
from prospecting.importing import corrections, text_files, workbooks
from prospecting.importing.columns import RANKS, guess_mapping, is_phone, key, sounds_like_phone, unique_headers

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENVELOPE = "EncryptedPackage".encode("utf-16-le")
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"{", b"%pdf", b"{\\rtf")
HEAD = 40  # rows among which the header is looked for
SAMPLE = 200  # rows shown to the column guesser
KNOWN_NAMES = frozenset(name for ranks in RANKS.values() for name in ranks)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read. `header_row` counts from 1; 0 means that the first row is already data.

    Text has an encoding and a delimiter; a workbook has sheets, of which `sheet` (counted from 1) is read.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: int = 0
    sheets: tuple[str, ...] = ()
    header_row: int = 1
    headers: tuple[str, ...] = ()
    corrects: str = ""  # the end of another file's id: its rows set aside, brought back corrected

    @property
    def sheet_name(self) -> str:
        return self.sheets[self.sheet - 1] if self.sheet else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised file: its layout, the guessed mapping {field: header}, and its first rows."""

    path: Path
    layout: Layout
    mapping: dict[str, str]
    sample: tuple[tuple[int, list[str]], ...]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number as a spreadsheet shows it, cells), blank rows left out."""
        return read_rows(self.path, self.layout)

    def about(self) -> int:
        """About how many rows there are, without reading them: lines of a text, rows of a sheet."""
        if self.layout.sheet:
            return sum(1 for _row in self.rows())
        return max(1, sum(chunk.count(b"\n") for chunk in text_files.chunks(self.path)) - self.layout.header_row)


def recognise(
    path: Path, *, encoding: str = "", delimiter: str = "", header_row: int | None = None, sheet: str = ""
) -> Table:
    """Find out how a file is written; what is given is taken as it is. Raises Invalid with one sentence.

    `sheet` is a sheet's name or its number from 1; `header_row` 0 says that there is none.
    """
    check_size(path)
    if is_workbook(path):
        layout = recognise_workbook(path, sheet, header_row)
    else:
        layout = recognise_text(path, encoding, delimiter)
    rows = list(islice(physical_rows(path, layout), SAMPLE + HEAD))
    layout = with_header(layout, rows, header_row)
    sample = tuple(numbered(iter(rows), layout))
    if not sample:
        raise empty()
    return Table(path, layout, guess_mapping(layout.headers, [cells for _number, cells in sample]), sample)


def check_size(path: Path) -> None:
    size, limit = path.stat().st_size, settings.IMPORT_MAX_BYTES
    if not size:
        raise empty()
    if size > limit:
        sentence = _("Ce fichier fait %(size)s Mo ; la limite est de %(limit)s Mo. Coupez-le en plusieurs fichiers.")
        said = {"size": -(-size // 1024**2), "limit": limit // 1024**2}
        raise Invalid("too_large", sentence % said, field="file", size=size, limit=limit)


def empty() -> Invalid:
    return Invalid("empty", _("Ce fichier ne contient aucune ligne."), field="file")


def is_workbook(path: Path) -> bool:
    """By its first bytes, whatever its name says. What is neither text nor an XLSX is refused here."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(ZIP):
        return True
    if head.startswith(OLE):
        raise old_or_protected(path)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP) or text_files.looks_binary(head):
        raise workbooks.unsupported()
    return False


def old_or_protected(path: Path) -> Invalid:
    """An .xls, or the envelope that Excel puts around an encrypted .xlsx."""
    if any(ENVELOPE in chunk for chunk in text_files.chunks(path)):
        return workbooks.protected()
    sentence = _("Ancien classeur Excel (.xls) : enregistrez-le en .xlsx, ou en CSV.")
    return Invalid("not_a_spreadsheet", sentence, field="file")


def recognise_workbook(path: Path, sheet: str, header_row: int | None) -> Layout:
    names, heads = workbooks.heads(path, 0 if sheet else HEAD)
    number = numbered_sheet(sheet, names) if sheet else best_sheet(heads, header_row)
    return Layout(sheet=number, sheets=tuple(names))


def numbered_sheet(sheet: str, names: Sequence[str]) -> int:
    if sheet in names:
        return names.index(sheet) + 1
    if sheet.isdecimal() and 1 <= int(sheet) <= len(names):
        return int(sheet)
    sentence = _("Ce classeur n’a pas de feuille « %(sheet)s ». Ses feuilles : %(sheets)s.")
    raise Invalid("no_such_sheet", sentence % {"sheet": sheet, "sheets": ", ".join(names)}, field="sheet")


def best_sheet(heads: Sequence[list[list[str]]], header_row: int | None) -> int:
    """The first sheet with a phone column, else the first one that has rows."""
    filled_sheets = []
    for number, rows in enumerate(heads, 1):
        header = header_row or find_header(rows)
        if header and header <= len(rows) and "phone" in guess_mapping(unique_headers(rows[header - 1])):
            return number
        if any(any(row) for row in rows):
            filled_sheets.append(number)
    return (filled_sheets or [1])[0]


def recognise_text(path: Path, encoding: str, delimiter: str) -> Layout:
    encoding = text_files.named_encoding(encoding) if encoding else ""
    if delimiter and delimiter not in text_files.DELIMITERS:
        raise Invalid("unknown_delimiter", _("Séparateur inconnu : choisissez ; , tabulation ou |."), field="delimiter")
    encoding = encoding or text_files.recognise_encoding(path)
    return Layout(encoding=encoding, delimiter=delimiter or text_files.recognise_delimiter(path, encoding))


def with_header(layout: Layout, rows: list[list[str]], header_row: int | None) -> Layout:
    """The layout with its header row found or checked, and one distinct name for every column."""
    if not any(map(any, rows)):
        raise empty()
    number = find_header(rows) if header_row is None else header_row
    if number > len(rows):
        sentence = _("Il n’y a pas de ligne d’en-tête %(number)s dans ce fichier.")
        raise Invalid("no_such_row", sentence % {"number": number}, field="header_row")
    cells = trimmed(rows[number - 1] if number else [""] * max(map(len, rows)))
    if len(cells) > workbooks.COLUMNS:
        raise workbooks.too_many_columns()
    if corrects := corrections.file_corrected(cells):
        cells = corrections.without_reasons(cells)
    return replace(layout, header_row=number, headers=tuple(unique_headers(cells)), corrects=corrects)


def trimmed(cells: Sequence[str]) -> list[str]:
    """Without the empty cells at the end, which some exports write on every line."""
    width = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return list(cells[: width or len(cells)])


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """The row, from 1, whose words name the most fields, else the first full row of words; 0: data from the start."""
    if not any(map(any, rows)):
        return 0
    known = {number: names_known(row) for number, row in enumerate(rows[:HEAD], 1)}
    best = max(known, key=lambda number: known[number], default=0)
    if best and known[best]:
        return best
    width = Counter(len(trimmed(row)) for row in rows if any(row)).most_common(1)[0][0]
    first = next(number for number, row in enumerate(rows, 1) if len(trimmed(row)) >= width)
    return first if all(is_word(cell) for cell in rows[first - 1] if cell.strip()) else 0


def names_known(row: Sequence[str]) -> int:
    """Cells that name a field; a row that holds a phone number is data, whatever else it says."""
    if any(is_phone(cell) for cell in row if any(map(str.isdigit, cell))):
        return 0
    return sum(key(cell) in KNOWN_NAMES or sounds_like_phone(cell) for cell in row if cell.strip())


def is_word(cell: str) -> bool:
    return not any(map(str.isdigit, cell)) or key(cell)[:1].isalpha()


def physical_rows(path: Path, layout: Layout) -> Iterator[list[str]]:
    """Every row, blank ones too."""
    if layout.sheet:
        return workbooks.read_sheet(path, layout.sheet)
    return text_files.read_records(path, layout.encoding, layout.delimiter)


def read_rows(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows after the header with their numbers, blank ones left out."""
    return numbered(physical_rows(path, layout), layout)


def numbered(rows: Iterator[list[str]], layout: Layout) -> Iterator[tuple[int, list[str]]]:
    found = filled(islice(enumerate(rows, 1), layout.header_row, None))
    return corrections.renumbered(found) if layout.corrects else found


def filled(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    return ((number, cells) for number, cells in rows if any(cell and not cell.isspace() for cell in cells))
