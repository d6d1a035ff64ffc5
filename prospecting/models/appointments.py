from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation, User
from prospecting.models.agendas import Agenda
from prospecting.models.calls import Call
from prospecting.models.contacts import Contact


class Appointment(models.Model):
    """A slot with a prospect (« rendez-vous »), booked in a call: ahead, then its fate, told by both sides.

    Two appointments ahead never overlap in one agenda: an exclusion constraint of the database (`no_double_booking`).
    `sequence` counts the changes that calendars must be told (RFC 5545), `told_sequence` those they were told, -1
    before the first. `calendar_uid` is the id calendars know a moved one by. `fate_by_…`: what each side says happened.
    """

    class By(models.TextChoices):
        BUSINESS = "business", _("l’entreprise")
        PROSPECT = "prospect", _("le prospect")
        AGENT = "agent", _("le téléprospecteur")
        SYSTEM = "system", _("Décroche")
        OPERATOR = "operator", _("l’opérateur")

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
    agenda = models.ForeignKey(Agenda, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=15, choices=State.choices, default=State.BOOKED)
    email = models.CharField(max_length=254, blank=True)  # where the prospect's invitation goes
    booked_at = models.DateTimeField()
    moved_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="moved_from")
    cancelled_by = models.CharField(max_length=8, choices=By.choices, blank=True)
    sequence = models.PositiveSmallIntegerField(default=0)
    told_sequence = models.SmallIntegerField(default=-1)
    calendar_uid = models.UUIDField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    fate_asked_at = models.DateTimeField(null=True, blank=True)
    fate_by_business = models.CharField(max_length=15, choices=State.choices, blank=True)
    fate_by_agent = models.CharField(max_length=15, choices=State.choices, blank=True)
    fate_at = models.DateTimeField(null=True, blank=True)

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
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="appointment_lasts"),
        ]
        indexes = [
            models.Index(fields=["mission", "starts_at"], name="agenda_of_a_mission"),
            models.Index(fields=["agenda", "starts_at"], name="appointments_of_an_agenda"),
            models.Index(
                fields=["booked_at"], condition=Q(told_sequence__lt=models.F("sequence")), name="appointments_to_tell"
            ),
        ]

    @property
    def uid(self) -> UUID:
        """The id under which calendars know it, the same after a move."""
        return self.calendar_uid or self.public_id


class AppointmentEvent(models.Model):
    """One line of an appointment's history, append-only: what happened and by whom. The evidence of a ruling."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=20)  # "booked", "invited", "confirmed", "moved", "cancelled", "fate" …
    by = models.CharField(max_length=8, choices=Appointment.By.choices)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    detail = models.JSONField(default=dict, blank=True)
