"""What an agent sees of the contact in hand: a card with a masked number, its history, its script, its countdown."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.typography import masked
from prospecting.facts import decide
from prospecting.importing.columns import sounds_like_phone
from prospecting.importing.phones import fold, read_phone
from prospecting.models import Call, Claim, Contact, Dial
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


def card(claim: Claim, at: datetime) -> Card:
    """In four queries, whatever the contact's history."""
    contact = Contact.objects.select_related("mission", "lead_file").get(pk=claim.contact_id)
    dialled = Dial.objects.filter(claim_id_seen=claim.public_id, allowed=True).first()
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
    return row | {"columns": without_numbers(row["columns"])} if "columns" in row else row


def _refusal(decision: Decision, at: datetime) -> str:
    return "" if decision.allowed else sentence(decision, at)


def _history(contact: Contact) -> list[PastCall]:
    calls = Call.objects.filter(contact=contact, void=False, corrected_by=None).order_by("-started_at", "-id")
    return [PastCall(*row) for row in calls.values_list("started_at", "outcome", "note", "engagement__label")[:HISTORY]]
