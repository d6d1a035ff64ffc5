"""Whatever happens, in whatever order, the rates are what a count by hand gives."""

import os
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from reporting.folding import SUMS
from tests.reporting.history import OPERATIONS, START, History

HISTORIES = int(os.environ.get("HISTORIES", "200"))


def run(seed: int) -> History:
    """One history from an empty database, which is left empty again."""
    with transaction.atomic():
        history = History(seed)
        history.run()
        got, (want, reaches) = history.cells(), history.expected()
        assert got == want, f"seed {seed}: {difference(got, want)}"
        for _ in range(6):
            assert_distinct_in_a_window(history, reaches)
        history.measures = sum(want.values(), Counter())
        history.unattributed = any(agent == 0 for _, _, agent, _ in want)
        transaction.set_rollback(True)
    return history


def difference(got, want):
    return {key: (got.get(key), want.get(key)) for key in got.keys() | want.keys() if got.get(key) != want.get(key)}


def assert_distinct_in_a_window(history, reaches):
    """Distinct contacts reached in a window are the rows whose previous day is null or before the window."""
    first = START.date() + timedelta(days=history.random.randint(-8, 30))
    last = first + timedelta(days=history.random.choice([0, 1, 3, 7, 30]))
    lead_file, agent = history.random.choice(history.files).pk, history.random.choice([0, *history.agents])
    new = (
        "agent_id = %(agent)s AND (pair_prev_day IS NULL OR pair_prev_day < %(first)s)"
        if agent
        else "opens_day AND (prev_day IS NULL OR prev_day < %(first)s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM contact_day WHERE lead_file_id = %(file)s AND talks > 0"
            f" AND day BETWEEN %(first)s AND %(last)s AND {new}",
            {"file": lead_file, "agent": agent, "first": first, "last": last},
        )
        counted = cursor.fetchone()[0]
    assert counted == len({c for _, f, a, c, day in reaches if (f, a) == (lead_file, agent) and first <= day <= last})


@pytest.mark.django_db
@pytest.mark.parametrize("start", range(0, HISTORIES, 100))
def test_every_cell_equals_the_count_by_hand_after_any_history(start):
    done, measures, unattributed = Counter(), Counter(), 0
    for seed in range(start, start + 100):
        history = run(seed)
        done += history.done
        measures += history.measures
        unattributed += history.unattributed
    # the histories must have gone everywhere, or they prove nothing
    assert set(done) == set(OPERATIONS)
    assert set(measures) == set(SUMS)
    assert unattributed
