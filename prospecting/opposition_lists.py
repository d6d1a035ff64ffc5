"""A list of numbers never to call, brought by a business or the operator: read row by row, and told row by row."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import User
from prospecting.importing.columns import PHONES
from prospecting.importing.phones import Reading, read_phone
from prospecting.importing.reading import recognise
from prospecting.models import OppositionList
from prospecting.objecting import Scope, number_hash, record

BATCH: Final = 500  # rows of one transaction: every number of it is locked meanwhile
TOLD: Final = 100  # refused rows that are told
LONGEST: Final = 80  # characters of a refused cell that are kept

Row = tuple[int, list[str]]


def oppose_list(
    *, scope: Scope, rows: Iterable[Row], name: str, by: User | None, at: datetime, source: str = "list"
) -> OppositionList:
    """Oppose every number of the rows, (row number, phone cells). rows = added + already + refused.

    In batches, each of them done for good: a list that is interrupted is simply brought again.
    """
    brought = OppositionList.objects.create(
        organisation=scope.organisation, mission=scope.mission, name=name[:200], by=by, at=at
    )
    for batch in _batches(rows):
        _oppose_batch(brought, scope, [(number, cells, _read(cells)) for number, cells in batch], at, source)
        brought.save(update_fields=["rows", "added", "already", "refused", "refusals"])
    return brought


def rows_of(path: Path) -> Iterator[Row]:
    """The phone cells of a file: its phone columns, or the only one it has. A first row that is a number counts too."""
    table = recognise(path)
    headers = list(table.layout.headers)
    places = [headers.index(table.mapping[name]) for name in PHONES if name in table.mapping]
    if not places and len(headers) > 1:
        raise Invalid(
            "no_phone_column",
            _("Aucune colonne de téléphones : donnez un fichier d’une seule colonne, ou nommez-la « Téléphone »."),
            field="file",
        )
    places = places or [0]
    first = [headers[place] for place in places]
    if table.layout.header_row and _read(first).numbers:
        yield table.layout.header_row, first
    for number, cells in table.rows():
        yield number, [cells[place] for place in places if place < len(cells)]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _read(cells: list[str]) -> Reading:
    """The numbers of all the cells; without any, why the first that says something has none."""
    readings = [read_phone(cell) for cell in cells]
    numbers = tuple(dict.fromkeys(number for reading in readings for number in reading.numbers))
    refused = [reading.reason for reading in readings if reading.reason != "phone_missing"]
    return Reading(numbers, "" if numbers else (refused or ["phone_missing"])[0])


def _oppose_batch(
    brought: OppositionList, scope: Scope, batch: list[tuple[int, list[str], Reading]], at: datetime, source: str
) -> None:
    numbers = {number_hash(phone): phone for _number, _cells, reading in batch for phone in reading.numbers}
    new = record(scope, numbers, at=at, source=source, brought_by=brought)
    for number, cells, reading in batch:
        brought.rows += 1
        hashes = {number_hash(phone) for phone in reading.numbers}
        if not hashes:
            brought.refused += 1
            if len(brought.refusals) < TOLD:
                value = " ".join(cells)[:LONGEST]
                brought.refusals.append({"row": number, "value": value, "reason": reading.reason})
        elif hashes & new:
            brought.added += 1
            new -= hashes  # the same number further down is already there
        else:
            brought.already += 1
