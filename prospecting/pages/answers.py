"""Behind the links of an appointment's e-mails: no account, and nothing changes before a button is pressed.

Mail scanners open every link: a GET only reads.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.errors import DecrocheError
from prospecting import calendars, links, moving
from prospecting.availability import free_slots
from prospecting.mailing import business_reader
from prospecting.models import Appointment
from prospecting.pages.moments import instant
from prospecting.pages.slot_days import slot_days
from prospecting.rules.territories import TERRITORIES

DAYS = 10
ACTS = ("oui", "non", "deplacer")


@never_cache
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    return _shown(request, token, "")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str, act: str) -> HttpResponse:
    """`oui` confirms, `non` declines, `deplacer` chooses another free slot."""
    if request.method != "POST" or act not in ACTS:
        return _shown(request, token, act)
    at = clock.now()
    appointment = links.appointment_behind(token, at)
    if appointment is None:
        return _gone(request)
    try:
        new = _answered(request, appointment, act, at)
    except DecrocheError as error:
        return _shown(request, token, act, refused=error)
    return redirect("appointment_link", links.token_of(new))


@never_cache
@require_GET
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """The appointment for the prospect's own calendar."""
    at = clock.now()
    appointment = links.appointment_behind(token, at)
    if appointment is None:
        return _gone(request)
    organizer = business_reader(appointment).email
    body = calendars.invitation(appointment, organizer=organizer, for_business=False, at=at)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


def _answered(request: HttpRequest, appointment: Appointment, act: str, at: datetime) -> Appointment:
    if act == "oui":
        return moving.confirm(appointment=appointment, actor=moving.PROSPECT, at=at)
    if act == "non":
        reason = request.POST.get("reason", "")
        return moving.cancel(appointment=appointment, actor=moving.PROSPECT, reason=reason, at=at)
    starts_at = instant(request.POST.get("starts_at", ""))
    return moving.move(appointment=appointment, starts_at=starts_at, actor=moving.PROSPECT, at=at)


def _shown(request: HttpRequest, token: str, act: str, refused: DecrocheError | None = None) -> HttpResponse:
    at = clock.now()
    appointment = links.appointment_behind(token, at)
    if appointment is None:
        return _gone(request)
    status = refused.status if refused else 200
    response = render(
        request, "prospecting/answer.html", _context(appointment, act, at) | {"refused": refused}, status=status
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def _context(appointment: Appointment, act: str, at: datetime) -> dict[str, Any]:
    contact = appointment.contact
    zone = TERRITORIES[contact.territory].zone.key
    open_ = appointment.state in Appointment.AHEAD and appointment.starts_at > at
    free = free_slots(
        appointment.mission, at, territory=contact.territory, minutes=appointment.minutes, leaving=appointment
    )
    return {
        "one": appointment,
        "token": links.token_of(appointment),
        "act": act,
        "open": open_,
        "zone": zone,
        "days": slot_days(free, zone, DAYS, but=appointment.starts_at) if open_ else [],
        "organisation": appointment.mission.organisation,
    }


def _gone(request: HttpRequest) -> HttpResponse:
    sentence = _("Ce lien n’est plus valable : l’heure du rendez-vous est passée, ou l’adresse est incomplète.")
    return render(request, "error.html", {"sentence": sentence}, status=410)
