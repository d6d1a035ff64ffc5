"""Small worlds for the tests of the rates: rows put straight into the tables, as many as a test needs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from marketplace.models import Engagement, Mission, Organisation
from prospecting.models import Contact, Conversion, LeadFile

FLAGS = ("answered", "reached", "argued", "converted")
# what a word says of a call, for tests that read as a story
OUTCOMES = {
    "nobody": (False, False, False, False),
    "standard": (True, False, False, False),
    "talk": (True, True, False, False),
    "pitch": (True, True, True, False),
    "won": (True, True, True, True),
}
WHO = ("organisation_id", "mission_id", "contact_id", "engagement_id")
COLUMNS = (*WHO, "started_at", "seconds", "dials", *FLAGS, "void", "corrects_id", "outcome", "final", "source")


def a_mission(slug: str = "traiteur", *, organisation: Organisation | None = None, **kw: Any) -> Mission:
    organisation = organisation or Organisation.objects.create(name="Traiteur Armor")
    return Mission.objects.create(organisation=organisation, slug=slug, title=slug.capitalize(), **kw)


def a_file(mission: Mission, name: str = "Salon") -> LeadFile:
    return LeadFile.objects.create(organisation=mission.organisation, mission=mission, name=name)


def contacts(lead_file: LeadFile, number: int, **kw: Any) -> list[Contact]:
    rows = [Contact(organisation=lead_file.organisation, mission=lead_file.mission, lead_file=lead_file, **kw)]
    return Contact.objects.bulk_create(rows[0].__class__(**_fields(rows[0])) for _ in range(number))


def _fields(contact: Contact) -> dict[str, Any]:
    names = ("organisation_id", "mission_id", "lead_file_id", "company", "city", "columns", "phone", "state")
    return {name: getattr(contact, name) for name in names}


def an_agent(mission: Mission, label: str) -> Engagement:
    """An agent of an imported log: a name and no account, which is all that a rate needs."""
    at = "2026-01-01T00:00:00+00:00"
    return Engagement.objects.create(
        organisation=mission.organisation, mission=mission, label=label, state="ended", started_at=at, ended_at=at
    )


def a_call(
    contact: Contact, agent: Engagement, at: datetime, what: str = "talk", *, corrects: int | None = None, **kw: Any
) -> int:
    """One call; `what` is a word of OUTCOMES. Returns its id."""
    row = dict(zip(FLAGS, OUTCOMES[what], strict=True)) | {
        "organisation_id": contact.organisation_id,
        "mission_id": contact.mission_id,
        "contact_id": contact.pk,
        "engagement_id": agent.pk,
        "started_at": at,
        "corrects_id": corrects,
    }
    return insert_calls([row | kw])[0]


def insert_calls(rows: Iterable[dict[str, Any]]) -> list[int]:
    """One INSERT of many rows. Returns their ids."""
    values = [complete(row) for row in rows]
    places = ", ".join([f"({', '.join(['%s'] * len(COLUMNS))})"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO prospecting_call ({', '.join(COLUMNS)}) VALUES {places} RETURNING id",
            [value for row in values for value in row],
        )
        return [pk for (pk,) in cursor.fetchall()]


def copy_calls(rows: Iterable[dict[str, Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY prospecting_call ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(complete(row))


def complete(row: dict[str, Any]) -> tuple[Any, ...]:
    default = {"seconds": 0, "dials": 1, "void": False, "corrects_id": None, "outcome": "X", "final": False}
    row = default | {"source": "import"} | row
    return tuple(row[name] for name in COLUMNS)


def a_conversion(contact: Contact, at: datetime) -> Conversion:
    """The objective reached elsewhere."""
    return Conversion.objects.create(
        organisation=contact.organisation, mission=contact.mission, contact=contact, at=at, source="file"
    )
