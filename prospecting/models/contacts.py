from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Random
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models.lead_files import LeadFile


class Contact(models.Model):
    """One phone number to call within a mission (« fiche »), with its company, person and every column of the file.

    `columns` is {header: text} for what no field holds; `also_at` lists the rows that shared the number
    ({"row": int, "company": str, …}). `deal` is a random number in [0, 1): fresh contacts are dealt in its order,
    so that two agents on one file receive comparable contacts. `apart` is 0, or more for a row that a file keeps apart
    from the others at the same number; the number's caps and oppositions hold for all of them. `assigned_to` is the
    engagement that an equal split on demand reserved it for; higher `priority` is dealt first, and a negative one is
    never dealt: the mission's filters keep the contact out. `blocked_reason` says why it is blocked or, on one that
    waits, which rule put it off ("cap", "gap", "cool_off" …).
    """

    class State(models.TextChoices):
        FRESH = "fresh", _("neuve")
        IN_HAND = "in_hand", _("en main")
        RETRY = "retry", _("à retenter")
        CALLBACK = "callback", _("rappel promis")
        CONVERTED = "converted", _("convertie")
        CLOSED = "closed", _("close")
        EXHAUSTED = "exhausted", _("injoignable")
        BLOCKED = "blocked", _("bloquée")

    class Kind(models.TextChoices):
        """Whom the law sees behind the number; what is unclear is treated as a consumer until somebody reviews it."""

        PROFESSIONAL = "professional", _("professionnel")
        CONSUMER = "consumer", _("particulier")
        UNCLEAR = "unclear", _("à vérifier")

    WAITING = (State.FRESH, State.RETRY, State.CALLBACK)

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    lead_file = models.ForeignKey(LeadFile, on_delete=models.PROTECT, related_name="contacts")
    phone = models.CharField(_("téléphone"), max_length=16, null=True, blank=True)  # noqa: DJ001 - NULL is "no number"
    phone_raw = models.CharField(max_length=200, blank=True, db_default="")
    other_phones = models.JSONField(default=list, blank=True, db_default=[])
    company = models.CharField(_("entreprise"), max_length=200, blank=True, db_default="")
    first_name = models.CharField(_("prénom"), max_length=120, blank=True, db_default="")
    last_name = models.CharField(_("nom"), max_length=120, blank=True, db_default="")
    job_title = models.CharField(_("fonction"), max_length=160, blank=True, db_default="")
    email = models.CharField(_("e-mail"), max_length=254, blank=True, db_default="")
    address = models.CharField(_("adresse"), max_length=300, blank=True, db_default="")
    postal_code = models.CharField(_("code postal"), max_length=12, blank=True, db_default="")
    city = models.CharField(_("ville"), max_length=120, blank=True, db_default="")
    siret = models.CharField("SIRET", max_length=14, blank=True, db_default="")
    external_id = models.CharField(max_length=120, blank=True, db_default="")
    columns = models.JSONField(default=dict, blank=True, db_default={})
    also_at = models.JSONField(default=list, blank=True, db_default=[])
    territory = models.CharField(max_length=8, default="FR", db_default="FR")  # prospecting.rules.territories
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PROFESSIONAL, db_default="professional")
    apart = models.PositiveSmallIntegerField(default=0, db_default=0)
    row_number = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.FRESH, db_default="fresh")
    blocked_reason = models.CharField(max_length=40, blank=True, db_default="")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True, blank=True)  # when a retry or a callback may be dealt again
    callback_for = models.ForeignKey(
        Engagement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    assigned_to = models.ForeignKey(
        Engagement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    priority = models.SmallIntegerField(default=0, db_default=0)
    deal = models.FloatField(db_default=Random())
    anonymised_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mission", "phone", "apart"], condition=Q(phone__isnull=False), name="number_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=["professional", "consumer", "unclear"]), name="contact_kind"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "fresh",
                        "in_hand",
                        "retry",
                        "callback",
                        "converted",
                        "closed",
                        "exhausted",
                        "blocked",
                    ]
                ),
                name="contact_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["retry", "callback"]) | Q(next_at__isnull=False), name="waiting_has_a_time"
            ),
            models.CheckConstraint(condition=~Q(state="blocked") | ~Q(blocked_reason=""), name="blocked_says_why"),
            models.CheckConstraint(condition=Q(phone__isnull=True) | Q(phone__startswith="+"), name="phone_is_e164"),
        ]
        indexes = [
            # The four heads of the queue (prospecting.dealing): each pick is the first entry of one of them.
            models.Index(
                "lead_file",
                Coalesce("assigned_to", 0),
                "territory",
                F("priority").desc(),
                "deal",
                condition=Q(state="fresh", phone__isnull=False),
                include=["assigned_to"],  # so that "why?" counts in the index alone
                name="queue_fresh",
            ),
            models.Index(
                fields=["lead_file", "territory", "next_at"],
                condition=Q(state="retry", priority__gte=0),
                include=["blocked_reason"],
                name="queue_retry",
            ),
            models.Index(fields=["callback_for", "next_at"], condition=Q(state="callback"), name="queue_own"),
            models.Index(fields=["mission", "next_at"], condition=Q(state="callback"), name="queue_team"),
            models.Index(fields=["mission", "state", "blocked_reason"], name="contacts_of_a_mission"),
            models.Index(fields=["organisation", "phone"], name="contact_number"),
            models.Index(
                fields=["anonymised_at"], condition=Q(anonymised_at__isnull=False), name="contacts_anonymised"
            ),
        ]


class ContactChange(models.Model):
    """What a lead file changed in a contact that was there: {field: value} before and after, so it can be undone.

    `updated` by a row of its own; `beside`: rows at its number that are not it; `held_back`: the file forbids its
    number; `missing`: a contact of the older version that this file no longer names, nothing changed; `seen`: another
    file's contact that this one names too, nothing changed.
    """

    class What(models.TextChoices):
        UPDATED = "updated", _("mise à jour")
        BESIDE = "beside", _("complétée d’une autre ligne")
        HELD_BACK = "held_back", _("sortie des files d’appel")
        MISSING = "missing", _("absente de la nouvelle version")
        SEEN = "seen", _("déjà connue, inchangée")

    lead_file = models.ForeignKey(LeadFile, on_delete=models.CASCADE, related_name="changes")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="changes")
    row_number = models.PositiveIntegerField(null=True, blank=True)
    what = models.CharField(max_length=9, choices=What.choices, default=What.UPDATED, db_default="updated")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead_file", "contact"], name="contact_changed_once"),
            models.CheckConstraint(
                condition=Q(what__in=["updated", "beside", "held_back", "missing", "seen"]), name="contact_change_what"
            ),
        ]
