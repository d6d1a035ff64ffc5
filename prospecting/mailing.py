"""Both sides of an appointment are told by e-mail: what changed in their calendars, and the day before.

An appointment whose `told_sequence` is behind its `sequence` is to be told: the row itself is the outbox, so nothing is
lost with a worker. Each person is written to once per change, which the history keeps.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from config import typography
from marketplace.models import Membership, User
from prospecting import calendars, links
from prospecting.booking import By, State, record
from prospecting.calling import UNDO_WITHIN
from prospecting.models import Appointment
from prospecting.rules.territories import TERRITORIES

SETTLED = UNDO_WITHIN + timedelta(seconds=3)  # an undone call leaves no mail
DAY_BEFORE, TOO_CLOSE = timedelta(hours=24), timedelta(hours=2)
AT_ONCE = 100
LOCK = 7_301  # the first half of the advisory lock of one appointment's mails

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is written to: "prospect", "business" or "agent"."""

    side: str
    email: str
    language: str


def to_tell(at: datetime) -> QuerySet[Appointment]:
    """Changed, past undoing, and of use to somebody still; one that moved is told with its successor."""
    behind = Appointment.objects.filter(told_sequence__lt=F("sequence"), booked_at__lte=at - SETTLED)
    useful = Q(ends_at__gt=at) | Q(cancelled_by=By.SYSTEM)
    return behind.filter(useful).exclude(state=State.MOVED).order_by("booked_at")


def to_remind(at: datetime) -> QuerySet[Appointment]:
    """Ahead within a day, and booked before that day: one just booked needs no reminder."""
    near = Appointment.objects.filter(state__in=Appointment.AHEAD, reminded_at=None, told_sequence__gte=0)
    near = near.filter(starts_at__lte=at + DAY_BEFORE, starts_at__gt=at + TOO_CLOSE)
    return near.filter(booked_at__lt=F("starts_at") - DAY_BEFORE).order_by("starts_at")


def tell_all(*, at: datetime) -> int:
    """Write to everybody who is to be told. A mail server that does not answer ends the round; the next one goes on."""
    return _round(to_tell(at), at, _tell)


def remind_all(*, at: datetime) -> int:
    return _round(to_remind(at), at, _remind)


Act = Callable[[Appointment, datetime, BaseEmailBackend], None]


def _round(rows: QuerySet[Appointment], at: datetime, act: Act) -> int:
    ids, done = list(rows.values_list("pk", flat=True)[:AT_ONCE]), 0
    if not ids:
        return 0
    try:
        with get_connection() as mail:
            for pk in ids:
                done += _alone_with(pk, rows, at, act, mail)
    except (OSError, SMTPException) as error:
        logger.warning("e-mail does not leave: %s", error)
    return done


def _alone_with(pk: int, rows: QuerySet[Appointment], at: datetime, act: Act, mail: BaseEmailBackend) -> bool:
    with _alone(pk) as alone:
        related = ("contact", "mission__organisation", "agenda__user", "engagement__telemarketer__user")
        appointment = rows.filter(pk=pk).select_related(*related).first() if alone else None
        if appointment is None:
            return False  # another worker has it, or it was told since
        act(appointment, at, mail)
        return True


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether this worker may write about this appointment now: no transaction stays open while a mail leaves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk % 2**31])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk % 2**31])


def _tell(appointment: Appointment, at: datetime, mail: BaseEmailBackend) -> None:
    what = _news(appointment)
    for reader in _readers(appointment, what):
        _write(appointment, reader, what, at, mail)
    rows = Appointment.objects.filter(pk=appointment.pk)
    if rows.filter(state=appointment.state, sequence=appointment.sequence).update(told_sequence=appointment.sequence):
        return
    # It changed while the mail left: what was told is no longer true, and one more change is to be told.
    rows.filter(sequence=appointment.sequence).update(sequence=F("sequence") + 1)
    rows.update(told_sequence=appointment.sequence)


def _remind(appointment: Appointment, at: datetime, mail: BaseEmailBackend) -> None:
    for reader in _readers(appointment, "reminded"):
        _write(appointment, reader, "reminded", at, mail)
    Appointment.objects.filter(pk=appointment.pk).update(reminded_at=at)


