"""For a mission's people: the dials that the rules refused, with their evidence; the contacts to be reviewed."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access
from prospecting.models import Dial
from prospecting.reasons import stored
from prospecting.reviewing import held_for_want_of_a_review, review_kind, to_review

SHOWN = 50


@login_required
@require_GET
def refused_dials(request: HttpRequest, slug: str) -> HttpResponse:
    """Why a dial was refused: the rule, its version, what it was decided on."""
    mission = access.mission_to_read(request.user, slug)
    refused = Dial.objects.filter(mission=mission, allowed=False).select_related("contact", "engagement")
    page = Paginator(refused.order_by("-at", "-pk"), SHOWN).get_page(request.GET.get("page"))
    rows = [{"dial": dial, "why": stored(dial.evidence, dial.at)} for dial in page]
    return render(request, "prospecting/refused_dials.html", {"mission": mission, "page": page, "rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, slug: str) -> HttpResponse:
    mission = access.mission_to_write(request.user, slug)
    wrong = ""
    if request.method == "POST":
        try:
            done = review_kind(
                mission=mission,
                contacts=_ids(request.POST.getlist("contacts")),
                kind=request.POST.get("kind", ""),
                why=request.POST.get("why", ""),
                by=person(request),
                at=clock.now(),
            )
            words = ngettext("%(count)d fiche vérifiée.", "%(count)d fiches vérifiées.", done)
            messages.success(request, words % {"count": done})
            return redirect("review_kinds", slug)
        except DecrocheError as error:
            wrong = error.sentence
    page = Paginator(to_review(mission), SHOWN).get_page(request.GET.get("page"))
    context = {
        "mission": mission,
        "page": page,
        "wrong": wrong,
        "why": request.POST.get("why", ""),
        "held": held_for_want_of_a_review(mission),
    }
    return render(request, "prospecting/review_kinds.html", context, status=400 if wrong else 200)


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise Http404 from None
