"""A mission as a telemarketer reads it, and the proposal."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import clock
from config.errors import DecrocheError
from marketplace import access, applying
from marketplace.models import Application, Engagement, Mission, Telemarketer
from marketplace.pages.forms import ApplicationForm, amount, cents, tell
from marketplace.script import required_labels


def offer(request: HttpRequest, slug: str) -> HttpResponse:
    user = access.person(request)
    mission = access.mission_to_apply(user, slug)
    form = ApplicationForm(initial={"asked": amount(mission.pay_cents)})
    return _offer(request, mission, access.telemarketer_of(user), form)


@login_required
@require_POST
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    user = access.person(request)
    mission, telemarketer = access.mission_to_apply(user, slug), access.telemarketer_of(user)
    form = ApplicationForm(request.POST)
    if form.is_valid():
        asked, message = cents(form.cleaned_data["asked"]), form.cleaned_data["message"]
        try:
            applying.apply(
                mission=mission, telemarketer=telemarketer, message=message, asked_cents=asked, at=clock.now()
            )
            messages.success(request, _("Votre candidature est envoyée."))
            return redirect("mission", slug)
        except DecrocheError as error:
            tell(form, error)
    return _offer(request, mission, telemarketer, form, status=400)


def _offer(
    request: HttpRequest, mission: Mission, telemarketer: Telemarketer, form: ApplicationForm, status: int = 200
) -> HttpResponse:
    context = _standing(mission, telemarketer) | {
        "mission": mission,
        "form": form,
        "seats_left": applying.seats_left(mission),
        "required": required_labels(mission.script),
        "open": mission.state in Mission.OPEN,
    }
    return render(request, "marketplace/offer.html", context, status=status)


def _standing(mission: Mission, telemarketer: Telemarketer) -> dict[str, Any]:
    """Where this telemarketer stands with this mission: the open proposal, the engagement, or neither."""
    mine = Application.objects.filter(mission=mission, telemarketer=telemarketer)
    engaged = Engagement.objects.filter(mission=mission, telemarketer=telemarketer)
    return {
        "application": mine.filter(state__in=Application.OPEN).first(),
        "last": mine.order_by("-pk").first(),
        "engagement": engaged.exclude(state=Engagement.State.ENDED).first(),
    }
