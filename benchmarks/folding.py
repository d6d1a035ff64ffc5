"""P3: the rates after 1,000 new calls, whatever the history, beside what one would do without facts.

Beside it: REFRESH MATERIALIZED VIEW of the same rates, and one DuckDB query over all calls.
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from benchmarks import duck
from benchmarks.history import history
from benchmarks.tables import table
from benchmarks.world import run
from reporting.folding import CELL, SUMS, Drift, check, each, fold_everything, rebuild

SIZES = (100_000, 1_000_000, 10_000_000)
NEW, ROUNDS = 1_000, 9
MATERIALIZED = f"""
CREATE MATERIALIZED VIEW rates_again AS
SELECT {each("@", CELL)}, {each("sum(@)::int AS @", SUMS)} FROM contact_day_now GROUP BY {each("@", CELL)}"""


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure(*, small: bool) -> bool:
    rows, medians, drifts = [], [], []
    for size in (10_000, 40_000) if small else SIZES:
        history().grow(size)
        rebuild()
        folds = sorted(_fold() for _ in range(ROUNDS))
        drifts.append(check(since=history().at - timedelta(hours=1)))
        medians.append(statistics.median(folds))
        refresh, duckdb, loading = _refresh(), *duck.query()
        rows.append([size, 1000 * medians[-1], 1000 * folds[-1], refresh, refresh / medians[-1], duckdb, loading])
    head = ["calls of history", "fold of 1,000 ms", "worst of 9 ms", "REFRESH s", "REFRESH / fold"]
    table([*head, "DuckDB s", "its loading s"], rows)
    print(f"Fold at the largest history: {medians[-1] / medians[0]:.2f} × the smallest. Drift: {drifts}.")
    return all(drift == Drift(0, 0) for drift in drifts)


def _fold() -> float:
    history().add_new_calls(NEW)
    return seconds(fold_everything)


def _refresh() -> float:
    run(MATERIALIZED + " WITH NO DATA")
    refresh = seconds(lambda: run("REFRESH MATERIALIZED VIEW rates_again"))
    run("DROP MATERIALIZED VIEW rates_again")
    return refresh
