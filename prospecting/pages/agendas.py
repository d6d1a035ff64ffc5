"""The agendas of a business: who receives, when; what is blocked; what a feed says; the address to subscribe to."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace import access as people
from prospecting import access
from prospecting import agendas as activity
from prospecting.models import Agenda
from prospecting.pages.agenda_forms import AgendaForm, BlockForm
from prospecting.rules.openings import OFFICE_HOURS

BLOCKS_SHOWN = 100


@login_required
@require_GET
def agendas(request: HttpRequest) -> HttpResponse:
    organisation = people.organisation_of(people.person(request))
    rows = organisation.agendas.select_related("user").prefetch_related("missions").order_by("-active", "name")
    writes = people.may_write(people.person(request), organisation.pk)
    return render(request, "prospecting/agendas.html", {"agendas": rows, "writes": writes})


@login_required
def new_agenda(request: HttpRequest) -> HttpResponse:
    organisation = people.organisation_to_write(people.person(request))
    blank = Agenda(organisation=organisation, weekly=OFFICE_HOURS)
    form = AgendaForm(request.POST or None, organisation=organisation, agenda=blank)
    if request.method == "POST" and form.is_valid():
        try:
            made = activity.create_agenda(organisation=organisation, **form.for_activity())
            made.refresh_from_db(fields=["public_id"])
            messages.success(request, _("L’agenda est ouvert."))
            return redirect("agenda", made.public_id)
        except DecrocheError as error:
            _tell(form, error)
    return _drawn(request, blank, form, BlockForm())


@login_required
def agenda(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Its members read it; owner and managers change it."""
    if request.method != "POST":
        found = access.agenda_to_read(request.user, public_id)
        return _drawn(request, found, AgendaForm(organisation=found.organisation, agenda=found), BlockForm())
    found = access.agenda_to_write(request.user, public_id)
    form = AgendaForm(request.POST, organisation=found.organisation, agenda=found)
    if form.is_valid():
        try:
            activity.update_agenda(agenda=found, **form.for_activity())
            messages.success(request, _("L’agenda est enregistré. Les rendez-vous déjà pris restent."))
            return redirect("agenda", public_id)
        except DecrocheError as error:
            _tell(form, error)
    return _drawn(request, found, form, BlockForm())


@login_required
@require_POST
def block(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found, form = access.agenda_to_write(request.user, public_id), BlockForm(request.POST)
    if form.is_valid():
        try:
            activity.block(agenda=found, **form.for_activity(found.time_zone))
            messages.success(request, _("Ces heures ne sont plus proposées."))
            return redirect("agenda", public_id)
        except DecrocheError as error:
            _tell(form, error)
    return _drawn(request, found, AgendaForm(organisation=found.organisation, agenda=found), form)


@login_required
@require_POST
def unblock(request: HttpRequest, public_id: UUID, busy_id: int) -> HttpResponse:
    activity.unblock(agenda=access.agenda_to_write(request.user, public_id), busy_id=busy_id)
    messages.success(request, _("Ces heures sont libres de nouveau."))
    return redirect("agenda", public_id)


@login_required
@require_POST
def renew(request: HttpRequest, public_id: UUID) -> HttpResponse:
    activity.renew_secret(agenda=access.agenda_to_write(request.user, public_id))
    messages.success(request, _("L’adresse a changé : l’ancienne ne répond plus."))
    return redirect("agenda", public_id)


def _tell(form: AgendaForm | BlockForm, error: DecrocheError) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.sentence)


def _drawn(request: HttpRequest, found: Agenda, form: AgendaForm, blocking: BlockForm) -> HttpResponse:
    writes = people.may_write(people.person(request), found.organisation_id)
    context: dict[str, Any] = {"agenda": found, "form": form, "blocking": blocking, "writes": writes}
    if not found._state.adding:
        ahead = found.busy_times.filter(ends_at__gt=clock.now()).order_by("starts_at")
        context |= {
            "blocks": ahead.filter(from_feed=False)[:BLOCKS_SHOWN],
            "read": ahead.filter(from_feed=True).count(),
            "address": settings.PUBLIC_URL + reverse("agenda_feed", args=[found.secret]) if writes else "",
        }
    status = 400 if form.errors or blocking.errors else 200
    return render(request, "prospecting/agenda.html", context, status=status)
