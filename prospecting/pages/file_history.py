"""What a file changed, what its contacts are worth, and undoing its load."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access
from prospecting.importing.columns import FIELDS
from prospecting.importing.undoing import check_may_be_undone, stayed, stayed_of, undo_load
from prospecting.models import ContactChange, LeadFile
from prospecting.quality import quality_of

PAGE, STAYED_SHOWN = 50, 25
WHAT = ContactChange.What
KINDS = (WHAT.UPDATED, WHAT.MISSING, WHAT.HELD_BACK, WHAT.BESIDE)
WORDS = {
    "other_phones": gettext_lazy("Autres numéros"),
    "columns": gettext_lazy("Autres colonnes"),
    "also_at": gettext_lazy("Lignes à côté"),
    "territory": gettext_lazy("Territoire"),
    "apart": gettext_lazy("Numéro partagé"),
    "state": gettext_lazy("État"),
    "blocked_reason": gettext_lazy("Raison"),
}
WHYS = {
    "in_hand": gettext_lazy("en main"),
    "promised": gettext_lazy("rappel promis"),
    "won": gettext_lazy("objectif atteint"),
    "called": gettext_lazy("appelée depuis"),
    "taken": gettext_lazy("son numéro d’avant est à une autre fiche"),
    "anonymised": gettext_lazy("anonymisée"),
}
HIDDEN = {"phone_raw", "next_at", "callback_for_id", "promise"}


@login_required
@require_GET
def file_changes(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every contact that the file changed, field by field; or those that it no longer names."""
    lead_file = access.lead_file_to_read(request.user, public_id)
    what = request.GET.get("quoi", WHAT.UPDATED)
    what = what if what in KINDS else WHAT.UPDATED
    field = request.GET.get("champ", "")
    changes = lead_file.changes.filter(what=what).select_related("contact").order_by("pk")
    page = Paginator(changes.filter(after__has_key=field) if field else changes, PAGE).get_page(request.GET.get("page"))
    context = {
        "file": lead_file,
        "mission": lead_file.mission,
        "what": what,
        "what_words": WHAT(what).label,
        "field": field,
        "fields": fields_of(lead_file) if what == WHAT.UPDATED else [],
        "page": page,
        "rows": [{"change": change, "fields": drawn(change)} for change in page],
    }
    return render(request, "prospecting/file_changes.html", context)


def fields_of(lead_file: LeadFile) -> list[dict[str, Any]]:
    """The fields that changed, the most often first, with their counts."""
    counts = sorted(lead_file.changed_fields.items(), key=lambda item: (-item[1], item[0]))
    return [{"name": name, "label": label_of(name), "count": n} for name, n in counts if name not in HIDDEN]


def label_of(name: str) -> Any:
    return FIELDS.get(name) or WORDS.get(name, name)


def drawn(change: ContactChange) -> list[dict[str, Any]]:
    fields = sorted(name for name in change.after if name not in HIDDEN)
    return [
        {"label": label_of(name), "before": text_of(change.before.get(name)), "after": text_of(change.after[name])}
        for name in fields
    ]


def text_of(value: Any) -> str:
    """A value in words: what a list or a set of columns holds, one after another."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {text_of(one)}" for name, one in value.items() if name not in {"file", "columns"})
    if isinstance(value, list):
        return ", ".join(text_of(one) for one in value)
    return "" if value is None else str(value)


@login_required
@require_GET
def file_quality(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The part that the file's page asks for once it stands: what its contacts turned out to be worth."""
    lead_file = access.lead_file_to_read(request.user, public_id)
    return render(request, "prospecting/_file_quality.html", {"file": lead_file, "quality": quality_of(lead_file)})


@login_required
@require_http_methods(["GET", "POST"])
def file_undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What an undo would do, and the name to type; then it is done."""
    lead_file = access.lead_file_to_write(request.user, public_id)
    context: dict[str, Any] = {"file": lead_file, "mission": lead_file.mission}
    try:
        if request.method == "POST":
            undo_load(lead_file=lead_file, by=person(request), at=clock.now(), name=request.POST.get("name", ""))
            return redirect("file", public_id)
        check_may_be_undone(lead_file)
    except DecrocheError as error:
        context |= {"wrong": error.sentence, "refused": error.code != "other_name"}
    return render(request, "prospecting/file_undo.html", context, status=400 if request.method == "POST" else 200)


def what_stayed(lead_file: LeadFile) -> dict[str, Any]:
    """Of an undone file: which contacts stayed, and why."""
    if lead_file.state != LeadFile.State.UNDONE:
        return {}
    counts = stayed_of(lead_file)
    return {
        "stayed_count": sum(counts.values()),
        "stayed_whys": [{"why": WHYS[why], "count": n} for why, n in counts.items()],
        "stayed": [{"contact": contact, "why": WHYS[why]} for contact, why in stayed(lead_file, STAYED_SHOWN)],
    }
