CREATE OR REPLACE VIEW call_live AS
SELECT c.id, c.mission_id, c.contact_id, c.engagement_id, c.started_at, c.seconds, c.dials, c.answered, c.reached, c.argued, c.converted
FROM prospecting_call c
WHERE NOT c.void AND NOT EXISTS (SELECT 1 FROM prospecting_call later WHERE later.corrects_id = c.id);