def _news(appointment: Appointment) -> str:
    if appointment.state in Appointment.AHEAD:
        return "moved" if appointment.calendar_uid else "invited"
    return "clash" if appointment.cancelled_by == By.SYSTEM else "cancelled"


def _readers(appointment: Appointment, what: str) -> list[Reader]:
    business = business_reader(appointment)
    if what == "clash":  # the prospect believes in an hour that was never free: people tell them, not a machine
        agent = appointment.engagement.telemarketer
        return [business, Reader("agent", agent.user.email, agent.user.language)] if agent else [business]
    return ([Reader("prospect", appointment.email, "fr")] if appointment.email else []) + [business]


def business_reader(appointment: Appointment) -> Reader:
    """The agenda's own address, else its person's, else the owner's."""
    agenda = appointment.agenda
    user = agenda.user if agenda else None
    if user is None or not user.is_active:
        owners = Membership.objects.filter(organisation_id=appointment.organisation_id, role=Membership.Role.OWNER)
        user = User.objects.filter(memberships__in=owners, is_active=True).order_by("memberships__since").first()
    email = (agenda.email if agenda else "") or (user.email if user else calendars.sender())
    return Reader("business", email, user.language if user else "fr")


def _write(appointment: Appointment, reader: Reader, what: str, at: datetime, mail: BaseEmailBackend) -> None:
    """One e-mail, unless the history says that it left already."""
    written = appointment.events.filter(what=what, detail__to=reader.side, detail__sequence=appointment.sequence)
    if written.exists():
        return
    with override(reader.language):
        message = _message(appointment, reader, what, at, mail)
    refused = ""
    try:
        message.send()
    except SMTPRecipientsRefused:
        refused = "refused"
    record(appointment, what, By.SYSTEM, at, to=reader.side, sequence=appointment.sequence, refused=refused)


def _message(
    appointment: Appointment, reader: Reader, what: str, at: datetime, mail: BaseEmailBackend
) -> EmailMultiAlternatives:
    organizer, for_business = business_reader(appointment).email, reader.side != "prospect"
    words = _words(appointment, reader, what)
    body = render_to_string("prospecting/email/appointment.txt", words)
    message = EmailMultiAlternatives(
        words["subject"],
        body,
        None,
        [reader.email],
        reply_to=[organizer] if not for_business else None,
        connection=mail,
    )
    if what in {"invited", "moved", "cancelled"}:
        calendar = calendars.invitation(appointment, organizer=organizer, for_business=for_business, at=at).decode()
        method = "CANCEL" if what == "cancelled" else "REQUEST"
        message.attach_alternative(calendar, f"text/calendar; method={method}")
        message.attach("rendez-vous.ics", calendar, "text/calendar")
    return message


def _words(appointment: Appointment, reader: Reader, what: str) -> dict[str, Any]:
    for_prospect = reader.side == "prospect"
    zone = TERRITORIES[appointment.contact.territory].zone.key if for_prospect else appointment.mission.time_zone
    other = appointment.mission.organisation.name if for_prospect else calendars.who(appointment.contact)
    when = typography.moment(appointment.starts_at, zone)
    subjects = {
        "invited": _("Rendez-vous avec %(who)s, %(when)s"),
        "moved": _("Rendez-vous déplacé avec %(who)s, %(when)s"),
        "cancelled": _("Rendez-vous annulé avec %(who)s, %(when)s"),
        "clash": _("À replacer : le rendez-vous avec %(who)s, %(when)s"),
        "reminded": _("Demain : rendez-vous avec %(who)s, %(when)s"),
    }
    subject = (subjects[what] % {"who": other, "when": when}).replace("\n", " ")
    words: dict[str, Any] = {
        "subject": subject,
        "what": what,
        "who": other,
        "when": when,
        "side": reader.side,
        "one": appointment,
    }
    if for_prospect and appointment.state in Appointment.AHEAD:
        words |= {
            name: links.link(appointment, act) for name, act in (("yes", "oui"), ("no", "non"), ("other", "deplacer"))
        }
    if reader.side == "business":
        words["page"] = links.page(appointment)
    return words
