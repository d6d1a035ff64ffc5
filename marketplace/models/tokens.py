from django.db import models

from config.ids import public_id
from marketplace.models.users import User


class ApiToken(models.Model):
    """A secret for the API, shown once: only its SHA-256 is kept. It acts with its person's rights."""

    public_id = public_id()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
