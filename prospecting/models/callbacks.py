from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models.calls import Call
from prospecting.models.contacts import Contact


class Callback(models.Model):
    """A promise to call again at a time the person agreed to (« rappel »)."""

    class State(models.TextChoices):
        PROMISED = "promised", _("promis")
        KEPT = "kept", _("tenu")
        CANCELLED = "cancelled", _("annulé")

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="callbacks")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="callbacks")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="callbacks")
    made_in = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="callbacks_made")
    kept_in = models.ForeignKey(Call, on_delete=models.SET_NULL, null=True, blank=True, related_name="callbacks_kept")
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)  # missed by its agent, and taken up by the team
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROMISED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=Q(state="promised"), name="one_promise_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=["promised", "kept", "cancelled"]), name="callback_state"),
        ]
        indexes = [
            models.Index(fields=["engagement", "due_at"], condition=Q(state="promised"), name="promises_of_an_agent")
        ]
