from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models.applications import Application
from marketplace.models.missions import Mission
from marketplace.models.organisations import Organisation
from marketplace.models.telemarketers import Telemarketer


class Engagement(models.Model):
    """The agreed terms, frozen when an application is accepted. An *agent* in a report is one engagement.

    A past agent of an imported call log has a `label` and no telemarketer: ended, never able to call.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("actif")
        SUSPENDED = "suspended", _("suspendu")
        ENDED = "ended", _("terminé")

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="engagements")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="engagements")
    telemarketer = models.ForeignKey(
        Telemarketer, on_delete=models.PROTECT, related_name="engagements", null=True, blank=True
    )
    application = models.OneToOneField(Application, on_delete=models.PROTECT, null=True, blank=True)
    label = models.CharField(max_length=120)  # the name that reports print, as it was when agreed
    pay_cents = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    terms = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "telemarketer"], condition=~Q(state="ended"), name="engagement_once"
            ),
            models.UniqueConstraint(
                fields=["mission", "label"], condition=Q(telemarketer__isnull=True), name="past_agent_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "suspended"], telemarketer__isnull=False, ended_at__isnull=True)
                | Q(state="ended", ended_at__isnull=False),
                name="engagement_state",
            ),
        ]

    def __str__(self) -> str:
        return self.label
