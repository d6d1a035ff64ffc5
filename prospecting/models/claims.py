from django.db import models

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models.contacts import Contact


class Claim(models.Model):
    """The exclusive, expiring hold of an agent on a contact (« fiche en main »).

    One per contact and one per engagement: two agents never hold the same contact, two tabs never hold two.
    `before` is the state to which the contact returns when the claim lapses.
    """

    public_id = public_id()
    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="claim")
    engagement = models.OneToOneField(Engagement, on_delete=models.CASCADE, related_name="claim")
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="+")
    before = models.CharField(max_length=9)
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(before__in=["fresh", "retry", "callback"]), name="claim_came_from_the_queue"
            )
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
