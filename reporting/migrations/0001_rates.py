"""The definition of what a call counts for, the facts, their sums, and the triggers that mark what changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


def read(name):
    return (SQL / name).read_text()


class Migration(migrations.Migration):
    initial = True
    dependencies = [("marketplace", "0001_first"), ("prospecting", "0001_first")]
    operations = [
        migrations.RunSQL(
            read("0001_definition.sql") + read("0001_facts.sql") + read("0001_marks.sql"), read("0001_undo.sql")
        ),
    ]
