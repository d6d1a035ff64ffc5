"""A mission's queue for its managers: where the contacts stand and why, and how they are dealt."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import may_write, person
from marketplace.models import Engagement, Mission
from prospecting import access
from prospecting.arranging import agents_at_work, give_to_all, known_columns, settle_queue, share_out
from prospecting.dealing import settings_of
from prospecting.explaining import explain, fresh_parts
from prospecting.models import LeadFile, Skip
from prospecting.pages.queue_form import Typed, column_choices
from prospecting.pages.waiting import bars, returns, standings, why_nothing


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file in the queue: how many fresh contacts it has left, its weight and its rank as typed, what is wrong."""

    file: LeadFile
    fresh: int
    weight: str
    position: str
    wrong: list[str]


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def mission_queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Every member reads it; owner and managers settle it."""
    if request.method != "POST":
        return _page(request, access.mission_to_read(request.user, slug))
    mission = access.mission_to_write(request.user, slug)
    typed = Typed.posted(request.POST, _files(mission))
    try:
        settled = settle_queue(mission=mission, wish=typed.wish())
    except DecrocheError as error:
        typed.wrong[error.field] = error.sentence
        return _page(request, mission, typed)
    sorting = _("File enregistrée ; les fiches se rangent dans la minute.")
    messages.success(request, sorting if settled.to_sort else _("File enregistrée."))
    return redirect("mission_queue", slug=slug)


@login_required
@require_POST
def mission_queue_split(request: HttpRequest, slug: str) -> HttpResponse:
    """Equal random parts, drawn anew; or, with `to_all`, the end of the parts."""
    mission = access.mission_to_write(request.user, slug)
    try:
        if "to_all" in request.POST:
            give_to_all(mission=mission)
            messages.success(request, _("Les fiches neuves reviennent à tous."))
        else:
            share_out(mission=mission)
            messages.success(request, _("Les fiches neuves se répartissent à parts égales, dans la minute."))
    except DecrocheError as error:
        return _page(request, mission, wrong={error.field: error.sentence})
    return redirect("mission_queue", slug=slug)


def _page(
    request: HttpRequest, mission: Mission, typed: Typed | None = None, wrong: dict[str, str] | None = None
) -> HttpResponse:
    at, files, settled = clock.now(), _files(mission), settings_of(mission)
    shown = typed or Typed.of(settled, files)
    shown.wrong.update(wrong or {})
    state = explain(mission=mission, at=at)
    by_file, by_agent = fresh_parts(mission)
    context = {
        "mission": mission,
        "may_write": may_write(person(request), mission.organisation_id),
        "queue": state,
        "nothing": ("", "") if state.ready else why_nothing(state, mission, at),
        "standings": standings(state, mission, at),
        "returns": returns(state, mission, at),
        "bars": bars(state.forecast, mission.time_zone),
        "typed": shown,
        "settled": settled,
        "files": [_line(file, by_file, shown) for file in files],
        "columns": column_choices(known_columns(mission)),
        "parts": _parts(mission, by_agent),
        "skips": _skips(mission),
    }
    return render(request, "prospecting/mission_queue.html", context, status=400 if shown.wrong else 200)


def _files(mission: Mission) -> list[LeadFile]:
    dealt = LeadFile.objects.filter(mission=mission, state=LeadFile.State.LOADED)
    return list(dealt.order_by("position", "pk"))


def _line(file: LeadFile, fresh: Counter[int], typed: Typed) -> FileLine:
    weight, position = typed.weights.get(file.public_id, (str(file.weight), str(file.position)))
    wrong = [typed.wrong[name] for name in _names(file.public_id) if name in typed.wrong]
    return FileLine(file, fresh[file.pk], weight, position, wrong)


def _names(public_id: UUID) -> tuple[str, str]:
    return f"weight-{public_id}", f"position-{public_id}"


def _parts(mission: Mission, by_agent: Counter[int]) -> list[tuple[Engagement, int]]:
    """The fresh contacts reserved for each agent at work."""
    agents = Engagement.objects.filter(pk__in=agents_at_work(mission)).order_by("label")
    return [(agent, by_agent[agent.pk]) for agent in agents]


def _skips(mission: Mission) -> list[dict[str, Any]]:
    """Why agents gave contacts back before dialling, the most frequent reason first."""
    rows = Skip.objects.filter(engagement__mission=mission).values("reason").annotate(n=Count("pk")).order_by("-n")
    return [{"reason": Skip.Reason(row["reason"]).label, "n": row["n"]} for row in rows]
