-- Facts per (contact, agent, local day), their sums per (mission, file, agent, day), and the contacts to look at again.
-- All three are written by reporting/folding.py only, and can be thrown away and rebuilt to the same numbers.
-- No foreign keys: a contact or an engagement that goes away is marked, and the next fold takes its rows away.
CREATE TABLE contact_day (
  contact_id bigint NOT NULL, agent_id bigint NOT NULL, day date NOT NULL,
  organisation_id bigint NOT NULL, mission_id bigint NOT NULL, lead_file_id bigint NOT NULL,
  seconds int NOT NULL, dials int NOT NULL, talks int NOT NULL, argued int NOT NULL,
  called0 int NOT NULL, answered0 int NOT NULL, talks0 int NOT NULL, argued0 int NOT NULL, first_won int NOT NULL,
  talks1 int NOT NULL, won0 int NOT NULL, won1 int NOT NULL, won int NOT NULL,
  pair_first int NOT NULL, pair_argued int NOT NULL, pair_won int NOT NULL,
  opens_day bool NOT NULL, prev_day date, pair_prev_day date,
  CONSTRAINT contact_day_pkey PRIMARY KEY (contact_id, agent_id, day));
CREATE INDEX contact_day_reach ON contact_day (mission_id, day)
  INCLUDE (lead_file_id, agent_id, opens_day, prev_day, pair_prev_day) WHERE talks > 0;

CREATE TABLE rate_cell (
  mission_id bigint NOT NULL, lead_file_id bigint NOT NULL, agent_id bigint NOT NULL, day date NOT NULL,
  organisation_id bigint NOT NULL,
  seconds int NOT NULL, dials int NOT NULL, talks int NOT NULL, argued int NOT NULL,
  called0 int NOT NULL, answered0 int NOT NULL, talks0 int NOT NULL, argued0 int NOT NULL, first_won int NOT NULL,
  talks1 int NOT NULL, won0 int NOT NULL, won1 int NOT NULL, won int NOT NULL,
  pair_first int NOT NULL, pair_argued int NOT NULL, pair_won int NOT NULL,
  CONSTRAINT rate_cell_pkey PRIMARY KEY (mission_id, lead_file_id, agent_id, day),
  CONSTRAINT rate_cell_adds_up CHECK (agent_id = 0 OR (
    talks BETWEEN 0 AND dials AND argued BETWEEN 0 AND talks AND argued0 BETWEEN 0 AND talks0
    AND first_won BETWEEN 0 AND talks0 AND pair_argued BETWEEN 0 AND pair_first AND pair_won BETWEEN 0 AND pair_first))
) WITH (fillfactor = 80);

-- A queue that is only appended to: no key and no index, so that writers never wait for each other.
CREATE TABLE dirty_contact (contact_id bigint NOT NULL, marked_at timestamptz NOT NULL DEFAULT now())
  WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);
