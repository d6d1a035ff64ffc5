"""One row of a lead file becomes a draft of a contact, or is set aside with its column, value and reason."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stdnum.fr import siret as siret_numbers

from prospecting.importing.columns import PHONES, key
from prospecting.importing.phones import DO_NOT_CALL, EMPTY, FOREIGN, fold, read_phone

DECLINED = "declined_offers"  # the consent column says no
OPPOSED = "opposed"  # the business must never call this number again
SHAPE = "row_shape"  # more cells than the header has names: nobody knows which is which

# Longest text that each field of a contact holds; what is longer stays whole under its column's name.
LENGTHS = {
    "company": 200,
    "first_name": 120,
    "last_name": 120,
    "job_title": 160,
    "email": 254,
    "address": 300,
    "postal_code": 12,
    "city": 120,
    "siret": 14,
    "external_id": 120,
}
TEXT_FIELDS = tuple(LENGTHS)
NO = frozenset({"0", "non", "no", "n", "false", "faux", "-", "na", "n/a"})
FRENCH = frozenset(
    {"fr", "fra", "fx", "france", "francemetropolitaine", "33", "250", "gp", "guadeloupe", "mq", "martinique", "gf"}
    | {"guyane", "guyanefrancaise", "re", "reunion", "lareunion", "yt", "mayotte", "bl", "saintbarthelemy", "mf"}
    | {"saintmartin", "pm", "saintpierreetmiquelon", "dom", "dromcom", "outremer"}
)
INTERNATIONAL = re.compile(r"^\W*(?:\+|00)\s*\(?\s*(?:33|262|590|594|596|508)")
SCIENCE = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d+$")
LONGEST_VALUE = 500  # characters of a refused cell that are shown


@dataclass(slots=True)
class Draft:
    """What a row says. With a `reason` it is set aside, for what `column` says: `value`.

    `numbers` of a row that must not be called are kept: no other row may call them.
    """

    row_number: int
    numbers: tuple[str, ...] = ()
    phone_raw: str = ""
    reason: str = ""
    column: str = ""
    value: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    legal_form: str = ""


@dataclass(slots=True)
class Notices:
    """What a whole file loses without losing its rows, counted, with the first place where it was seen."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def add(self, code: str, row_number: int, column: str, value: str) -> None:
        self.counts[code] += 1
        self.first.setdefault(code, (row_number, column, value[:LONGEST_VALUE]))

    def as_list(self) -> list[dict[str, str | int]]:
        return [
            {"code": code, "count": count, "row": row, "column": column, "value": value}
            for code, count in sorted(self.counts.items())
            for row, column, value in [self.first[code]]
        ]


