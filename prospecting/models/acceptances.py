from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation, User
from prospecting.models.appointments import Appointment
from prospecting.models.calls import Call
from prospecting.models.contacts import Contact


class Acceptance(models.Model):
    """Whether what a call won is accepted by the business (« acceptation »): an appointment, a lead, a sale.

    `verdict` is what the criteria and the required questions say by themselves:
    [{"criterion", "label", "met": bool, "answer"}]. The business
    may contest until `deadline_at`, for a reason of the closed list; silence accepts. The operator rules a contest:
    upheld (the business was right, nothing is owed) or rejected (it stands accepted).
    """

    class State(models.TextChoices):
        PENDING = "pending", _("à accepter")
        ACCEPTED = "accepted", _("accepté")
        CONTESTED = "contested", _("contesté")
        UPHELD = "upheld", _("contestation retenue")
        REJECTED = "rejected", _("contestation rejetée")
        VOID = "void", _("annulé")

    class Reason(models.TextChoices):
        """Never the "level of interest"."""

        CRITERIA = "criteria", _("un critère de la mission n’est pas rempli")
        WRONG_PERSON = "wrong_person", _("la personne n’est pas celle qui décide")
        OUT_OF_TARGET = "out_of_target", _("hors de la cible décrite")
        NEVER_AGREED = "never_agreed", _("la personne dit n’avoir rien convenu")
        DUPLICATE = "duplicate", _("déjà client, ou déjà en rendez-vous")
        UNREACHABLE = "unreachable", _("coordonnées fausses")

    class By(models.TextChoices):
        BUSINESS = "business", _("l’entreprise")
        SILENCE = "silence", _("le délai passé")
        OPERATOR = "operator", _("l’opérateur")

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="acceptances")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="acceptances")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="acceptances")
    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="acceptance")
    appointment = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="acceptance"
    )
    verdict = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    opened_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=8, choices=By.choices, blank=True)
    contested_at = models.DateTimeField(null=True, blank=True)
    contested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=13, choices=Reason.choices, blank=True)
    reason_text = models.TextField(blank=True)
    answer_text = models.TextField(blank=True)  # the telemarketer's own account, for the operator
    ruling_text = models.TextField(blank=True)
    ruled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "accepted", "contested", "upheld", "rejected", "void"]),
                name="acceptance_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["contested", "upheld", "rejected"])
                | ~Q(reason="") & Q(contested_at__isnull=False),
                name="contest_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "contested", "void"])
                | Q(decided_at__isnull=False) & ~Q(decided_by=""),
                name="decision_is_somebodys",
            ),
        ]
        indexes = [
            models.Index(fields=["deadline_at"], condition=Q(state="pending"), name="acceptances_to_close"),
            models.Index(fields=["mission", "state"], name="acceptances_of_a_mission"),
        ]


class AcceptanceEvent(models.Model):
    """One line of an acceptance's history, append-only: opened, moved, decided, contested, answered, ruled; by whom."""

    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=12)  # the state it came to, or "answered", "moved"
    by = models.CharField(max_length=8)  # "business", "agent", "prospect", "operator", "silence", "system"
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    detail = models.JSONField(default=dict, blank=True)
