"""Undoing a load: what the file created goes, what it changed is as before; who was called since stays, and why.

Everything that the load wrote goes with it, so that an undone import leaves the database as it was but for the file's
own row. Contacts are locked in one order and those that somebody works on at this moment are passed by, so an undo
never waits for an agent, and no agent for it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import User
from prospecting.importing.loading import one_load_at_a_time
from prospecting.importing.matching import versions_before
from prospecting.importing.writing import to_side
from prospecting.models import Contact, LeadFile
from prospecting.objecting import OPPOSED, is_opposed, withdraw

IN_HAND, CALLED, PROMISED, WON, TAKEN, ANONYMISED = "in_hand", "called", "promised", "won", "taken", "anonymised"

TOUCHED = """
SELECT id FROM prospecting_contact WHERE lead_file_id = %(file)s
UNION SELECT contact_id FROM prospecting_contactchange WHERE lead_file_id = %(file)s AND what NOT IN ('missing', 'seen')
UNION SELECT contact_id FROM prospecting_basis WHERE lead_file_id = %(file)s AND contact_id IS NOT NULL"""
LOCKED = f"""
CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
SELECT id AS contact_id, lead_file_id = %(file)s AS made, ''::text AS stays
FROM prospecting_contact WHERE id IN ({TOUCHED}) ORDER BY id FOR UPDATE SKIP LOCKED"""
PASSED_BY = f"""
INSERT INTO undoing
SELECT id, lead_file_id = %(file)s, 'in_hand' FROM prospecting_contact c
WHERE id IN ({TOUCHED}) AND NOT EXISTS (SELECT FROM undoing u WHERE u.contact_id = c.id)"""
# A contact that the file made stays for any work done on it; one that was there before, for work since the load.
SINCE = "(u.made OR {moment} >= %(loaded_at)s)"
WORK = (
    (IN_HAND, "prospecting_claim w", "true"),
    (PROMISED, "prospecting_callback w JOIN prospecting_call m ON m.id = w.made_in_id",
     "w.state = 'promised' AND " + SINCE.format(moment="m.logged_at")),
    (WON, "prospecting_conversion w", SINCE.format(moment="w.recorded_at")),
    (WON, "prospecting_appointment w", SINCE.format(moment="w.booked_at")),
    (CALLED, "prospecting_dial w", SINCE.format(moment="w.at")),
    (CALLED, "prospecting_call w LEFT JOIN prospecting_calllog g ON g.id = w.call_log_id "
             "LEFT JOIN prospecting_leadfile l ON l.id = g.lead_file_id",
     SINCE.format(moment="coalesce(l.started_at, w.logged_at)")),
)  # fmt: skip
STAYS = """
UPDATE undoing u SET stays = '{why}' WHERE stays = '' AND EXISTS (
    SELECT FROM {table} WHERE w.contact_id = u.contact_id AND {which})"""
FORGOTTEN = """
UPDATE undoing u SET stays = 'anonymised' FROM prospecting_contact c
WHERE c.id = u.contact_id AND u.stays = '' AND c.anonymised_at IS NOT NULL"""
GONE = "SELECT contact_id FROM undoing WHERE made AND stays = ''"
# What hangs on a contact that goes: a withdrawn basis is a proof, and outlives it.
REMOVE = (
    "DELETE FROM prospecting_basis WHERE lead_file_id = %(file)s AND withdrawn_at IS NULL AND contact_id IN "
    "(SELECT contact_id FROM undoing WHERE stays = '')",
    f"UPDATE prospecting_basis SET contact_id = NULL WHERE contact_id IN ({GONE})",
    f"UPDATE prospecting_accessentry SET contact_id = NULL WHERE contact_id IN ({GONE})",
    f"DELETE FROM prospecting_kindreview WHERE contact_id IN ({GONE})",
    f"DELETE FROM prospecting_skip WHERE contact_id IN ({GONE})",
    f"DELETE FROM prospecting_callback WHERE contact_id IN ({GONE})",
    f"DELETE FROM prospecting_contactchange WHERE contact_id IN ({GONE})",
)
DELETE = f"DELETE FROM prospecting_contact WHERE id IN ({GONE})"
# Its former number may belong to somebody else by now.
TAKEN_SINCE = """
UPDATE undoing u SET stays = 'taken'
FROM prospecting_contactchange ch, prospecting_contact c
WHERE ch.lead_file_id = %(file)s AND ch.contact_id = u.contact_id AND c.id = u.contact_id AND u.stays = ''
  AND ch.before->>'phone' IS NOT NULL AND EXISTS (
    SELECT FROM prospecting_contact o
    WHERE o.mission_id = c.mission_id AND o.phone = ch.before->>'phone' AND o.id <> c.id
      AND coalesce((ch.before->>'apart')::smallint, c.apart) IN (0, o.apart))"""
# A contact that still shares its number keeps saying so.
RESTORED = """
CREATE TEMPORARY TABLE restored ON COMMIT DROP AS
SELECT ch.id, ch.contact_id, CASE WHEN EXISTS (
    SELECT FROM prospecting_contact o
    WHERE o.mission_id = c.mission_id AND o.phone = coalesce(ch.before->>'phone', c.phone) AND o.id <> c.id
) THEN ch.before - 'apart' ELSE ch.before END AS before
FROM prospecting_contactchange ch JOIN undoing u ON u.contact_id = ch.contact_id AND NOT u.made AND u.stays = ''
JOIN prospecting_contact c ON c.id = ch.contact_id
WHERE ch.lead_file_id = %(file)s AND ch.what NOT IN ('missing', 'seen')"""
FIELDS_BACK = to_side("before", "restored", "true")
STATES_BACK = """
UPDATE prospecting_contact c
SET state = r.before->>'state', blocked_reason = r.before->>'blocked_reason',
    next_at = (r.before->>'next_at')::timestamptz, callback_for_id = (r.before->>'callback_for_id')::bigint
