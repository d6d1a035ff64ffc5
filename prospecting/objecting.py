"""Oppositions: "never call again", for the whole business, at once and for good."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from marketplace.models import Mission, Organisation
from prospecting.models import Callback, Claim, Contact, Opposition

OPPOSED = "opposed"


def number_hash(phone: str) -> str:
    """HMAC-SHA-256 of the E.164 number under OPPOSITION_KEY, in hexadecimal: it outlives the person's erasure."""
    return hmac.new(settings.OPPOSITION_KEY.encode(), phone.encode(), hashlib.sha256).hexdigest()


def is_opposed(mission: Mission, phone: str) -> bool:
    """Whether the number may not be called for this mission: opposed to it, to its business or to the platform."""
    in_scope = Q(organisation=None) | Q(organisation_id=mission.organisation_id, mission=None) | Q(mission=mission)
    return Opposition.objects.filter(in_scope, number_hash=number_hash(phone)).exists()


def lock_number(organisation_id: int, phone: str) -> None:
    """Hold the number until the transaction ends: two agents of two missions must not both take its last attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [phone, organisation_id])


@transaction.atomic
def oppose(*, organisation: Organisation, phone: str, at: datetime, source: str) -> None:
    """Record the opposition and take the number out of every queue of the business in the same transaction.

    Saying it twice is the same as saying it once.
    """
    lock_number(organisation.pk, phone)
    Opposition.objects.bulk_create(
        [Opposition(organisation=organisation, number_hash=number_hash(phone), at=at, source=source)],
        ignore_conflicts=True,
    )
    withdraw(Contact.objects.filter(organisation=organisation, phone=phone), reason=OPPOSED)


def withdraw(contacts: QuerySet[Contact], *, reason: str) -> None:
    """Take contacts out of every queue at once: hands, retries and promises included. Call it in a transaction.

    The contacts first, as everywhere: an outcome being saved is waited for, and the promise it makes is seen.
    """
    contacts.filter(state__in=[*Contact.WAITING, Contact.State.IN_HAND]).update(
        state=Contact.State.BLOCKED, blocked_reason=reason, next_at=None, callback_for=None
    )
    Claim.objects.filter(contact__in=contacts).delete()
    Callback.objects.filter(contact__in=contacts, state=Callback.State.PROMISED).update(state=Callback.State.CANCELLED)
