"""P4: all rates again from all calls, beside one DuckDB query and the best SQL written by hand."""

import time
from typing import Any

from django.db import connection

from benchmarks import duck
from benchmarks.folding import SIZES, seconds
from benchmarks.history import history
from benchmarks.tables import table
from benchmarks.world import run
from reporting.folding import SUMS, each, rebuild


def measure(*, small: bool) -> bool:
    history().grow(40_000 if small else SIZES[-1])
    steps: list[tuple[float, str]] = []
    with connection.execute_wrapper(_timed(steps)):
        ours = seconds(rebuild)
    by_hand = seconds(lambda: run(f"CREATE TABLE cells_by_hand AS {duck.summed(duck.IN_POSTGRES)}"))
    _compare_and_drop()
    duckdb, loading = duck.query()
    facts = run("SELECT count(*) FROM contact_day")[0][0]
    table(
        ["what", "seconds", "× DuckDB", "× SQL by hand"],
        [
            [f"rebuild: {facts:,} facts, their indexes and sums", ours, ours / duckdb, ours / by_hand],
            ["SQL by hand: sums only", by_hand, by_hand / duckdb, 1.0],
            ["DuckDB: sums only", duckdb, 1.0, duckdb / by_hand],
            ["DuckDB with export and loading", duckdb + loading, (duckdb + loading) / duckdb, ""],
        ],
    )
    print(f"Calls: {history().calls:,}. The longest steps of the rebuild:")
    table(["step", "seconds"], [[sql, taken] for taken, sql in sorted(steps, reverse=True)[:6]])
    return True


def _timed(steps: list[tuple[float, str]]) -> Any:
    def listen(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, values, many, context)
        finally:
            steps.append((time.perf_counter() - began, " ".join(sql.split())[:60]))

    return listen


def _compare_and_drop() -> None:
    """A reference that gives other numbers is none."""
    sql = f"SELECT count(*), {each('sum(@)::bigint', SUMS)} FROM "
    theirs, ours = run(sql + "cells_by_hand"), run(sql + "rate_cell")
    run("DROP TABLE cells_by_hand")
    assert theirs == ours, f"by hand {theirs}, the rates {ours}"
