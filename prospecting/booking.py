"""Appointments: a slot with a prospect, booked in the call that won it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid
from prospecting.models import Appointment, Call, Contact


@dataclass(frozen=True, slots=True)
class Slot:
    """When, how and where. `starts_at` is aware; `minutes` None means the mission's usual length."""

    starts_at: datetime
    kind: str
    place: str = ""
    minutes: int | None = None


@transaction.atomic
def book(*, call: Call, contact: Contact, slot: Slot, at: datetime) -> Appointment:
    """One appointment ahead per contact, held by the database too: a second one is kept as cancelled.

    Two agents win the same contact when the outcome of the first comes in late; the call is saved all the same.
    """
    if slot.kind not in Appointment.Kind.values:
        raise Invalid(
            "unknown_kind",
            _("Dites si le rendez-vous est sur place, au téléphone ou en visio."),
            field="appointment.kind",
        )
    minutes = slot.minutes or contact.mission.slot_minutes
    taken = Appointment.objects.filter(contact=contact, state__in=Appointment.AHEAD).exists()
    return Appointment.objects.create(
        organisation_id=contact.organisation_id,
        mission_id=contact.mission_id,
        contact=contact,
        engagement_id=call.engagement_id,
        call=call,
        kind=slot.kind,
        starts_at=slot.starts_at,
        ends_at=slot.starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        email=contact.email,
        place=slot.place or _address(contact, slot.kind),
        note=call.note,
        state=Appointment.State.CANCELLED if taken else Appointment.State.BOOKED,
        booked_at=at,
    )


def _address(contact: Contact, kind: str) -> str:
    if kind != Appointment.Kind.ON_SITE:
        return ""
    return ", ".join(part for part in (contact.address, f"{contact.postal_code} {contact.city}".strip()) if part)