FROM restored r WHERE c.id = r.contact_id AND r.before ? 'state' AND c.state = 'blocked'"""
PROMISES_BACK = """
UPDATE prospecting_callback p SET state = 'promised'
FROM restored r WHERE p.id = (r.before->>'promise')::bigint AND p.state = 'cancelled'"""
FREED = "SELECT contact_id FROM restored WHERE before ? 'state'"
FORGET = (
    "DELETE FROM prospecting_contactchange WHERE id IN (SELECT id FROM restored)",
    "DELETE FROM prospecting_contactchange WHERE lead_file_id = %(file)s AND what IN ('missing', 'seen')",
    "DELETE FROM prospecting_setasiderow WHERE lead_file_id = %(file)s",
    "UPDATE prospecting_setasiderow SET taken_up_in_id = NULL WHERE taken_up_in_id = %(file)s",
)
BUILT_UPON = """
SELECT f.id FROM prospecting_leadfile f
WHERE f.mission_id = %(mission)s AND f.state = 'loaded' AND f.id <> %(file)s AND f.finished_at >= %(loaded_at)s
  AND EXISTS (SELECT FROM prospecting_contactchange ch WHERE ch.lead_file_id = f.id AND (
        ch.contact_id IN (SELECT id FROM prospecting_contact WHERE lead_file_id = %(file)s)
     OR ch.contact_id IN (SELECT contact_id FROM prospecting_contactchange
                          WHERE lead_file_id = %(file)s AND what NOT IN ('missing', 'seen'))))
