DROP TRIGGER rates_insert ON prospecting_call;
DROP TRIGGER rates_update ON prospecting_call;
DROP TRIGGER rates_delete ON prospecting_call;
DROP TRIGGER rates_truncate ON prospecting_call;
DROP TRIGGER rates_insert ON prospecting_conversion;
DROP TRIGGER rates_update ON prospecting_conversion;
DROP TRIGGER rates_delete ON prospecting_conversion;
DROP TRIGGER rates_truncate ON prospecting_conversion;
DROP TRIGGER rates_truncate ON prospecting_contact;
DROP TRIGGER rates_move ON prospecting_contact;
DROP TRIGGER rates_gone ON prospecting_contact;
DROP TRIGGER rates_terms ON marketplace_mission;
DROP FUNCTION mark_call_new, mark_call_old, mark_call_both, mark_conversion_new, mark_conversion_old, mark_conversion_both,
  refuse_truncate, mark_contact_moved, mark_contact_gone, mark_mission;
DROP VIEW contact_day_now;
DROP VIEW call_live;
DROP TABLE contact_day, rate_cell, dirty_contact;
