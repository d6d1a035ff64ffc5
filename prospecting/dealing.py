"""Which contact comes next for an agent: one statement over the heads of a few indexes, however long the files.

In order: my promises that are due, the team's overdue ones, retries that are due, fresh contacts. Among the fresh: the
highest priority first; then a file, drawn by its weight at each pick or strictly by its position; then the contacts
reserved for this agent; then the random order in which the file is dealt. A file of weight 0 rests, promises excepted.
SKIP LOCKED: agents never wait for one another; the row's state, changed with the claim, keeps the others off it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from config import rows
from config.rows import Columns
from marketplace.models import Engagement, Mission
from prospecting.models import Claim, Contact, QueueSettings
from prospecting.rules.hours import open_territories
from prospecting.rules.regimes import regime

CONTACT = Columns(Contact, without=["columns", "also_at"])
EARLY = timedelta(minutes=15)  # how long before its time a promised callback is dealt: the regimes' tolerance

# -ln(u) / weight, the least first, draws each file in proportion to its weight (Efraimidis and Spirakis, 2006).
# Each cell (file, territory, whose) is one probe; the outer LIMIT stops at the first row that could be locked.
PICK = """
WITH file AS MATERIALIZED (
  SELECT id, CASE WHEN %(in_order)s THEN position ELSE -ln(1 - random()) / weight END AS turn
  FROM prospecting_leadfile WHERE mission_id = %(mission)s AND weight > 0
), place AS MATERIALIZED (
  SELECT unnest(%(open)s::text[]) AS territory
), whose AS MATERIALIZED (
  SELECT 0 AS id UNION ALL SELECT %(engagement)s::bigint WHERE %(shared_out)s UNION ALL
  SELECT id FROM marketplace_engagement
  WHERE %(shared_out)s AND mission_id = %(mission)s AND id <> %(engagement)s AND (state <> 'active' OR NOT %(split)s)
)
SELECT dealt_as::text, id FROM (
  SELECT 'callback' AS dealt_as, c.id FROM (
   SELECT id FROM prospecting_contact c
   WHERE c.callback_for_id = %(engagement)s AND c.state = 'callback' AND c.next_at <= %(early)s AND {not_skipped}
   ORDER BY c.next_at LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED) c
UNION ALL
  SELECT 'team', c.id FROM (
   SELECT id FROM prospecting_contact c
   WHERE c.mission_id = %(mission)s AND c.state = 'callback' AND c.next_at <= %(at)s
     AND (c.next_at <= %(overdue)s OR c.callback_for_id IS NULL) AND {not_skipped}
   ORDER BY c.next_at LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED) c
UNION ALL
  (SELECT 'retry', c.id FROM (
     SELECT file.id AS file, place.territory FROM file, place, LATERAL (
       SELECT next_at FROM prospecting_contact
       WHERE lead_file_id = file.id AND territory = place.territory AND state = 'retry' AND priority >= 0
         AND next_at <= %(at)s
       ORDER BY next_at LIMIT 1) head
     ORDER BY head.next_at) cell, LATERAL (
     SELECT id FROM prospecting_contact c
     WHERE c.lead_file_id = cell.file AND c.territory = cell.territory AND c.state = 'retry' AND c.priority >= 0
       AND c.next_at <= %(at)s AND {not_skipped}
     ORDER BY c.next_at LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED) c
   LIMIT 1)
UNION ALL
  (SELECT CASE WHEN cell.whose > 0 THEN 'assigned' WHEN c.priority > 0 THEN 'priority' ELSE 'fresh' END, c.id
   FROM (
     SELECT file.id AS file, place.territory, whose.id AS whose
     FROM file, place, whose, LATERAL (
       SELECT priority, deal FROM prospecting_contact
       WHERE lead_file_id = file.id AND coalesce(assigned_to_id, 0) = whose.id AND territory = place.territory
         AND state = 'fresh' AND phone IS NOT NULL AND priority >= 0
       ORDER BY priority DESC, deal LIMIT 1) head
     ORDER BY head.priority DESC, file.turn, file.id, whose.id = %(engagement)s DESC, head.deal) cell, LATERAL (
     SELECT id, priority FROM prospecting_contact c
     WHERE c.lead_file_id = cell.file AND coalesce(c.assigned_to_id, 0) = cell.whose AND c.territory = cell.territory
       AND c.state = 'fresh' AND c.phone IS NOT NULL AND c.priority >= 0 AND {not_skipped}
     ORDER BY c.priority DESC, c.deal LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED) c
   LIMIT 1)
) found LIMIT 1
""".replace(
    "{not_skipped}",
    "NOT EXISTS (SELECT FROM prospecting_skip s WHERE s.engagement_id = %(engagement)s AND s.contact_id = c.id)"
    # A number that several contacts share is in one hand at a time. A scalar, since the planner may turn an EXISTS into
    # a hash of every contact of the house.
    " AND (c.apart = 0 OR (SELECT h.id FROM prospecting_contact o JOIN prospecting_claim h ON h.contact_id = o.id"
    " WHERE o.organisation_id = c.organisation_id AND o.phone = c.phone LIMIT 1) IS NULL)",
)


# Planning the pick takes ten times as long as making it (4 ms against 0.4): as a function, each connection keeps its
# plan. It must be the one for a long file, even if it was made while the table was short: hence the settings.
TYPES = {
    "mission": "bigint",
    "engagement": "bigint",
    "at": "timestamptz",
    "early": "timestamptz",
    "overdue": "timestamptz",
    "open": "text[]",
    "in_order": "boolean",
    "shared_out": "boolean",
    "split": "boolean",
}
FUNCTION = f"""
DROP FUNCTION IF EXISTS queue_pick;
CREATE FUNCTION queue_pick ({", ".join(f"_{name} {kind}" for name, kind in TYPES.items())})
RETURNS TABLE (_dealt_as text, _contact bigint) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
AS $$ BEGIN RETURN QUERY {PICK % {name: f"_{name}" for name in TYPES}}; END $$"""
LOCKED = f"SELECT {CONTACT.of('c')} FROM prospecting_contact c WHERE id = %s"
CALL = f"SELECT * FROM queue_pick({', '.join(f'%({name})s::{kind}' for name, kind in TYPES.items())})"


def lay_down_pick(**_sent: Any) -> None:
    """After every migration: the function is always the statement above."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTION)


