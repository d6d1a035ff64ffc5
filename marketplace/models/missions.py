from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import public_id
from marketplace.models.organisations import Organisation


class Objective(models.TextChoices):
    """The wanted action that counts as the conversion."""

    APPOINTMENT = "appointment", _("prise de rendez-vous")
    QUALIFIED_LEAD = "qualified_lead", _("lead qualifié")
    SALE = "sale", _("vente")
    PURCHASE = "purchase", _("achat après la campagne")
    STORE_VISIT = "store_visit", _("visite en point de vente")
    EVENT_REGISTRATION = "event_registration", _("inscription à un évènement")
    CONTEST_ENTRY = "contest_entry", _("participation à un jeu-concours")
    APP_INSTALL = "app_install", _("installation d’une application")
    PAGE_VISIT = "page_visit", _("visite d’une page")
    MESSAGE = "message", _("message reçu")
    SHARE = "share", _("partage")


# Days within which a conversion counts, from the first reach. 7, 14 and 30 as the field uses them.
WINDOW_DAYS = {
    Objective.EVENT_REGISTRATION: 14,
    Objective.CONTEST_ENTRY: 14,
    Objective.PURCHASE: 30,
    Objective.STORE_VISIT: 30,
}


def window_days(objective: str) -> int:
    return WINDOW_DAYS.get(Objective(objective), 7)


# One of what is won, for sentences: "32,00 € par …".
UNITS = {
    Objective.APPOINTMENT: _("rendez-vous"),
    Objective.QUALIFIED_LEAD: _("lead"),
    Objective.SALE: _("vente"),
    Objective.PURCHASE: _("achat"),
    Objective.STORE_VISIT: _("visite"),
    Objective.EVENT_REGISTRATION: _("inscription"),
    Objective.CONTEST_ENTRY: _("participation"),
    Objective.APP_INSTALL: _("installation"),
    Objective.PAGE_VISIT: _("visite"),
    Objective.MESSAGE: _("message"),
    Objective.SHARE: _("partage"),
}
REGIMES = {"FR_B2B": _("Professionnels, France"), "FR_B2C": _("Particuliers, France")}


class Mission(models.Model):
    """One prospecting campaign with one objective, a script, pay terms and a calling regime.

    `script` is a list of blocks, in the order in which they are said:
    {"kind": "who"|"why"|"questions"|"offer"|"closing", "text": str with {merge} fields}, with
    "questions": [{"key": str, "label": str, "required": bool}] on the questions block,
    and {"kind": "objections", "answers": [{"label": str, "text": str}]} at the end.
    `criteria` is a list of {"key": str, "label": str}: what must be true for what was won to be accepted.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        PUBLISHED = "published", _("publiée")
        RUNNING = "running", _("en cours")
        PAUSED = "paused", _("en pause")
        CLOSED = "closed", _("close")

    OPEN = (State.PUBLISHED, State.RUNNING)  # seen on the market, may be applied for

    public_id = public_id()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="missions")
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(_("titre"), max_length=120)
    summary = models.TextField(_("résumé"), blank=True)
    sector = models.CharField(_("secteur"), max_length=80, blank=True)
    objective = models.CharField(_("objectif"), max_length=20, choices=Objective.choices, default=Objective.APPOINTMENT)
    target = models.PositiveIntegerField(_("nombre visé"), null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(_("fenêtre de conversion (jours)"), default=7)
    regime = models.CharField(_("régime d’appel"), max_length=12, default="FR_B2B")
    max_attempts = models.PositiveSmallIntegerField(_("essais par numéro en 30 jours"), default=4)
    time_zone = models.CharField(_("fuseau horaire"), max_length=40, default="Europe/Paris")
    script = models.JSONField(_("script"), default=list, blank=True)
    criteria = models.JSONField(_("critères d’acceptation"), default=list, blank=True)
    slot_minutes = models.PositiveSmallIntegerField(_("durée d’un rendez-vous (minutes)"), default=30)
    pay_cents = models.PositiveIntegerField(_("paie par conversion acceptée (centimes)"), default=0)
    currency = models.CharField(max_length=3, default="EUR")
    contest_days = models.PositiveSmallIntegerField(_("délai pour contester (jours)"), default=5)
    recording_allowed = models.BooleanField(_("enregistrement permis"), default=False)
    seats = models.PositiveSmallIntegerField(_("places"), default=1)
    caller_number = models.CharField(_("numéro présenté"), max_length=20, blank=True)
    starts_on = models.DateField(_("début"), null=True, blank=True)
    ends_on = models.DateField(_("fin"), null=True, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "running", "paused", "closed"]), name="mission_state"
            ),
            models.CheckConstraint(condition=Q(objective__in=Objective.values), name="mission_objective"),
            models.CheckConstraint(condition=Q(window_days__range=(1, 365)), name="mission_window"),
            models.CheckConstraint(condition=Q(max_attempts__range=(1, 8)), name="mission_attempts"),
            models.CheckConstraint(condition=Q(contest_days__range=(1, 30)), name="mission_contest"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="mission_seats"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="mission_dates",
            ),
        ]
        indexes = [models.Index(fields=["state", "-published_at"], name="mission_open")]

    def __str__(self) -> str:
        return self.title

    @property
    def unit(self) -> str:
        return str(UNITS[Objective(self.objective)])

    @property
    def regime_label(self) -> str:
        return str(REGIMES.get(self.regime, self.regime))
