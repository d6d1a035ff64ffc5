from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Organisation, User
from prospecting.models.contacts import Contact
from prospecting.models.lead_files import LeadFile


class Basis(models.Model):
    """Why a person may be called (« base légale »), with its proof: a consent, a contract in force, a requested call.

    `mentions` holds the five of a consent: {"who", "answer", "period", "withdraw", "proof"}, as the person read them.
    The hash outlives the contact: the proof is kept 3 years after the consent ends, then purged.
    `until` is the last instant at which it allows a call; no silence renews it.
    """

    class Kind(models.TextChoices):
        CONSENT = "consent", _("consentement")
        CONTRACT = "contract", _("contrat en cours")
        REQUESTED = "requested", _("rappel demandé")

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bases")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="bases")
    lead_file = models.ForeignKey(LeadFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    row_number = models.PositiveIntegerField(null=True, blank=True)
    number_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    about = models.CharField(max_length=300)  # the goods or services it was given for
    collected_at = models.DateTimeField()
    until = models.DateTimeField()
    mentions = models.JSONField(default=dict)
    source = models.CharField(max_length=300, blank=True)
    proof_token = models.CharField(max_length=43, unique=True)  # opens the page on which the person reads their proof
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=10, blank=True)  # "call", "page", "request"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("collected_at")), name="basis_lasts"),
            models.CheckConstraint(condition=Q(kind__in=["consent", "contract", "requested"]), name="basis_kind"),
        ]
        indexes = [models.Index(fields=["organisation", "number_hash"], name="bases_of_a_number")]


class KindReview(models.Model):
    """Somebody looked up whether a contact is a professional, and says what they found. The last counts."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="kind_reviews")
    kind = models.CharField(max_length=12, choices=Contact.Kind.choices)
    why = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
