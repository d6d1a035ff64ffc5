"""The triggers that make an opposition irrevocable."""

from django.db import migrations

IRREVOCABLE = """
CREATE FUNCTION opposition_is_irrevocable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an opposition is never changed nor removed' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER opposition_stays BEFORE UPDATE OR DELETE ON prospecting_opposition
  FOR EACH STATEMENT EXECUTE FUNCTION opposition_is_irrevocable();
"""
REVOCABLE = "DROP TRIGGER opposition_stays ON prospecting_opposition; DROP FUNCTION opposition_is_irrevocable();"


class Migration(migrations.Migration):
    dependencies = [("prospecting", "0001_first")]
    operations = [
        migrations.RunSQL(IRREVOCABLE, REVOCABLE),
    ]
