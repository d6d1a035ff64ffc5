"""The form in which rows set aside leave and come back: four columns that say what was wrong, then the row as it was.

The first header carries the end of its file's id, so that a corrected file is recognised whatever its name has become.
"""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from config.errors import Invalid
from config.spreadsheets import FORMULA
from prospecting.models import LeadFile

REASONS = 4  # columns before the row's own: number, reason, column, value
MARK = re.compile(r"#([0-9a-f]{12})$")
NUMBER = re.compile(r"(\d{1,9})(?:\.0)?$", re.ASCII)


def headers(lead_file: LeadFile) -> list[str]:
    """Those of the four columns; the row's own follow."""
    return [f"{_('Ligne')} #{lead_file.public_id.hex[-12:]}", _("Raison"), _("Colonne"), _("Valeur")]


def file_corrected(cells: Sequence[str]) -> str:
    """The end of the id of the file whose rows come back under these headers, else nothing."""
    found = MARK.search(cells[0].strip()) if len(cells) > REASONS else None
    return found[1] if found else ""


def without_reasons(cells: Sequence[str]) -> list[str]:
    return [unguarded(cell) for cell in cells[REASONS:]]


def renumbered(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Every row under the number that it has in the file that it corrects; a number once, or Invalid."""
    seen: set[int] = set()
    for place, cells in rows:
        found = NUMBER.match(cells[0].strip())
        number = int(found[1]) if found else 0
        if not number or number in seen:
            sentence = _("Ligne %(line)d : la première colonne doit garder le numéro de la ligne, une seule fois.")
            raise Invalid("row_number", sentence % {"line": place}, field="file")
        seen.add(number)
        yield number, without_reasons(cells)


def unguarded(cell: str) -> str:
    """Without the apostrophe that kept a spreadsheet from computing it."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
