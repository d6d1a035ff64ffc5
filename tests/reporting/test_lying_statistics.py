"""A fold reads a few rows for each contact, whatever the planner believes of the tables."""

from contextlib import contextmanager

import pytest
from django.db import connection

from reporting.folding import APPLY, Drift, check, fold
from tests.reporting import given
from tests.reporting.conftest import paris

CONTACTS = 1_500
TABLES = [
    "prospecting_call",
    "prospecting_contact",
    "prospecting_conversion",
    "marketplace_mission",
    "contact_day",
    "rate_cell",
]


@pytest.fixture
def calls(db):
    """Two calls to each contact, the later of every fifth taken back: many contacts, calls and corrections."""
    mission = given.a_mission()
    contacts, agent = given.contacts(given.a_file(mission), CONTACTS), given.an_agent(mission, "Bob")
    for day in (2, 3):
        made = given.insert_calls([row(contact, agent, day) for contact in contacts])
    given.insert_calls(
        row(contact, agent, 3) | {"corrects_id": call, "void": True} | dict.fromkeys(given.FLAGS, False)
        for contact, call in list(zip(contacts, made, strict=True))[::5]
    )
    return contacts, agent


def row(contact, agent, day):
    who = (contact.organisation_id, contact.mission_id, contact.pk, agent.pk)
    return dict(zip(given.WHO, who, strict=True)) | dict.fromkeys(given.FLAGS, True) | {"started_at": paris(day)}


def say(pages, rows):
    """What a table was found to hold when it was last analysed: the planner multiplies its pages of today by that."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s,"
                " 'relpages', %s::int, 'reltuples', %s::real)",
                [table, pages, rows],
            )


@contextmanager
def counting_rows(counted):
    """Runs the fold's statement under EXPLAIN, which does what it explains, and adds up the rows its steps saw."""

    def explain(execute, sql, values, many, context):
        if sql != APPLY:
            return execute(sql, values, many, context)
        execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values, many, context)
        counted.append(looked_at(context["cursor"].fetchone()[0][0]["Plan"]))
        return None

    with connection.execute_wrapper(explain):
        yield


def looked_at(step):
    thrown_away = step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Join Filter", 0)
    return (step["Actual Rows"] + thrown_away) * step["Actual Loops"] + sum(map(looked_at, step.get("Plans", [])))


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        pytest.param(10, 0, id="analysed when all its rows had gone"),
        pytest.param(0, 0, id="analysed while empty"),
        pytest.param(1_000, 1, id="a thousand times smaller than it is"),
        pytest.param(10, 1_000_000, id="a thousand times bigger than it is"),
    ],
)
def test_a_fold_looks_up_each_contact_alone(calls, pages, rows):
    contacts, agent = calls
    counted = []
    say(pages, rows)
    with counting_rows(counted):
        assert fold() == 2 * CONTACTS + 2 * CONTACTS // 5  # a row taken back marks what it takes back as well
        given.insert_calls(row(contact, agent, 4) for contact in contacts)
        assert fold() == CONTACTS
    assert [count // CONTACTS < 150 for count in counted] == [True, True], counted
    assert check(since=paris(1)) == Drift(contacts=0, cells=0)
