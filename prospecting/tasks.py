"""Doorbells: fetch, call the activity, nothing more."""

from datetime import timedelta

from celery import shared_task

from config import clock
from prospecting.importing.loading import load_lead_file as load
from prospecting.models import LeadFile


@shared_task
def load_lead_file(lead_file_id: int) -> None:
    load(lead_file_id=lead_file_id, at=clock.now())


@shared_task
def load_forgotten_lead_files() -> None:
    """A file whose doorbell was lost (broker down at that moment) is loaded all the same."""
    now = clock.now()
    queued = LeadFile.objects.filter(state=LeadFile.State.QUEUED, started_at__lt=now - timedelta(seconds=30))
    for lead_file_id in queued.values_list("pk", flat=True):
        load(lead_file_id=lead_file_id, at=now)
