"""Who calls for a mission: the proposals to answer, the engagements to manage."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import clock
from config.errors import DecrocheError
from marketplace import access, applying, engaging
from marketplace.models import Application


@login_required
def mission_team(request: HttpRequest, slug: str) -> HttpResponse:
    user = access.person(request)
    mission = access.mission_to_read(user, slug)
    applications = mission.applications.select_related("telemarketer")
    context = {
        "mission": mission,
        "may_write": access.may_write(user, mission.organisation_id),
        "waiting": applications.filter(state__in=Application.OPEN).order_by("submitted_at"),
        "decided": applications.exclude(state__in=Application.OPEN).order_by("-decided_at")[:50],
        "engagements": mission.engagements.select_related("telemarketer").order_by("state", "label"),
        "seats_left": applying.seats_left(mission),
    }
    return render(request, "marketplace/mission_team.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, public_id: UUID, verb: str) -> HttpResponse:
    """Accept, decline or shortlist, by the business; withdraw, by the telemarketer."""
    user = access.person(request)
    if verb == "withdraw":
        application = access.application_to_withdraw(user, public_id)
        act = applying.withdraw
    else:
        application = access.application_to_decide(user, public_id)
        act = getattr(applying, verb)
    more = {"reason": request.POST.get("reason", "")} if verb == "decline" else {}
    _tell(request, act, _DECIDED[verb], application=application, **more)
    return _back(request, reverse("mission", args=[application.mission.slug]))


@login_required
@require_POST
def change(request: HttpRequest, public_id: UUID, verb: str) -> HttpResponse:
    """Suspend, resume or end an engagement; the telemarketer may end their own."""
    user = access.person(request)
    find = access.engagement_to_end if verb == "end" else access.engagement_to_manage
    engagement = find(user, public_id)
    _tell(request, engaging.VERBS[verb], _CHANGED[verb], engagement=engagement)
    return _back(request, reverse("home"))


_DECIDED: dict[str, Callable[[], str]] = {
    "accept": lambda: _("L’engagement commence : cette personne peut appeler dès que la mission est en cours."),
    "decline": lambda: _("La candidature est refusée."),
    "shortlist": lambda: _("La candidature est retenue pour plus tard."),
    "withdraw": lambda: _("Votre candidature est retirée."),
}
_CHANGED: dict[str, Callable[[], str]] = {
    "suspend": lambda: _("L’engagement est suspendu : plus aucun appel jusqu’à sa reprise."),
    "resume": lambda: _("L’engagement reprend."),
    "end": lambda: _("L’engagement est terminé."),
}


def _tell(request: HttpRequest, act: Callable[..., Any], done: Callable[[], str], **arguments: Any) -> None:
    try:
        act(**arguments, at=clock.now())
        messages.success(request, done())
    except DecrocheError as error:
        messages.error(request, error.sentence)


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target) if target and safe else redirect(otherwise)
