"""A mission's script as it is read aloud: {merge} fields become what the file knows of the contact. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FIELD: Final = re.compile(r"\{\s*([^{}]+?)\s*\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `merged`: from the file or the mission. `missing`: a field that nothing fills, by its name."""

    text: str
    merged: bool = False
    missing: bool = False


def pieces(text: str, values: Mapping[str, str]) -> list[Piece]:
    """`Bonjour {contact}` with {"contact": "Mme Le Goff"} → `Bonjour `, `Mme Le Goff` merged. Case does not matter."""
    known = {name.casefold(): value for name, value in values.items()}
    return [piece for piece in _pieces(text, known) if piece.text]


def _pieces(text: str, known: Mapping[str, str]) -> Iterable[Piece]:
    end = 0
    for field in FIELD.finditer(text):
        yield Piece(text[end : field.start()])
        value = known.get(field[1].casefold(), "").strip()
        yield Piece(value or field[1], merged=bool(value), missing=not value)
        end = field.end()
    yield Piece(text[end:])
