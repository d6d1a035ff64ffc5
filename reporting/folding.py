"""What changed becomes rates: marks are taken, the facts of their contacts recomputed, and the differences added up.

The statements of a fold run in one READ COMMITTED transaction, each with a newer snapshot than the one before: a call
that commits in between is in the facts already or is marked again. Killed anywhere, the fold rolls back, marks and all.
Nothing else writes `contact_day` and `rate_cell`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

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

# A fold looks up a few contacts, their few calls and facts, each by its key. The planner is not asked how: what it
# believes of a table may be wrong by any factor until the table is analysed after a big import, and then it joins the
# batch with itself or reads a table through for each contact (seen: eight minutes instead of a second). LATERAL with
# OFFSET 0 looks up one contact after the other; ON CONFLICT and ctid find their rows without a join; and a bitmap is
# the one way through an index that needs something to look for.
OTHER_WAYS = ["enable_seqscan", "enable_indexscan", "enable_indexonlyscan", "enable_hashjoin", "enable_mergejoin"]
SWITCH = "SELECT set_config(way, %s, true) FROM unnest(%s::text[]) way"


@contextmanager
def by_index(cursor: CursorWrapper) -> Iterator[None]:
    """Inside a transaction."""
    cursor.execute(SWITCH, ["off", OTHER_WAYS])
    yield
    cursor.execute(SWITCH, ["on", OTHER_WAYS])


TAKE = """
WITH taken AS (
  DELETE FROM dirty_contact
  WHERE ctid = ANY (ARRAY(SELECT ctid FROM dirty_contact LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING contact_id)
SELECT coalesce(array_agg(DISTINCT contact_id), '{}'), count(*) FROM taken"""

KEY = ["contact_id", "agent_id", "day"]
NOW = f"""
  SELECT fact.* FROM unnest(%(ids)s::bigint[]) one(id),
    LATERAL (SELECT {each("@", KEY + FACT)} FROM contact_day_now WHERE contact_id = one.id OFFSET 0) fact"""
WAS = f"""
  SELECT fact.* FROM unnest(%(ids)s::bigint[]) one(id),
    LATERAL (SELECT {each("@", KEY + FACT)}, ctid AS place FROM contact_day WHERE contact_id = one.id OFFSET 0) fact"""

APPLY = f"""
WITH now AS MATERIALIZED ({NOW}   -- what the facts of these contacts should be
), was AS MATERIALIZED ({WAS}     -- what they are, and where
), gone AS (
  DELETE FROM contact_day WHERE ctid = ANY (ARRAY(
    SELECT max(place) FROM (SELECT {each("@", KEY)}, NULL::tid AS place, true AS stays FROM now
                            UNION ALL SELECT {each("@", KEY)}, place, false FROM was) fact
    GROUP BY {each("@", KEY)} HAVING NOT bool_or(stays)))
), put AS (
  INSERT INTO contact_day ({each("@", KEY + FACT)})
  SELECT {each("@", KEY + FACT)} FROM now EXCEPT SELECT {each("@", KEY + FACT)} FROM was
  ON CONFLICT ({each("@", KEY)}) DO UPDATE SET {each("@ = excluded.@", FACT)}
), delta AS (                    -- new minus old, per cell
  SELECT {each("@", CELL)}, {each("sum(@)::int AS @", SUMS)}
  FROM (SELECT {each("@", CELL + SUMS)} FROM now UNION ALL SELECT {each("@", CELL)}, {each("-@", SUMS)} FROM was) fact
  GROUP BY {each("@", CELL)}
  HAVING ({each("sum(@)", SUMS)}) <> ({each("0", SUMS)})
), sums AS MATERIALIZED (        -- what the cells become
  SELECT {each("delta.@", CELL)}, {each("coalesce(cell.@, 0) + delta.@ AS @", SUMS)}, cell.place
  FROM delta LEFT JOIN LATERAL (
    SELECT {each("@", SUMS)}, ctid AS place FROM rate_cell
    WHERE ({each("@", CELL[:4])}) = ({each("delta.@", CELL[:4])}) OFFSET 0) cell ON true
), emptied AS (
  DELETE FROM rate_cell WHERE ctid = ANY (ARRAY(SELECT place FROM sums WHERE dials = 0 AND won = 0))
)
INSERT INTO rate_cell ({each("@", CELL + SUMS)})
SELECT {each("@", CELL + SUMS)} FROM sums WHERE dials <> 0 OR won <> 0
ON CONFLICT ({each("@", CELL[:4])}) DO UPDATE SET {each("@ = excluded.@", SUMS)}"""


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
            with by_index(cursor):
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
WITH want AS ({NOW}), have AS (SELECT {each("@", KEY + FACT)} FROM ({WAS}) was)
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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ACTIVE, {"since": since})
        active = [contact for (contact,) in cursor.fetchall()]
        with by_index(cursor):
            for ids in batched(active, 10_000):
                cursor.execute(COUNT_CONTACTS, {"ids": ids})
                drifted += cursor.fetchone()[0]
        cursor.execute(COUNT_CELLS, {"since": since.date()})
        return Drift(contacts=drifted, cells=cursor.fetchone()[0])


def batched(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
