"""The live board of a business or of one mission, and the messages to the team."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from config.typography import duration, whole
from marketplace.access import may_write, person
from marketplace.models import Engagement, Mission
from prospecting import access, telling
from prospecting.models import TeamMessage
from prospecting.supervising import Alert, Board, board

MESSAGES_SHOWN = 5
PARIS = "Europe/Paris"  # where a day begins for the board of several missions


@dataclass(frozen=True, slots=True)
class Told:
    """An alert in words, with the page that mends it."""

    alert: Alert
    sentence: str


@login_required
@never_cache
@require_GET
def of_business(request: HttpRequest) -> HttpResponse:
    """All the missions that run."""
    missions = list(access.missions_read_by(request.user).filter(state__in=Mission.OPEN).order_by("title"))
    return _page(request, missions, PARIS, {})


@login_required
@never_cache
@require_GET
def of_mission(request: HttpRequest, slug: str) -> HttpResponse:
    mission = access.mission_to_read(request.user, slug)
    return _page(request, [mission], mission.time_zone, _team(request, mission))


def _page(request: HttpRequest, missions: list[Mission], zone: str, more: dict[str, Any]) -> HttpResponse:
    """The whole page, or only its moving part when htmx asks for it again."""
    seen = board(missions=missions, zone=zone, at=clock.now())
    context = {
        "board": seen,
        "sentence": _sentence(seen),
        "today": _today(seen),
        "alerts": _told(seen),
        "missions": missions,
        "zone": zone,
    }
    whole_page = "HX-Request" not in request.headers
    return render(request, f"prospecting/{'live' if whole_page else '_live_board'}.html", context | more)


def _team(request: HttpRequest, mission: Mission) -> dict[str, Any]:
    said = mission.team_messages.select_related("author").prefetch_related("reads__engagement")
    return {
        "mission": mission,
        "said": said.order_by("-at")[:MESSAGES_SHOWN],
        "may_write": may_write(person(request), mission.organisation_id),
        "now": clock.now(),
    }


@login_required
@require_POST
def tell(request: HttpRequest, slug: str) -> HttpResponse:
    mission = access.mission_to_write(request.user, slug)
    try:
        telling.tell_team(mission=mission, author=person(request), text=request.POST.get("text", ""), at=clock.now())
        messages.success(request, _("Message envoyé : chacun le lit dans son poste d’appel."))
    except DecrocheError as error:
        messages.error(request, error.sentence)
    return redirect("mission_live", slug=slug)


@login_required
@require_POST
def take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    message = access.team_message_to_write(request.user, public_id)
    telling.take_back(message=message, at=clock.now())
    return redirect("mission_live", slug=message.mission.slug)


@login_required
@never_cache
@require_GET
def messages_of_agent(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the cockpit asks for now and then: the messages not dismissed yet."""
    return _messages(request, access.engagement_to_call(request.user, public_id))


@login_required
@require_POST
def dismiss(request: HttpRequest, public_id: UUID, message_id: UUID) -> HttpResponse:
    engagement = access.engagement_to_call(request.user, public_id)
    message = access.only(TeamMessage.objects.filter(mission_id=engagement.mission_id), public_id=message_id)
    telling.dismiss(message=message, engagement=engagement, at=clock.now())
    return _messages(request, engagement)


def _messages(request: HttpRequest, engagement: Engagement) -> HttpResponse:
    unread = telling.unread(engagement=engagement, at=clock.now())
    return render(request, "prospecting/_team_messages.html", {"unread": unread, "engagement": engagement})


def _sentence(seen: Board) -> str:
    if not seen.here:
        return _("Personne n’appelle en ce moment.")
    return ngettext("%(n)s personne appelle en ce moment.", "%(n)s personnes appellent en ce moment.", seen.here) % {
        "n": whole(seen.here)
    }


def _today(seen: Board) -> str:
    counts = (
        ngettext("%(n)s appel", "%(n)s appels", seen.dials) % {"n": whole(seen.dials)},
        ngettext("%(n)s conversation", "%(n)s conversations", seen.reached) % {"n": whole(seen.reached)},
        ngettext("%(n)s conversion", "%(n)s conversions", seen.converted) % {"n": whole(seen.converted)},
    )
    return _("Aujourd’hui : %(counts)s.") % {"counts": ", ".join(counts)}


def _told(seen: Board) -> list[Told]:
    return [Told(alert, _words(alert)) for alert in seen.alerts]


def _words(alert: Alert) -> str:
    data = alert.data
    match alert.code:
        case "exhausted":
            return _("%(file)s : plus aucune fiche neuve.") % {"file": alert.about}
        case "exhausted_soon":
            lasts = duration(int(data["lasts"].total_seconds()))
            return _("%(file)s : épuisé dans %(lasts)s au rythme des deux dernières heures.") % {
                "file": alert.about,
                "lasts": lasts,
            }
        case "silence":
            return _("%(name)s : %(calls)s appels de suite sans joindre personne. Le fichier, ou l’heure ?") % {
                "name": alert.about,
                "calls": whole(data["calls"]),
            }
        case "overdue":
            return ngettext(
                "%(n)s rappel promis est en retard de plus de trente minutes.",
                "%(n)s rappels promis sont en retard de plus de trente minutes.",
                data["callbacks"],
            ) % {"n": whole(data["callbacks"])}
        case _:
            return _("%(wrong)s faux numéros sur les %(calls)s derniers appels.") % {
                "wrong": whole(data["wrong"]),
                "calls": whole(data["calls"]),
            }
