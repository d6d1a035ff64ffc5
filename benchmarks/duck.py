"""The same sums in DuckDB, by one query over all calls, and in PostgreSQL by the best SQL we could write by hand.

Both leave out what the product also weighs: corrections, voids, conversions outside a call and the facts themselves.
"""

import os
import tempfile
import time
from pathlib import Path

import duckdb
from django.db import connection

from benchmarks.world import run
from reporting.folding import CELL, SUMS, each

COPIED = """
COPY (SELECT c.id, c.contact_id, c.engagement_id AS agent_id, k.organisation_id, k.mission_id, k.lead_file_id,
             c.started_at, c.seconds, c.dials, c.answered, c.reached, c.argued, c.converted, m.time_zone, m.window_days
      FROM prospecting_call c JOIN prospecting_contact k ON k.id = c.contact_id
      JOIN marketplace_mission m ON m.id = k.mission_id) TO STDOUT (FORMAT csv, HEADER)"""

# One sort of the calls by contact; an agent's firsts come from an aggregate, since days and instants rise together.
SUMMED = """
WITH placed AS (
  {source}
), ordered AS (
  SELECT *,
    row_number() OVER so_far AS place,
    count(*) FILTER (WHERE answered) OVER so_far AS answers,
    count(*) FILTER (WHERE reached) OVER so_far AS talks,
    count(*) FILTER (WHERE converted) OVER so_far AS wins,
    bool_or(argued) OVER whole AS ever_argued,
    min(started_at) FILTER (WHERE reached) OVER whole AS first_at,
    min(day) FILTER (WHERE reached) OVER whole AS first_day,
    min(day) FILTER (WHERE converted) OVER whole AS won_day,
    min(started_at) FILTER (WHERE converted) OVER whole AS won_at
  FROM placed
  WINDOW so_far AS (PARTITION BY contact_id ORDER BY started_at, id ROWS UNBOUNDED PRECEDING),
         whole AS (PARTITION BY contact_id)
), judged AS (
  SELECT *, coalesce(won_at >= first_at AND won_day <= first_day + window_days, false) AS won FROM ordered
), by_day AS (
  SELECT mission_id, lead_file_id, agent_id, day, organisation_id,
    sum(seconds) AS seconds, sum(dials) AS dials,
    count(*) FILTER (WHERE reached) AS talks, count(*) FILTER (WHERE argued) AS argued,
    count(*) FILTER (WHERE place = 1) AS called0,
    count(*) FILTER (WHERE answered AND answers = 1) AS answered0,
    count(*) FILTER (WHERE reached AND talks = 1) AS talks0,
    count(*) FILTER (WHERE reached AND talks = 1 AND ever_argued) AS argued0,
    count(*) FILTER (WHERE reached AND talks = 1 AND won) AS first_won,
    count(*) FILTER (WHERE reached AND talks = 2) AS talks1,
    count(*) FILTER (WHERE converted AND wins = 1 AND won AND talks = 1) AS won0,
    count(*) FILTER (WHERE converted AND wins = 1 AND won AND talks = 2) AS won1,
    count(*) FILTER (WHERE converted AND wins = 1 AND won) AS won,
    0 AS pair_first, 0 AS pair_argued, 0 AS pair_won
  FROM judged GROUP BY 1, 2, 3, 4, 5
), pairs AS (
  SELECT mission_id, lead_file_id, agent_id, min(day) AS day, organisation_id,
    bool_or(argued) AS ever_argued, bool_or(converted AND wins = 1 AND won) AS won
  FROM judged WHERE reached GROUP BY contact_id, mission_id, lead_file_id, agent_id, organisation_id
), by_pair AS (
  SELECT mission_id, lead_file_id, agent_id, day, organisation_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    count(*), count(*) FILTER (WHERE ever_argued), count(*) FILTER (WHERE won)
  FROM pairs GROUP BY 1, 2, 3, 4, 5
), both_kinds AS (SELECT * FROM by_day UNION ALL SELECT * FROM by_pair)
SELECT {cell}, {sums} FROM both_kinds GROUP BY {cell}"""
IN_POSTGRES = """
SELECT c.id, c.contact_id, c.engagement_id AS agent_id, k.organisation_id, k.mission_id, k.lead_file_id, c.started_at,
       (c.started_at AT TIME ZONE m.time_zone)::date AS day, c.seconds, c.dials, c.answered, c.reached, c.argued,
       c.converted, m.window_days
FROM prospecting_call c JOIN prospecting_contact k ON k.id = c.contact_id
JOIN marketplace_mission m ON m.id = k.mission_id
WHERE NOT c.void AND NOT EXISTS (SELECT 1 FROM prospecting_call later WHERE later.corrects_id = c.id)"""
IN_DUCKDB = """
SELECT * REPLACE (window_days::int AS window_days), (started_at AT TIME ZONE time_zone)::date AS day FROM calls"""


def summed(source: str) -> str:
    return SUMMED.format(source=source, cell=each("@", CELL), sums=each("sum(@)::int AS @", SUMS))


def query() -> tuple[float, float]:
    """Seconds of the query over calls that are loaded, and of the export and loading before it."""
    with tempfile.TemporaryDirectory(prefix="decroche-bench-") as folder:
        began = time.perf_counter()
        calls = Path(folder) / "calls.csv"
        _export(calls)
        with duckdb.connect(str(Path(folder) / "calls.duckdb"), config={"threads": os.cpu_count() or 1}) as duck:
            duck.execute("SET enable_progress_bar = false")
            duck.execute(f"CREATE TABLE calls AS SELECT * FROM read_csv('{calls}')")
            calls.unlink()
            loaded = time.perf_counter()
            duck.execute(f"CREATE TABLE cells AS {summed(IN_DUCKDB)}")
            done = time.perf_counter()
            _compare(duck)
    return done - loaded, loaded - began


def _export(path: Path) -> None:
    with connection.cursor() as cursor, cursor.copy(COPIED) as copy, path.open("wb") as file:
        for chunk in copy:
            file.write(chunk)


def _compare(duck: duckdb.DuckDBPyConnection) -> None:
    """A reference that gives other numbers is none."""
    sql = f"SELECT count(*), {each('sum(@)::bigint', SUMS)} FROM "
    theirs, ours = duck.execute(sql + "cells").fetchone(), run(sql + "rate_cell")[0]
    assert theirs == ours, f"DuckDB says {theirs}, the rates say {ours}"
