-- A call that still stands, as before; but whether a later row corrects it is looked up call by call (OFFSET 0), never
-- joined: of a table that it believes empty, the planner would read every correction again for each call of a fold.
CREATE OR REPLACE VIEW call_live AS
SELECT c.id, c.mission_id, c.contact_id, c.engagement_id, c.started_at, c.seconds, c.dials, c.answered, c.reached, c.argued, c.converted
FROM prospecting_call c
WHERE NOT c.void AND NOT EXISTS (SELECT 1 FROM prospecting_call later WHERE later.corrects_id = c.id OFFSET 0);
