from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.models import Mission


class QueueSettings(models.Model):
    """How a mission's queue deals its contacts. A mission without a row has the defaults.

    `only` keeps the queue to the contacts that pass every filter, `first` deals those that pass one before the others:
    lists of {"column": a field or a column of the file, "is": [texts]}. `handover_minutes`: a promised callback that
    its agent has not kept by then goes to the team. `split`: fresh contacts are reserved in equal random parts.
    `to_sort` and `to_split`: asked for, and not yet done over all the contacts (prospecting.arranging).
    """

    class Files(models.TextChoices):
        WEIGHTS = "weights", _("mélangés selon leur poids")
        ORDER = "order", _("l’un après l’autre")

    mission = models.OneToOneField(Mission, on_delete=models.CASCADE, primary_key=True, related_name="queue_settings")
    files = models.CharField(max_length=7, choices=Files.choices, default=Files.WEIGHTS)
    handover_minutes = models.PositiveSmallIntegerField(default=30)
    only = models.JSONField(default=list, blank=True)
    first = models.JSONField(default=list, blank=True)
    split = models.BooleanField(default=False)
    to_sort = models.BooleanField(default=False, db_default=False)
    to_split = models.BooleanField(default=False, db_default=False)
