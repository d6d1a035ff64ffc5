-- What a call counts for: the one definition that every rate derives from. docs/measures.md says it in words.
-- An agent here is an engagement; agent 0 is nobody, for a conversion that no call can be credited with.

-- A call that still stands: not void, and not replaced by a later row that corrects it.
-- Its columns are named one by one, so that those it does not need stay free to change.
CREATE VIEW call_live AS
SELECT c.id, c.mission_id, c.contact_id, c.engagement_id, c.started_at, c.seconds, c.dials, c.answered, c.reached, c.argued, c.converted
FROM prospecting_call c
WHERE NOT c.void AND NOT EXISTS (SELECT 1 FROM prospecting_call later WHERE later.corrects_id = c.id);

-- One row per (contact, agent, local day).
CREATE VIEW contact_day_now AS
WITH placed AS (      -- each live call on its local day, with the file that owns the contact and its conversion elsewhere
  SELECT c.id, c.contact_id, c.engagement_id AS agent_id, k.organisation_id, k.mission_id, k.lead_file_id, c.started_at,
    (c.started_at AT TIME ZONE m.time_zone)::date AS day, c.seconds, c.dials, c.answered, c.reached, c.argued, c.converted,
    m.time_zone, m.window_days, e.at AS event_at
  FROM call_live c
  JOIN prospecting_contact k ON k.id = c.contact_id
  JOIN marketplace_mission m ON m.id = k.mission_id
  LEFT JOIN prospecting_conversion e ON e.contact_id = c.contact_id
), ordered AS (       -- what came before it, and what became of the contact
  SELECT p.*,
    count(*) OVER so_far AS earlier_calls,
    count(*) FILTER (WHERE answered) OVER so_far AS earlier_answers,
    count(*) FILTER (WHERE reached) OVER so_far AS earlier,
    max(day) FILTER (WHERE reached) OVER so_far AS prev_day,
    count(*) FILTER (WHERE converted) OVER so_far AS earlier_conversions,
    count(*) FILTER (WHERE reached) OVER pair_so_far AS pair_earlier,
    max(day) FILTER (WHERE reached) OVER pair_so_far AS pair_prev_day,
    bool_or(argued) OVER whole AS ever_argued,
    bool_or(argued) OVER pair AS pair_ever_argued,
    min(started_at) FILTER (WHERE reached) OVER whole AS first_at,
    min(started_at) FILTER (WHERE converted) OVER whole AS call_conv_at,
    count(*) FILTER (WHERE reached AND started_at <= event_at) OVER whole AS talks_before_event
  FROM placed p
  WINDOW
    so_far AS (PARTITION BY contact_id ORDER BY started_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
    pair_so_far AS (PARTITION BY contact_id, agent_id ORDER BY started_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
    whole AS (PARTITION BY contact_id),
    pair AS (PARTITION BY contact_id, agent_id)
), judged AS (        -- converted within W days of being first reached? and which talk is credited with it?
  SELECT o.*,
    coalesce(least(call_conv_at, event_at) >= first_at
      AND (least(call_conv_at, event_at) AT TIME ZONE time_zone)::date <= (first_at AT TIME ZONE time_zone)::date + window_days,
      false) AS won,
    CASE WHEN event_at < coalesce(call_conv_at, 'infinity')
      -- converted elsewhere: the last talk before it, if less than 30 days before
      THEN reached AND started_at <= event_at AND earlier + 1 = talks_before_event AND started_at > event_at - interval '720 hours'
      -- converted on a call: that call
      ELSE converted AND earlier_conversions = 0
    END AS credited
  FROM ordered o
), paired AS (
  SELECT j.*, bool_or(credited) OVER (PARTITION BY contact_id, agent_id) AS pair_credited FROM judged j
)
SELECT contact_id, agent_id, organisation_id, mission_id, lead_file_id, day,
  -- activity, by the day of the call
  sum(seconds)::int AS seconds,
  sum(dials)::int AS dials,
  count(*) FILTER (WHERE reached)::int AS talks,
  count(*) FILTER (WHERE argued)::int AS argued,
  -- the contact, on the day it was first called, answered, reached
  count(*) FILTER (WHERE earlier_calls = 0)::int AS called0,
  count(*) FILTER (WHERE answered AND earlier_answers = 0)::int AS answered0,
  count(*) FILTER (WHERE reached AND earlier = 0)::int AS talks0,
  count(*) FILTER (WHERE reached AND earlier = 0 AND ever_argued)::int AS argued0,
  count(*) FILTER (WHERE reached AND earlier = 0 AND won)::int AS first_won,
  -- talks by how many came before them (0, 1; 2 and more is the difference), and the credited ones
  count(*) FILTER (WHERE reached AND earlier = 1)::int AS talks1,
  count(*) FILTER (WHERE credited AND won AND earlier = 0)::int AS won0,
  count(*) FILTER (WHERE credited AND won AND earlier = 1)::int AS won1,
  count(*) FILTER (WHERE credited AND won)::int AS won,
  -- the contact with this agent, on the day this agent first reached it
  count(*) FILTER (WHERE reached AND pair_earlier = 0)::int AS pair_first,
  count(*) FILTER (WHERE reached AND pair_earlier = 0 AND pair_ever_argued)::int AS pair_argued,
  count(*) FILTER (WHERE reached AND pair_earlier = 0 AND pair_credited AND won)::int AS pair_won,
  -- distinct contacts reached in any window: rows whose previous day is null or before the window
  bool_or(reached AND prev_day IS DISTINCT FROM day) AS opens_day,
  max(prev_day) FILTER (WHERE reached AND prev_day IS DISTINCT FROM day) AS prev_day,
  max(pair_prev_day) FILTER (WHERE reached AND pair_prev_day IS DISTINCT FROM day) AS pair_prev_day
FROM paired
GROUP BY contact_id, agent_id, organisation_id, mission_id, lead_file_id, day
UNION ALL             -- converted elsewhere within W days, last talk too old to be credited: agent 0, on the contact's first day
SELECT e.contact_id, 0, k.organisation_id, k.mission_id, k.lead_file_id, (t.first_at AT TIME ZONE m.time_zone)::date,
  0, 0, 0, 0,  0, 0, 0, 0, 0,  0, 0, 0, 1,  0, 0, 1,  false, NULL, NULL
FROM prospecting_conversion e
JOIN prospecting_contact k ON k.id = e.contact_id
JOIN marketplace_mission m ON m.id = k.mission_id
CROSS JOIN LATERAL (
  SELECT min(started_at) FILTER (WHERE reached) AS first_at,
    min(started_at) FILTER (WHERE converted) AS call_conv_at,
    max(started_at) FILTER (WHERE reached AND started_at <= e.at) AS last_at
  FROM call_live c WHERE c.contact_id = e.contact_id) t
WHERE e.at >= t.first_at AND e.at < coalesce(t.call_conv_at, 'infinity')
  AND (e.at AT TIME ZONE m.time_zone)::date <= (t.first_at AT TIME ZONE m.time_zone)::date + m.window_days
  AND t.last_at <= e.at - interval '720 hours';
