"""Agendas and appointments, in one line each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from prospecting.booking import Slot
from prospecting.models import Agenda, Appointment, Call
from prospecting.rules.openings import OFFICE_HOURS
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

THURSDAY_10H = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # 10:00 in Paris
LATER = TUESDAY_10H + timedelta(minutes=5)


def agenda(world: World, name: str = "Agenda de Carole", **more: Any) -> Agenda:
    fields = {"weekly": OFFICE_HOURS, "secret": f"secret-of-{name}"[:43]} | more
    made = Agenda.objects.create(organisation=world.organisation, name=name, **fields)
    made.refresh_from_db()
    return made


def won(world: World, starts_at: datetime = THURSDAY_10H, kind: str = "on_site", **said: Any) -> Call:
    """Bob calls the next contact and books."""
    email = said.pop("email", None)
    slot = Slot(starts_at, kind, email=email)
    return call(world.bobs, "RDV", appointment=slot, **{"answers": {"covers": "120"}, "note": "120 couverts"} | said)


def booked(
    world: World, starts_at: datetime = THURSDAY_10H, company: str = "Lycée Jean-Macé", **said: Any
) -> Appointment:
    world.contact(company=company, address="9 rue Saint-Louis", email="intendance@example.test", last_name="Le Goff")
    return Appointment.objects.get(call=won(world, starts_at, **said))


def history(appointment: Appointment) -> list[tuple[str, str]]:
    return list(appointment.events.order_by("pk").values_list("what", "by"))
