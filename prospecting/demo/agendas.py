"""Who receives in the demo world: two agendas, one of them away an afternoon, with the appointments won in them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.models import Organisation, User
from prospecting.agendas import block, create_agenda
from prospecting.availability import diary_of
from prospecting.models import Agenda, Appointment
from prospecting.rules.openings import OFFICE_HOURS, Diary, free_times

MORNINGS = [one for one in OFFICE_HOURS if str(one["from"]) < "12:00"]


def open_agendas(organisation: Organisation, people: Sequence[User], at: datetime) -> list[Agenda]:
    """The first receives all week long, the others in the mornings."""
    made = [
        create_agenda(
            organisation=organisation,
            name=str(person),
            user=person,
            weekly=MORNINGS if number else OFFICE_HOURS,
            buffer_minutes=0 if number else 15,
            video_link="" if number else "https://visio.decroche.example/armor",
        )
        for number, person in enumerate(people)
    ]
    away = datetime.combine((at + timedelta(days=2)).date(), time(14), ZoneInfo(made[0].time_zone))
    block(agenda=made[0], starts_at=away, ends_at=away + timedelta(hours=4), what="Salon des traiteurs")
    return made


def place(organisation: Organisation, agendas: Sequence[Agenda], at: datetime) -> None:
    """Every appointment ahead at the first free time from its own on; what finds none is left without an agenda."""
    free = {agenda.pk: list(free_times(_diary(agenda), 30, at)) for agenda in agendas}
    rows = Appointment.objects.filter(organisation=organisation, state__in=Appointment.AHEAD).order_by("starts_at")
    placed = [one for one in rows if _place(one, free)]
    Appointment.objects.bulk_update(placed, ["agenda_id", "starts_at", "ends_at"])


def _diary(agenda: Agenda) -> Diary:
    return diary_of(agenda, busy=list(agenda.busy_times.values_list("starts_at", "ends_at")))


def _place(one: Appointment, free: dict[int, list[datetime]]) -> bool:
    found = min(
        ((start, pk) for pk, starts in free.items() for start in starts if start >= one.starts_at), default=None
    )
    if found is None:
        return False
    one.starts_at, one.agenda_id = found
    one.ends_at = one.starts_at + timedelta(minutes=one.minutes)
    gap = timedelta(minutes=max(one.minutes, 45))
    free[found[1]] = [start for start in free[found[1]] if abs(start - found[0]) >= gap]
    return True
