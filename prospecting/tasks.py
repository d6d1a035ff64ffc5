"""Doorbells: fetch, call the activity, nothing more."""

from celery import shared_task

from config import clock
from prospecting import purging
from prospecting.accepting import accept_the_silent
from prospecting.arranging import arrange_queue as arrange
from prospecting.arranging import waiting_for_it
from prospecting.asking import ask_all
from prospecting.fate import settle_the_silent
from prospecting.feeds import read_due
from prospecting.importing.loading import abandoned
from prospecting.importing.loading import load_lead_file as load
from prospecting.mailing import remind_all, tell_all
from prospecting.promises import remind_of_the_day
from prospecting.queue import release_lapsed
from prospecting.recording import purge_recordings as purge


@shared_task
def load_lead_file(lead_file_id: int) -> None:
    load(lead_file_id=lead_file_id, at=clock.now())


@shared_task
def load_abandoned_lead_files() -> None:
    at = clock.now()
    for lead_file_id in abandoned(at):
        load(lead_file_id=lead_file_id, at=at)


@shared_task
def arrange_queue(mission_id: int) -> None:
    arrange(mission_id=mission_id)


@shared_task
def arrange_queues() -> None:
    for mission_id in waiting_for_it():
        arrange(mission_id=mission_id)


@shared_task
def release_lapsed_claims() -> None:
    release_lapsed(at=clock.now())


@shared_task
def purge_recordings() -> None:
    at = clock.now()
    purge(today=at.date(), at=at)


@shared_task
def purge_privacy() -> None:
    purging.purge(at=clock.now())


@shared_task
def tell_of_appointments() -> None:
    tell_all(at=clock.now())


# An address that answers a byte at a time ends its round, and never holds two workers: a round begins each minute.
@shared_task(soft_time_limit=50, time_limit=58)
def read_agenda_feeds() -> None:
    read_due(at=clock.now())


@shared_task
def remind_of_appointments() -> None:
    remind_all(at=clock.now())


@shared_task
def hear_the_silence() -> None:
    """Fates first: what the agent's word calls off is not accepted."""
    at = clock.now()
    settle_the_silent(at=at)
    accept_the_silent(at=at)


@shared_task
def remind_of_promises() -> None:
    remind_of_the_day(at=clock.now())


@shared_task
def ask_what_became_of_appointments() -> None:
    ask_all(at=clock.now())
