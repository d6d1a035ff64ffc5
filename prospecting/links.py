"""The link of an appointment's e-mails: signed, worthless after its hour, good without an account."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from prospecting.models import Appointment

OPEN_AFTER = timedelta(hours=1)  # somebody late may still read the address
SIGNER = Signer(salt="prospecting.appointment")


def token_of(appointment: Appointment) -> str:
    until = int((appointment.starts_at + OPEN_AFTER).timestamp())
    return SIGNER.sign(f"{appointment.public_id.hex}-{until:x}")


def link(appointment: Appointment, act: str = "") -> str:
    """The whole address; `act` is one of the doors of `appointment_answer`, or nothing."""
    path = reverse("appointment_answer", args=[token_of(appointment), act]) if act else ""
    return settings.PUBLIC_URL + (path or reverse("appointment_link", args=[token_of(appointment)]))


def page(appointment: Appointment) -> str:
    """The address of its page, for the members of the business."""
    return settings.PUBLIC_URL + reverse("appointment", args=[appointment.public_id])


def appointment_behind(token: str, at: datetime) -> Appointment | None:
    """The appointment behind a link, or the one it was moved to; nothing when the link is false or too old."""
    try:
        name, until = SIGNER.unsign(token).split("-")
        over = datetime.fromtimestamp(int(until, 16), UTC) < at
        public_id = UUID(hex=name)
    except (BadSignature, ValueError):
        return None
    return None if over else _current(Appointment.objects.filter(public_id=public_id).first())


def _current(appointment: Appointment | None) -> Appointment | None:
    while appointment is not None and appointment.moved_to is not None:
        appointment = appointment.moved_to
    return appointment
