"""Bringing and loading small files, for the tests of what becomes of their rows."""

from io import BytesIO

from django.core.files import File

from prospecting.importing.loading import load_lead_file
from prospecting.importing.matching import Choice
from prospecting.importing.receiving import queue_lead_file, receive_lead_file
from prospecting.models import Contact, LeadFile
from tests.cast import TUESDAY_10H

COUNTS = ("created", "updated", "unchanged", "merged", "set_aside")


def received(world, text, name="prospects.csv", at=TUESDAY_10H, **more) -> LeadFile:
    content = text.encode() if isinstance(text, str) else text
    told = {key: more.pop(key) for key in ("identity", "keep_apart", "newer_than") if key in more}
    if isinstance(told.get("newer_than"), LeadFile):
        told["newer_than"] = str(told["newer_than"].public_id)
    return receive_lead_file(
        mission=more.pop("mission", world.mission),
        content=File(BytesIO(content)),
        name=name,
        by=world.alice,
        choice=Choice(**told),
        **more,
    )


def loaded(world, text, at=TUESDAY_10H, **more) -> LeadFile:
    lead_file = queue_lead_file(lead_file=received(world, text, **more), at=at)
    return load_lead_file(lead_file_id=lead_file.pk, at=at)


def counts(lead_file) -> tuple[int, ...]:
    """created, updated, unchanged, merged, set aside."""
    return tuple(getattr(lead_file, name) for name in COUNTS)


def contact(phone: str, apart: int = 0) -> Contact:
    return Contact.objects.get(phone=phone, apart=apart)
