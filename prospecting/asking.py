"""What became of it? The business is asked by e-mail the day after, and answers with one click, without signing in."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from config import typography
from marketplace.models import Membership, User
from prospecting.booking import By, record
from prospecting.fate import FATES
from prospecting.models import Appointment

SIGNER = Signer(salt="prospecting.fate")
OPEN_FOR = timedelta(days=60)
FORGOTTEN = timedelta(days=10)  # nobody is asked about what is so old
MORNING = 8  # the hour at which the day after begins, in the mission's zone
AT_ONCE = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """The appointment behind a link, and the member of the business it was written to."""

    appointment: Appointment
    user: User


def ask_all(*, at: datetime) -> int:
    """Write about every appointment of yesterday; how many e-mails left. Each is asked of once."""
    return sum(_ask(one, at) for one in due(at))


def due(at: datetime) -> list[Appointment]:
    """Over since yesterday at least, on the mission's own calendar, with no word from the business yet."""
    rows = Appointment.objects.filter(state__in=Appointment.AHEAD, fate_asked_at=None, fate_by_business="")
    rows = rows.filter(ends_at__range=(at - FORGOTTEN, at - timedelta(hours=MORNING)))
    found = rows.select_related("contact", "mission__organisation", "engagement", "agenda__user").order_by("ends_at")
    return [one for one in found[:AT_ONCE] if _is_the_day_after(one, at)]


def _is_the_day_after(appointment: Appointment, at: datetime) -> bool:
    zone = ZoneInfo(appointment.mission.time_zone)
    here = at.astimezone(zone)
    return here.hour >= MORNING and appointment.ends_at.astimezone(zone).date() < here.date()


def _ask(appointment: Appointment, at: datetime) -> int:
    """Taken first, so that two workers do not both write; given back when no e-mail could leave."""
    mine = Appointment.objects.filter(pk=appointment.pk, fate_asked_at=None)
    with transaction.atomic():
        if not mine.update(fate_asked_at=at):
            return 0
    written = 0
    for reader in readers(appointment):
        try:
            written += _write(appointment, reader)
        except (OSError, SMTPException) as error:
            logger.warning("the question about %s does not leave: %s", appointment.public_id, error)
    if written:
        record(appointment, "fate_asked", By.SYSTEM, at, readers=written)
    else:
        Appointment.objects.filter(pk=appointment.pk).update(fate_asked_at=None)
    return written


def readers(appointment: Appointment) -> list[User]:
    """Whoever received the prospect, if the agenda is somebody's; else those who act for the business."""
    writers = Membership.objects.filter(organisation_id=appointment.organisation_id, role__in=Membership.WRITERS)
    agenda = appointment.agenda
    if agenda and agenda.user_id and writers.filter(user_id=agenda.user_id, user__is_active=True).exists():
        return [agenda.user] if agenda.user else []
    return list(User.objects.filter(memberships__in=writers, is_active=True).order_by("pk"))


def token(appointment: Appointment, user: User) -> str:
    until = int((appointment.ends_at + OPEN_FOR).timestamp())
    return SIGNER.sign(f"{appointment.public_id.hex}-{user.public_id.hex}-{until:x}")


def behind(signed: str, at: datetime) -> Asked | None:
    """Nothing when the link is false or too old, or when the person no longer acts for the business."""
    try:
        name, person, until = SIGNER.unsign(signed).split("-")
        over = datetime.fromtimestamp(int(until, 16), UTC) < at
        keys = UUID(hex=name), UUID(hex=person)
    except (BadSignature, ValueError):
        return None
    if over:
        return None
    related = ("contact", "mission__organisation", "engagement")
    appointment = Appointment.objects.filter(public_id=keys[0]).select_related(*related).first()
    if appointment is None:
        return None
    writers = Membership.objects.filter(organisation_id=appointment.organisation_id, role__in=Membership.WRITERS)
    user = User.objects.filter(public_id=keys[1], memberships__in=writers, is_active=True).first()
    return Asked(appointment, user) if user else None


def link(appointment: Appointment, user: User, fate: str) -> str:
    return settings.PUBLIC_URL + reverse("fate", args=[token(appointment, user), fate])


def _write(appointment: Appointment, reader: User) -> int:
    with override(reader.language):
        when = typography.moment(appointment.starts_at, appointment.mission.time_zone)
        contact = appointment.contact
        who = contact.company or f"{contact.first_name} {contact.last_name}".strip()
        choices = [(fate.label, link(appointment, reader, fate.key)) for fate in FATES.values()]
        words = {"one": appointment, "who": who, "when": when, "choices": choices}
        body = render_to_string("prospecting/email/fate.txt", words)
        subject = _("Ce rendez-vous a-t-il eu lieu ? %(who)s, %(when)s") % {"who": who, "when": when}
        return send_mail(subject.replace("\n", " "), body, None, [reader.email])
