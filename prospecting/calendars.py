"""Appointments as calendars read them (RFC 5545, RFC 5546): in an e-mail, and at an address to subscribe to."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from config import typography
from prospecting.models import Appointment, Callback, Contact

OURS = "@decroche"  # ends the UID of everything that we tell calendars
PRODUCT = "-//Décroche//Décroche//FR"
WARNED = timedelta(hours=1)
CALLBACK_LASTS = timedelta(minutes=15)


def invitation(appointment: Appointment, *, organizer: str, for_business: bool, at: datetime) -> bytes:
    """METHOD:REQUEST for one ahead, METHOD:CANCEL for one that no longer stands. Times are UTC."""
    stands = appointment.state in Appointment.AHEAD
    calendar = _calendar()
    calendar.add("method", "REQUEST" if stands else "CANCEL")
    event = _event(appointment, at, title=_title(appointment, for_business))
    event.add("organizer", _address(organizer, appointment.mission.organisation.name, role="CHAIR"))
    confirmed = appointment.state == Appointment.State.CONFIRMED
    if appointment.email:
        event.add(
            "attendee", _attendee(appointment.email, person(appointment.contact), accepted=confirmed), encode=False
        )
    event.add("attendee", _attendee(organizer, appointment.mission.organisation.name, accepted=True), encode=False)
    event.add("description", _description(appointment, for_business))
    if stands:
        event.add_component(_alarm(_title(appointment, for_business)))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def agenda_feed(name: str, appointments: Iterable[Appointment], at: datetime) -> bytes:
    """What an agenda's own secret address answers: its appointments with whom to meet and how to reach them."""
    calendar = _calendar(name)
    for one in appointments:
        event = _event(one, at, title=_title(one, True))
        event.add("description", _description(one, True))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def telemarketer_feed(
    name: str, appointments: Iterable[Appointment], callbacks: Iterable[Callback], at: datetime
) -> bytes:
    """A telemarketer's own appointments and promised callbacks: never a number, nor where to go."""
    calendar = _calendar(name)
    for one in appointments:
        event = _event(one, at, title=f"{_('Rendez-vous')}, {shown(one)}", place=False)
        calendar.add_component(event)
    for promise in callbacks:
        calendar.add_component(_callback(promise, at))
    return bytes(calendar.to_ical())


def shown(appointment: Appointment) -> str:
    """With whom, as far as the one who booked it may read: nothing more once the engagement has ended."""
    if appointment.engagement.state == "ended":
        return appointment.mission.title
    return who(appointment.contact)


def person(contact: Contact) -> str:
    return f"{contact.first_name} {contact.last_name}".strip()


def who(contact: Contact) -> str:
    return ", ".join(part for part in (contact.company, person(contact)) if part) or _("la fiche")


def _calendar(name: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if name:
        calendar.add("x-wr-calname", name)
    return calendar


def _event(appointment: Appointment, at: datetime, *, title: str, place: bool = True) -> Event:
    event = Event()
    event.add("uid", f"{appointment.uid}{OURS}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", title)
    if place and appointment.place:
        event.add("location", appointment.place)
    event.add("status", "CONFIRMED" if appointment.state in Appointment.AHEAD else "CANCELLED")
    return event


def _callback(promise: Callback, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{promise.public_id}{OURS}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", promise.due_at.astimezone(UTC))
    event.add("dtend", (promise.due_at + CALLBACK_LASTS).astimezone(UTC))
    event.add("summary", f"{_('Rappel')}, {who(promise.contact)}")
    event.add("transp", "TRANSPARENT")
    return event


def _title(appointment: Appointment, for_business: bool) -> str:
    other = who(appointment.contact) if for_business else appointment.mission.organisation.name
    return f"{_('Rendez-vous')}, {other}"


def _description(appointment: Appointment, for_business: bool) -> str:
    if not for_business:
        return str(appointment.get_kind_display()).capitalize()
    contact = appointment.contact
    lines = [
        str(appointment.get_kind_display()).capitalize(),
        person(contact) + (f", {contact.job_title}" if contact.job_title else ""),
        typography.phone(contact.phone) if contact.phone else "",
        appointment.email,
        appointment.note,
        f"{appointment.mission.title}, {appointment.engagement.label}",
    ]
    return "\n".join(line for line in lines if line.strip(", "))


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -WARNED)
    return alarm


def _address(email: str, name: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{parseaddr(email)[1] or email}")
    for key, value in {"CN": name, **parameters}.items():
        if value:
            address.params[key] = value
    return address


def _attendee(email: str, name: str, *, accepted: bool) -> vCalAddress:
    status = "ACCEPTED" if accepted else "NEEDS-ACTION"
    return _address(email, name, ROLE="REQ-PARTICIPANT", PARTSTAT=status, RSVP="FALSE" if accepted else "TRUE")


def sender() -> str:
    """Our own address, for a business that has left none."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
