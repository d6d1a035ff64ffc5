"""What a telemarketer won: their own appointments by week, without contact details once the engagement has ended."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config import clock
from marketplace import access as people
from prospecting import access
from prospecting.agendas import calendar_address
from prospecting.calendars import shown
from prospecting.pages.week import Meet, monday_of, span_of, tone, week
from prospecting.rules.territories import PARIS

SHOWN = 500


@login_required
@require_GET
def my_appointments(request: HttpRequest) -> HttpResponse:
    user = people.person(request)
    people.telemarketer_of(user)
    at, zone = clock.now(), ZoneInfo(PARIS.key)
    monday = monday_of(request.GET.get("semaine", ""), at, zone)
    opens, closes = span_of(monday, zone)
    rows = access.own_appointments(user).filter(starts_at__gte=opens, starts_at__lt=closes).exclude(state="moved")
    meets = [Meet(one, zone.key, tone(one), shown(one)) for one in rows.order_by("starts_at")[:SHOWN]]
    address = settings.PUBLIC_URL + reverse("telemarketer_feed", args=[calendar_address(user=user).secret])
    context = {"week": week(meets, [], monday, at, zone), "path": request.path, "address": address}
    return render(request, "prospecting/my_appointments.html", context)


@login_required
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    user = people.person(request)
    people.telemarketer_of(user)
    calendar_address(user=user, renew=True)
    messages.success(request, _("L’adresse a changé : l’ancienne ne répond plus."))
    return redirect("my_appointments")
