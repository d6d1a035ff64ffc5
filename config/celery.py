"""Celery and the whole schedule. Tasks are doorbells: short, idempotent, safe to run twice."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def broker(url: str) -> str:
    """The broker's URL in kombu's words: redis-py says unix://PATH?db=N where kombu says redis+socket://."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{unquote(parts.path)}?virtual_host={number}"


# name: what is rung, how often in seconds (or a crontab), and when it is too late to be worth anything
SCHEDULE: dict[str, dict[str, object]] = {
    "fold what changed into the rates": {
        "task": "reporting.tasks.fold_marks",
        "schedule": 2.0,
        "options": {"expires": 2.0},  # a busy worker finds one of these waiting, not a pile
    },
    "load the files whose worker was killed": {
        "task": "prospecting.tasks.load_abandoned_lead_files",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "arrange the queues whose doorbell was lost": {
        "task": "prospecting.tasks.arrange_queues",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "give back the contacts that nobody calls any more": {
        "task": "prospecting.tasks.release_lapsed_claims",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "delete the recordings that came to their term": {
        "task": "prospecting.tasks.purge_recordings",
        "schedule": crontab(hour=3, minute=20),
    },
    "purge what may no longer be kept": {
        "task": "prospecting.tasks.purge_privacy",
        "schedule": crontab(hour=3, minute=40),
    },
    "write to both sides of the appointments that changed": {
        "task": "prospecting.tasks.tell_of_appointments",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "remind both sides the day before": {
        "task": "prospecting.tasks.remind_of_appointments",
        "schedule": 300.0,
        "options": {"expires": 300.0},
    },
    "read the diaries that agendas name": {
        "task": "prospecting.tasks.read_agenda_feeds",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "accept what nobody answered by its deadline": {
        "task": "prospecting.tasks.hear_the_silence",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "tell the telemarketers in the morning whom they promised to call": {
        "task": "prospecting.tasks.remind_of_promises",
        "schedule": crontab(minute="5-59/10"),
        "options": {"expires": 600.0},
    },
    "ask what became of yesterday's appointments": {
        "task": "prospecting.tasks.ask_what_became_of_appointments",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 600.0},
    },
    "compare the rates with the calls": {"task": "reporting.tasks.check_rates", "schedule": crontab(hour=4, minute=10)},
}

app = Celery("decroche")
app.conf.update(
    broker_url=broker(os.environ.get("REDIS_URL", "")),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        # A task longer than this would run twice; one whose whole worker was killed is handed out again after it.
        # What cannot wait so long has a line in the schedule that finds it.
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,  # looked for every 5 seconds, not every 100
        "unacked_restore_throttle": 1,
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_soft_time_limit=600,
    task_time_limit=660,
    task_default_queue="decroche",
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=8,  # seconds to finish when asked to stop (SIGQUIT); then tasks go back to the queue
    worker_hijack_root_logger=False,
    timezone="Europe/Paris",
    beat_schedule=SCHEDULE,
)
app.autodiscover_tasks()
