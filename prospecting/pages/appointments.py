"""The appointments of a business: by week, ahead or past, on screen and as a CSV file."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from config import clock, typography
from config.spreadsheets import guarded
from marketplace.models import Mission
from prospecting import access
from prospecting.availability import agendas_of
from prospecting.models import Acceptance, Appointment, BusyTime
from prospecting.pages.week import Meet, monday_of, span_of, tone, week
from prospecting.rules.territories import PARIS

SHOWN = 500
WHENS = ("a-venir", "passes")  # the lists; without one, the week


@dataclass(frozen=True, slots=True)
class Week:
    """The appointments that start in one week, from Monday, in time order."""

    monday: date
    appointments: list[Appointment]


@login_required
@require_GET
def of_mission(request: HttpRequest, slug: str) -> HttpResponse:
    mission = access.mission_to_read(request.user, slug)
    return _page(request, mission.appointments.all(), mission)


@login_required
@require_GET
def of_business(request: HttpRequest) -> HttpResponse:
    """Over all the missions of the businesses this person belongs to."""
    missions = access.missions_read_by(request.user)
    return _page(request, Appointment.objects.filter(mission__in=missions), None)


def _page(request: HttpRequest, rows: QuerySet[Appointment], mission: Mission | None) -> HttpResponse:
    at, when = clock.now(), request.GET.get("quand", "")
    past = when == "passes"
    rows = rows.select_related("contact", "engagement", "mission")
    if request.GET.get("format") == "csv":
        return _csv(rows.order_by("starts_at"), mission)
    if when not in WHENS:
        return _week_page(request, rows, mission, at)
    ahead = rows.filter(starts_at__gte=at - timedelta(hours=1))
    shown = rows.filter(starts_at__lt=at).order_by("-starts_at") if past else ahead.order_by("starts_at")
    context = {
        "mission": mission,
        "past": past,
        "weeks": list(_weeks(shown[:SHOWN])),
        "ahead": ahead.filter(state__in=Appointment.AHEAD).count(),
        "total": rows.count(),
        "path": request.path,
        "to_accept": access.acceptances_read_by(request.user).filter(state=Acceptance.State.PENDING).count(),
    }
    return render(request, "prospecting/appointments.html", context)


def _week_page(
    request: HttpRequest, rows: QuerySet[Appointment], mission: Mission | None, at: datetime
) -> HttpResponse:
    """The week, on the mission's clock or that of Paris; those that moved only stand at their new hour."""
    zone = ZoneInfo(mission.time_zone if mission else PARIS.key)
    monday = monday_of(request.GET.get("semaine", ""), at, zone)
    opens, closes = span_of(monday, zone)
    inside = rows.filter(starts_at__gte=opens, starts_at__lt=closes).exclude(state=Appointment.State.MOVED)
    meets = [
        Meet(one, zone.key, tone(one), one.contact.company or _person(one))
        for one in inside.select_related("agenda").order_by("starts_at")[:SHOWN]
    ]
    agendas = agendas_of(mission) if mission else list(access.agendas_read_by(request.user).filter(active=True))
    busy = BusyTime.objects.filter(agenda__in=[one.pk for one in agendas], starts_at__lt=closes, ends_at__gt=opens)
    context = {
        "mission": mission,
        "week": week(meets, busy.select_related("agenda").order_by("starts_at")[:SHOWN], monday, at, zone),
        "total": rows.count(),
        "path": request.path,
        "to_accept": access.acceptances_read_by(request.user).filter(state=Acceptance.State.PENDING).count(),
    }
    return render(request, "prospecting/appointments.html", context)


def _weeks(rows: Iterable[Appointment]) -> Iterable[Week]:
    for monday, group in groupby(rows, key=_monday):
        yield Week(monday, list(group))


def _monday(appointment: Appointment) -> date:
    day = appointment.starts_at.astimezone(ZoneInfo(appointment.mission.time_zone)).date()
    return day - timedelta(days=day.weekday())


def _csv(rows: QuerySet[Appointment], mission: Mission | None) -> HttpResponse:
    """Semicolons and a BOM, as a French spreadsheet opens them; no cell can be taken for a formula."""
    name = mission.slug if mission else "missions"
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rendez-vous-{name}.csv"'
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [
            _("jour"), _("heure"), _("état"), _("forme"), _("lieu"), _("minutes"), _("entreprise"), _("personne"),
            _("fonction"), _("téléphone"), _("e-mail"), _("mission"), _("pris par"), _("pris le"), _("note"),
        ]
    )  # fmt: skip
    writer.writerows([guarded(cell) for cell in _cells(row)] for row in rows.iterator(chunk_size=1000))
    return response


def _cells(row: Appointment) -> list[str]:
    zone, contact = ZoneInfo(row.mission.time_zone), row.contact
    return [
        _day(row.starts_at, zone), f"{row.starts_at.astimezone(zone):%H:%M}", row.get_state_display(),
        row.get_kind_display(), row.place, str(row.minutes), contact.company, _person(row), contact.job_title,
        typography.phone(contact.phone), contact.email, row.mission.title, row.engagement.label,
        _day(row.booked_at, zone), row.note,
    ]  # fmt: skip


def _person(row: Appointment) -> str:
    return f"{row.contact.first_name} {row.contact.last_name}".strip()


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
