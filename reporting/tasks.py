"""Doorbells for Celery: fetch, call the activity, nothing more. Their hours stand in config/celery.py."""

import logging

from celery import shared_task
from django.utils import timezone

from reporting import folding

log = logging.getLogger(__name__)


@shared_task
def fold_marks() -> None:
    """What changed in the last seconds becomes rates. A second folder finds the lock taken and leaves."""
    folding.fold_everything()


@shared_task
def check_rates() -> None:
    """Every night: the facts of the last weeks against the calls themselves."""
    drift = folding.check(since=timezone.now() - folding.CHECKED_DAYS)
    if drift.contacts or drift.cells:
        log.error("rates drifted: %s contacts, %s cells; run rebuild_rates", drift.contacts, drift.cells)
