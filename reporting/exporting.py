"""What the page shows, as a file that French spreadsheets open as it is."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from config.spreadsheets import guarded
from config.typography import decimal
from reporting.rates import Row
from reporting.results import Results


def matrix_csv(read: Results, heading: str) -> str:
    """One line per agent and file, then the sums by agent, by file and of the mission; the page's own figures."""
    heads = [_("Téléprospecteur"), _("Fichier"), _("Appels"), _("Joints"), _("Argumentés"), heading]
    heads += [_("Taux (%)"), _("De (%)"), _("À (%)")]
    return written([heads, *_lines(read)])


def _lines(read: Results) -> Iterator[list[str]]:
    everything = _("Ensemble")
    for agent, cells in read.matrix.lines:
        for file, cell in zip(read.matrix.files, cells, strict=True):
            if cell:
                yield [agent.label, file.label, *_figures(cell)]
        yield [agent.label, everything, *_figures(agent)]
    for file in read.matrix.files:
        yield [_("Mission"), file.label, *_figures(file)]
    yield [_("Mission"), everything, *_figures(read.total)]


def _figures(row: Row) -> list[str]:
    shares = (row.rate, row.low, row.high)
    counts = (row.dials, row.reached, row.argued, row.converted)
    return [*map(str, counts), *("" if share is None else decimal(100 * share) for share in shares)]


def written(lines: Iterable[list[str]]) -> str:
    """CSV with `;` and a byte order mark. A cell that a spreadsheet would run as a formula is made a text."""
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([guarded(cell) for cell in line] for line in lines)
    return out.getvalue()
