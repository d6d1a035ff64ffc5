"""The cockpit: one screen to call from. It draws and reads; every change goes through the activities of the API."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import Refused
from marketplace.models import Engagement
from prospecting import access
from prospecting.explaining import explain
from prospecting.models import Claim
from prospecting.pages.desk import desk, in_hand, promised, today
from prospecting.pages.waiting import bars, returns, standings, why_nothing
from prospecting.queue import leave, next_contact


@login_required
@never_cache
@require_GET
def cockpit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole screen, with the contact in hand if there is one; the page then asks for the next by itself."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    return render(request, "prospecting/cockpit.html", _context(engagement, in_hand(engagement, at), at))


@login_required
@never_cache
@require_GET
def parts(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What changes from one contact to the next, for the contact in hand: after an undo."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    return _drawn("parts", _context(engagement, in_hand(engagement, at), at))


@login_required
@require_POST
def take_next(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the next contact in hand and draw it; without one, draw why."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    try:
        context = _context(engagement, next_contact(engagement=engagement, at=at), at)
    except Refused as refused:
        context = _context(engagement, None, at) | {"stopped": refused.sentence}
    return _drawn("parts", context)


@login_required
@never_cache
@require_GET
def queue(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How many contacts wait, and where the others stand: apart, since it counts the whole mission."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    return _drawn("queue", _queue(engagement, at) | {"engagement": engagement})


@login_required
@require_POST
def pause(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give the contact in hand back and leave: nobody is made to call. One being called waits for its outcome."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    if claim := in_hand(engagement, at):
        with suppress(Refused):
            leave(engagement=engagement, claim_id=claim.public_id, at=at)
    return redirect("callbacks")


def _drawn(part: str, context: dict[str, Any]) -> HttpResponse:
    """A piece of the page: without the frame around it, which would ask who is here at each contact."""
    return HttpResponse(render_to_string(f"prospecting/_cockpit_{part}.html", context))


def _context(engagement: Engagement, claim: Claim | None, at: datetime) -> dict[str, Any]:
    due_today, promises = promised(engagement, at)
    context = {
        "engagement": engagement,
        "mission": engagement.mission,
        "desk": desk(claim, engagement, at) if claim else None,
        "day": today(engagement, at),
        "due_today": due_today,
        "promises": promises,
        "words": words(),
    }
    return context if claim else context | _queue(engagement, at)


def _queue(engagement: Engagement, at: datetime) -> dict[str, Any]:
    mission = engagement.mission
    state = explain(mission=mission, engagement=engagement, at=at)
    return {
        "queue": state,
        "nothing": ("", "") if state.ready else why_nothing(state, mission, at),
        "standings": standings(state, mission, at),
        "returns": returns(state, mission, at),
        "bars": bars(state.forecast, mission.time_zone),
    }


def words() -> dict[str, str]:
    """What the page's own program says; {n} and the like are filled there."""
    return {
        "idle": _("Pas d’appel en cours"),
        "in_call": _("{time} en ligne"),
        "hang_up": _("raccrocher"),
        "resume": _("reprendre"),
        "hung_up": _("{time}, fini"),
        "after_call": _("Enregistrer et suivant, après l’appel"),
        "choose": _("Choisissez une qualification, de 0 à 9"),
        "save": _("Enregistrer et suivant"),
        "saving": _("Enregistrement…"),
        "missing": _("Il manque : {what}."),
        "no_hour": _("Cette heure ne se lit pas : écrivez 9 h 30, 9:30 ou 930."),
        "kept": _("{name} : gardé sur cet ordinateur"),
        "saved": _("{name}, {outcome} : enregistré"),
        "undone": _("{name} : annulé, la fiche est de nouveau à vous"),
        "waits_one": _("1 appel gardé ici, envoyé au retour."),
        "waits_many": _("{n} appels gardés ici, envoyés au retour."),
        "online": _("Connecté · 0 appel en attente d’envoi"),
        "sending": _("Envoi de {n} appel(s)…"),
        "offline": _("Hors ligne"),
        "offline_since": _("Hors ligne depuis {n} min"),
        "signed_out": _("Session fermée : reconnectez-vous dans un autre onglet, rien n’est perdu."),
        "no_dial_offline": _("Sans connexion, impossible d’appeler : la règle se vérifie au moment où vous appelez."),
        "lapsed": _("Cette fiche n’est plus dans vos mains ; la suivante vous attend."),
        "dial_first": _("Appelez d’abord : un résultat suit un appel."),
        "left": _("encore {n} s"),
        "answers": _("{n} sur {total}"),
        "refused_later": _("Un appel gardé a été refusé : {why}"),
    }
