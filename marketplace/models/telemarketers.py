from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models.users import User


class Telemarketer(models.Model):
    """An independent caller's professional profile (« téléprospecteur »)."""

    public_id = public_id()
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="telemarketer")
    display_name = models.CharField(_("nom affiché"), max_length=120)
    headline = models.CharField(_("en une phrase"), max_length=200, blank=True)
    about = models.TextField(_("présentation"), blank=True)
    skills = models.CharField(_("compétences"), max_length=300, blank=True)
    sectors = models.CharField(_("secteurs"), max_length=300, blank=True)
    languages = models.CharField(_("langues"), max_length=120, default="Français")
    city = models.CharField(_("ville"), max_length=120, blank=True)
    availability = models.CharField(_("disponibilités"), max_length=300, blank=True)
    rate_cents = models.PositiveIntegerField(_("tarif par rendez-vous (centimes)"), null=True, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.display_name
