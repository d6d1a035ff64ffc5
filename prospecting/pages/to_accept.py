"""The business answers what was won for it: one at a time in front, or several at once; silence answers in the end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access
from prospecting.accepting import accept, contest
from prospecting.dossiers import dossier, with_evidence
from prospecting.fate import FATES
from prospecting.models import Acceptance

SHOWN = 100
State = Acceptance.State


@login_required
@require_GET
def to_accept(request: HttpRequest) -> HttpResponse:
    return render(request, "prospecting/to_accept.html", _context(request))


@login_required
@require_POST
def accept_some(request: HttpRequest) -> HttpResponse:
    """The ones ticked, or the one in front: all of them or none."""
    asked = request.POST.getlist("one")
    rows = access.acceptances_written_by(request.user).filter(public_id__in=_uuids(asked))
    try:
        done = accept(acceptances=rows, user=person(request), at=clock.now())
    except DecrocheError as error:
        return render(request, "prospecting/to_accept.html", _context(request, error=error), status=error.status)
    said = ngettext("%d accepté : c’est dû.", "%d acceptés : c’est dû.", len(done))
    messages.success(request, said % len(done)) if done else messages.error(request, _("Rien n’était coché."))
    return redirect("to_accept")


@login_required
@require_POST
def contest_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    acceptance = access.acceptance_to_write(request.user, public_id)
    reason, text = request.POST.get("reason", ""), request.POST.get("text", "")
    try:
        contest(acceptance=acceptance, reason=reason, text=text, user=person(request), at=clock.now())
    except DecrocheError as error:
        context = _context(request, front=public_id, error=error) | {"reason": reason, "text": text}
        return render(request, "prospecting/to_accept.html", context, status=error.status)
    messages.success(request, _("C’est contesté. Le téléprospecteur peut répondre ; l’opérateur tranchera."))
    return redirect("to_accept")


def _context(request: HttpRequest, front: UUID | None = None, error: DecrocheError | None = None) -> dict[str, Any]:
    """The queue in the order of its deadlines, one of them in front; and what waits for the operator."""
    found = with_evidence(access.acceptances_read_by(request.user))
    waiting = list(found.filter(state=State.PENDING).order_by("deadline_at", "pk")[:SHOWN])
    wanted = str(front or request.GET.get("fiche", ""))
    place = next((n for n, one in enumerate(waiting) if str(one.public_id) == wanted), 0)
    return {
        "waiting": waiting,
        "front": dossier(waiting[place]) if waiting else None,
        "before": waiting[place - 1] if place else None,
        "after": waiting[place + 1] if place + 1 < len(waiting) else None,
        "contested": found.filter(state=State.CONTESTED).order_by("contested_at")[:SHOWN],
        "may_write": access.missions_written_by(request.user).exists(),
        "reasons": Acceptance.Reason.choices,
        "fates": [fate for fate in FATES.values() if fate.key != "moved"],
        "at": clock.now(),
        "error": error,
    }


def _uuids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        return []
