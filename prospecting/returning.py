"""The return file: what a business takes home of a mission, its contacts and what became of them."""

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from config.spreadsheets import guarded
from marketplace.models import Mission, User
from prospecting.access_log import What, note_access
from prospecting.models import Call, Contact

CHUNK = 2000
FIELDS = ("phone", "company", "first_name", "last_name", "job_title", "email", "address", "postal_code", "city")
IDS = ("siret", "external_id")


def return_file(*, mission: Mission, by: User, at: datetime) -> Iterator[str]:
    """The lines of a CSV (semicolons, UTF-8 with its mark), one per contact with its last live call. Logged."""
    note_access(
        What.EXPORT, at=at, organisation=mission.organisation, user=by, detail=_("fichier de retour, %s") % mission
    )
    return _lines(mission)


def _lines(mission: Mission) -> Iterator[str]:
    yield "\ufeff" + _line(_headers())
    contacts = Contact.objects.filter(mission=mission, anonymised_at=None).order_by("pk")
    last, zone = 0, ZoneInfo(mission.time_zone)
    while batch := list(contacts.filter(pk__gt=last)[:CHUNK]):
        last = batch[-1].pk
        calls = _last_calls(batch)
        yield "".join(_line(_cells(contact, calls.get(contact.pk, []), zone)) for contact in batch)


def _headers() -> list[str]:
    return [
        _("Téléphone"), _("Entreprise"), _("Prénom"), _("Nom"), _("Fonction"), _("E-mail"), _("Adresse"),
        _("Code postal"), _("Ville"), "SIRET", _("Identifiant"), _("État"), _("Appels"), _("Dernier appel"),
        _("Qualification"), _("Motif"), _("Note"),
    ]  # fmt: skip


def _last_calls(contacts: list[Contact]) -> dict[int, list[Call]]:
    """The live calls of each contact, the latest last."""
    found: dict[int, list[Call]] = {}
    live = Call.objects.filter(contact__in=contacts, void=False, corrected_by=None).order_by("started_at", "pk")
    for call in live:
        found.setdefault(call.contact_id, []).append(call)
    return found


def _cells(contact: Contact, calls: list[Call], zone: ZoneInfo) -> list[object]:
    last = calls[-1] if calls else None
    said = [last.started_at.astimezone(zone).isoformat("T", "minutes"), last.outcome] if last else ["", ""]
    words = [last.reason, last.note] if last else ["", ""]
    texts = [getattr(contact, name) or "" for name in (*FIELDS, *IDS)]
    return [*texts, contact.get_state_display(), sum(call.dials for call in calls), *said, *words]


def _line(cells: list[object] | list[str]) -> str:
    out = StringIO()
    csv.writer(out, delimiter=";").writerow([guarded(str(cell)) for cell in cells])
    return out.getvalue()
