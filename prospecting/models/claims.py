from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models.contacts import Contact


class Claim(models.Model):
    """The exclusive, expiring hold of an agent on a contact (« fiche en main »).

    One per contact and one per engagement: two agents never hold the same contact, two tabs never hold two.
    `before` is the state to which the contact returns when the claim lapses. `dealt` says how it came into the hand,
    so that a comparison knows which contacts were dealt at random.
    """

    class Dealt(models.TextChoices):
        FRESH = "fresh", _("au hasard du fichier")
        PRIORITY = "priority", _("en priorité")
        ASSIGNED = "assigned", _("répartie à parts égales")
        RETRY = "retry", _("nouvel essai")
        CALLBACK = "callback", _("rappel promis")
        TEAM_CALLBACK = "team", _("rappel repris par l’équipe")
        INBOUND = "inbound", _("la personne a rappelé")
        FREE = "free", _("appel libre")
        MANUAL = "manual", _("saisi après coup")

    public_id = public_id()
    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="claim")
    engagement = models.OneToOneField(Engagement, on_delete=models.CASCADE, related_name="claim")
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="+")
    before = models.CharField(max_length=9)
    dealt = models.CharField(max_length=8, choices=Dealt.choices, default=Dealt.FRESH, db_default="fresh")
    seen_at = models.DateTimeField(null=True, blank=True)  # the last sign of life of the cockpit that holds it
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(before__in=["in_hand", ""]), name="claim_came_from_a_state")
        ]


class Dial(models.Model):
    """One command to dial, allowed or refused: the attempt that the law counts, the reveal of a number, the evidence.

    Append-only. An allowed dial is an attempt from before it rings, unless its call ends as a technical failure.
    """

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="dials")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="dials")
    claim_id_seen = models.UUIDField(null=True)  # the public id of the claim under which it was dialled
    phone = models.CharField(max_length=16)
    at = models.DateTimeField()
    allowed = models.BooleanField()
    attempt = models.BooleanField()
    dealt = models.CharField(max_length=8, choices=Claim.Dealt.choices, default=Claim.Dealt.FRESH, db_default="fresh")
    reasons = models.JSONField(default=list)
    rule_version = models.CharField(max_length=40)
    evidence = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "phone", "at"], condition=models.Q(attempt=True), name="attempts_of_a_number"
            ),
            models.Index(fields=["claim_id_seen"], name="dials_of_a_claim"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(allowed=True) | models.Q(attempt=False), name="refused_is_no_attempt"
            )
        ]


class Skip(models.Model):
    """A contact that an agent gave back before dialling it, and why (« passer »): not dealt to them again."""

    class Reason(models.TextChoices):
        KNOWN_PERSON = "known", _("je connais cette personne")
        LANGUAGE = "language", _("autre langue")
        ELSEWHERE = "elsewhere", _("déjà en contact par ailleurs")
        DOUBTFUL = "doubtful", _("fiche douteuse")
        OTHER = "other", _("autre raison")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="skips")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="skips", db_index=False)
    reason = models.CharField(max_length=9, choices=Reason.choices)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        # Also what each pick looks up: is this contact one that this agent gave back?
        constraints = [models.UniqueConstraint(fields=["engagement", "contact"], name="skipped_once")]
