from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models.calls import Call
from prospecting.models.contacts import Contact


class Appointment(models.Model):
    """A slot with a prospect (« rendez-vous »), booked in a call. Its fate and its acceptance come later."""

    class Kind(models.TextChoices):
        ON_SITE = "on_site", _("sur place")
        PHONE = "phone", _("au téléphone")
        VIDEO = "video", _("en visio")

    class State(models.TextChoices):
        BOOKED = "booked", _("pris")
        CONFIRMED = "confirmed", _("confirmé")
        HELD = "held", _("tenu")
        PROSPECT_ABSENT = "prospect_absent", _("prospect absent")
        CLIENT_ABSENT = "client_absent", _("client absent")
        CANCELLED = "cancelled", _("annulé")
        MOVED = "moved", _("déplacé")

    AHEAD = (State.BOOKED, State.CONFIRMED)

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="appointments")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="appointments")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="appointments")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="appointments")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=15, choices=State.choices, default=State.BOOKED)
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(state__in=["booked", "confirmed"]), name="one_appointment_ahead"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "booked",
                        "confirmed",
                        "held",
                        "prospect_absent",
                        "client_absent",
                        "cancelled",
                        "moved",
                    ]
                ),
                name="appointment_state",
            ),
        ]
        indexes = [models.Index(fields=["mission", "starts_at"], name="agenda_of_a_mission")]
