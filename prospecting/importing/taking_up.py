"""Rows set aside are taken up again: corrected in the page, or in a file brought back, and imported alone.

Either way they become a lead file of their own (`corrects` names the first one), and each row says where it went. A
file that is refused or undone gives its rows back.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from itertools import islice

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from config.spreadsheets import guarded
from marketplace.models import Mission, User
from prospecting.importing import corrections
from prospecting.importing.reading import Table
from prospecting.importing.reasons import why
from prospecting.models import LeadFile, SetAsideRow

GAVE_BACK = (LeadFile.State.REFUSED, LeadFile.State.UNDONE)
FINAL = frozenset({"do_not_call", "declined_offers", "opposed", "consent_refused", "row_shape"})  # no cell to correct
BATCH = 500  # rows compared at once with what they were
TAKEN = """
UPDATE prospecting_setasiderow a SET taken_up_in_id = %(child)s
FROM staged s WHERE a.lead_file_id = %(parent)s AND a.row_number = s.row_number"""

Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Correction(Table):
    """A file of corrected rows: those that say the same as before are not taken up."""

    parent: int = 0

    def rows(self) -> Rows:
        """Compared before the first row is given out: who asks is about to copy them into the database."""
        same = unchanged(Table.rows(self), self.parent)
        return ((number, cells) for number, cells in Table.rows(self) if number not in same)


def open_rows(lead_file: LeadFile) -> QuerySet[SetAsideRow]:
    """The rows still aside: nowhere else, or in a file that gave them back."""
    back = Q(taken_up_in=None) | Q(taken_up_in__state__in=GAVE_BACK)
    return SetAsideRow.objects.filter(back, lead_file=lead_file).order_by("row_number")


def unchanged(rows: Rows, parent: int) -> set[int]:
    """The numbers of the rows that say what they said when they were set aside."""
    same: set[int] = set()
    while batch := dict(islice(rows, BATCH)):
        before = SetAsideRow.objects.filter(lead_file=parent, row_number__in=batch).values_list("row_number", "cells")
        same.update(number for number, cells in before if trimmed(cells) == trimmed(batch[number]))
    return same


def trimmed(cells: Iterable[str]) -> list[str]:
    """As a spreadsheet gives them back: no spaces around, no empty cells at the end."""
    texts = [corrections.unguarded(cell).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def file_corrected(mission: Mission, mark: str) -> LeadFile:
    """The file whose rows come back. Raises Invalid or Refused when they cannot be taken up here."""
    parent = LeadFile.objects.filter(mission=mission, public_id__endswith=mark).first()
    if not parent:
        sentence = _("Ces lignes corrigent un fichier qui n’est pas dans cette mission.")
        raise Invalid("corrects_unknown", sentence, field="file")
    if parent.state != LeadFile.State.LOADED:
        sentence = _("Ces lignes corrigent « %(name)s », qui n’est pas chargé\u202f: importez-le d’abord.")
        raise Refused("corrects_waiting", sentence % {"name": parent.name})
    return parent


def as_correction(table: Table, parent_id: int) -> Table:
    return Correction(table.path, table.layout, table.mapping, table.sample, parent_id)


def inherit(lead_file: LeadFile, parent: LeadFile) -> None:
    """A correction comes from where its file came from, and is read as it was; it costs nothing more."""
    lead_file.corrects = parent
    for name in ("supplier", "received_on", "legal_basis", "source_sentence", "basis_texts", "identity", "keep_apart"):
        setattr(lead_file, name, getattr(parent, name))
    lead_file.mapping = parent.mapping


def link_rows(lead_file: LeadFile) -> None:
    """Every staged row says to its first self where it went. Inside the load's transaction."""
    if lead_file.corrects_id:
        with connection.cursor() as cursor:
            cursor.execute(TAKEN, {"child": lead_file.pk, "parent": lead_file.corrects_id})


@transaction.atomic
def correct_rows(
    *, lead_file: LeadFile, edits: Mapping[int, Mapping[str, str]], by: User | None, at: datetime
) -> LeadFile:
    """Take up rows with the cells that a person corrected: {row number: {header: text}}. Raises Invalid or Refused."""
    from prospecting.importing.receiving import receive_lead_file, start_loading, table_of

    parent = LeadFile.objects.select_for_update(no_key=True).select_related("mission").get(pk=lead_file.pk)
    if parent.state != LeadFile.State.LOADED:
        raise Refused("not_loaded", _("Ce fichier n’est pas chargé\u202f: aucune ligne n’en est de côté."))
    headers = list(table_of(parent).layout.headers)
    asked = open_rows(parent).filter(row_number__in=edits)
    rows = [now for row in asked if (now := edited(row, edits[row.row_number], headers))]
    if not rows:
        raise Invalid("nothing_corrected", _("Aucune ligne de côté n’est corrigée\u202f: changez au moins une case."))
    child = receive_lead_file(
        mission=parent.mission,
        content=ContentFile(as_csv(parent, headers, rows).encode()),
        name=_("%(name)s, lignes corrigées") % {"name": parent.name[:170]},
        by=by,
    )
    parent.set_aside_rows.filter(row_number__in=[row.row_number for row in rows]).update(taken_up_in=child)
    return start_loading(lead_file=child, at=at)


def edited(row: SetAsideRow, cells: Mapping[str, str], headers: list[str]) -> SetAsideRow | None:
    """The row with its corrected cells; None when nothing changes. An unknown header is Invalid."""
    now = [*row.cells, *[""] * (len(headers) - len(row.cells))]
    for header, text in cells.items():
        if header not in headers:
            sentence = _("Le fichier n’a pas de colonne « %(header)s ».")
            raise Invalid("unknown_column", sentence % {"header": header}, field=f"rows.{row.row_number}")
        now[headers.index(header)] = text.strip()
    return replace_cells(row, now) if trimmed(now) != trimmed(row.cells) else None


def replace_cells(row: SetAsideRow, cells: list[str]) -> SetAsideRow:
    row.cells = cells
    return row


def as_csv(lead_file: LeadFile, headers: list[str], rows: Iterable[SetAsideRow]) -> str:
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([*corrections.headers(lead_file), *map(guarded, headers)])
    for row in rows:
        told = [row.row_number, str(why(row.reason).label), row.column, row.value, *row.cells]
        writer.writerow([guarded(cell) for cell in told])
    return text.getvalue()
