"""The form of an agenda: a week of openings, two a day, and what surrounds them. The activity says yes or no."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.models import Mission, Organisation, User
from prospecting.agendas import FIELDS
from prospecting.models import Agenda
from prospecting.rules.territories import TERRITORIES

DAYS = (_("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche"))
HALVES = (1, 2)
ZONES = sorted({one.zone.key for one in TERRITORIES.values()}, key=lambda zone: (zone != "Europe/Paris", zone))


def _short(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, widget=forms.NumberInput(attrs={"class": "short"}), **more)


class AgendaForm(forms.Form):
    name = forms.CharField(
        label=_("Nom de l’agenda"), max_length=120, help_text=_("Celui de la personne qui reçoit, ou d’un lieu.")
    )
    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Membre"), required=False, empty_label=_("personne en particulier")
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Où partent les invitations ; sinon, l’adresse du membre.")
    )
    missions = forms.ModelMultipleChoiceField(
        Mission.objects.none(),
        label=_("Missions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Aucune cochée : toutes celles qui n’ont pas d’agenda à elles."),
    )
    time_zone = forms.ChoiceField(label=_("Fuseau horaire"), choices=[(zone, zone) for zone in ZONES])
    buffer_minutes = _short(_("Marge entre deux, en minutes"), min_value=0, max_value=240)
    notice_hours = _short(_("Délai minimal, en heures"), min_value=0, max_value=336)
    horizon_days = _short(_("Ouvert jusqu’à, en jours"), min_value=1, max_value=180)
    video_link = forms.CharField(
        label=_("Lien de visio"),
        max_length=300,
        required=False,
        help_text=_("Écrit dans l’invitation d’un rendez-vous en visio."),
    )
    feed_url = forms.CharField(
        label=_("Adresse ICS de votre propre agenda"),
        max_length=500,
        required=False,
        help_text=_("Seules les heures prises sont gardées : ni titres, ni lieux, ni personnes."),
    )
    active = forms.BooleanField(label=_("Reçoit des rendez-vous"), required=False)

    def __init__(self, *args: Any, organisation: Organisation, agenda: Agenda, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(agenda)
        super().__init__(*args, **kwargs)
        members = User.objects.filter(memberships__organisation=organisation).order_by("display_name")
        self.fields["user"].queryset = members  # type: ignore[attr-defined]
        self.fields["missions"].queryset = organisation.missions.exclude(state="closed").order_by("title")  # type: ignore[attr-defined]
        for day in range(7):
            for half in HALVES:
                for end in ("from", "to"):
                    self.fields[f"{end}_{day}_{half}"] = _time()

    @property
    def week(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField]]]]:
        return [
            (DAYS[day], [(self[f"from_{day}_{half}"], self[f"to_{day}_{half}"]) for half in HALVES]) for day in range(7)
        ]

    def for_activity(self) -> dict[str, Any]:
        """What `create_agenda` and `update_agenda` take."""
        data = dict(self.cleaned_data)
        openings = [
            (day, data.pop(f"from_{day}_{half}"), data.pop(f"to_{day}_{half}")) for day in range(7) for half in HALVES
        ]
        weekly = [
            {"day": day, "from": _hour(opens), "to": _hour(closes)}
            for day, opens, closes in openings
            if opens or closes
        ]
        return data | {"weekly": weekly}


class BlockForm(forms.Form):
    starts_at = forms.DateTimeField(label=_("Du"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    ends_at = forms.DateTimeField(label=_("Au"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    what = forms.CharField(label=_("Pourquoi"), max_length=200, required=False)

    def for_activity(self, zone: str) -> dict[str, Any]:
        """On the agenda's own clock, whatever the browser's."""
        there, data = ZoneInfo(zone), self.cleaned_data
        return data | {name: _there(data[name], there) for name in ("starts_at", "ends_at")}


def _there(typed: datetime, zone: ZoneInfo) -> datetime:
    return typed.replace(tzinfo=zone)


def _time() -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(required=False, widget=widget)


def _hour(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _initial(agenda: Agenda) -> dict[str, Any]:
    direct = [name for name in FIELDS if name != "weekly"]
    initial = {name: getattr(agenda, name) for name in direct}
    initial["missions"] = list(agenda.missions.all()) if agenda.pk else []
    for day in range(7):
        openings = [one for one in agenda.weekly if one["day"] == day]
        for half, one in zip(HALVES, openings, strict=False):
            initial |= {f"from_{day}_{half}": one["from"], f"to_{day}_{half}": one["to"]}
    return initial
