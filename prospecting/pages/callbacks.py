"""The callbacks a telemarketer promised, over all their missions: late, today, later."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock
from prospecting import access
from prospecting.models import Callback
from prospecting.reasons import near
from prospecting.rules.territories import TERRITORIES

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise and where it stands: `group` is "late", "today" or "later"."""

    callback: Callback
    group: str
    when: str
    there: str  # the hour on the contact's own clock, where it differs


@login_required
@require_GET
def callbacks(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    due = access.callbacks_of(request.user).order_by("due_at")
    promises = [_promise(callback, at) for callback in due[:SHOWN]]
    groups = [(group, [one for one in promises if one.group == group]) for group in ("late", "today", "later")]
    return render(request, "prospecting/callbacks.html", {"groups": groups, "count": len(promises)})


def _promise(callback: Callback, at: datetime) -> Promise:
    zone = ZoneInfo(callback.mission.time_zone)
    there = TERRITORIES[callback.contact.territory].zone
    same = callback.due_at.astimezone(zone).utcoffset() == callback.due_at.astimezone(there).utcoffset()
    return Promise(
        callback=callback,
        group=_group(callback.due_at, at, zone),
        when=near(callback.due_at, at, zone.key),
        there="" if same else near(callback.due_at, at, there.key),
    )


def _group(due_at: datetime, at: datetime, zone: ZoneInfo) -> str:
    if due_at < at:
        return "late"
    return "today" if due_at.astimezone(zone).date() == at.astimezone(zone).date() else "later"
