"""The list of the calls behind a figure."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.typography import whole
from marketplace.models import Engagement, Mission
from prospecting.access import mission_to_read
from prospecting.models import LeadFile
from reporting.drilling import Asked, Figure, counted_calls
from reporting.pages import words
from reporting.rates import Period


class AskedForm(forms.Form):
    """What is asked, in the address: count, agent, file, from, to, before."""

    count = forms.ChoiceField(label=_("Compter"), choices=Figure.choices, required=False)
    agent = forms.ModelChoiceField(
        Engagement.objects.none(), label=_("Téléprospecteur"), to_field_name="public_id", required=False
    )
    file = forms.ModelChoiceField(
        LeadFile.objects.none(), label=_("Fichier"), to_field_name="public_id", required=False
    )
    to = forms.DateField(label=_("Avant le"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, mission: Mission, *args: Any) -> None:
        super().__init__(*args)
        self.fields["from"] = forms.DateField(
            label=_("Depuis le"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
        )
        self.order_fields(["count", "agent", "file", "from", "to", "before"])
        for name, rows in (
            ("agent", mission.engagements.order_by("label")),
            ("file", mission.lead_files.order_by("name")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
            field.queryset, field.empty_label = rows, str(_("tous"))

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if "before" in self.errors:  # a hidden field has no place for its error
            self.add_error(None, str(_("La suite de cette liste n’est plus là : revenez à son début.")))
        first, until = asked.get("from"), asked.get("to")
        if first and until and first >= until:
            self.add_error("to", str(_("La période doit finir après son début.")))
        return asked

    def asked(self) -> Asked:
        said = self.cleaned_data
        return Asked(
            figure=Figure(said["count"] or Figure.DIALS),
            agent=said["agent"],
            file=said["file"],
            period=Period(said["from"], said["to"]),
        )

    def before_id(self) -> UUID | None:
        before: UUID | None = self.cleaned_data["before"]
        return before


@login_required
def mission_calls(request: HttpRequest, slug: str) -> HttpResponse:
    mission = mission_to_read(request.user, slug)
    form = AskedForm(mission, request.GET)
    page = counted_calls(mission=mission, asked=form.asked(), before=form.before_id()) if form.is_valid() else None
    return render(
        request,
        "reporting/calls.html",
        {
            "mission": mission,
            "form": form,
            "page": page,
            "title": title(mission, form.asked(), page.number) if page else mission.title,
            "following": _address(request, before=str(page.next) if page else ""),
            "first": _address(request),
        },
    )


def title(mission: Mission, asked: Asked, number: int) -> str:
    """« 57 rendez-vous d’Amina »: what is listed, and how many."""
    if asked.figure is Figure.CONVERTED:
        counted = words.conversions(mission, number)
    elif asked.figure is Figure.REACHED:
        counted = ngettext("%(n)s contact joint", "%(n)s contacts joints", number) % {"n": whole(number)}
    else:
        counted = ngettext("%(n)s appel", "%(n)s appels", number) % {"n": whole(number)}
    whose = [str(each) for each in (asked.agent, asked.file) if each]  # an agent's label, a file's name
    return ", ".join([counted, *whose])


def _address(request: HttpRequest, **changes: str) -> str:
    """The query of this page again, from another row on."""
    query = request.GET.copy()
    query.pop("before", None)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()
