"""Loading a lead file: its rows become contacts in one transaction; a kill at any moment leaves nothing half-imported.

The number decides: within a mission the file that brought it first owns the contact, later rows at the same number are
kept beside it (`Contact.also_at`), and a later file only fills in what was empty.
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
from prospecting.importing.phones import DO_NOT_CALL
from prospecting.importing.receiving import table_of
from prospecting.importing.rows import TEXT_FIELDS, RowReader
from prospecting.importing.staging import Tally, judge, stage
from prospecting.models import Contact, LeadFile
from prospecting.objecting import withdraw

logger = logging.getLogger(__name__)

IMPORTS = 20_117  # first key of the advisory locks that keep two loads into one mission apart
PATIENCE = timedelta(seconds=10)  # what a worker may take to answer the doorbell
TELL_EVERY = 0.5  # seconds between two reports of progress

FIELDS = ", ".join(TEXT_FIELDS)
INSERT = f"""
INSERT INTO prospecting_contact (organisation_id, mission_id, lead_file_id, phone, phone_raw, other_phones, territory,
                                 {FIELDS}, columns, row_number)
SELECT %(organisation)s, %(mission)s, %(lead_file)s, s.phone, s.phone_raw, s.other_phones, s.territory,
       {", ".join(f"s.{name}" for name in TEXT_FIELDS)}, s.columns, s.row_number
FROM staged s JOIN judged j USING (row_number)
WHERE j.nth = 1 AND j.contact_id IS NULL
ORDER BY s.row_number
ON CONFLICT (mission_id, phone, apart) WHERE phone IS NOT NULL DO NOTHING"""
# A row that stays beside a contact: what it says, under the file that it came from.
BESIDE = f"""jsonb_strip_nulls(jsonb_build_object('file', %(name)s::text, 'row', s.row_number,
    {", ".join(f"'{name}', nullif(s.{name}, '')" for name in TEXT_FIELDS)}, 'columns', nullif(s.columns, '{{}}')))"""
# What a row says that its contact does not: bringing the same file again adds nothing.
TELLS_MORE = f"""NOT (c.also_at @> jsonb_build_array({BESIDE}) OR (c.columns @> s.columns
    AND {" AND ".join(f"s.{name} IN ('', c.{name})" for name in TEXT_FIELDS)}))"""
COMPLETE = f"""
UPDATE prospecting_contact c
SET {", ".join(f"{name} = coalesce(nullif(c.{name}, ''), s.{name})" for name in TEXT_FIELDS)},
    columns = s.columns || c.columns,
    other_phones = c.other_phones || (
        SELECT coalesce(jsonb_agg(more), '[]') FROM jsonb_array_elements(s.other_phones) more
        WHERE NOT c.other_phones @> more),
    also_at = CASE WHEN {TELLS_MORE} THEN c.also_at || {BESIDE} ELSE c.also_at END,
    territory = CASE WHEN c.territory = 'FR?' THEN s.territory ELSE c.territory END
FROM staged s JOIN judged j USING (row_number)
WHERE j.nth = 1 AND c.id = j.contact_id AND ({TELLS_MORE} OR NOT c.other_phones @> s.other_phones)"""
# A number that came into the mission by another way while this file was read.
MEANWHILE = """
UPDATE judged SET contact_id = c.id FROM prospecting_contact c
WHERE judged.contact_id IS NULL AND judged.nth = 1 AND c.mission_id = %(mission)s AND c.phone = judged.phone
  AND c.lead_file_id <> %(lead_file)s"""
MERGE = f"""
UPDATE prospecting_contact SET also_at = also_at || beside.rows
FROM (SELECT c.id, jsonb_agg({BESIDE} ORDER BY s.row_number) AS rows
      FROM staged s JOIN judged j USING (row_number)
      JOIN prospecting_contact c ON c.mission_id = %(mission)s AND c.phone = s.phone
      WHERE j.nth > 1 AND NOT c.also_at @> jsonb_build_array({BESIDE}) GROUP BY c.id) AS beside
WHERE prospecting_contact.id = beside.id"""
SET_ASIDE = """
INSERT INTO prospecting_setasiderow (lead_file_id, row_number, "column", value, reason, cells)
SELECT %(lead_file)s, row_number, "column", value, reason, cells FROM staged WHERE reason <> ''"""
ABANDONED = """
SELECT f.id FROM prospecting_leadfile f
WHERE f.state IN ('queued', 'loading') AND f.started_at < %(before)s AND NOT EXISTS (
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %(space)s AND l.objid = f.mission_id)
ORDER BY f.started_at"""
TELL = "UPDATE prospecting_leadfile SET rows_done = %s WHERE id = %s"
FORBIDDEN = "SELECT DISTINCT phone FROM staged WHERE reason = %(reason)s AND phone <> ''"


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
    table = table_of(lead_file)
    reader = RowReader(table.layout.headers, lead_file.mapping)
    with Progress(lead_file.pk) as progress:
        stage(lead_file.mission, reader, table.rows(), tell=progress.tell)
        tally = judge(lead_file.mission)
    tally = write_contacts(lead_file, tally)
    hold_back_forbidden(lead_file.mission)
    finish(lead_file, tally, reader, at + timedelta(seconds=time.monotonic() - began))


def one_load_at_a_time(mission: Mission) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORTS, mission.pk])


def write_contacts(lead_file: LeadFile, tally: Tally) -> Tally:
    """Insert, complete, merge, set aside. A number that appeared meanwhile counts as updated."""
    said: dict[str, int | str] = {
        "organisation": lead_file.organisation_id,
        "mission": lead_file.mission_id,
        "lead_file": lead_file.pk,
        "name": lead_file.name,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, said)
        created = cursor.rowcount
        if created < tally.created:
            cursor.execute(MEANWHILE, said)
        cursor.execute(COMPLETE, said)
        cursor.execute(MERGE, said)
        cursor.execute(SET_ASIDE, said)
    tally.updated += tally.created - created
    tally.created = created
    return tally


def hold_back_forbidden(mission: Mission) -> None:
    """A number that this file forbids leaves the queues of the whole business, whichever file brought it."""
    with connection.cursor() as cursor:
        cursor.execute(FORBIDDEN, {"reason": DO_NOT_CALL})
        phones = [phone for (phone,) in cursor.fetchall()]
    if phones:
        contacts = Contact.objects.filter(organisation_id=mission.organisation_id, phone__in=phones)
        withdraw(contacts, reason=DO_NOT_CALL)


def finish(lead_file: LeadFile, tally: Tally, reader: RowReader, at: datetime) -> None:
    LeadFile.objects.filter(pk=lead_file.pk).update(
        state=LeadFile.State.LOADED,
        refusal="",
        rows=tally.rows,
        rows_done=tally.rows,
        created=tally.created,
        updated=tally.updated,
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
