"""A contact without its person: names, numbers and words go, its calls stay and count as before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from prospecting.models import Contact
from prospecting.objecting import withdraw
from prospecting.rules.regimes import VERSIONS

ANONYMISED: Final = "anonymised"
# A number stays on a dial and on a refusal for as long as the law counts them, and not a day longer.
COUNTED: Final = max(version.attempts_within for version in VERSIONS)
COOLING: Final = max(version.cool_off for version in VERSIONS)
SWEPT: Final = COOLING + timedelta(days=30)  # how long after its erasure a contact is looked at again

CONTACT = """
UPDATE prospecting_contact SET phone = NULL, phone_raw = '', other_phones = '[]', company = '', first_name = '',
    last_name = '', job_title = '', email = '', address = '', postal_code = left(postal_code, 2), city = '', siret = '',
    external_id = '', columns = '{}', also_at = '[]', anonymised_at = %(at)s
WHERE id = ANY(%(contacts)s) AND anonymised_at IS NULL"""
# What stands around it. Only the rows that still say something are written.
AROUND = (
    """UPDATE prospecting_call SET note = '', reason = '', answers = '{}'
       WHERE contact_id = ANY(%(contacts)s) AND (note <> '' OR reason <> '' OR answers <> '{}')""",
    """UPDATE prospecting_call SET phone = ''
       WHERE contact_id = ANY(%(contacts)s) AND phone <> '' AND NOT (refusal AND started_at > %(cooling)s)""",
    """UPDATE prospecting_dial SET phone = ''
       WHERE contact_id = ANY(%(contacts)s) AND phone <> '' AND at <= %(counted)s""",
    """UPDATE prospecting_appointment SET place = '', note = '', email = ''
       WHERE contact_id = ANY(%(contacts)s) AND (place <> '' OR note <> '' OR email <> '')""",
    """UPDATE prospecting_appointmentevent SET detail = '{}' WHERE detail <> '{}' AND appointment_id IN
       (SELECT id FROM prospecting_appointment WHERE contact_id = ANY(%(contacts)s))""",
    """UPDATE prospecting_contactchange SET before = '{}', after = '{}'
       WHERE contact_id = ANY(%(contacts)s) AND (before <> '{}' OR after <> '{}')""",
    # A voice names somebody too: the night deletes it, and nobody listens to it until then.
    """UPDATE prospecting_recording SET purge_on = %(at)s::date WHERE purge_on > %(at)s::date AND purged_at IS NULL
       AND call_id IN (SELECT id FROM prospecting_call WHERE contact_id = ANY(%(contacts)s))""",
    # What the criteria found stays with what it owes; the words that the person said go, as they go from the call.
    """UPDATE prospecting_acceptance SET verdict = (SELECT jsonb_agg(line || '{"answer": ""}' ORDER BY place)
           FROM jsonb_array_elements(verdict) WITH ORDINALITY AS lines (line, place))
       WHERE contact_id = ANY(%(contacts)s) AND jsonb_path_exists(verdict, '$[*] ? (@.answer != "")')""",
    """UPDATE prospecting_skip SET note = '' WHERE contact_id = ANY(%(contacts)s) AND note <> ''""",
    """UPDATE prospecting_basis SET contact_id = NULL WHERE contact_id = ANY(%(contacts)s)""",
)
LEFT_BEHIND = "SELECT id FROM prospecting_contact WHERE anonymised_at > %s ORDER BY id"


@transaction.atomic
def anonymise(contact_ids: Sequence[int], *, at: datetime) -> int:
    """Take everything that names somebody off these contacts and what hangs on them; how many were not yet.

    They leave every queue. Oppositions and proofs of consent know only a hash, and stay.
    """
    contacts = Contact.objects.filter(pk__in=list(contact_ids))
    withdraw(contacts, reason=ANONYMISED)
    with connection.cursor() as cursor:
        said = _said(contact_ids, at)
        cursor.execute(CONTACT, said)
        done: int = cursor.rowcount
        for statement in AROUND:
            cursor.execute(statement, said)
    return done


def sweep(at: datetime, batch: int = 1000) -> None:
    """Once more over those erased lately: numbers that no longer count, notes saved by a call that was under way."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND, [at - SWEPT])
        contacts = [pk for (pk,) in cursor.fetchall()]
    for start in range(0, len(contacts), batch):
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in AROUND:
                cursor.execute(statement, _said(contacts[start : start + batch], at))


def _said(contact_ids: Sequence[int], at: datetime) -> dict[str, Any]:
    return {"contacts": list(contact_ids), "at": at, "cooling": at - COOLING, "counted": at - COUNTED}
