"""The SQL that an activity sends, recorded once and sent again by psycopg alone, for other rows of the same kind."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

CALL = "INSERT INTO prospecting_call "


@dataclass(frozen=True)
class Name:
    """Stands for a value that differs from one job to the next."""

    name: str


@dataclass(frozen=True)
class Statement:
    sql: str
    values: Any
    in_transaction: bool


def recorded(act: Callable[[], dict[Any, str]]) -> list[Statement]:
    """What `act` sends to PostgreSQL. It returns {value: name} for what varies."""
    seen: list[Statement] = []

    def listen(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        seen.append(Statement(sql, values, connection.in_atomic_block))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(listen):
        names = act()

    def named(value: Any) -> Any:
        known = isinstance(value, int | str | UUID) and not isinstance(value, bool) and value in names
        return Name(names[value]) if known else value

    return [Statement(one.sql, _each(one.values or [], named), one.in_transaction) for one in seen]


def replayer() -> Callable[[list[Statement], dict[str, Any]], None]:
    """A connection of its own, and what sends a recording again with these values: as Django does, in one transaction.

    The id of a call is known once its row is inserted.
    """
    link = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, cursor_factory=psycopg.ClientCursor)

    def send(statement: Statement, names: dict[str, Any]) -> None:
        values = _each(statement.values, lambda value: names[value.name] if isinstance(value, Name) else value)
        cursor = link.execute(statement.sql, values)
        if CALL in statement.sql:
            names["call"], *_defaults = cursor.fetchone() or ()

    def replay(recording: list[Statement], names: dict[str, Any]) -> None:
        before = [one for one in recording if not one.in_transaction]
        for one in before:
            send(one, names)
        with link.transaction():
            for one in recording[len(before) :]:
                send(one, names)

    return replay


def _each(values: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(values, dict):
        return {key: change(value) for key, value in values.items()}
    return [change(value) for value in values]
