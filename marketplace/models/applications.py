from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models.missions import Mission
from marketplace.models.telemarketers import Telemarketer


class Application(models.Model):
    """A telemarketer's proposal for a mission (« candidature »)."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("envoyée")
        SHORTLISTED = "shortlisted", _("retenue")
        ACCEPTED = "accepted", _("acceptée")
        DECLINED = "declined", _("refusée")
        WITHDRAWN = "withdrawn", _("retirée")

    OPEN = (State.SUBMITTED, State.SHORTLISTED)

    public_id = public_id()
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="applications")
    telemarketer = models.ForeignKey(Telemarketer, on_delete=models.PROTECT, related_name="applications")
    message = models.TextField(_("message"), blank=True)
    asked_cents = models.PositiveIntegerField(_("tarif demandé (centimes)"))
    state = models.CharField(max_length=11, choices=State.choices, default=State.SUBMITTED)
    decline_reason = models.CharField(max_length=300, blank=True)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "telemarketer"],
                condition=Q(state__in=["submitted", "shortlisted", "accepted"]),
                name="application_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["submitted", "shortlisted", "accepted", "declined", "withdrawn"]),
                name="application_state",
            ),
        ]
