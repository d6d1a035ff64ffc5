"""What the import pages draw: columns in a readable order, bars with their widths, time left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.typography import NBSP, decimal, french, whole
from prospecting.importing.columns import FIELDS
from prospecting.importing.previewing import Preview, Shown
from prospecting.importing.reasons import notice, why
from prospecting.models import SetAsideRow

KINDS = {"created": "ink", "updated": "pale", "unchanged": "faint", "merged": "faint", "set_aside": "look"}


@dataclass(frozen=True, slots=True)
class Column:
    place: int
    header: str
    field: str


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    wrong: bool
    kept: bool  # no field of the contact: kept under its column's name


def columns_of(preview: Preview) -> list[Column]:
    """Those that become a field first, as a contact reads; then the others, as the file has them."""
    fields = {header: name for name, header in preview.mapping.items()}
    order = list(FIELDS)
    headers = preview.table.layout.headers
    columns = [Column(place, header, fields.get(header, "")) for place, header in enumerate(headers)]
    return sorted(columns, key=lambda column: order.index(column.field) if column.field else len(order))


def cells_of(row: Shown, columns: Sequence[Column]) -> list[Cell]:
    def text(column: Column) -> str:
        return row.cells[column.place][:120] if column.place < len(row.cells) else ""

    return [Cell(text(column), column.header in row.wrong, not column.field) for column in columns]


def drawn(rows: Sequence[Shown], columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [{"row": row, "why": why(row.reason), "cells": cells_of(row, columns)} for row in rows]


def stacked(counts: Mapping[str, int], total: int) -> list[dict[str, str]]:
    """The segments of one bar, in percent, a hair apart."""
    segments, x = [], 0.0
    for name, kind in KINDS.items():
        width = 100 * counts[name] / total if total else 0
        if width:
            segments.append({"kind": kind, "x": f"{x:.2f}%", "width": f"{max(width - 0.12, 0.1):.2f}%"})
        x += width
    return segments


def reasons_of(counts: Mapping[str, int], examples: Mapping[str, int]) -> list[dict[str, Any]]:
    """The most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"code": code, "count": n, "why": why(code), "row": examples.get(code)} for code, n in ordered]


def set_aside_of(rows: Iterable[SetAsideRow]) -> list[dict[str, Any]]:
    return [{"row": row, "why": why(row.reason)} for row in rows]


def notices_of(notices: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "sentence": notice(item["code"], item["count"])} for item in notices]


def size_of(octets: int) -> str:
    """`412 Ko`, `1,4 Mo`; in English `412 kB`, `1.4 MB`."""
    unit = "o" if french() else "B"
    if octets < 1_000_000:
        return f"{whole(max(1, round(octets / 1000)))}{NBSP}{'K' if french() else 'k'}{unit}"
    return f"{decimal(octets / 1_000_000)}{NBSP}M{unit}"
