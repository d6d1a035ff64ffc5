"""A business posts missions and leads them; a telemarketer looks through them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import clock
from config.errors import DecrocheError
from marketplace import access, posting
from marketplace.applying import seats_left
from marketplace.market import by_state, search, with_seats
from marketplace.models import Mission
from marketplace.pages.forms import MissionForm, SearchForm, tell
from marketplace.pages.offers import offer
from marketplace.script import PROPOSED

SHOWN = 100


@login_required
def missions(request: HttpRequest) -> HttpResponse:
    user = access.person(request)
    if access.membership_of(user) is None:
        return _market(request)
    rows = by_state(with_seats(access.missions_of(user)))
    may_write = access.may_write(user, access.organisation_of(user).pk)
    return render(request, "marketplace/missions.html", {"missions": rows, "may_write": may_write})


def _market(request: HttpRequest) -> HttpResponse:
    user = access.person(request)
    access.telemarketer_of(user)
    form = SearchForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    found = search(access.missions_on_offer(user), **asked)
    context = {"form": form, "missions": found[:SHOWN], "count": found.count(), "narrowed": any(asked.values())}
    return render(request, "marketplace/market.html", context)


@login_required
def mission_new(request: HttpRequest) -> HttpResponse:
    organisation = access.organisation_to_write(access.person(request))
    blank = Mission(organisation=organisation, script=[dict(block) for block in PROPOSED])
    form = MissionForm(request.POST or None, mission=blank)
    if request.method == "POST" and form.is_valid():
        try:
            mission = posting.create_mission(organisation=organisation, **form.for_activity())
            return redirect("mission", mission.slug)
        except DecrocheError as error:
            tell(form, error)
    status = 400 if form.errors else 200
    return render(request, "marketplace/mission_form.html", {"form": form}, status=status)


@login_required
def mission_edit(request: HttpRequest, slug: str) -> HttpResponse:
    mission = access.mission_to_write(access.person(request), slug)
    form = MissionForm(request.POST or None, mission=mission)
    if request.method == "POST" and form.is_valid():
        try:
            posting.update_mission(mission=mission, **form.for_activity())
            messages.success(request, _("La mission est enregistrée."))
            return redirect("mission", mission.slug)
        except DecrocheError as error:
            tell(form, error)
    status = 400 if form.errors else 200
    return render(request, "marketplace/mission_form.html", {"form": form, "mission": mission}, status=status)


@login_required
def mission(request: HttpRequest, slug: str) -> HttpResponse:
    """One address for both sides: the business reads its conditions, a telemarketer the offer."""
    user = access.person(request)
    try:
        mission = access.mission_to_read(user, slug)
    except Http404:
        return offer(request, slug)
    may_write = access.may_write(user, mission.organisation_id)
    context = {
        "mission": mission,
        "may_write": may_write,
        "reasons": posting.reasons_against(mission) if mission.state == Mission.State.DRAFT else [],
        "verbs": posting.verbs_open_to(mission) if may_write else [],
        "seats_left": seats_left(mission),
    }
    return render(request, "marketplace/mission_terms.html", context)


@login_required
def mission_script(request: HttpRequest, slug: str) -> HttpResponse:
    user = access.person(request)
    mission = access.mission_to_read(user, slug)
    context = {"mission": mission, "may_write": access.may_write(user, mission.organisation_id)}
    return render(request, "marketplace/mission_script.html", context)


@login_required
@require_POST
def mission_state(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Publish, start, pause or close; a refusal is told on the mission's page."""
    mission = access.mission_to_write(access.person(request), slug)
    try:
        moved = posting.VERBS[verb](mission=mission, at=clock.now())
        messages.success(request, _("La mission est maintenant « %(state)s ».") % {"state": moved.get_state_display()})
    except DecrocheError as error:
        messages.error(request, error.sentence)
    return redirect("mission", slug)
