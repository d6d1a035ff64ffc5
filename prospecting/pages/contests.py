"""The operator's desk: what is contested, and each with all its evidence on one page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access
from prospecting.accepting import rule
from prospecting.dossiers import dossier, with_evidence
from prospecting.models import Acceptance

SHOWN = 100


@login_required
@require_GET
def contests(request: HttpRequest) -> HttpResponse:
    """The oldest first: who waits longest is heard first; then those ruled lately."""
    found = access.contests(request.user).select_related("contact", "mission__organisation", "engagement")
    context = {
        "open": found.filter(state=Acceptance.State.CONTESTED).order_by("contested_at")[:SHOWN],
        "ruled": found.exclude(state=Acceptance.State.CONTESTED).order_by("-decided_at")[:SHOWN],
    }
    return render(request, "prospecting/contests.html", context)


@login_required
@require_GET
def contest(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, public_id)


@login_required
@require_POST
def rule_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    acceptance, text = access.contest_to_rule(request.user, public_id), request.POST.get("text", "")
    uphold = request.POST.get("ruling") == "upheld"
    try:
        ruled = rule(acceptance=acceptance, uphold=uphold, text=text, user=person(request), at=clock.now())
    except DecrocheError as error:
        return _page(request, public_id, error, text)
    messages.success(request, _("C’est tranché : %(state)s.") % {"state": ruled.get_state_display()})
    return redirect("contests")


def _page(request: HttpRequest, public_id: UUID, error: DecrocheError | None = None, text: str = "") -> HttpResponse:
    access.contest_to_rule(request.user, public_id)
    found = with_evidence(access.contests(request.user)).get(public_id=public_id)
    context = {"file": dossier(found), "error": error, "text": text, "at": clock.now()}
    return render(request, "prospecting/contest.html", context, status=error.status if error else 200)
