"""Loading a lead file: its rows become contacts in one transaction; a kill at any moment leaves nothing half-imported.

Within a mission the file that brought a contact first owns it. Later rows of the same contact are kept beside it
(`Contact.also_at`); another file only fills in what was empty, a newer version of its file wins.
"""

import logging
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from config.errors import DecrocheError
from marketplace.models import Mission
from prospecting.arranging import sort_new
from prospecting.importing.bases import SaidOnce, write_bases
from prospecting.importing.known_layouts import remember
from prospecting.importing.matching import Matching
from prospecting.importing.receiving import table_of
from prospecting.importing.rows import RowReader
from prospecting.importing.staging import Tally, judge, stage
from prospecting.importing.taking_up import link_rows
from prospecting.importing.writing import hold_back_forbidden, write_contacts
from prospecting.models import LeadFile

logger = logging.getLogger(__name__)

IMPORTS = 20_117  # first key of the advisory locks that keep two loads into one mission apart
PATIENCE = timedelta(seconds=10)  # what a worker may take to answer the doorbell
TELL_EVERY = 0.5  # seconds between two reports of progress

ABANDONED = """
SELECT f.id FROM prospecting_leadfile f
WHERE f.state IN ('queued', 'loading') AND f.started_at < %(before)s AND NOT EXISTS (
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %(space)s AND l.objid = f.mission_id)
ORDER BY f.started_at"""
TELL = "UPDATE prospecting_leadfile SET rows_done = %s WHERE id = %s"


def load_lead_file(*, lead_file_id: int, at: datetime) -> LeadFile:
    """Load a queued file. Safe to run twice and from the start again; a file already loaded stays as it is."""
    queued = LeadFile.objects.filter(pk=lead_file_id, state__in=[LeadFile.State.QUEUED, LeadFile.State.LOADING])
    if queued.update(state=LeadFile.State.LOADING, started_at=at, rows_done=0):
        lead_file = LeadFile.objects.select_related("mission").get(pk=lead_file_id)
        try:
            load(lead_file, at)
        except DecrocheError as error:
            refuse_file(lead_file, error.sentence, at)
        except Exception:
            refuse_file(lead_file, _("L’import a échoué de notre côté : rien n’est entré. Relancez-le."), at)
            raise
    return LeadFile.objects.get(pk=lead_file_id)


def abandoned(at: datetime) -> list[int]:
    """Files that should be loading and that nobody loads: the doorbell was lost, or the worker was killed.

    Who loads into a mission holds its lock, and a lock dies with its holder.
    """
    with connection.cursor() as cursor:
        cursor.execute(ABANDONED, {"space": IMPORTS, "before": at - PATIENCE})
        return [lead_file_id for (lead_file_id,) in cursor.fetchall()]


def refuse_file(lead_file: LeadFile, sentence: str, at: datetime) -> None:
    LeadFile.objects.filter(pk=lead_file.pk).exclude(state=LeadFile.State.LOADED).update(
        state=LeadFile.State.REFUSED, refusal=sentence[:400], finished_at=at
    )


@transaction.atomic
def load(lead_file: LeadFile, at: datetime) -> None:
    began = time.monotonic()
    one_load_at_a_time(lead_file.mission)
    if LeadFile.objects.filter(pk=lead_file.pk, state=LeadFile.State.LOADED).exists():
        return  # another worker loaded it while this one waited
    table, matching = table_of(lead_file), Matching.of(lead_file)
    reader = RowReader(table.layout.headers, lead_file.mapping)
    with Progress(lead_file.pk) as progress:
        stage(lead_file.mission, reader, table.rows(), tell=progress.tell, at=at, once=SaidOnce.of(lead_file))
        tally = judge(lead_file.mission, matching)
    tally = write_contacts(lead_file, tally, matching)
    write_bases(lead_file, at)
    hold_back_forbidden(lead_file)
    sort_new(lead_file)
    link_rows(lead_file)
    remember(lead_file, table.layout, at)
    finish(lead_file, tally, reader, at + timedelta(seconds=time.monotonic() - began))


def one_load_at_a_time(mission: Mission) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORTS, mission.pk])


def finish(lead_file: LeadFile, tally: Tally, reader: RowReader, at: datetime) -> None:
    LeadFile.objects.filter(pk=lead_file.pk).update(
        state=LeadFile.State.LOADED,
        refusal="",
        rows=tally.rows,
        rows_done=tally.rows,
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        missing=tally.missing,
        kept_apart=tally.kept_apart,
        changed_fields=tally.fields,
        merged=tally.merged,
        set_aside=tally.set_aside,
        reasons=tally.reasons,
        notices=reader.notices.as_list(),
        columns=[header for _place, header in reader.kept],
        finished_at=at,
    )


class Progress:
    """Rows done, told through a connection of its own, so that others see them while the load's transaction is open."""

    def __init__(self, lead_file_id: int) -> None:
        self.lead_file_id = lead_file_id
        self.next = time.monotonic() + TELL_EVERY
        self.connection: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.connection:
            self.connection.close()

    def tell(self, done: int) -> None:
        if done % 500 == 0 and time.monotonic() > self.next:
            self.next = time.monotonic() + TELL_EVERY
            self.write(done)

    def write(self, done: int) -> None:
        """Progress is a courtesy: without a connection to spare, the load goes on in silence."""
        try:
            self.connection = self.connection or connection.copy()
            with self.connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                cursor.execute(
                    "UPDATE prospecting_leadfile SET rows_done = %s WHERE id = %s", [done, self.lead_file_id]
                )
        except OperationalError as error:
            logger.warning("progress of lead file %s not told: %s", self.lead_file_id, error)
