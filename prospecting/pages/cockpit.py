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
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from config import clock
from config.errors import Refused
from marketplace.models import Engagement, User
from prospecting import access
from prospecting.api.serializers import CallIn
from prospecting.calling import log_call
from prospecting.explaining import explain
from prospecting.key_choices import ACTIONS, keys_of
from prospecting.models import Call, Claim, Skip
from prospecting.pages.desk import desk, in_hand, promised, today
from prospecting.pages.waiting import bars, returns, standings, why_nothing
from prospecting.queue import leave, next_contact


@login_required
@never_cache
@require_GET
def cockpit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole screen, with the contact in hand if there is one; the page then asks for the next by itself."""
    at, engagement = clock.now(), access.engagement_to_call(request.user, public_id)
    context = (
        _context(engagement, in_hand(engagement, at), at)
        | _hands(access.telemarketer_to_call(request.user))
        | {"now": at.isoformat()}
    )
    return render(request, "prospecting/cockpit.html", context)


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
    return HttpResponse(_next(engagement, at))


@extend_schema(exclude=True)
@api_view(["POST"])
def save(request: Request, public_id: UUID) -> Response:
    """Save the call on the desk and draw the next contact, in one answer. `parts` is null once the engagement ended."""
    body = CallIn(data=request.data)
    body.is_valid(raise_exception=True)
    at, engagement = clock.now(), access.engagement_to_log(request.user, public_id)
    call, made = log_call(
        engagement=engagement,
        claim_id=body.validated_data["claim"],
        said=body.said(),
        at=at,
        source=Call.Source.COCKPIT,
    )
    parts = None if engagement.state == Engagement.State.ENDED else _next(engagement, at)
    return Response({"call": {"id": call.public_id}, "parts": parts}, status=201 if made else 200)


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


def _next(engagement: Engagement, at: datetime) -> str:
    try:
        context = _context(engagement, next_contact(engagement=engagement, at=at), at)
    except Refused as refused:
        context = _context(engagement, None, at) | {"stopped": refused.sentence}
    return render_to_string("prospecting/_cockpit_parts.html", context)


def _drawn(part: str, context: dict[str, Any]) -> HttpResponse:
    """A piece of the page: without the frame around it, which would ask who is here at each contact."""
    return HttpResponse(render_to_string(f"prospecting/_cockpit_{part}.html", context))


def _context(engagement: Engagement, claim: Claim | None, at: datetime) -> dict[str, Any]:
    due_today, promises = promised(engagement, at)
    held = desk(claim, engagement, at) if claim else None
    context = {
        "engagement": engagement,
        "mission": engagement.mission,
        "desk": held,
        "day": today(engagement, at, on_the_line=bool(held and held.dial)),
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


def _hands(user: User) -> dict[str, Any]:
    """This person's keys: for the page's own program, and for its help."""
    keys = keys_of(user)
    shown = [(letter.upper(), ACTIONS[action][1]) for action, letter in keys.letters.items() if letter]
    return {
        "keys": {"keys": keys.letters, "off": keys.off, "quick": keys.quick},
        "shown_keys": shown,
        "skip_reasons": Skip.Reason.choices,
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
        "no_one": _("1 appel refusé, à voir"),
        "no_many": _("{n} appels refusés, à voir"),
        "unmet_one": _("1 critère non rempli : l’entreprise pourra contester. Entrée encore pour enregistrer."),
        "unmet_many": _("{n} critères non remplis : l’entreprise pourra contester. Entrée encore pour enregistrer."),
        "copied": _("Numéro copié"),
        "not_lasting": _("Ce navigateur ne garde rien : sans connexion, ne fermez pas cet onglet."),
    }
