"""Bases: recorded with their proof, read by the person through a token, withdrawn at once and everywhere."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Organisation
from prospecting.importing.reasons import why
from prospecting.models import Basis, Contact, LeadFile
from prospecting.objecting import Scope, number_hash, record
from prospecting.rules.bases import Stated, basis_problem, basis_until
from prospecting.rules.regimes import FR_B2C, regime

HELD_WITHOUT = ("no_basis", "unreviewed")  # what a new basis, or a review, frees a contact of
WITHDRAWAL = "withdrawal"


def proof_token() -> str:
    """256 random bits: the address of a proof is known to those who were given it."""
    return secrets.token_urlsafe(32)


@transaction.atomic
def record_basis(
    *, contact: Contact, stated: Stated, at: datetime, lead_file: LeadFile | None = None, row_number: int | None = None
) -> Basis:
    """Keep why this person may be called, and let the contact be called on it. Raises Invalid, naming the part."""
    rules = regime(FR_B2C.key, at)
    if contact.phone is None:
        raise Invalid("no_number", _("Cette fiche n’a pas de numéro."), field="contact")
    problem = basis_problem(stated, business=contact.organisation.name, rules=rules, at=at, territory=contact.territory)
    if problem or stated.collected_at is None:
        code, part = (problem.code, problem.part) if problem else ("basis_date_missing", "collected_at")
        said = _("%(what)s : %(advice)s.") % {"what": why(code).label, "advice": why(code).advice}
        raise Invalid(code, said[:1].upper() + said[1:], field=part)
    basis = Basis.objects.create(
        organisation=contact.organisation,
        contact=contact,
        lead_file=lead_file,
        row_number=row_number,
        number_hash=number_hash(contact.phone),
        kind=stated.kind,
        about=stated.about[:300],
        source=stated.source[:300],
        collected_at=stated.collected_at,
        until=basis_until(stated, rules=rules, territory=contact.territory),
        mentions=dict(stated.mentions),
        proof_token=proof_token(),
    )
    reopen(Contact.objects.filter(pk=contact.pk), at=at)
    return basis


def reopen(contacts: QuerySet[Contact], *, at: datetime) -> int:
    """Contacts that were held for want of a basis or a review wait again; the rules judge them when they are dealt."""
    held = contacts.filter(state=Contact.State.BLOCKED, blocked_reason__in=HELD_WITHOUT, phone__isnull=False)
    called = held.filter(attempts__gt=0).update(state=Contact.State.RETRY, next_at=at, blocked_reason="")
    return called + held.filter(attempts=0).update(state=Contact.State.FRESH, blocked_reason="")


@transaction.atomic
def withdraw_consent(*, organisation: Organisation, phone: str, at: datetime, by: str) -> None:
    """The person takes back what they agreed to, by voice or in writing: the business never calls them again."""
    _withdraw(organisation, {number_hash(phone): phone}, at, by)


@transaction.atomic
def withdraw_by_proof(*, basis: Basis, at: datetime) -> None:
    """The same from the page of the proof, where only the number's hash may be left. Twice is once."""
    held = Basis.objects.filter(organisation=basis.organisation, number_hash=basis.number_hash).order_by("pk")
    phones = held.filter(contact__phone__isnull=False).values_list("contact__phone", flat=True)
    known = next((phone for phone in phones if phone and number_hash(phone) == basis.number_hash), "")
    _withdraw(basis.organisation, {basis.number_hash: known}, at, "page")


def _withdraw(organisation: Organisation, numbers: dict[str, str], at: datetime, by: str) -> None:
    record(Scope(organisation), numbers, at=at, source=WITHDRAWAL)
    standing = Basis.objects.filter(organisation=organisation, number_hash__in=list(numbers), withdrawn_at=None)
    standing.update(withdrawn_at=at, withdrawn_by=by)


def proof(token: str) -> Basis | None:
    return Basis.objects.select_related("organisation", "contact").filter(proof_token=token).first()


def in_force(basis: Basis, at: datetime) -> bool:
    return basis.withdrawn_at is None and at < basis.until


def standing_bases(organisation: Organisation, hashes: list[str]) -> QuerySet[Basis]:
    """What the business holds of these numbers, the latest first."""
    return Basis.objects.filter(organisation=organisation, number_hash__in=hashes).order_by(F("collected_at").desc())
