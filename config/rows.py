"""Plain SQL for the few statements that every call runs: prepared on the server, models in and out.

The ORM composes a statement anew each time and PostgreSQL plans it anew, at many times the price of running it. What is
sent from here shares the ORM's connection, transaction and errors, and counts as a query like any other.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

import orjson
import psycopg
from django.db import connection
from django.db.models import JSONField, Model
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)
Values = Mapping[str, Any] | Sequence[Any]


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Binds on the server, unlike Django's own cursor, and keeps the plan."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> "_Prepared":
        return super().execute(query, params, prepare=True)


def rows(sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement. Write a type where PostgreSQL cannot tell it from what stands beside: `%(at)s::date`.

    Under 4,096 characters and 50 values, psycopg reads the statement once only.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(_Prepared(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.pgresult.nfields else []


def first(sql: str, values: Values = ()) -> tuple[Any, ...] | None:
    return next(iter(rows(sql, values)), None)


class Columns(Generic[M]):
    """Some columns of a model's table (all without names, which are attribute names), to be selected and made a row.

    What is left out is read when it is asked for, as after `only()`.
    """

    def __init__(self, model: type[M], *names: str, without: Sequence[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if field.attname not in without]
        fields = [field for field in fields if field.attname in names] if names else fields
        self.model = model
        self.names = [field.attname for field in fields]
        self.columns = [field.column for field in fields]
        self.json = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]

    def __len__(self) -> int:
        return len(self.names)

    def of(self, alias: str) -> str:
        """As a SELECT lists them: `c.id, c.phone`."""
        return ", ".join(f"{alias}.{column}" for column in self.columns)

    def make(self, values: Sequence[Any]) -> M:
        read = list(values)
        for place in self.json:
            read[place] = orjson.loads(read[place]) if read[place] is not None else None
        row = self.model.__new__(self.model)  # as from_db() does, without going through every field of the model
        row.__dict__.update(zip(self.names, read, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, "default"
        return row


def split(row: Sequence[Any], *parts: Columns[Any]) -> list[Any]:
    """The models of a wide row, in the order of its SELECT, then what is left. None for an outer join that met none."""
    made, start = [], 0
    for part in parts:
        values = row[start : start + len(part)]
        made.append(None if values[0] is None else part.make(values))
        start += len(part)
    return [*made, *row[start:]]


def insert(row: Model, names: Sequence[str], *, first_do: str = "", also: str = "NULL", **values: Any) -> Any:
    """Write a new row with these attributes, the others as the database makes them; `row` learns its ids.

    `first_do` is the rest of a WITH that goes along in the same statement, `also` what is returned beside the ids.
    """
    sql = _insert(type(row), tuple(names))
    ids, public_id, more = rows(f"{first_do} {sql}, {also}", values | _values(row, names))[0]
    row.pk, row.public_id = ids, public_id  # type: ignore[attr-defined]
    row._state.adding, row._state.db = False, "default"
    return more


def update(row: Model, names: Sequence[str]) -> None:
    """Write these attributes of a row that is locked."""
    rows(_update(type(row), tuple(names)), {"id": row.pk} | _values(row, names))


@cache
def _insert(model: type[Model], names: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(_column(model, name) for name in names)})"
        f" VALUES ({', '.join(_place(model, name) for name in names)}) RETURNING id, public_id"
    )


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_column(model, name)} = {_place(model, name)}" for name in names)
    return f"UPDATE {model._meta.db_table} SET {changes} WHERE id = %(id)s"


def _values(row: Model, names: Sequence[str]) -> dict[str, Any]:
    kept = _json(type(row))
    return {name: json.dumps(row.__dict__[name]) if name in kept else row.__dict__[name] for name in names}


def _column(model: type[Model], name: str) -> str:
    return next(str(field.column) for field in model._meta.concrete_fields if field.attname == name)


def _place(model: type[Model], name: str) -> str:
    return f"%({name})s::jsonb" if name in _json(model) else f"%({name})s"


@cache
def _json(model: type[Model]) -> frozenset[str]:
    return frozenset(field.attname for field in model._meta.concrete_fields if isinstance(field, JSONField))
