from django.db import models

from config.ids import public_id
from marketplace.models import Organisation


class Opposition(models.Model):
    """ "Never call again" (« opposition »), for every mission of a business. Kept as a keyed hash, never removed.

    `number_hash` is HMAC-SHA-256 of the E.164 number under OPPOSITION_KEY, in hexadecimal. A database trigger refuses
    UPDATE and DELETE.
    """

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="oppositions")
    number_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    source = models.CharField(max_length=20)  # "call", "page", "import"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "number_hash"], name="opposition_once")]
