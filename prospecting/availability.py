"""The agendas that receive a mission's appointments, what fills them, and the slots that are left."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from marketplace.models import Mission, Organisation
from prospecting.models import Agenda, Appointment, BusyTime
from prospecting.rules.openings import OFFICE_HOURS, Diary, Span, WhyNot, free_times, why_not

LONGEST = timedelta(days=2)  # no appointment lasts longer: what began earlier is over


@dataclass(frozen=True, slots=True, order=True)
class FreeSlot:
    """A start that can be booked now, and in which agenda."""

    starts_at: datetime
    ends_at: datetime
    agenda_id: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An agenda and its diary."""

    agenda: Agenda
    diary: Diary


def free_slots(
    mission: Mission,
    at: datetime,
    *,
    territory: str = "",
    minutes: int | None = None,
    leaving: Appointment | None = None,
) -> list[FreeSlot]:
    """The slots of a mission, in order, each start once: three queries, whatever there is.

    `territory` is the contact's, whose holidays count too; `leaving` is one about to move, which fills nothing.
    """
    kept = diaries(agendas_of(mission), at, leaving=leaving)
    return slots_in(kept, minutes or mission.slot_minutes, at, territory)


def slots_in(kept: Iterable[Kept], minutes: int, at: datetime, territory: str = "") -> list[FreeSlot]:
    length = timedelta(minutes=minutes)
    found: dict[datetime, FreeSlot] = {}
    for one in kept:
        for start in free_times(one.diary, minutes, at, territory):
            found.setdefault(start, FreeSlot(start, start + length, one.agenda.pk))
    return sorted(found.values())


def choose(kept: Sequence[Kept], span: Span, at: datetime, territory: str) -> tuple[Kept, WhyNot | None]:
    """The first agenda in which the span is free; without one, the agenda that came nearest, and why not."""
    judged = [(one, why_not(one.diary, span, at, territory)) for one in kept]
    return next((one for one in judged if one[1] is None), max(judged, key=lambda one: one[1] or 0))


def agendas_of(mission: Mission) -> list[Agenda]:
    """Those that name the mission; else those of the business that name none; else the default one, not saved yet."""
    named = Agenda.missions.through.objects.filter(agenda_id=OuterRef("pk"))
    active = Agenda.objects.filter(organisation_id=mission.organisation_id, active=True).order_by("pk")
    found = list(active.annotate(serves=Exists(named.filter(mission=mission)), named=Exists(named)))
    own: list[Agenda] = [agenda for agenda in found if agenda.serves]
    others: list[Agenda] = [agenda for agenda in found if not agenda.named]
    return own or others or [default_agenda(mission)]


def default_agenda(mission: Mission) -> Agenda:
    """Monday to Friday, nine to noon and two to six, for every mission without an agenda of its own."""
    return Agenda(
        organisation_id=mission.organisation_id,
        name=_("Agenda"),
        time_zone=mission.time_zone,
        weekly=OFFICE_HOURS,
        secret=new_secret(),
    )


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def lock_agendas(mission: Mission) -> list[Agenda]:
    """Hold the agendas of a mission until the transaction ends; the default one is made here, once."""
    found = agendas_of(mission)
    if found[0]._state.adding:
        Organisation.objects.select_for_update(no_key=True).get(pk=mission.organisation_id)
        found = agendas_of(mission)
        if found[0]._state.adding:
            found[0].save()
    return list(
        Agenda.objects.select_for_update(no_key=True).filter(pk__in=[agenda.pk for agenda in found]).order_by("pk")
    )


def diaries(agendas: Sequence[Agenda], at: datetime, *, leaving: Appointment | None = None) -> list[Kept]:
    """Each agenda with what fills it from `at` on: two queries."""
    ids = [agenda.pk for agenda in agendas if agenda.pk]
    ahead = Appointment.objects.filter(agenda_id__in=ids, state__in=Appointment.AHEAD, starts_at__gt=at - LONGEST)
    if leaving is not None:
        ahead = ahead.exclude(pk=leaving.pk)
    taken = _by_agenda(ahead.values_list("agenda_id", "starts_at", "ends_at"))
    blocked = BusyTime.objects.filter(agenda_id__in=ids, ends_at__gt=at)
    busy = _by_agenda(blocked.values_list("agenda_id", "starts_at", "ends_at"))
    return [Kept(agenda, diary_of(agenda, taken[agenda.pk], busy[agenda.pk])) for agenda in agendas]


def diary_of(agenda: Agenda, taken: Sequence[Span] = (), busy: Sequence[Span] = ()) -> Diary:
    return Diary(
        zone=ZoneInfo(agenda.time_zone),
        weekly=agenda.weekly,
        buffer=timedelta(minutes=agenda.buffer_minutes),
        notice=timedelta(hours=agenda.notice_hours),
        horizon=timedelta(days=agenda.horizon_days),
        taken=tuple(taken),
        busy=tuple(busy),
    )


def _by_agenda(rows: Iterable[tuple[int, datetime, datetime]]) -> dict[int | None, list[Span]]:
    spans: dict[int | None, list[Span]] = defaultdict(list)
    for agenda_id, starts_at, ends_at in rows:
        spans[agenda_id].append((starts_at.astimezone(UTC), ends_at.astimezone(UTC)))
    return spans
