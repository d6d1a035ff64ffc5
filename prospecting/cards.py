"""What an agent sees of the contact in hand: a card with a masked number, its history, its script, its countdown."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config import rows
from config.rows import Columns
from config.typography import masked
from marketplace.models import Mission
from prospecting.facts import decide
from prospecting.importing.columns import sounds_like_phone
from prospecting.importing.phones import fold, read_phone
from prospecting.models import Claim, Contact, Dial, LeadFile
from prospecting.reasons import sentence
from prospecting.rules.calling_rules import Decision
from prospecting.rules.territories import TERRITORIES

HISTORY = 8
HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class PastCall:
    at: datetime
    outcome: str
    note: str
    agent: str


@dataclass(frozen=True, slots=True)
class Card:
    """One contact in hand. `phone` is the whole number once dialled, masked before (`02 61 •• •• ••`).

    `calling_closes_at` is the end of the present opening, None when the law says no; `refusal` then says why.
    """

    claim: UUID
    expires_at: datetime
    contact: UUID
    company: str
    person: str
    job_title: str
    postal_code: str
    city: str
    address: str
    email: str
    local_time: datetime
    file: str
    legal_basis: str
    source_sentence: str
    columns: dict[str, str]
    also_at: list[dict[str, Any]]
    phone: str
    dialled_at: datetime | None
    attempts: int
    max_attempts: int
    calling_closes_at: datetime | None
    refusal: str
    history: list[PastCall]


CONTACT, LEAD_FILE, DIAL = Columns(Contact), Columns(LeadFile), Columns(Dial)
MISSION = Columns(Mission, "id", "organisation_id", "regime", "max_attempts", "time_zone")
DRAWN = f"""
SELECT {CONTACT.of("contact")}, {MISSION.of("mission")}, {LEAD_FILE.of("file")}, {DIAL.of("dial")}
FROM prospecting_contact contact
JOIN marketplace_mission mission ON mission.id = contact.mission_id
JOIN prospecting_leadfile file ON file.id = contact.lead_file_id
LEFT JOIN LATERAL (
  SELECT * FROM prospecting_dial WHERE claim_id_seen = %(claim)s AND allowed ORDER BY id LIMIT 1) dial ON true
WHERE contact.id = %(contact)s"""


def card(claim: Claim, at: datetime) -> Card:
    """In three queries, whatever the contact's history."""
    contact: Contact
    dialled: Dial | None
    found = rows.rows(DRAWN, {"contact": claim.contact_id, "claim": claim.public_id})[0]
    contact, contact.mission, contact.lead_file, dialled = rows.split(found, CONTACT, MISSION, LEAD_FILE, DIAL)
    decision = decide(contact, at)
    return Card(
        claim=claim.public_id,
        expires_at=claim.expires_at,
        contact=contact.public_id,
        company=contact.company,
        person=f"{contact.first_name} {contact.last_name}".strip(),
        job_title=contact.job_title,
        postal_code=contact.postal_code,
        city=contact.city,
        address=contact.address,
        email=contact.email,
        local_time=at.astimezone(TERRITORIES[contact.territory].zone),
        file=contact.lead_file.name,
        legal_basis=contact.lead_file.legal_basis,
        source_sentence=contact.lead_file.source_sentence,
        columns=contact.columns if dialled else without_numbers(contact.columns),
        also_at=contact.also_at if dialled else [_beside(row) for row in contact.also_at],
        phone=dialled.phone if dialled else masked(contact.phone),
        dialled_at=dialled.at if dialled else None,
        attempts=contact.attempts,
        max_attempts=contact.mission.max_attempts,
        calling_closes_at=decision.closes_at,
        refusal="" if dialled else _refusal(decision, at),
        history=_history(contact),
    )


def without_numbers(columns: dict[str, str]) -> dict[str, str]:
    """The file's columns with what could be dialled masked: a number shows once it is dialled, wherever it stands."""
    return {name: HIDDEN if _is_number(name, text) else text for name, text in columns.items()}


# Nine digits or more that begin as a French number does, wherever they stand in the text.
DIALLABLE = re.compile(r"(?<!\d)(?:\+|00|0|33)[\s\u00a0\u202f().\-/]*\d(?:[\s\u00a0\u202f().\-/]*\d){7,}")


def _is_number(name: str, text: str) -> bool:
    if DIALLABLE.search(text):
        return any(read_phone(found).numbers for found in DIALLABLE.findall(text))
    return (sounds_like_phone(name) or "fax" in fold(name)) and bool(read_phone(text).numbers)


def _beside(row: dict[str, Any]) -> dict[str, Any]:
    """Another row of the file, with the number that it had instead of the contact's masked as well."""
    hidden: dict[str, Any] = {"phone": masked(row["phone"])} if "phone" in row else {}
    return row | hidden | ({"columns": without_numbers(row["columns"])} if "columns" in row else {})


def _refusal(decision: Decision, at: datetime) -> str:
    return "" if decision.allowed else sentence(decision, at)


LIVE = """
SELECT c.started_at, c.outcome, c.note, e.label
FROM prospecting_call c JOIN marketplace_engagement e ON e.id = c.engagement_id
WHERE c.contact_id = %s AND NOT c.void AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = c.id)
ORDER BY c.started_at DESC, c.id DESC LIMIT %s"""


def _history(contact: Contact) -> list[PastCall]:
    return [PastCall(*row) for row in rows.rows(LIVE, [contact.pk, HISTORY])]
