-- What changed is marked in the transaction that changes it. The triggers stand on statements and rows' images, so COPY,
-- bulk updates and corrections by any path are seen. A correction also changes the call it replaces, wherever that stands.
-- Looked up row by row, and only where a row corrects another: a join planned while the table was small reads it whole for
-- each of an import's rows, for as long as the session lives (seen: ten minutes for 45,000 rows).
CREATE FUNCTION mark_call_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT contact_id FROM new_rows
    UNION ALL SELECT was.contact_id FROM new_rows n, LATERAL (
      SELECT contact_id FROM prospecting_call WHERE id = n.corrects_id OFFSET 0) was WHERE n.corrects_id IS NOT NULL;
  RETURN NULL; END $$;
CREATE FUNCTION mark_call_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT contact_id FROM old_rows
    UNION ALL SELECT was.contact_id FROM old_rows o, LATERAL (
      SELECT contact_id FROM prospecting_call WHERE id = o.corrects_id OFFSET 0) was WHERE o.corrects_id IS NOT NULL;
  RETURN NULL; END $$;
CREATE FUNCTION mark_call_both() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT contact_id FROM old_rows UNION SELECT contact_id FROM new_rows
    UNION SELECT was.contact_id FROM (SELECT corrects_id FROM old_rows UNION SELECT corrects_id FROM new_rows) x, LATERAL (
      SELECT contact_id FROM prospecting_call WHERE id = x.corrects_id OFFSET 0) was WHERE x.corrects_id IS NOT NULL;
  RETURN NULL; END $$;
CREATE TRIGGER rates_insert AFTER INSERT ON prospecting_call
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_call_new();
CREATE TRIGGER rates_update AFTER UPDATE ON prospecting_call
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_call_both();
CREATE TRIGGER rates_delete AFTER DELETE ON prospecting_call
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_call_old();

CREATE FUNCTION mark_conversion_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT contact_id FROM new_rows; RETURN NULL; END $$;
CREATE FUNCTION mark_conversion_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT contact_id FROM old_rows; RETURN NULL; END $$;
CREATE FUNCTION mark_conversion_both() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT contact_id FROM old_rows UNION SELECT contact_id FROM new_rows; RETURN NULL; END $$;
CREATE TRIGGER rates_insert AFTER INSERT ON prospecting_conversion
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_conversion_new();
CREATE TRIGGER rates_update AFTER UPDATE ON prospecting_conversion
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_conversion_both();
CREATE TRIGGER rates_delete AFTER DELETE ON prospecting_conversion
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_conversion_old();

-- TRUNCATE shows no rows to a trigger: refused, but where a test empties its own database, and then the facts go too.
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('decroche.allow_truncate', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'TRUNCATE % would leave the rates behind: DELETE instead', tg_table_name;
  END IF;
  DELETE FROM contact_day; DELETE FROM rate_cell; DELETE FROM dirty_contact;
  RETURN NULL; END $$;
CREATE TRIGGER rates_truncate BEFORE TRUNCATE ON prospecting_call FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER rates_truncate BEFORE TRUNCATE ON prospecting_conversion FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER rates_truncate BEFORE TRUNCATE ON prospecting_contact FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- A contact that changes hands or goes away; a mission whose clock or window changes.
CREATE FUNCTION mark_contact_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) VALUES (new.id); RETURN NULL; END $$;
CREATE TRIGGER rates_move AFTER UPDATE OF organisation_id, mission_id, lead_file_id ON prospecting_contact FOR EACH ROW
  WHEN ((old.organisation_id, old.mission_id, old.lead_file_id) IS DISTINCT FROM (new.organisation_id, new.mission_id, new.lead_file_id))
  EXECUTE FUNCTION mark_contact_moved();
CREATE FUNCTION mark_contact_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT id FROM old_rows; RETURN NULL; END $$;
CREATE TRIGGER rates_gone AFTER DELETE ON prospecting_contact
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_contact_gone();
CREATE FUNCTION mark_mission() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO dirty_contact (contact_id) SELECT id FROM prospecting_contact WHERE mission_id = new.id; RETURN NULL; END $$;
CREATE TRIGGER rates_terms AFTER UPDATE OF time_zone, window_days ON marketplace_mission FOR EACH ROW
  WHEN ((old.time_zone, old.window_days) IS DISTINCT FROM (new.time_zone, new.window_days)) EXECUTE FUNCTION mark_mission();
