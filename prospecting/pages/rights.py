"""What a business owes the people it calls: one page for a person's request, oppositions, the access log."""

import csv
from datetime import datetime
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import orjson
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.errors import DecrocheError, Invalid
from config.spreadsheets import guarded
from marketplace.access import organisation_to_own, organisation_to_write, person
from marketplace.models import Mission, User
from prospecting import access, people
from prospecting.importing.reasons import why
from prospecting.models import AccessEntry, Opposition, OppositionList, PersonRequest
from prospecting.objecting import Scope, number_hash, phone_of, record
from prospecting.opposition_lists import oppose_list, rows_of
from prospecting.returning import return_file

SHOWN = 50
MOST_ROWS = 20_000  # of a list brought by the page; a longer one goes by the command line


class OppositionForm(forms.Form):
    phone = forms.CharField(label=gettext_lazy("Un numéro"), required=False, max_length=60)
    file = forms.FileField(label=gettext_lazy("ou un fichier de numéros (CSV, texte, Excel)"), required=False)
    mission = forms.ModelChoiceField(
        Mission.objects.none(), label=gettext_lazy("Pour"), required=False, to_field_name="slug",
        empty_label=gettext_lazy("toute l’entreprise"),
    )  # fmt: skip

    def __init__(self, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs |= {"inputmode": "tel", "placeholder": "01 99 00 12 34"}
        field = self.fields["mission"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (declared above)
        if scope.organisation:
            field.queryset = Mission.objects.filter(organisation=scope.organisation).order_by("-created_at")
        else:
            del self.fields["mission"]


@login_required
@require_http_methods(["GET", "POST"])
def rights(request: HttpRequest) -> HttpResponse:
    """Search a person, see what is held, take it out, erase it, oppose: by POST, so that no number is in an address."""
    organisation = organisation_to_write(person(request))
    do, who, text = (request.POST.get(name, "") for name in ("do", "who", "text"))
    at = clock.now()
    said: dict[str, Any] = {"organisation": organisation, "by": person(request), "at": at}
    context: dict[str, Any] = {"organisation": organisation, "text": text}
    try:
        if do == "search":
            context["found"] = people.search(text=text, **said)
        elif do in {"json", "csv"}:
            return _file(people.export(who=who, **said), do, at)
        elif do == "erase":
            people.erase(who=who, **said)
            messages.success(request, _("Effacé. Les appels comptent encore ; plus rien ne nomme la personne."))
        elif do == "oppose":
            people.oppose_person(who=who, **said)
            messages.success(request, _("Opposition enregistrée : plus aucun appel, dans aucune mission."))
        if do in {"see", "oppose", "erase"}:
            context["held"] = people.held_of(who=who, **said)
    except DecrocheError as error:
        context["wrong"] = error.sentence
    context["requests"] = (
        PersonRequest.objects.filter(organisation=organisation).select_related("by").order_by("-pk")[:10]
    )
    return render(request, "prospecting/rights.html", context, status=400 if "wrong" in context else 200)


def _file(copy: dict[str, Any], kind: str, at: datetime) -> HttpResponse:
    body = orjson.dumps(copy, option=orjson.OPT_INDENT_2) if kind == "json" else _as_csv(copy)
    response = HttpResponse(body, content_type="application/json" if kind == "json" else "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="personne-{at:%Y-%m-%d}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


def _as_csv(copy: dict[str, Any]) -> str:
    """One line per value: where it stands, its name, itself."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([_("Où"), _("Quoi"), _("Valeur")])
    for where, value in copy.items():
        items = value if isinstance(value, list) else [{"": value}]
        for number, item in enumerate(items, 1):
            for name, text in item.items():
                plain = text if isinstance(text, str) else orjson.dumps(text).decode()
                place = f"{where} {number}" if isinstance(value, list) else where
                writer.writerow([guarded(place), guarded(name), guarded(plain)])
    return "\ufeff" + out.getvalue()


@login_required
@require_http_methods(["GET", "POST"])
def oppositions(request: HttpRequest) -> HttpResponse:
    scope = _scope(person(request))
    form = OppositionForm(scope, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _oppose(request, scope, form.cleaned_data)
            return redirect("oppositions")
        except DecrocheError as error:
            form.add_error(error.field if error.field in form.fields else None, error.sentence)
    brought = OppositionList.objects.filter(organisation=scope.organisation).select_related("mission", "by")
    lists = list(brought.order_by("-pk")[:SHOWN])
    for one in lists:
        one.refusals = [refusal | {"why": why(refusal["reason"]).label} for refusal in one.refusals]
    context = {
        "form": form,
        "organisation": scope.organisation,
        "lists": lists,
        "count": Opposition.objects.filter(organisation=scope.organisation).count(),
    }
    return render(request, "prospecting/oppositions.html", context, status=400 if form.errors else 200)


def _scope(user: User) -> Scope:
    """The business one writes for; the whole platform for its operator."""
    return Scope() if user.is_operator else Scope(organisation_to_write(user))


def _oppose(request: HttpRequest, scope: Scope, said: dict[str, Any]) -> None:
    at = clock.now()
    scope = Scope(scope.organisation, said.get("mission"))
    if said["file"]:
        brought = _list(said["file"], scope, person(request), at)
        counts = {"added": brought.added, "already": brought.already, "refused": brought.refused}
        messages.success(
            request, _("Ajoutés : %(added)d. Déjà opposés : %(already)d. Lignes refusées : %(refused)d.") % counts
        )
        return
    phone = phone_of(said["phone"])
    new = record(scope, {number_hash(phone): phone}, at=at, source="page")
    messages.success(request, _("Plus personne n’appellera ce numéro.") if new else _("Ce numéro était déjà opposé."))


def _list(upload: "UploadedFile[bytes]", scope: Scope, by: User, at: datetime) -> OppositionList:
    with NamedTemporaryFile(suffix=Path(upload.name or "").suffix) as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        rows = list(rows_of(Path(kept.name)))
    if len(rows) > MOST_ROWS:
        raise Invalid("too_many", _("Plus de 20 000 lignes : passez par la commande import_oppositions."), field="file")
    return oppose_list(scope=scope, rows=rows, name=upload.name or "", by=by, at=at)


@login_required
@require_GET
def access_log(request: HttpRequest) -> HttpResponse:
    """Who saw or took out what, for the owner."""
    organisation = organisation_to_own(person(request))
    lines = AccessEntry.objects.filter(organisation=organisation).select_related("user").order_by("-at", "-pk")
    page = Paginator(lines, SHOWN).get_page(request.GET.get("page"))
    return render(request, "prospecting/access_log.html", {"organisation": organisation, "page": page})


@login_required
@require_GET
def return_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """What the business takes home of a mission, until its contacts are anonymised."""
    mission = access.mission_to_write(request.user, slug)
    body = return_file(mission=mission, by=person(request), at=clock.now())
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{mission.slug}.csv"'
    return response