def pick(
    mission: Mission, engagement: Engagement, at: datetime, *, early: timedelta = EARLY
) -> tuple[Contact, str] | None:
    """A contact locked until the transaction ends, and how it was dealt (Claim.Dealt); None when nothing is ready.

    `early`: how long before its time a promise of this agent is dealt.
    """
    found = rows.first(CALL, pick_values(mission, engagement, at) | {"early": at + early})
    if found is None:
        return None
    (contact,) = rows.split(rows.rows(LOCKED, [found[1]])[0], CONTACT)
    contact.mission = mission
    return contact, Claim.Dealt(found[0])


def pick_values(mission: Mission, engagement: Engagement | None, at: datetime) -> dict[str, Any]:
    settings = settings_of(mission)
    return {
        "mission": mission.pk,
        "engagement": engagement.pk if engagement else 0,
        "at": at,
        "early": at + EARLY,
        "overdue": at - timedelta(minutes=settings.handover_minutes),
        "open": list(open_territories(regime(mission.regime, at), at)),
        "in_order": settings.files == QueueSettings.Files.ORDER,
        "shared_out": settings.split or settings.to_split,
        "split": settings.split,
    }


def settings_of(mission: Mission) -> QueueSettings:
    """The mission's own, or the defaults; no query when they were read with the mission."""
    try:
        return mission.queue_settings
    except QueueSettings.DoesNotExist:
        return QueueSettings(mission=mission)
