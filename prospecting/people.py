"""A person's request about their data: found over all missions of a business, shown, taken out, erased, opposed.

Every step writes a line of the access log. Answers within a month (GDPR, articles 12, 15, 17 and 21).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Organisation, User
from prospecting.access_log import What, note_access
from prospecting.anonymising import anonymise
from prospecting.consenting import standing_bases
from prospecting.importing.phones import read_phone
from prospecting.models import Appointment, Basis, Call, Contact, LeadFile, Opposition, PersonRequest, SetAsideRow
from prospecting.objecting import number_hash, oppose
from prospecting.purging import delete_file

SHOWN = 20  # candidates of one search
SHORTEST = 3  # letters of a name
DETAILS = ("company", "first_name", "last_name", "job_title", "email", "address", "postal_code", "city", "siret")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a search found. `who` is their number, or a contact's id when there is none."""

    who: str
    name: str
    company: str
    contacts: int


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that a business holds of a person, over all its missions."""

    who: str
    phone: str
    number_hash: str
    contacts: list[Contact]
    calls: list[Call]
    appointments: list[Appointment]
    bases: list[Basis]
    opposed: bool
    set_aside: list[SetAsideRow]

    def counts(self) -> dict[str, int]:
        lists = ("contacts", "calls", "appointments", "bases", "set_aside")
        return {name: len(getattr(self, name)) for name in lists} | {"opposed": int(self.opposed)}

    @property
    def empty(self) -> bool:
        return not any(self.counts().values())


def search(*, organisation: Organisation, text: str, by: User, at: datetime) -> list[Candidate]:
    """By number, by e-mail, or by the letters of a name or a company. Raises Invalid when there is too little."""
    text = " ".join(text.split())
    numbers = read_phone(text).numbers
    if not numbers and len(text) < SHORTEST:
        raise Invalid("too_short", _("Donnez un numéro, une adresse e-mail, ou trois lettres d’un nom."), field="text")
    note_access(
        What.SEARCH,
        at=at,
        organisation=organisation,
        user=by,
        number_hash=number_hash(numbers[0]) if numbers else "",
        detail=_("par numéro") if numbers else _("par nom ou e-mail"),
    )
    if numbers:
        return [_candidate(numbers[0], list(_contacts(organisation, numbers[0])))]
    named = Q(email__iexact=text) | Q(company__icontains=text) | Q(last_name__icontains=text)
    found = Contact.objects.filter(named, organisation=organisation, anonymised_at=None).order_by("last_name", "pk")
    groups: dict[str, list[Contact]] = {}
    for contact in found[: SHOWN * 5]:
        groups.setdefault(contact.phone or str(contact.public_id), []).append(contact)
    return [_candidate(who, contacts) for who, contacts in list(groups.items())[:SHOWN]]


def _candidate(who: str, contacts: list[Contact]) -> Candidate:
    first = contacts[0] if contacts else Contact()
    return Candidate(who, f"{first.first_name} {first.last_name}".strip(), first.company, len(contacts))


def held_of(*, organisation: Organisation, who: str, by: User, at: datetime) -> Held:
    """Everything held of a person, read and logged."""
    held = _held(organisation, who)
    note_access(
        What.READ, at=at, organisation=organisation, user=by, number_hash=held.number_hash, detail=_said(held.counts())
    )
    return held


def export(*, organisation: Organisation, who: str, by: User, at: datetime) -> dict[str, Any]:
    """The copy that the person is entitled to, as plain values; answers a request for access."""
    held = _held(organisation, who)
    _answer(PersonRequest.Kind.ACCESS, organisation, held, by, at)
    note_access(What.EXPORT, at=at, organisation=organisation, user=by, number_hash=held.number_hash)
    return {
        "exported_at": at.isoformat(),
        "controller": organisation.name,
        "phone": held.phone or None,
        "opposed": held.opposed,
        "contacts": [_contact(contact) for contact in held.contacts],
        "calls": [_call(call) for call in held.calls],
        "appointments": [
            {"starts_at": one.starts_at.isoformat(), "state": one.state, "kind": one.kind, "note": one.note}
            for one in held.appointments
        ],
        "bases": [_basis(basis) for basis in held.bases],
        "set_aside_rows": [{"file": row.lead_file.name, "cells": row.cells} for row in held.set_aside],
    }


@transaction.atomic
def erase(
    *, organisation: Organisation, who: str, by: User, at: datetime, asked_on: date | None = None
) -> PersonRequest:
    """Anonymise now whatever is held; calls go on counting, an opposition and the proofs of a consent stay (hashed)."""
    held = _held(organisation, who)
    if held.empty:
        raise Refused("nothing_held", _("Rien n’est conservé sur cette personne."))
    anonymise([contact.pk for contact in held.contacts], at=at)
    SetAsideRow.objects.filter(pk__in=[row.pk for row in held.set_aside]).update(cells=[], value="")
    brought = {contact.lead_file_id for contact in held.contacts} | {row.lead_file_id for row in held.set_aside}
    for lead_file in LeadFile.objects.filter(pk__in=brought, state=LeadFile.State.LOADED).exclude(content=""):
        delete_file(lead_file, at)
    request = _answer(PersonRequest.Kind.ERASE, organisation, held, by, at, asked_on)
    note_access(
        What.ERASE, at=at, organisation=organisation, user=by, number_hash=held.number_hash, detail=_said(held.counts())
    )
    return request


def oppose_person(*, organisation: Organisation, who: str, by: User, at: datetime) -> bool:
    """Their opposition, asked by letter or e-mail. Needs the number: it is what is opposed."""
    if not who.startswith("+"):
        raise Refused("no_number", _("Sans numéro, il n’y a rien à opposer : aucun appel ne peut partir."))
    return oppose(organisation=organisation, phone=who, at=at, source="page")


def _held(organisation: Organisation, who: str) -> Held:
    contacts = list(_contacts(organisation, who))
    phone = who if who.startswith("+") else ""
    hashed = number_hash(phone) if phone else ""
    live = Call.objects.filter(contact__in=contacts, void=False).select_related("mission", "engagement")
    opposed = Opposition.objects.filter(Q(organisation=organisation) | Q(organisation=None), number_hash=hashed)
    return Held(
        who=who,
        phone=phone,
        number_hash=hashed,
        contacts=contacts,
        calls=list(live.order_by("started_at")),
        appointments=list(Appointment.objects.filter(contact__in=contacts).order_by("starts_at")),
        bases=list(standing_bases(organisation, [hashed])) if hashed else [],
        opposed=bool(hashed) and opposed.exists(),
        set_aside=list(_set_aside(organisation, phone)) if phone else [],
    )


def _contacts(organisation: Organisation, who: str) -> Iterable[Contact]:
    contacts = Contact.objects.filter(organisation=organisation, anonymised_at=None)
    contacts = contacts.select_related("mission", "lead_file").order_by("pk")
    if who.startswith("+"):
        return contacts.filter(Q(phone=who) | Q(other_phones__contains=[who]))
    try:
        return contacts.filter(public_id=UUID(who))
    except ValueError:
        raise Invalid("unknown_person", _("Cherchez d’abord la personne."), field="text") from None


# Rows set aside keep the number as it was written: found by its last nine digits, whatever stands between them.
DIGITS = Func(
    Cast("cells", TextField()), Value('[^0-9"]'), Value(""), Value("g"),
    function="regexp_replace", output_field=TextField(),
)  # fmt: skip


def _set_aside(organisation: Organisation, phone: str) -> Iterable[SetAsideRow]:
    rows = SetAsideRow.objects.filter(lead_file__organisation=organisation).select_related("lead_file")
    return rows.annotate(digits=DIGITS).filter(digits__contains=phone[-9:])[:200]


def _answer(
    kind: str, organisation: Organisation, held: Held, by: User, at: datetime, asked_on: date | None = None
) -> PersonRequest:
    return PersonRequest.objects.create(
        organisation=organisation,
        kind=kind,
        number_hash=held.number_hash,
        asked_on=asked_on or at.date(),
        answered_at=at,
        by=by,
        summary=held.counts(),
    )


def _said(counts: dict[str, int]) -> str:
    """`fiches 2, appels 5`, in the language of who did it."""
    words = {
        "contacts": _("fiches"),
        "calls": _("appels"),
        "appointments": _("rendez-vous"),
        "bases": _("bases légales"),
        "set_aside": _("lignes de côté"),
        "opposed": _("opposition"),
    }
    return ", ".join(f"{words[name]} {count}" for name, count in counts.items() if count)


def _contact(contact: Contact) -> dict[str, Any]:
    texts = {name: getattr(contact, name) for name in DETAILS}
    return texts | {
        "mission": contact.mission.title,
        "file": contact.lead_file.name,
        "source": contact.lead_file.source_sentence or contact.lead_file.supplier,
        "phones": [phone for phone in (contact.phone, *contact.other_phones) if phone],
        "columns": contact.columns,
        "rows_at_this_number": contact.also_at,
        "received_on": contact.lead_file.received_on and contact.lead_file.received_on.isoformat(),
    }


def _call(call: Call) -> dict[str, Any]:
    said = {name: getattr(call, name) for name in ("outcome", "reason", "note", "answers", "seconds")}
    return said | {"at": call.started_at.isoformat(), "mission": call.mission.title, "agent": call.engagement.label}


def _basis(basis: Basis) -> dict[str, Any]:
    told = {name: getattr(basis, name) for name in ("kind", "about", "source", "mentions")}
    dates = {name: getattr(basis, name) for name in ("collected_at", "until", "withdrawn_at")}
    return told | {name: value.isoformat() if value else None for name, value in dates.items()}
