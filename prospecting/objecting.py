"""Oppositions: "never call again", for a mission, a whole business or the platform; at once and for good."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Mission, Organisation
from prospecting.importing.phones import read_phone
from prospecting.models import Callback, Claim, Contact, Opposition, OppositionList

OPPOSED = "opposed"
# Numbers in their order, so that two lists never wait for each other crosswise.
LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended(phone, organisation_id)) FROM (
    SELECT DISTINCT organisation_id, phone FROM (
        SELECT organisation_id, phone FROM prospecting_contact WHERE phone = ANY(%(phones)s::text[])
        UNION ALL SELECT %(organisation)s::bigint, unnest(%(phones)s::text[])) AS known
    WHERE organisation_id = coalesce(%(organisation)s::bigint, organisation_id)
    ORDER BY organisation_id, phone) AS numbers"""
# HMAC-SHA-256 written out (RFC 2104): the same hash as number_hash, over many rows without taking them out.
HASH = "encode(sha256(%(outer)s || sha256(%(inner)s || convert_to({phone}, 'UTF8'))), 'hex')"
BLOCK = 64  # bytes of a block of SHA-256


@dataclass(frozen=True, slots=True)
class Scope:
    """How far an opposition reaches: the platform (neither), a business, or one mission of it."""

    organisation: Organisation | None = None
    mission: Mission | None = None

    def contacts(self, phones: list[str]) -> QuerySet[Contact]:
        contacts = Contact.objects.filter(phone__in=phones)
        if self.mission:
            return contacts.filter(mission=self.mission)
        return contacts.filter(organisation=self.organisation) if self.organisation else contacts


def number_hash(phone: str) -> str:
    """HMAC-SHA-256 of the E.164 number under OPPOSITION_KEY, in hexadecimal: it outlives the person's erasure."""
    return hmac.new(settings.OPPOSITION_KEY.encode(), phone.encode(), hashlib.sha256).hexdigest()


def hash_pads() -> dict[str, bytes]:
    """The two parameters of HASH: the key as HMAC pads it."""
    key = settings.OPPOSITION_KEY.encode()
    key = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return {"inner": bytes(byte ^ 0x36 for byte in key), "outer": bytes(byte ^ 0x5C for byte in key)}


def oppositions_to(mission: Mission) -> QuerySet[Opposition]:
    """Every opposition that keeps numbers out of this mission: to it, to its business, to the platform."""
    in_scope = Q(organisation=None) | Q(organisation_id=mission.organisation_id, mission=None) | Q(mission=mission)
    return Opposition.objects.filter(in_scope)


def is_opposed(mission: Mission, phone: str) -> bool:
    return oppositions_to(mission).filter(number_hash=number_hash(phone)).exists()


def lock_number(organisation_id: int, phone: str) -> None:
    """Hold the number until the transaction ends: two agents of two missions must not both take its last attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [phone, organisation_id])


def try_number(organisation_id: int, phone: str) -> bool:
    """Hold the number like `lock_number`, unless somebody has it: False then, without waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", [phone, organisation_id])
        return bool(cursor.fetchone()[0])


def phone_of(text: str) -> str:
    """The one E.164 number that a person typed. Raises Invalid, with the forms that are accepted."""
    reading = read_phone(text)
    if len(reading.numbers) != 1:
        raise Invalid(
            "phone",
            _("Ce numéro ne se lit pas : écrivez-le comme 01 99 00 12 34 ou +33199001234, un seul à la fois."),
            field="phone",
            reason=reading.reason or "several",
        )
    return reading.numbers[0]


def oppose(
    *, organisation: Organisation, phone: str, at: datetime, source: str, mission: Mission | None = None
) -> bool:
    """Record the opposition and take the number out of every queue it reaches in the same transaction.

    `mission`: to this one only. Saying it twice is the same as saying it once; whether it is new is returned.
    """
    return bool(record(Scope(organisation, mission), {number_hash(phone): phone}, at=at, source=source))


def oppose_everywhere(*, phone: str, at: datetime, source: str) -> bool:
    """The operator's: no business of the platform calls this number again."""
    return bool(record(Scope(), {number_hash(phone): phone}, at=at, source=source))


@transaction.atomic
def record(
    scope: Scope, numbers: Mapping[str, str], *, at: datetime, source: str, brought_by: OppositionList | None = None
) -> set[str]:
    """Oppose numbers, {hash: E.164, or "" when only the hash is left}; the hashes that were not opposed yet."""
    phones = [phone for phone in numbers.values() if phone]
    with connection.cursor() as cursor:
        organisation_id = scope.organisation.pk if scope.organisation else None
        cursor.execute(LOCK, {"phones": phones, "organisation": organisation_id})
    known = Opposition.objects.filter(
        organisation=scope.organisation, mission=scope.mission, number_hash__in=list(numbers)
    )
    new = set(numbers) - set(known.values_list("number_hash", flat=True))
    Opposition.objects.bulk_create(
        [
            Opposition(
                organisation=scope.organisation, mission=scope.mission, number_hash=one, at=at, source=source,
                brought_by=brought_by,
            )
            for one in numbers if one in new
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    withdraw(scope.contacts(phones), reason=OPPOSED)
    return new


def withdraw(contacts: QuerySet[Contact], *, reason: str) -> None:
    """Take contacts out of every queue at once: hands, retries and promises included. Call it in a transaction.

    The contacts first, as everywhere: an outcome being saved is waited for, and the promise it makes is seen.
    """
    contacts.filter(state__in=[*Contact.WAITING, Contact.State.IN_HAND]).update(
        state=Contact.State.BLOCKED, blocked_reason=reason, next_at=None, callback_for=None
    )
    Claim.objects.filter(contact__in=contacts).delete()
    Callback.objects.filter(contact__in=contacts, state=Callback.State.PROMISED).update(state=Callback.State.CANCELLED)
