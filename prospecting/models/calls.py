from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models.claims import Dial
from prospecting.models.contacts import Contact
from prospecting.models.lead_files import CallLog


class Call(models.Model):
    """One dial and what came of it (« appel »). Append-only: a correction or a void is a later row naming this one.

    `seconds` is the talk's length; `dials` is 1, or more for a row of an imported log that stands for several dials.
    The outcome's flags are copied, so that editing an outcome later rewrites no history.
    `key` is made by the client: the same key never logs twice.
    """

    class Source(models.TextChoices):
        COCKPIT = "cockpit", _("cockpit")
        API = "api", "API"
        IMPORT = "import", _("journal importé")
        INBOUND = "inbound", _("appel reçu")
        MANUAL = "manual", _("saisi après coup")

    public_id = public_id()
    # No index of its own where one of Meta.indexes already begins with the column: each one is paid for by every call.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="calls", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="calls")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="calls", db_index=False)
    dial = models.ForeignKey(
        Dial, on_delete=models.SET_NULL, null=True, blank=True, related_name="calls", db_index=False
    )
    call_log = models.ForeignKey(CallLog, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    key = models.UUIDField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, db_default="")  # of what the key was first sent with
    phone = models.CharField(max_length=16, blank=True, db_default="")
    started_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0, db_default=0)
    dials = models.PositiveIntegerField(default=1, db_default=1)
    outcome = models.CharField(max_length=8)  # the code of prospecting.Outcome when it was saved
    valid = models.BooleanField(null=True)
    answered = models.BooleanField()
    reached = models.BooleanField()
    argued = models.BooleanField()
    converted = models.BooleanField()
    final = models.BooleanField()
    refusal = models.BooleanField(default=False, db_default=False)
    reason = models.CharField(max_length=200, blank=True, db_default="")
    note = models.TextField(blank=True, db_default="")
    answers = models.JSONField(default=dict, blank=True, db_default={})
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by", db_index=False
    )
    void = models.BooleanField(default=False, db_default=False)
    source = models.CharField(max_length=7, choices=Source.choices, default=Source.COCKPIT, db_default="cockpit")
    logged_at = models.DateTimeField(default=timezone.now, db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "key"], condition=Q(key__isnull=False), name="call_key_once"),
            models.CheckConstraint(condition=Q(reached=True) | Q(argued=False, converted=False), name="call_reached"),
            models.CheckConstraint(
                condition=~Q(void=True) | Q(reached=False, corrects__isnull=False), name="call_void"
            ),
            models.CheckConstraint(condition=Q(dials=1) | Q(source="import", dials__gte=1), name="call_is_one_dial"),
            models.CheckConstraint(condition=~Q(corrects=F("id")), name="call_corrects_another"),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="call_corrected_once"
            ),
            models.UniqueConstraint(
                fields=["dial"], condition=Q(dial__isnull=False, corrects__isnull=True), name="one_outcome_per_dial"
            ),
        ]
        indexes = [
            models.Index(fields=["mission", "started_at"], name="calls_of_a_mission"),
            models.Index(fields=["engagement", "started_at"], name="calls_of_an_agent"),
            models.Index(
                fields=["organisation", "phone", "started_at"], condition=Q(refusal=True), name="refusals_of_a_number"
            ),
        ]


class Conversion(models.Model):
    """The objective reached for a contact outside a call, once, with its time, source and value in cents."""

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="conversions")
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="conversion")
    at = models.DateTimeField()
    source = models.CharField(max_length=20)
    value_cents = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    recorded_at = models.DateTimeField(auto_now_add=True)
