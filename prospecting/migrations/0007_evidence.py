"""Evidence that stays: dials, the access log, who looked up what a contact is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Evidence is written once. A dial may still turn out to be no attempt, and its number goes when it no longer counts.
DIALS = """
CREATE FUNCTION dial_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.phone IN (OLD.phone, '')
     AND to_jsonb(NEW) - 'attempt' - 'phone' = to_jsonb(OLD) - 'attempt' - 'phone' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a dial is never changed nor removed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER dial_stays BEFORE UPDATE ON prospecting_dial FOR EACH ROW EXECUTE FUNCTION dial_stays();
CREATE TRIGGER dial_remains BEFORE DELETE ON prospecting_dial
  FOR EACH ROW WHEN (OLD.allowed) EXECUTE FUNCTION dial_stays();
"""
NO_DIALS = """
DROP TRIGGER dial_stays ON prospecting_dial;
DROP TRIGGER dial_remains ON prospecting_dial;
DROP FUNCTION dial_stays();
"""
# A line of the log outlives who it speaks of; only the purge, which says so, removes lines.
ACCESS = """
CREATE FUNCTION access_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('decroche.purging', true) = 'on' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND (NEW.user_id IS NULL OR NEW.user_id = OLD.user_id)
     AND (NEW.contact_id IS NULL OR NEW.contact_id = OLD.contact_id)
     AND to_jsonb(NEW) - 'user_id' - 'contact_id' = to_jsonb(OLD) - 'user_id' - 'contact_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the access log is never changed nor cut short' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER access_log_stays BEFORE UPDATE OR DELETE ON prospecting_accessentry
  FOR EACH ROW EXECUTE FUNCTION access_log_stays();
"""
NO_ACCESS = """
DROP TRIGGER access_log_stays ON prospecting_accessentry;
DROP FUNCTION access_log_stays();
"""
# The history of an appointment may lose the words that name a person, when the person is erased.
HISTORY = """
CREATE OR REPLACE FUNCTION appointment_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.user_id IS NULL OR NEW.user_id = OLD.user_id)
     AND (NEW.detail = '{}' OR NEW.detail = OLD.detail)
     AND to_jsonb(NEW) - 'user_id' - 'detail' = to_jsonb(OLD) - 'user_id' - 'detail' THEN
    RETURN NEW; -- the person left; what was done stays
  END IF;
  RAISE EXCEPTION 'the history of an appointment is never changed nor removed' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('marketplace', '0003_depth'),
        ('prospecting', '0006_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KindReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('professional', 'professionnel'), ('consumer', 'particulier'), ('unclear', 'à vérifier')], max_length=12)),
                ('why', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=models.Q(('anonymised_at__isnull', False)), fields=['anonymised_at'], name='contacts_anonymised'),
        ),
        migrations.AddField(
            model_name='kindreview',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='kindreview',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kind_reviews', to='prospecting.contact'),
        ),
        migrations.RunSQL(DIALS, NO_DIALS),
        migrations.RunSQL(ACCESS, NO_ACCESS),
        migrations.RunSQL(HISTORY, migrations.RunSQL.noop),
    ]
