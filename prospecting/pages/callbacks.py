"""Callbacks as promises: the telemarketer's agenda over all their missions, and what a business sees of a mission's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock
from config.typography import clock as hour
from prospecting import access
from prospecting.dealing import EARLY
from prospecting.models import Callback
from prospecting.promises import LATELY, by_agent, handed_over_from, handover_minutes, kept_lately, tonight_of
from prospecting.reasons import near
from prospecting.rules.territories import TERRITORIES

SHOWN = 200
GROUPS = ("late", "today", "tomorrow", "later")


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise and where it stands: `group` is one of GROUPS. `due`: the cockpit deals it now."""

    callback: Callback
    group: str
    when: str
    there: str  # the hour on the contact's own clock, where it differs
    due: bool
    goes: str  # when the team may take it, while it is late or due


@login_required
@require_GET
def callbacks(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    rows = list(access.callbacks_of(request.user).order_by("due_at")[:SHOWN])
    groups = _groups(rows, at)
    context = {
        "groups": groups,
        "count": len(rows),
        "kept": kept_lately(access.promises_of(request.user), at),
        "days": LATELY.days,
        "first": next((one for _group, found in groups for one in found if one.due), None),
    }
    return render(request, "prospecting/callbacks.html", context)


@login_required
@require_GET
def of_mission(request: HttpRequest, slug: str) -> HttpResponse:
    """What was promised in the name of the business: kept, due today, overdue, by whom."""
    at, mission = clock.now(), access.mission_to_read(request.user, slug)
    waiting = mission.callbacks.filter(state=Callback.State.PROMISED).select_related(
        "contact", "mission", "engagement", "made_in"
    )
    agents = by_agent(mission, at)
    context: dict[str, Any] = {
        "mission": mission,
        "agents": agents,
        "kept": kept_lately(mission.callbacks.all(), at),
        "days": LATELY.days,
        "overdue": sum(one.overdue for one in agents),
        "today": sum(one.today for one in agents),
        "groups": _groups(list(waiting.order_by("due_at")[:SHOWN]), at),
        "limit": SHOWN,
    }
    return render(request, "prospecting/mission_callbacks.html", context)


def _groups(rows: list[Callback], at: datetime) -> list[tuple[str, list[Promise]]]:
    minutes = handover_minutes(one.mission_id for one in rows)
    promises = [_promise(callback, at, minutes) for callback in rows]
    return [(group, [one for one in promises if one.group == group]) for group in GROUPS]


def _promise(callback: Callback, at: datetime, minutes: dict[int, int]) -> Promise:
    zone = ZoneInfo(callback.mission.time_zone)
    there = TERRITORIES[callback.contact.territory].zone
    same = callback.due_at.astimezone(zone).utcoffset() == callback.due_at.astimezone(there).utcoffset()
    due = callback.due_at - EARLY <= at
    goes = handed_over_from(callback, minutes)
    return Promise(
        callback=callback,
        group=_group(callback.due_at, at, zone),
        when=near(callback.due_at, at, zone.key),
        there="" if same else near(callback.due_at, at, there.key),
        due=due,
        goes=hour(goes, zone.key) if due and goes > at else "",
    )


def _group(due_at: datetime, at: datetime, zone: ZoneInfo) -> str:
    if due_at < at:
        return "late"
    tonight = tonight_of(zone.key, at)
    return "today" if due_at < tonight else "tomorrow" if due_at < tonight + timedelta(days=1) else "later"
