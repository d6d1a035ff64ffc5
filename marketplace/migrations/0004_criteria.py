"""Criteria posted as texts become {"key", "label"}, so that a call can tick them."""

from django.db import migrations

from marketplace.criteria import listed


def with_keys(apps, schema_editor):
    Mission = apps.get_model("marketplace", "Mission")
    for mission in Mission.objects.exclude(criteria=[]).iterator():
        mission.criteria = listed(mission.criteria)
        mission.save(update_fields=["criteria"])


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0003_depth")]
    operations = [migrations.RunPython(with_keys, migrations.RunPython.noop)]
