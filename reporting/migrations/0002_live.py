"""Whether a call still stands is looked up, never joined."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_rates")]
    operations = [
        migrations.RunSQL((SQL / "0002_live.sql").read_text(), (SQL / "0002_undo.sql").read_text()),
    ]