ORDER BY f.finished_at DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: contacts removed, contacts as before again, and those that stay as they are, {why: how many}.

    Whys: in_hand, promised, won, called, taken (its number of before is another contact's), anonymised.
    """

    lead_file: LeadFile
    removed: int = 0
    restored: int = 0
    stayed: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def undo_load(*, lead_file: LeadFile, by: User | None, at: datetime, name: str) -> Undone:
    """Undo the load of a file; `name` is the file's, typed by who asks. Doing it twice is doing it once.

    Raises Invalid when the name is another one; Refused when the file is not loaded, is a call log, or when a file
    loaded later knows the same contacts: that one is undone first.
    """
    one_load_at_a_time(lead_file.mission)
    locked = LeadFile.objects.select_for_update(no_key=True, of=("self",)).get(pk=lead_file.pk)
    if " ".join(name.split()) != " ".join(locked.name.split()):
        raise Invalid("other_name", _("Ce n’est pas le nom du fichier : recopiez-le tel quel."), field="name")
    if locked.state == LeadFile.State.UNDONE:
        return Undone(locked, stayed=stayed_of(locked))
    check_may_be_undone(locked)
    undone = take_back(locked)
    locked.state, locked.undone_at, locked.undone_by = LeadFile.State.UNDONE, at, by
    locked.save(update_fields=["state", "undone_at", "undone_by"])
    return undone


def check_may_be_undone(lead_file: LeadFile) -> None:
    """Raises Refused, naming what stands in the way."""
    if lead_file.state != LeadFile.State.LOADED or lead_file.kind != LeadFile.Kind.FILE:
        raise Refused("not_loaded", _("Ce fichier n’est pas chargé : il n’y a rien à défaire."))
    if lead_file.call_logs.exists():
        raise Refused("call_log", _("Un journal d’appels ne se défait pas : ce sont des appels passés."))
    if later := built_upon(lead_file):
        sentence = _("« %(name)s », chargé après, connaît les mêmes fiches : défaites-le d’abord.")
        raise Refused("built_upon", sentence % {"name": later.name}, lead_file=str(later.public_id))


def built_upon(lead_file: LeadFile) -> LeadFile | None:
    """The latest loaded file that knows contacts of this one."""
    newer = LeadFile.objects.filter(mission_id=lead_file.mission_id, state=LeadFile.State.LOADED)
    versions = newer.exclude(newer_than=None).order_by("-finished_at")
    if found := next((one for one in versions if lead_file.pk in versions_before(one)), None):
        return found
    with connection.cursor() as cursor:
        cursor.execute(BUILT_UPON, said_of(lead_file))
        row = cursor.fetchone()
    return LeadFile.objects.get(pk=row[0]) if row else None


def said_of(lead_file: LeadFile) -> dict[str, Any]:
    return {"file": lead_file.pk, "mission": lead_file.mission_id, "loaded_at": lead_file.finished_at}


def take_back(lead_file: LeadFile) -> Undone:
    said = said_of(lead_file)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.undoing, pg_temp.restored")
        decide_what_stays(cursor, said)
        for statement in REMOVE:
            cursor.execute(statement, said)
        cursor.execute(DELETE)
        removed = cursor.rowcount
        cursor.execute(TAKEN_SINCE, said)
        cursor.execute(RESTORED, said)
        for statement in (FIELDS_BACK, STATES_BACK, PROMISES_BACK):
            cursor.execute(statement)
        keep_opposed_out(cursor)
        cursor.execute("SELECT count(*) FROM restored")
        (restored,) = cursor.fetchone()
        for statement in FORGET:
            cursor.execute(statement, said)
        cursor.execute("SELECT stays, count(*) FROM undoing WHERE stays <> '' GROUP BY stays ORDER BY 2 DESC, 1")
        return Undone(lead_file, removed, restored, dict(cursor.fetchall()))


def keep_opposed_out(cursor: CursorWrapper) -> None:
    """Who has opposed since the load held them back stays out of every queue: an opposition is never undone."""
    cursor.execute(FREED)
    freed = Contact.objects.select_related("mission").filter(pk__in=[pk for (pk,) in cursor.fetchall()])
    opposed = [contact.pk for contact in freed if contact.phone and is_opposed(contact.mission, contact.phone)]
    if opposed:
        withdraw(Contact.objects.filter(pk__in=opposed), reason=OPPOSED)


def decide_what_stays(cursor: CursorWrapper, said: dict[str, Any]) -> None:
    """Lock first, then look: a contact that is locked here can be neither claimed nor dialled until the end."""
    cursor.execute(LOCKED, said)
    cursor.execute(PASSED_BY, said)
    cursor.execute("ANALYZE pg_temp.undoing")
    for why, table, which in WORK:
        cursor.execute(STAYS.format(why=why, table=table, which=which), said)
    cursor.execute(FORGOTTEN)


STAYED = f"""
WITH u AS (
    SELECT c.id AS contact_id, c.lead_file_id = %(file)s AS made, c.anonymised_at
    FROM prospecting_contact c WHERE c.id IN (
        SELECT id FROM prospecting_contact WHERE lead_file_id = %(file)s
        UNION SELECT contact_id FROM prospecting_contactchange WHERE lead_file_id = %(file)s)
)
SELECT u.contact_id, CASE {
    " ".join(f"WHEN EXISTS (SELECT FROM {table} WHERE w.contact_id = u.contact_id AND {which}) THEN '{why}'"
             for why, table, which in WORK)
    } WHEN u.anonymised_at IS NOT NULL THEN 'anonymised' ELSE 'taken' END
FROM u ORDER BY 1"""  # fmt: skip


def stayed(lead_file: LeadFile, limit: int) -> list[tuple[Contact, str]]:
    """Of an undone file, the contacts that stayed as its load left them, each with the reason: the first `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(STAYED + " LIMIT %(limit)s", {**said_of(lead_file), "limit": limit})
        whys: dict[int, str] = dict(cursor.fetchall())
    found = Contact.objects.in_bulk(whys)
    return [(found[pk], why) for pk, why in whys.items()]


def stayed_of(lead_file: LeadFile) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT why, count(*) FROM ({STAYED}) s(contact_id, why) GROUP BY 1 ORDER BY 2 DESC, 1", said_of(lead_file)
        )
        return dict(cursor.fetchall())
