"""What changed becomes rates: marks are taken, the facts of their contacts recomputed, and the differences added up.

The statements of a fold run in one READ COMMITTED transaction, each with a newer snapshot than the one before: a call
that commits in between is in the facts already or is marked again. Killed anywhere, the fold rolls back, marks and all.
Nothing else writes `contact_day` and `rate_cell`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

BATCH = 5_000  # marks a fold; 1,000 calls over 200 agents take about 0.1 s, whatever the history
CHECKED_DAYS = timedelta(days=35)

# what adds up over contacts, in the names of the definition view, which says what each of them counts
ACTIVITY = ["seconds", "dials", "talks", "argued"]
FIRSTS = ["called0", "answered0", "talks0", "argued0", "first_won"]
TALKS = ["talks1", "won0", "won1", "won"]
PAIRS = ["pair_first", "pair_argued", "pair_won"]
SUMS = [*ACTIVITY, *FIRSTS, *TALKS, *PAIRS]
FACT = ["organisation_id", "mission_id", "lead_file_id", *SUMS, "opens_day", "prev_day", "pair_prev_day"]
CELL = ["mission_id", "lead_file_id", "agent_id", "day", "organisation_id"]


def each(template: str, names: list[str]) -> str:
    """`each("d.@ = a.@", ["x", "y"])` is "d.x = a.x, d.y = a.y"."""
    return ", ".join(template.replace("@", name) for name in names)


TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('decroche.rates'))"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('decroche.rates'))"

# A fold looks up a few contacts and their few calls. Until a table is analysed after a big import, the planner takes
# it for tiny and would read all of it for each contact: minutes instead of milliseconds (seen with 45,000 calls).
BY_INDEX = "SET LOCAL enable_seqscan = off"

TAKE = """
WITH taken AS (
  DELETE FROM dirty_contact
  WHERE ctid = ANY (ARRAY(SELECT ctid FROM dirty_contact LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING contact_id)
SELECT coalesce(array_agg(DISTINCT contact_id), '{}'), count(*) FROM taken"""

APPLY = f"""
WITH now AS MATERIALIZED (SELECT * FROM contact_day_now WHERE contact_id = ANY (%(ids)s::bigint[])),
aim AS (             -- what the facts of these contacts should be; all null where one should go
  SELECT contact_id, agent_id, day, {each("now.@", FACT)}
  FROM now
  FULL JOIN (SELECT contact_id, agent_id, day FROM contact_day WHERE contact_id = ANY (%(ids)s::bigint[])) was
    USING (contact_id, agent_id, day)
), moved AS (
  MERGE INTO contact_day d USING aim a
    ON d.contact_id = a.contact_id AND d.agent_id = a.agent_id AND d.day = a.day
      AND d.contact_id = ANY (%(ids)s::bigint[])
  WHEN MATCHED AND a.dials IS NULL THEN DELETE
  WHEN MATCHED AND ({each("d.@", FACT)}) IS DISTINCT FROM ({each("a.@", FACT)})
    THEN UPDATE SET {each("@ = a.@", FACT)}
  WHEN NOT MATCHED THEN INSERT (contact_id, agent_id, day, {each("@", FACT)})
    VALUES (a.contact_id, a.agent_id, a.day, {each("a.@", FACT)})
  RETURNING old AS o, new AS n
), delta AS (        -- new minus old, per cell
  SELECT {each("@", CELL)}, {each("sum(@)::int AS @", SUMS)}
  FROM (
    SELECT {each("(n).@", CELL)}, {each("(n).@", SUMS)} FROM moved WHERE (n).dials IS NOT NULL
    UNION ALL
    SELECT {each("(o).@", CELL)}, {each("-(o).@", SUMS)} FROM moved WHERE (o).dials IS NOT NULL) change
  GROUP BY {each("@", CELL)}
  HAVING ({each("sum(@)", SUMS)}) <> ({each("0", SUMS)}))
MERGE INTO rate_cell r USING delta s
  ON r.mission_id = s.mission_id AND r.lead_file_id = s.lead_file_id AND r.agent_id = s.agent_id AND r.day = s.day
WHEN MATCHED AND r.dials + s.dials = 0 AND r.won + s.won = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET {each("@ = r.@ + s.@", SUMS)}
WHEN NOT MATCHED THEN INSERT ({each("@", CELL + SUMS)}) VALUES ({each("s.@", CELL + SUMS)})"""


def fold(*, batch: int = BATCH) -> int | None:
    """Takes at most `batch` marks into the rates. Returns how many it took; None while another folder is at work."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TRY_LOCK)
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(TAKE, [batch])
        ids: list[int]
        taken: int
        ids, taken = cursor.fetchone()
        if taken:
            cursor.execute(BY_INDEX)
            cursor.execute(APPLY, {"ids": ids})
        return taken


def fold_everything(*, batch: int = BATCH) -> int:
    """Folds until no mark is left, or another folder is met, who will see to the rest. Returns the marks taken."""
    total = 0
    while taken := fold(batch=batch):
        total += taken
    return total


# A rebuild computes the facts into fresh tables and puts them in place of the old ones in the same transaction. Readers
# see the old numbers until the end. Calls go on being written and marked meanwhile: marks that were there at the start
# are answered by the rebuild itself, which looks at the calls later than at them; marks that come after stay, and the
# next fold, which finds the facts it wants or corrects them, takes them. Folds wait outside, by the same lock.
REBUILD = [
    LOCK,
    "DELETE FROM dirty_contact",
    "CREATE TABLE contact_day_fresh (LIKE contact_day INCLUDING CONSTRAINTS)",
    "CREATE TABLE rate_cell_fresh (LIKE rate_cell INCLUDING CONSTRAINTS) WITH (fillfactor = 80)",
    f"INSERT INTO contact_day_fresh (contact_id, agent_id, day, {each('@', FACT)})"
    f" SELECT contact_id, agent_id, day, {each('@', FACT)} FROM contact_day_now",
    f"INSERT INTO rate_cell_fresh ({each('@', CELL + SUMS)})"
    f" SELECT {each('@', CELL)}, {each('sum(@)', SUMS)} FROM contact_day_fresh"
    f" GROUP BY {each('@', CELL)} ORDER BY {each('@', CELL)}",
    "ALTER TABLE contact_day_fresh ADD CONSTRAINT contact_day_fresh_pkey PRIMARY KEY (contact_id, agent_id, day)",
    "CREATE INDEX contact_day_fresh_reach ON contact_day_fresh (mission_id, day)"
    " INCLUDE (lead_file_id, agent_id, opens_day, prev_day, pair_prev_day) WHERE talks > 0",
    "ALTER TABLE rate_cell_fresh ADD CONSTRAINT rate_cell_fresh_pkey"
    " PRIMARY KEY (mission_id, lead_file_id, agent_id, day)",
    "ANALYZE contact_day_fresh",
    "ANALYZE rate_cell_fresh",
    "DROP TABLE contact_day, rate_cell",
    "ALTER TABLE contact_day_fresh RENAME TO contact_day",
    "ALTER TABLE rate_cell_fresh RENAME TO rate_cell",
    "ALTER INDEX contact_day_fresh_pkey RENAME TO contact_day_pkey",
    "ALTER INDEX contact_day_fresh_reach RENAME TO contact_day_reach",
    "ALTER INDEX rate_cell_fresh_pkey RENAME TO rate_cell_pkey",
]


def rebuild() -> None:
    """Throws the facts and sums away and computes them again from the calls, to the same numbers."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in REBUILD:
            cursor.execute(statement)


@dataclass(frozen=True, slots=True)
class Drift:
    """How many contacts' facts, and how many sums, are not what the calls say."""

    contacts: int
    cells: int


ACTIVE = """
SELECT contact_id FROM prospecting_call WHERE started_at >= %(since)s
UNION SELECT contact_id FROM prospecting_conversion WHERE at >= %(since)s
UNION SELECT contact_id FROM contact_day WHERE day >= %(since)s"""

COUNT_CONTACTS = f"""
WITH want AS (
  SELECT contact_id, agent_id, day, {each("@", FACT)} FROM contact_day_now WHERE contact_id = ANY (%(ids)s::bigint[])),
have AS (
  SELECT contact_id, agent_id, day, {each("@", FACT)} FROM contact_day WHERE contact_id = ANY (%(ids)s::bigint[]))
SELECT count(DISTINCT contact_id)
FROM ((TABLE want EXCEPT ALL TABLE have) UNION ALL (TABLE have EXCEPT ALL TABLE want)) drift
WHERE NOT EXISTS (SELECT 1 FROM dirty_contact mark WHERE mark.contact_id = drift.contact_id)"""

COUNT_CELLS = f"""
WITH want AS (
  SELECT {each("@", CELL)}, {each("sum(@)::int AS @", SUMS)} FROM contact_day WHERE day >= %(since)s
  GROUP BY {each("@", CELL)} HAVING ({each("sum(@)", SUMS)}) <> ({each("0", SUMS)})),
have AS (SELECT {each("@", CELL + SUMS)} FROM rate_cell WHERE day >= %(since)s)
SELECT count(DISTINCT (mission_id, lead_file_id, agent_id, day))
FROM ((TABLE want EXCEPT ALL TABLE have) UNION ALL (TABLE have EXCEPT ALL TABLE want)) drift"""


def check(*, since: datetime) -> Drift:
    """Compares facts and sums with the calls, for the contacts with a call or a conversion since then.

    A contact whose mark still waits is no drift: the next fold will see to it.
    """
    drifted = 0
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE, {"since": since})
        for ids in batched([contact for (contact,) in cursor.fetchall()], 10_000):
            cursor.execute(COUNT_CONTACTS, {"ids": ids})
            drifted += cursor.fetchone()[0]
        cursor.execute(COUNT_CELLS, {"since": since.date()})
        return Drift(contacts=drifted, cells=cursor.fetchone()[0])


def batched(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