class RowReader:
    """Reads the rows of one file under one mapping. `notices` fill up on the way."""

    def __init__(self, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
        self.headers = list(headers)
        self.notices = Notices()
        self.places = {name: self.headers.index(header) for name, header in mapping.items()}
        self.phones = [(self.headers[self.places[name]], self.places[name]) for name in PHONES if name in self.places]
        self.texts = [(name, self.places[name]) for name in (*TEXT_FIELDS, "person") if name in self.places]
        used = set(self.places.values())
        self.kept = [(place, header) for place, header in enumerate(self.headers) if place not in used]

    def read(self, row_number: int, cells: Sequence[str]) -> Draft:
        draft = Draft(row_number)
        width = len(self.headers)
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            refuse(draft, SHAPE, "", " ".join(cells[width:]))
        if len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        self.read_phones(draft, cells)
        draft.columns |= {header: text for place, header in self.kept if (text := cells[place].strip())}
        for name, place in self.texts:
            if cell := cells[place]:
                self.read_text(draft, name, self.headers[place], " ".join(cell.split()))
        if (form := self.places.get("legal_form")) is not None and cells[form].strip():
            draft.legal_form = draft.columns[self.headers[form]] = cells[form].strip()
        self.read_wishes(draft, cells)
        return draft

    def read_phones(self, draft: Draft, cells: Sequence[str]) -> None:
        """The first usable number is the contact's; one cell that forbids calling forbids the row."""
        readings = [(header, cells[place], read_phone(cells[place])) for header, place in self.phones]
        draft.numbers = tuple(dict.fromkeys(number for *_, reading in readings for number in reading.numbers))
        refused = [item for item in readings if item[2].reason not in {"", EMPTY}]
        forbidden = [item for item in refused if item[2].reason == DO_NOT_CALL]
        if forbidden or not draft.numbers:
            header, cell, reading = (forbidden or refused or readings)[0]
            refuse(draft, reading.reason, header, cell)
            return
        for header, cell, _reading in refused:
            self.notices.add("phone_dropped", draft.row_number, header, cell)
            draft.columns[header] = cell
        draft.phone_raw = next(cell for _, cell, reading in readings if reading.numbers)[:200]
        self.check_country(draft, cells)

    def check_country(self, draft: Draft, cells: Sequence[str]) -> None:
        """A national number in a row of another country is that country's, not a French one."""
        place = self.places.get("country")
        country = key(cells[place]) if place is not None else ""
        if country and country not in FRENCH and not INTERNATIONAL.match(draft.phone_raw):
            refuse(draft, FOREIGN, self.headers[place or 0], cells[place or 0])

    def read_text(self, draft: Draft, name: str, header: str, text: str) -> None:
        if not text:
            return
        if name == "person":
            name = "last_name"
            if draft.fields.get(name):
                draft.columns[header] = text
                return
        value = self.checked(draft, name, header, text)
        if len(value) > LENGTHS[name]:
            self.notices.add("text_cut", draft.row_number, header, value)
            draft.columns[header] = text
        elif not value:
            draft.columns[header] = text
        draft.fields[name] = value[: LENGTHS[name]].rstrip()

    def checked(self, draft: Draft, name: str, header: str, text: str) -> str:
        """The field's value, or "" when the text is no such thing (it then stays under its column)."""
        if name == "siret":
            return self.siret(draft, header, text)
        if name == "postal_code":
            return postal_code(text)
        if name == "email":
            return text if "@" in text and " " not in text else ""
        return text

    def siret(self, draft: Draft, header: str, text: str) -> str:
        if SCIENCE.match(text):
            self.notices.add("siret_scientific", draft.row_number, header, text)
            return ""
        digits = re.sub(r"\D", "", text)
        number = digits.zfill(14) if len(digits) in {12, 13} else digits  # a spreadsheet took leading zeros
        if siret_numbers.is_valid(number):
            return number
        if len(digits) != 9:  # a SIREN names the company, not the place
            self.notices.add("siret_invalid", draft.row_number, header, text)
        return ""

    def read_wishes(self, draft: Draft, cells: Sequence[str]) -> None:
        """Columns in which a person, or their business, said what may be done with them: never ignored."""
        for name, place in self.places.items():
            if name not in {"do_not_call", "accepts_offers", "accepts_email"}:
                continue
            cell = cells[place].strip()
            says_no, header = fold(cell) in NO, self.headers[place]
            if cell:
                draft.columns[header] = cell
            if name == "do_not_call" and cell and not says_no:
                refuse(draft, DO_NOT_CALL, header, cell)
            elif name == "accepts_offers" and says_no:
                refuse(draft, DECLINED, header, cell)
            elif name == "accepts_email" and says_no and draft.fields.pop("email", ""):
                self.notices.add("email_withheld", draft.row_number, header, cell)


def refuse(draft: Draft, reason: str, column: str, value: str) -> None:
    """A wish not to be called outweighs any other reason; else the first reason stands."""
    if not draft.reason or (reason == DO_NOT_CALL and draft.reason != DO_NOT_CALL):
        draft.reason, draft.column, draft.value = reason, column[:200], value[:LONGEST_VALUE]


def postal_code(text: str) -> str:
    """With the zero that a spreadsheet took from 01000."""
    digits = text.replace(" ", "")
    return digits.zfill(5) if digits.isdigit() and len(digits) in {4, 5} else text
