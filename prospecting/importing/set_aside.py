"""The rows set aside, as a file that a spreadsheet opens safely: to be corrected there and brought again."""

import csv
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from config.spreadsheets import guarded
from prospecting.importing import corrections
from prospecting.importing.previewing import rows_that_would_stay_aside
from prospecting.importing.reasons import why
from prospecting.importing.receiving import table_of
from prospecting.importing.taking_up import open_rows
from prospecting.models import LeadFile

AsideRow = tuple[int, str, str, str, list[str]]


def set_aside_csv(lead_file: LeadFile) -> Iterator[str]:
    """UTF-8 with its mark and semicolons, as Excel in French opens it: number, reason, column, value, then the row."""
    writer = csv.writer(Echo(), delimiter=";", lineterminator="\r\n")
    yield "\ufeff"
    headers = table_of(lead_file).layout.headers if lead_file.content else ()
    yield line(writer, [*corrections.headers(lead_file), *headers])
    for number, reason, column, value, cells in set_aside_rows(lead_file):
        yield line(writer, [number, str(why(reason).label), column, value, *cells])


def set_aside_file(lead_file: LeadFile) -> IO[bytes]:
    """The same as a file on disk, so that a slow reader holds neither memory nor a transaction."""
    spool: IO[bytes] = TemporaryFile()  # noqa: SIM115 (the answer closes it once it is sent)
    for text in set_aside_csv(lead_file):
        spool.write(text.encode())
    spool.seek(0)
    return spool


def set_aside_rows(lead_file: LeadFile) -> Iterable[AsideRow]:
    """Of a loaded file, those that are still aside; of one that waits, those that would be."""
    if lead_file.state in {LeadFile.State.RECEIVED, LeadFile.State.REFUSED}:
        return rows_that_would_stay_aside(lead_file)
    return open_rows(lead_file).values_list("row_number", "reason", "column", "value", "cells").iterator(500)


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def line(writer: Any, cells: list[object]) -> str:
    return str(writer.writerow([guarded(cell) for cell in cells]))
