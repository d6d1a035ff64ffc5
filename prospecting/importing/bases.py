"""The legal basis that a row of a file states, column by column: complete and valid, or the row stays aside.

A mission to private persons takes no row without one. In a mission to professionals a basis is kept where it is
valid; otherwise the row enters without it, and what the columns said stays with the contact. A person who answered no
stays aside everywhere. What no column tells may be said once for the whole file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final, Self

from django.db import connection

from marketplace.models import Mission
from prospecting.consenting import proof_token, reopen
from prospecting.importing.rows import Draft, refuse
from prospecting.models import Contact, LeadFile
from prospecting.objecting import number_hash
from prospecting.rules.bases import CONSENT, MENTIONS, Stated, basis_problem, basis_until
from prospecting.rules.regimes import FR_B2C, regime
from prospecting.rules.territories import PARIS, territory_of
from prospecting.rules.words import folded

# A part of what is stated → the field of the mapping that tells it.
PARTS: Final = {
    "kind": "basis",
    "collected_at": "consent_on",
    "about": "consent_about",
    "source": "consent_source",
    **{mention: f"consent_{mention}" for mention in MENTIONS},
}
KINDS: Final = {
    "consent": {"consentement", "accord", "consent", "opt-in", "optin"},
    "contract": {"contrat", "contrat en cours", "client", "contract"},
    "requested": {"rappel demande", "demande de rappel", "requested", "callback"},
}
FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\D+(\d{1,2})[:hH](\d{2}))?")

# A basis is one person's: it goes to the contact of its own row, never to others that share the number.
NEW: Final = """
INSERT INTO prospecting_basis (organisation_id, contact_id, lead_file_id, row_number, number_hash, kind, about, source,
                               collected_at, until, mentions, proof_token, withdrawn_by)
SELECT DISTINCT ON (c.id, s.basis->>'kind', s.basis->>'collected_at', s.basis->>'about')
       c.organisation_id, c.id, %(lead_file)s, s.row_number, s.basis->>'number_hash', s.basis->>'kind',
       s.basis->>'about', s.basis->>'source', (s.basis->>'collected_at')::timestamptz,
       (s.basis->>'until')::timestamptz, s.basis->'mentions', s.basis->>'proof_token', ''
FROM staged s JOIN judged j USING (row_number)
LEFT JOIN prospecting_contact made
  ON made.lead_file_id = %(lead_file)s AND made.row_number = j.home AND j.contact_id IS NULL
JOIN prospecting_contact c ON c.id = coalesce(j.contact_id, made.id)
WHERE s.reason = '' AND s.basis IS NOT NULL AND NOT EXISTS (
    SELECT FROM prospecting_basis b WHERE b.contact_id = c.id AND b.kind = s.basis->>'kind'
       AND b.collected_at = (s.basis->>'collected_at')::timestamptz AND b.about = s.basis->>'about')
RETURNING contact_id"""


@dataclass(frozen=True, slots=True)
class SaidOnce:
    """What a file says of the basis for every row, where no column does: its kind, {field of the mapping: text}."""

    kind: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lead_file: LeadFile) -> Self:
        kind = lead_file.legal_basis
        return cls(kind if kind in KINDS else "", lead_file.basis_texts)


NOTHING: Final = SaidOnce()


class BasisReader:
    """Reads the bases of one file's rows. `places` is {field: column}; cells are as long as the header."""

    def __init__(
        self,
        mission: Mission,
        headers: Sequence[str],
        places: Mapping[str, int],
        at: datetime,
        once: SaidOnce = NOTHING,
    ) -> None:
        self.headers, self.places, self.at, self.once = headers, places, at, once
        self.required = mission.regime == FR_B2C.key
        self.rules = regime(FR_B2C.key, at)
        self.business = mission.organisation.name
        self.stated = bool(once.kind) or any(name in places for name in PARTS.values())

    @property
    def needed(self) -> bool:
        return self.required or self.stated

    def read(self, draft: Draft, cells: Sequence[str]) -> dict[str, Any] | None:
        """The row's basis, as plain values for the database. Refuses the draft where one is required and missing."""
        if draft.reason or not draft.numbers:
            return None
        stated, territory = self.stated_in(cells), territory_of(draft.fields.get("postal_code", ""), draft.numbers[0])
        problem = basis_problem(stated, business=self.business, rules=self.rules, at=self.at, territory=territory)
        if problem and (self.required or problem.code == "consent_refused"):
            place = self.places.get(PARTS[problem.part])
            column, value = (self.headers[place], cells[place]) if place is not None else ("", "")
            refuse(draft, problem.code, column, value)
        if problem or stated.collected_at is None:
            self.keep_words(draft, cells)
            return None
        return {
            "number_hash": number_hash(draft.numbers[0]),
            "kind": stated.kind,
            "about": stated.about[:300],
            "source": stated.source[:300],
            "collected_at": stated.collected_at.isoformat(),
            "until": basis_until(stated, rules=self.rules, territory=territory).isoformat(),
            "mentions": dict(stated.mentions),
            "proof_token": proof_token(),
        }

    def stated_in(self, cells: Sequence[str]) -> Stated:
        said = {part: self.cell(name, cells) or self.once.texts.get(name, "") for part, name in PARTS.items()}
        said["answer"] = said["answer"] or self.cell("accepts_offers", cells)
        kind = said["kind"] and kind_in(said["kind"])
        return Stated(
            kind=kind or ("" if said["kind"] else self.once.kind or CONSENT),
            collected_at=day_in(said["collected_at"]),
            about=said["about"],
            source=said["source"],
            mentions={mention: said[mention] for mention in MENTIONS},
        )

    def keep_words(self, draft: Draft, cells: Sequence[str]) -> None:
        for name in PARTS.values():
            if text := self.cell(name, cells):
                draft.columns[self.headers[self.places[name]]] = text

    def cell(self, name: str, cells: Sequence[str]) -> str:
        place = self.places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""


def kind_in(text: str) -> str:
    words = folded(text)
    return next((kind for kind, known in KINDS.items() if words == kind or words in known), "")


def day_in(text: str) -> datetime | None:
    """2026-06-01, 2026-06-01T14:30, 01/06/2026 or 01/06/2026 14:30; without an hour the day's beginning in Paris."""
    try:
        if found := FRENCH_DAY.fullmatch(text):
            day, month, year, hour, minute = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, tzinfo=PARIS)
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else datetime.combine(read.date(), read.time() or time(), PARIS)


def write_bases(lead_file: LeadFile, at: datetime) -> None:
    """Keep the bases of the rows that entered; contacts that waited for one wait no longer."""
    with connection.cursor() as cursor:
        cursor.execute(NEW, {"lead_file": lead_file.pk})
        contacts = [contact_id for (contact_id,) in cursor.fetchall()]
    reopen(Contact.objects.filter(pk__in=contacts), at=at)
