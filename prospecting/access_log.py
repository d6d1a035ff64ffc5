"""The access log: who saw, took out or erased a person's data. Append-only; a trigger of the database keeps it so."""

from datetime import datetime

from marketplace.models import Organisation, User
from prospecting.models import AccessEntry, Contact

What = AccessEntry.What


def note_access(
    what: str,
    *,
    at: datetime,
    organisation: Organisation | None,
    user: User | None = None,
    contact: Contact | None = None,
    number_hash: str = "",
    detail: str = "",
) -> AccessEntry:
    """One line. `detail` never holds the data itself: what was sought is told by its hash or its kind."""
    return AccessEntry.objects.create(
        what=what,
        at=at,
        organisation=organisation,
        user=user,
        contact=contact,
        number_hash=number_hash,
        detail=detail[:300],
    )
