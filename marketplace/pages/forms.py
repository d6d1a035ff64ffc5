"""What people fill in. A form reads and keeps what was typed; the activity says yes or no."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.errors import DecrocheError
from marketplace import criteria, script
from marketplace.models import Membership, Mission, Telemarketer, User
from marketplace.models.missions import REGIMES, Objective
from marketplace.posting import OPEN_REGIMES

FIELD_OF = {"pay_cents": "pay", "asked_cents": "asked", "script": "who"}  # an activity's field → the form's
CENT = Decimal("0.01")


def tell(form: forms.BaseForm, error: DecrocheError) -> None:
    """A refusal, beside the field it speaks of."""
    name = FIELD_OF.get(error.field, error.field)
    form.add_error(name if name in form.fields else None, error.sentence)


def euros(label: Any, **more: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "short num"})
    return forms.DecimalField(
        label=label, min_value=CENT, max_digits=9, decimal_places=2, localize=True, widget=widget, **more
    )


def cents(euros: Decimal | None) -> int:
    return int((euros or 0) * 100)


def amount(cents: int) -> Decimal | None:
    """3200 → 32.00, as a field shows it; nothing for 0."""
    return Decimal(cents).scaleb(-2) if cents else None


def _lines(label: Any, rows: int, help_text: Any = "", required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows})
    )


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget)


def _number(label: Any, low: int, high: int, required: bool = True, help_text: Any = "") -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"class": "short"})
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, required=required, help_text=help_text, widget=widget
    )


class MissionForm(forms.Form):
    """A whole mission on one page."""

    title = forms.CharField(label=_("Titre"), max_length=120)
    objective = forms.ChoiceField(label=_("Objectif"), choices=Objective.choices)
    target = _number(_("Nombre visé"), 1, 1_000_000, required=False)
    window_days = _number(
        _("Fenêtre de conversion, en jours"), 1, 365, help_text=_("Compte pour l’appel s’il arrive dans ce délai.")
    )
    summary = _lines(_("En quelques phrases"), 3, _("Ce que vous vendez, et à qui : les téléprospecteurs le lisent."))
    sector = forms.CharField(label=_("Secteur"), max_length=80, required=False)
    starts_on = _day(_("Début"))
    ends_on = _day(_("Fin"))
    pay = euros(_("Par conversion acceptée, en euros"), required=False)
    seats = _number(_("Places"), 1, 500)
    slot_minutes = _number(_("Durée d’un rendez-vous, en minutes"), 5, 480)
    contest_days = _number(
        _("Délai pour contester, en jours"),
        1,
        30,
        help_text=_("À partir de la fin du rendez-vous, ou de l’appel. Sans réponse de vous, c’est accepté."),
    )
    criteria = _lines(
        _("Accepté si"),
        4,
        _("Un critère par ligne, que chacun peut vérifier : le téléprospecteur les coche pendant l’appel."),
    )
    caller_number = forms.CharField(
        label=_("Numéro présenté"),
        max_length=20,
        required=False,
        help_text=_("Le vôtre, jamais masqué : c’est lui que verront les personnes appelées."),
        widget=forms.TextInput(attrs={"type": "tel", "class": "mid"}),
    )
    regime = forms.ChoiceField(label=_("Qui est appelé"))
    max_attempts = _number(_("Essais par numéro en 30 jours"), 1, 8)
    recording_allowed = forms.BooleanField(
        label=_("Un appel peut être enregistré"),
        required=False,
        help_text=_("À la main, jamais d’office : la personne est prévenue d’abord, le son s’efface avant six mois."),
    )
    who = _lines(
        _("Qui, et pour qui"),
        3,
        _("La loi veut y entendre : qui appelle, pour qui, que c’est commercial, comment s’opposer."),
    )
    why = _lines(_("Pourquoi"), 2)
    asking = _lines(_("Avant les questions"), 1)
    questions = _lines(
        _("Questions"), 4, _("Une par ligne. Une étoile * à la fin : exigée pour que la conversion compte.")
    )
    offer = _lines(_("Proposer"), 2)
    closing = _lines(_("Conclure"), 2)
    answers = _lines(_("Objections"), 4, _("Une par ligne : objection → réponse"))

    def __init__(self, *args: Any, mission: Mission, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(mission)
        super().__init__(*args, **kwargs)
        offered = [(key, label) for key, label in REGIMES.items() if key in {*OPEN_REGIMES, mission.regime}]
        self.fields["regime"].choices = offered  # type: ignore[attr-defined]
        self.mission = mission

    def for_activity(self) -> dict[str, Any]:
        """What `create_mission` and `update_mission` take."""
        data = self.cleaned_data
        direct = (
            "title objective target window_days summary sector starts_on ends_on seats slot_minutes contest_days "
            "caller_number regime max_attempts recording_allowed"
        )
        return {name: data[name] for name in direct.split()} | {
            "pay_cents": cents(data["pay"]),
            "criteria": criteria.from_lines(data["criteria"]),
            "script": self._script(data),
        }

    def _script(self, data: dict[str, Any]) -> list[script.Block]:
        spoken = ({"kind": kind, "text": data[kind].strip()} for kind in ("who", "why"))
        questions = script.questions_from_lines(data["questions"])
        asking = {"kind": "questions", "text": data["asking"].strip(), "questions": questions}
        ending = ({"kind": kind, "text": data[kind].strip()} for kind in ("offer", "closing"))
        objections = {"kind": "objections", "answers": script.answers_from_lines(data["answers"])}
        blocks: list[script.Block] = [*spoken, asking, *ending, objections]
        return [one for one in blocks if one.get("text") or one.get("questions") or one.get("answers")]


def _initial(mission: Mission) -> dict[str, Any]:
    """A mission as its form shows it."""
    direct = (
        "title objective target window_days summary sector starts_on ends_on seats slot_minutes contest_days regime "
        "max_attempts recording_allowed"
    )
    values = {name: getattr(mission, name) for name in direct.split()}
    texts = {kind: script.block(mission.script, kind).get("text", "") for kind in ("who", "why", "offer", "closing")}
    asking = script.block(mission.script, "questions")
    return (
        values
        | texts
        | {
            "pay": amount(mission.pay_cents),
            "caller_number": mission.caller_number,
            "criteria": criteria.as_lines(mission.criteria),
            "asking": asking.get("text", ""),
            "questions": script.lines_from_questions(asking.get("questions", [])),
            "answers": script.lines_from_answers(script.block(mission.script, "objections").get("answers", [])),
        }
    )


class SearchForm(forms.Form):
    """The market, narrowed; every field may stay empty."""

    q = forms.CharField(label=_("Métier, ville, entreprise"), required=False, max_length=80)
    objective = forms.ChoiceField(
        label=_("Objectif"), required=False, choices=[("", _("Tous les objectifs")), *Objective.choices]
    )
    free = forms.BooleanField(label=_("Places libres"), required=False)


class ApplicationForm(forms.Form):
    asked = euros(_("Votre tarif par conversion acceptée, en euros"))
    message = forms.CharField(
        label=_("Message"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    rate = euros(_("Tarif par rendez-vous, en euros"), required=False)

    class Meta:
        model = Telemarketer
        fields = [
            "display_name",
            "headline",
            "about",
            "skills",
            "sectors",
            "languages",
            "city",
            "availability",
            "siret",
        ]
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.rate_cents:
            self.initial["rate"] = amount(self.instance.rate_cents)

    def save(self, commit: bool = True) -> Telemarketer:
        self.instance.rate_cents = cents(self.cleaned_data["rate"]) or None
        telemarketer: Telemarketer = super().save(commit)
        return telemarketer


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["display_name", "language", "callback_mails"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Telemarketer.objects.filter(user=self.instance).exists():
            del self.fields["callback_mails"]  # nobody else promises callbacks


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("Adresse e-mail"))
    role = forms.ChoiceField(label=_("Rôle"), choices=Membership.Role.choices, initial=Membership.Role.MANAGER)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("À quoi sert-il ?"), max_length=80)
