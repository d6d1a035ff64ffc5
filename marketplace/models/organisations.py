from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models.users import User


class Organisation(models.Model):
    """A business that posts missions (« entreprise »)."""

    public_id = public_id()
    name = models.CharField(_("nom"), max_length=160)
    city = models.CharField(_("ville"), max_length=120, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="organisations"
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Who acts for a business, and how far: the owner and the manager write, the viewer reads."""

    class Role(models.TextChoices):
        OWNER = "owner", _("propriétaire")
        MANAGER = "manager", _("gestionnaire")
        VIEWER = "viewer", _("lecteur")

    WRITERS = (Role.OWNER, Role.MANAGER)

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=["owner", "manager", "viewer"]), name="membership_role"),
        ]
