from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from marketplace.models import Mission
from marketplace.models.missions import Objective

STEPS_TO_A_SALE = ("RDV", "RDVT", "LEAD")


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def for_mission(self, mission: Mission) -> "OutcomeQuerySet":
        """The standard outcomes, each replaced by the mission's own of the same code; hidden ones left out."""
        own = Outcome.objects.filter(mission=mission)
        return (
            self.filter(Q(mission=mission) | Q(mission=None) & ~Q(code__in=own.values("code")))
            .filter(hidden=False)
            .order_by("position", "code")
        )


class Outcome(models.Model):
    """What came out of a call (« qualification »). The flags are copied onto the call when it is saved.

    Without a mission it is one of the standard outcomes, which a migration lays down.
    """

    class Then(models.TextChoices):
        """What happens to the contact next."""

        RETRY = "retry", _("à retenter")
        CALLBACK = "callback", _("rappel promis")
        NEXT_NUMBER = "next_number", _("numéro suivant")
        CLOSE = "close", _("close")
        OPPOSE = "oppose", _("ne plus appeler")
        CONVERT = "convert", _("conversion")

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, null=True, blank=True, related_name="outcomes")
    code = models.CharField(max_length=8)
    label_fr = models.CharField(max_length=80)
    label_en = models.CharField(max_length=80)
    then = models.CharField(max_length=12, choices=Then.choices)
    valid = models.BooleanField(null=True)  # None: the line failed, nothing learnt about the number
    answered = models.BooleanField(default=False)
    reached = models.BooleanField(default=False)
    argued = models.BooleanField(default=False)
    converted = models.BooleanField(default=False)
    final = models.BooleanField(default=False)
    attempt = models.BooleanField(default=True)  # a technical failure is not an attempt
    refusal = models.BooleanField(default=False)  # starts the cool-off
    appointment = models.BooleanField(default=False)
    asks_date = models.BooleanField(default=False)  # the day on which the contact opens again
    reason_required = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=100)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mission", "code"], name="outcome_once", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(converted=True) | Q(reached=True, final=True), name="outcome_converts"),
            models.CheckConstraint(condition=~Q(reached=True) | Q(answered=True), name="outcome_reached"),
        ]

    def wins(self, mission: Mission) -> bool:
        """Whether it is this mission's conversion.

        Where a sale is wanted, an appointment or a lead is a step towards it: noted, booked, neither counted nor paid.
        An outcome that the mission made itself means what its flag says.
        """
        step = self.mission_id is None and self.code in STEPS_TO_A_SALE and mission.objective == Objective.SALE
        return self.converted and not step

    @property
    def label(self) -> str:
        return self.label_en if (get_language() or "fr").startswith("en") else self.label_fr
