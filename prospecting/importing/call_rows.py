"""One row of another tool's call log: who was called, by whom, when, how long, with what outcome."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from prospecting.importing.columns import NAMES as LEAD_NAMES
from prospecting.importing.columns import key, sounds_like_phone
from prospecting.importing.phones import read_phone

OUTCOME_UNKNOWN, STARTED_UNREADABLE, NUMBER_UNREADABLE = "outcome_unknown", "started_unreadable", "number_unreadable"

# What a log may say, by the words of its header as `columns.key` leaves them. A lone `contact` is no identifier.
NAMES = {
    "contact": "contactid idcontact externalid leadid vendorleadcode idfiche recordid numerofiche",
    "phone": LEAD_NAMES["phone"] + " calledphone calledphonenumber numeroappele destination calledto",
    "agent": "agent agentname teleprospecteur teleconseiller conseiller operateur operator nomagent caller",
    "started": "started startedat starttime calldate datetime dateheure dateappel datedelappel horodatage debut date",
    "time": "time heure heureappel calltime",
    "seconds": "seconds secondes duration duree dureeappel durationseconds talkdurationseconds callduration billsec",
    "calls": "calls appels nbappels nombredappels attempts tentatives dials",
    "outcome": "outcome resultat qualification disposition calloutcome resultatappel codequalification statutappel",
    "note": "note notes commentaire commentaires comment comments",
}
LOG_FIELDS = tuple(NAMES)
DAYS, CLOCKS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y"), ("", " %H:%M:%S", " %H:%M", " %Hh%M")
WRITTEN = tuple(day + hour for day in DAYS for hour in CLOCKS)
CLOCK = re.compile(r"^(?:(\d+)[:h])?(\d{1,2})[:m](\d{1,2})s?$")
NOON = time(12)


@dataclass(slots=True)
class LoggedRow:
    """`key` is the same for rows that speak of the same contact. With a `reason` the row is set aside."""

    row_number: int
    key: str = ""
    external_id: str = ""
    phone: str = ""
    phone_raw: str = ""
    agent: str = ""
    started_at: datetime | None = None
    seconds: int = 0
    dials: int = 1
    outcome: str = ""
    note: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    column: str = ""
    value: str = ""


def guess_log_mapping(headers: Sequence[str]) -> dict[str, str]:
    """{field: header} for what the header's words say; everything else is kept on the contact."""
    mapping: dict[str, str] = {}
    for name, words in NAMES.items():
        ranks = {word: rank for rank, word in enumerate(words.split())}
        found = [header for header in headers if key(header) in ranks and header not in mapping.values()]
        if found:
            mapping[name] = min(found, key=lambda header: ranks[key(header)])
    if "phone" not in mapping and (worded := [header for header in headers if sounds_like_phone(header)]):
        mapping["phone"] = worded[0]
    return mapping


class LogReader:
    """Reads the rows of one log. `codes` is {folded outcome text: code}; `unknown` counts the texts that it lacks."""

    def __init__(
        self, headers: Sequence[str], mapping: Mapping[str, str], codes: Mapping[str, str], zone: ZoneInfo, on: date
    ) -> None:
        self.headers = list(headers)
        self.places = {name: self.headers.index(header) for name, header in mapping.items()}
        used = set(self.places.values())
        self.kept = [(place, header) for place, header in enumerate(self.headers) if place not in used]
        self.codes, self.zone = codes, zone
        self.undated = datetime.combine(on, NOON, zone)
        self.unknown: Counter[str] = Counter()

    def read(self, row_number: int, cells: Sequence[str]) -> LoggedRow:
        cells = [*cells, *[""] * (len(self.headers) - len(cells))]
        said = {name: cells[place].strip() for name, place in self.places.items()}
        row = LoggedRow(row_number, agent=" ".join(said.get("agent", "").split())[:120], note=said.get("note", ""))
        row.columns = {header: cells[place].strip() for place, header in self.kept if cells[place].strip()}
        self.read_contact(row, said)
        self.read_outcome(row, said)
        self.read_moment(row, said)
        for name in ("seconds", "calls"):
            self.read_number(row, name, said.get(name, ""))
        return row

    def read_contact(self, row: LoggedRow, said: Mapping[str, str]) -> None:
        row.external_id, row.phone_raw = said.get("contact", "")[:120], said.get("phone", "")[:200]
        row.phone = next(iter(read_phone(row.phone_raw).numbers), "")
        named = row.external_id or row.phone or row.phone_raw
        kind = "id" if row.external_id else "phone"
        row.key = f"{kind}:{named}" if named else f"row:{row.row_number}"

    def read_outcome(self, row: LoggedRow, said: Mapping[str, str]) -> None:
        text = said["outcome"]
        row.outcome = self.codes.get(key(text) or text, "")
        if not row.outcome:
            self.unknown[text] += 1
            self.refuse(row, OUTCOME_UNKNOWN, "outcome", text)

    def read_moment(self, row: LoggedRow, said: Mapping[str, str]) -> None:
        if "started" not in self.places:
            row.started_at = self.undated
            return
        text = f"{said['started']} {said.get('time', '')}".strip()
        row.started_at = moment(text, self.zone)
        if row.started_at is None:
            self.refuse(row, STARTED_UNREADABLE, "started", text)

    def read_number(self, row: LoggedRow, name: str, text: str) -> None:
        least, attribute = (0, "seconds") if name == "seconds" else (1, "dials")
        value = whole(text) if text else least
        if value is None or value < least:
            self.refuse(row, NUMBER_UNREADABLE, name, text)
        else:
            setattr(row, attribute, value)

    def refuse(self, row: LoggedRow, reason: str, name: str, text: str) -> None:
        if not row.reason:
            row.reason, row.column, row.value = reason, self.headers[self.places[name]][:200], text[:500]


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """ISO 8601, or the French way; without an offset the clock is the mission's. A bare day is its noon."""
    found = next(filter(None, (read_moment(text, form) for form in ("", *WRITTEN))), None)
    if found and found.time() == time.min and len(text) <= 10:
        found = datetime.combine(found.date(), NOON)
    return found if found is None or found.tzinfo else found.replace(tzinfo=zone)


def read_moment(text: str, form: str) -> datetime | None:
    """`form` as strptime has it; "" is ISO 8601."""
    try:
        return datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 (the zone is the mission's)
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """A whole number, or a length as 1:12 or 00:01:12; None when it is neither."""
    if found := CLOCK.match(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return 3600 * hours + 60 * minutes + seconds
    plain = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    digits = re.sub(r"[.,]0+$", "", plain)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else None
