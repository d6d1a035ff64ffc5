"""One appointment of the business: where, with whom, its history, and what may still be done with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config import clock, typography
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access, moving
from prospecting.availability import free_slots
from prospecting.models import Appointment
from prospecting.pages.moments import instant
from prospecting.pages.slot_days import slot_days

DAYS = 15
ACTS = ("cancel", "move")


@dataclass(frozen=True, slots=True)
class Line:
    """One event, in words."""

    at: datetime
    what: str
    by: str
    detail: str


@login_required
@require_GET
def appointment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _shown(request, access.appointment_to_read(request.user, public_id))


@login_required
@require_POST
def act(request: HttpRequest, public_id: UUID, name: str) -> HttpResponse:
    """`cancel` or `move`, with a reason; moving one that fell through books it again."""
    if name not in ACTS:
        return _shown(request, access.appointment_to_read(request.user, public_id), status=404)
    one, at = access.appointment_to_write(request.user, public_id), clock.now()
    try:
        new = _done(request, one, name, at)
    except DecrocheError as error:
        return _shown(request, one, refused=error, refused_act=name, status=error.status)
    messages.success(request, _said(new, name))
    return redirect("appointment", new.public_id)


def _done(request: HttpRequest, one: Appointment, name: str, at: datetime) -> Appointment:
    actor = moving.Actor(Appointment.By.BUSINESS, person(request))
    reason = request.POST.get("reason", "")
    if name == "cancel":
        return moving.cancel(appointment=one, actor=actor, reason=reason, at=at)
    starts_at = instant(request.POST.get("starts_at", ""))
    new = moving.move(appointment=one, starts_at=starts_at, actor=actor, reason=reason, at=at)
    new.refresh_from_db(fields=["public_id"])
    return new


def _said(one: Appointment, name: str) -> str:
    if name == "cancel":
        return _("Le rendez-vous est annulé ; ceux qui l’avaient dans leur agenda sont prévenus.")
    return _("Le rendez-vous est pris pour %(when)s.") % {
        "when": typography.moment(one.starts_at, one.mission.time_zone)
    }


def _shown(
    request: HttpRequest,
    one: Appointment,
    refused: DecrocheError | None = None,
    refused_act: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _context(request, one) | {"refused": refused, "refused_act": refused_act, "typed": request.POST}
    return render(request, "prospecting/appointment.html", context, status=status)


def _context(request: HttpRequest, one: Appointment) -> dict[str, Any]:
    at, zone = clock.now(), one.mission.time_zone
    ahead = one.state in Appointment.AHEAD and one.starts_at > at
    again = one.state not in (*Appointment.AHEAD, Appointment.State.HELD) and one.moved_to is None
    writes = access.missions_written_by(request.user).filter(pk=one.mission_id).exists()
    free = []
    if writes and (ahead or again):
        free = free_slots(one.mission, at, territory=one.contact.territory, minutes=one.minutes, leaving=one)
    return {
        "one": one,
        "mission": one.mission,
        "ahead": ahead and writes,
        "again": again and writes,
        "days": slot_days(free, zone, DAYS, but=one.starts_at if ahead else None),
        "lines": [_line(event) for event in one.events.select_related("user").order_by("pk")],
    }


def _line(event: Any) -> Line:
    by = str(event.user) if event.user else str(event.get_by_display())
    return Line(event.at, _words(event.what, event.detail), by, event.detail.get("reason", ""))


def _words(what: str, detail: dict[str, Any]) -> str:
    to = {"prospect": _("le prospect"), "business": _("l’entreprise"), "agent": _("le téléprospecteur")}
    said = {
        "booked": _("pris"),
        "booked_again": _("repris à une autre heure"),
        "confirmed": _("confirmé"),
        "cancelled": _("annulé"),
        "moved": _("déplacé"),
        "clashed": _("l’heure n’était plus libre quand l’appel est arrivé"),
        "invited": _("invitation"),
        "clash": _("prévenu par e-mail"),
        "reminded": _("rappel par e-mail"),
        "fate": _("ce qu’il est devenu"),
    }.get(what, what)
    mailed = detail.get("to") in to and what in {"invited", "moved", "cancelled", "clash", "reminded"}
    if not mailed:
        return said
    mail = _("%(what)s, e-mail à %(to)s") % {"what": said, "to": to[detail["to"]]}
    return _("%(mail)s : adresse refusée") % {"mail": mail} if detail.get("refused") else mail
