"""Ids shown outside are UUIDv7, made by PostgreSQL 18 itself, so a COPY or a bulk insert gets them too."""

from django.db.models import Func, UUIDField


class UUIDv7(Func):
    """`uuidv7()` as a database default: time-ordered, unguessable, never a counter."""

    function = "uuidv7"
    arity = 0
    output_field = UUIDField()


def public_id() -> UUIDField:  # type: ignore[type-arg]
    """The id that addresses, API answers and exports carry."""
    return UUIDField(unique=True, editable=False, db_default=UUIDv7())
