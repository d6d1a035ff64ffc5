from django.db import models
from django.db.models import Q

from config.ids import public_id
from marketplace.models import Mission, Organisation, User


class OppositionList(models.Model):
    """A list of numbers never to call, brought by a business or the operator: what was read of it and what it added.

    rows = added + already + refused. `refusals` tells the first rows refused: {"row", "value", "reason"}.
    """

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()


class Opposition(models.Model):
    """ "Never call again" (« opposition »). Kept as a keyed hash, never removed.

    For every mission of a business; for one mission only when `mission` is set; for the whole platform when
    `organisation` is null. `number_hash` is HMAC-SHA-256 of the E.164 number under OPPOSITION_KEY, in hexadecimal.
    A database trigger refuses UPDATE and DELETE.
    """

    public_id = public_id()
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="oppositions"
    )
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    number_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    source = models.CharField(max_length=20)  # "call", "page", "import", "list", "api", "withdrawal"
    brought_by = models.ForeignKey(OppositionList, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_hash", "organisation", "mission"], name="opposition_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(mission__isnull=True) | Q(organisation__isnull=False), name="opposition_scope"
            ),
        ]
