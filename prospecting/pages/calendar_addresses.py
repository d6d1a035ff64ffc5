"""The ICS addresses that calendars subscribe to: the secret in the address is the key, and nothing else is asked."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from config import clock
from prospecting import access, calendars
from prospecting.models import Agenda, Appointment, CalendarAddress

SHOWN = 1_000
BEFORE = timedelta(days=30)


@never_cache
@require_GET
def agenda_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """An agenda's appointments, from a month ago on; those that fell through are gone from it."""
    at = clock.now()
    agenda = Agenda.objects.filter(secret=secret).select_related("user").first()
    if agenda is None:
        raise Http404
    rows = agenda.appointments.filter(starts_at__gte=at - BEFORE).exclude(state__in=_GONE).order_by("starts_at")
    with override(agenda.user.language if agenda.user else "fr"):
        rows = rows.select_related("contact", "engagement", "mission__organisation")[:SHOWN]
        return _ics(calendars.agenda_feed(f"{agenda.name}, Décroche", rows, at))


@never_cache
@require_GET
def telemarketer_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A telemarketer's own appointments and promised callbacks, without any number."""
    at = clock.now()
    address = CalendarAddress.objects.filter(secret=secret, user__is_active=True).select_related("user").first()
    if address is None:
        raise Http404
    rows = access.own_appointments(address.user).filter(starts_at__gte=at - BEFORE).exclude(state__in=_GONE)
    with override(address.user.language):
        body = calendars.telemarketer_feed(
            f"{_('Mes rendez-vous')}, Décroche",
            rows.order_by("starts_at")[:SHOWN],
            access.callbacks_of(address.user).order_by("due_at")[:SHOWN],
            at,
        )
    return _ics(body)


_GONE = (Appointment.State.CANCELLED, Appointment.State.MOVED)


def _ics(body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response
