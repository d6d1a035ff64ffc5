from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models import Mission, Organisation, User


class LegalBasis(models.TextChoices):
    LEGITIMATE_INTEREST = "legitimate_interest", _("intérêt légitime, professionnels")
    CONSENT = "consent", _("consentement")
    CONTRACT = "contract", _("contrat en cours")
    REQUESTED = "requested", _("rappel demandé")


class LeadFile(models.Model):
    """Contacts of one origin (« fichier »): who supplied them, when, at what cost, on what legal basis.

    Row counts hold once it is loaded: rows = created + updated + unchanged + merged + set_aside.
    `mapping` is {field of the contact: column's header}. `identity` says by what a row is recognised as a contact that
    the mission already has; `keep_apart`, that rows sharing a number stay contacts of their own. `newer_than` is the
    file of which this one is a newer version; `corrects`, the file whose rows set aside this one takes up again.
    `basis_texts` says of the legal basis what no column does: {field of the basis: text}, the same for every row.
    `missing` counts the contacts of the older versions that this one no longer names, `kept_apart` the new contacts
    that share their number with others, `changed_fields` the contacts changed in each field.
    `weight` and `position` order the files of a mission in its queue; weight 0 rests.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("à vérifier")
        QUEUED = "queued", _("en attente")
        LOADING = "loading", _("en cours")
        LOADED = "loaded", _("chargé")
        REFUSED = "refused", _("refusé")
        UNDONE = "undone", _("défait")

    class Kind(models.TextChoices):
        FILE = "file", _("fichier")
        TYPED = "typed", _("fiches saisies à la main")

    class Identity(models.TextChoices):
        NUMBER = "number", _("numéro de téléphone")
        EXTERNAL_ID = "external_id", _("identifiant du fichier")
        SIRET = "siret", "SIRET"

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="lead_files")
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="lead_files")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.FILE, db_default="file")
    name = models.CharField(_("nom"), max_length=200)
    supplier = models.CharField(_("fournisseur"), max_length=160, blank=True)
    received_on = models.DateField(_("reçu le"), null=True, blank=True)
    cost_cents = models.PositiveIntegerField(_("coût (centimes)"), null=True, blank=True)
    legal_basis = models.CharField(
        _("base légale"), max_length=20, choices=LegalBasis.choices, default=LegalBasis.LEGITIMATE_INTEREST
    )
    source_sentence = models.CharField(_("ce que le téléprospecteur répondra"), max_length=300, blank=True)
    content = models.FileField(upload_to="lead_files/%Y/%m", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    sheet = models.CharField(max_length=120, blank=True)
    header_row = models.PositiveIntegerField(null=True, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    basis_texts = models.JSONField(default=dict, blank=True, db_default={})
    columns = models.JSONField(default=list, blank=True)
    identity = models.CharField(max_length=11, choices=Identity.choices, default=Identity.NUMBER, db_default="number")
    keep_apart = models.BooleanField(default=False, db_default=False)
    newer_than = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="newer")
    corrects = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="corrected_by")
    weight = models.PositiveSmallIntegerField(default=1, db_default=1)
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    refusal = models.CharField(max_length=400, blank=True)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0, db_default=0)
    merged = models.PositiveIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0, db_default=0)
    kept_apart = models.PositiveIntegerField(default=0, db_default=0)
    changed_fields = models.JSONField(default=dict, blank=True, db_default={})
    reasons = models.JSONField(default=dict, blank=True)
    notices = models.JSONField(default=list, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["received", "queued", "loading", "loaded", "refused", "undone"]),
                name="lead_file_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="loaded")
                | models.Q(
                    rows=models.F("created")
                    + models.F("updated")
                    + models.F("unchanged")
                    + models.F("merged")
                    + models.F("set_aside")
                ),
                name="lead_file_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SetAsideRow(models.Model):
    """A row that did not become a contact, with the column, the value and the reason."""

    lead_file = models.ForeignKey(LeadFile, on_delete=models.CASCADE, related_name="set_aside_rows")
    row_number = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    value = models.TextField(blank=True)
    reason = models.CharField(max_length=40)
    cells = models.JSONField(default=list)
    taken_up_in = models.ForeignKey(LeadFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead_file", "row_number"], name="set_aside_once")]


class CallLog(models.Model):
    """One import of another tool's call log: what was read and what it became. Its contacts hang on `lead_file`."""

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT, related_name="call_logs")
    lead_file = models.ForeignKey(LeadFile, on_delete=models.PROTECT, related_name="call_logs")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    dated = models.BooleanField()  # False: the log has no date, and its calls stand on the day given at the import
    rows = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField(auto_now_add=True)


class KnownLayout(models.Model):
    """How an organisation last had a source's file read: what the next file of that source is recognised by.

    `headers` are the column names as they stood; `mapping` is {field: header}; the rest as on LeadFile.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="known_layouts")
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the folded headers, in their order
    headers = models.JSONField()
    mapping = models.JSONField()
    lead_file = models.ForeignKey(LeadFile, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "fingerprint"], name="layout_once")]
