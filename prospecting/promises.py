"""Callbacks as promises: those that wait, those that were kept in time, and the e-mail of the morning."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from smtplib import SMTPException
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import ngettext, override

from marketplace.models import Engagement, Mission, User
from prospecting.models import Callback, QueueSettings
from prospecting.reasons import near

State = Callback.State
TOLERANCE: Final = timedelta(minutes=15)  # (product) as the regimes' own, around an hour that the person agreed to
LATELY: Final = timedelta(days=30)
MORNING: Final = range(7, 11)  # local hours in which the e-mail of the day may leave
AT_ONCE: Final = 1000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises kept in time by who made them, of those whose hour has come; what was called off is in neither."""

    kept: int
    due: int

    @property
    def rate(self) -> float | None:
        return self.kept / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class AgentPromises:
    """One agent's promises in a mission: lately kept, and what waits now."""

    engagement: Engagement
    kept: Kept
    overdue: int
    today: int
    later: int


def of_these(at: datetime) -> dict[str, Count]:
    """The two counts of `Kept`, for an aggregate or an annotation over callbacks."""
    come = Q(due_at__lte=at - TOLERANCE, due_at__gt=at - LATELY) & ~Q(state=State.CANCELLED)
    in_time = Q(kept_in__engagement=F("engagement"), kept_in__started_at__lte=F("due_at") + TOLERANCE)
    return {"due": Count("pk", filter=come), "kept": Count("pk", filter=come & Q(state=State.KEPT) & in_time)}


def kept_lately(promises: QuerySet[Callback], at: datetime) -> Kept:
    """Over the last thirty days."""
    return Kept(**promises.aggregate(**of_these(at)))


def by_agent(mission: Mission, at: datetime) -> list[AgentPromises]:
    """Who promised what in this mission, in two queries; the one with most overdue first."""
    tonight = tonight_of(mission.time_zone, at)
    waiting = Q(state=State.PROMISED)
    counts = {
        "overdue": Count("pk", filter=waiting & Q(due_at__lt=at)),
        "today": Count("pk", filter=waiting & Q(due_at__gte=at, due_at__lt=tonight)),
        "later": Count("pk", filter=waiting & Q(due_at__gte=tonight)),
    }
    counted = Callback.objects.filter(mission=mission).values("engagement").annotate(**of_these(at), **counts)
    rows: list[dict[str, Any]] = [dict(row) for row in counted.order_by()]
    agents = Engagement.objects.in_bulk([row["engagement"] for row in rows])
    found = [
        AgentPromises(
            agents[row["engagement"]], Kept(row["kept"], row["due"]), row["overdue"], row["today"], row["later"]
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.today, one.engagement.label))


def handed_over_from(callback: Callback, minutes: dict[int, int]) -> datetime:
    """From when a promise that its agent has not kept goes to the team."""
    return callback.due_at + timedelta(minutes=minutes.get(callback.mission_id, 30))


def handover_minutes(missions: Iterable[int]) -> dict[int, int]:
    rows = QueueSettings.objects.filter(mission__in=set(missions))
    return dict(rows.values_list("mission_id", "handover_minutes"))


def tonight_of(zone: str, at: datetime) -> datetime:
    """The next midnight there."""
    here = ZoneInfo(zone)
    return datetime.combine(at.astimezone(here).date() + timedelta(days=1), time(), here)


def remind_of_the_day(*, at: datetime) -> int:
    """One e-mail in the morning to each telemarketer who promised callbacks for today, or is late; how many left.

    Each promise is told once. Who switched the e-mail off has it marked and not sent.
    """
    mine: dict[User, list[Callback]] = defaultdict(list)
    for promise in _to_remind(at):
        mine[promise.engagement.telemarketer.user].append(promise)  # type: ignore[union-attr]  # asked for in the query
    return sum(_remind(user, promises, at) for user, promises in mine.items())


def _to_remind(at: datetime) -> list[Callback]:
    rows = Callback.objects.filter(state=State.PROMISED, reminded_at=None, due_at__lt=at + timedelta(days=1))
    rows = rows.filter(engagement__state=Engagement.State.ACTIVE, mission__state=Mission.State.RUNNING)
    related = ("contact", "mission", "made_in", "engagement__telemarketer__user")
    return [one for one in rows.select_related(*related).order_by("due_at")[:AT_ONCE] if _this_morning(one, at)]


def _this_morning(promise: Callback, at: datetime) -> bool:
    """It is morning there, the promise is for today or late, and it was not made today."""
    zone = ZoneInfo(promise.mission.time_zone)
    here = at.astimezone(zone)
    midnight = datetime.combine(here.date(), time(), zone)
    return (
        here.hour in MORNING and promise.due_at < midnight + timedelta(days=1) and promise.made_in.logged_at < midnight
    )


def _remind(user: User, promises: list[Callback], at: datetime) -> int:
    keys = [one.pk for one in promises]
    with transaction.atomic():
        taken = Callback.objects.filter(pk__in=keys, reminded_at=None).update(reminded_at=at)
    if not taken or not (user.callback_mails and user.is_active):
        return 0
    try:
        return _write(user, promises, at)
    except (OSError, SMTPException) as error:
        logger.warning("the callbacks of the day do not leave: %s", error)
        Callback.objects.filter(pk__in=keys).update(reminded_at=None)
        return 0


def _write(user: User, promises: list[Callback], at: datetime) -> int:
    with override(user.language):
        lines = [(near(one.due_at, at, one.mission.time_zone), one) for one in promises]
        addresses = {
            name: settings.PUBLIC_URL + reverse(view) for name, view in (("page", "callbacks"), ("account", "account"))
        }
        words = {"lines": lines} | addresses
        count = len(promises)
        subject = ngettext("Un rappel promis pour aujourd’hui", "%(count)d rappels promis pour aujourd’hui", count)
        body = render_to_string("prospecting/email/callbacks.txt", words)
        return send_mail(subject % {"count": count}, body, None, [user.email])
