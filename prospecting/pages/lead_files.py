"""Lead files: bring one, check what was understood, load it, read what it became."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import organisation_of, person
from marketplace.models import Mission
from prospecting import access
from prospecting.importing.columns import FIELDS
from prospecting.importing.known_layouts import drift_of
from prospecting.importing.previewing import preview
from prospecting.importing.progress import pace, seconds_left
from prospecting.importing.receiving import correct_lead_file, receive_lead_file, start_loading, table_of, twin_of
from prospecting.models import LeadFile
from prospecting.pages import lead_file_drawing as drawing
from prospecting.pages import set_aside
from prospecting.pages.file_history import fields_of, what_stayed
from prospecting.pages.lead_file_forms import (
    MatchingForm,
    OriginForm,
    ReadingForm,
    UploadForm,
    posted_mapping,
    reading_words,
)

SHOWN = 100
DONE = (LeadFile.State.LOADED, LeadFile.State.UNDONE)
UNDER_WAY = (LeadFile.State.QUEUED, LeadFile.State.LOADING)


@login_required
def files(request: HttpRequest) -> HttpResponse:
    """Every file of the businesses this person belongs to."""
    organisation_of(person(request))  # 404 for who acts for none
    return _list(request, access.missions_read_by(request.user), access.missions_written_by(request.user))


@login_required
def mission_files(request: HttpRequest, slug: str) -> HttpResponse:
    mission = access.mission_to_read(request.user, slug)
    written = access.missions_written_by(request.user).filter(pk=mission.pk)
    return _list(request, Mission.objects.filter(pk=mission.pk), written, mission)


def _list(
    request: HttpRequest, read: QuerySet[Mission], written: QuerySet[Mission], mission: Mission | None = None
) -> HttpResponse:
    if request.method == "POST" and not written.exists():
        raise Http404
    open_ones = written.exclude(state=Mission.State.CLOSED).order_by("-created_at")
    form = UploadForm(open_ones, request.POST or None, request.FILES or None, initial={"mission": mission})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("file", _receive(request, form).public_id)
        except DecrocheError as error:
            form.add_error("file", error.sentence)
    now = clock.now()
    rows = LeadFile.objects.filter(mission__in=read).select_related("mission").order_by("-uploaded_at", "-pk")[:SHOWN]
    context = {
        "mission": mission,
        "may_write": mission is not None and written.exists(),
        "form": form if open_ones.exists() else None,
        "files": [{"file": row, "left": seconds_left(row, now), "pace": pace(row, now)} for row in rows],
        "under_way": any(row.state in UNDER_WAY for row in rows),
    }
    partial = request.headers.get("HX-Request") and request.method == "GET"
    name = "prospecting/_file_rows.html" if partial else "prospecting/files.html"
    return render(request, name, context, status=400 if form.errors else 200)


def _receive(request: HttpRequest, form: UploadForm) -> LeadFile:
    content, name = form.brought()
    return receive_lead_file(
        mission=form.cleaned_data["mission"],
        content=content,
        name=name,
        by=request.user if request.user.is_authenticated else None,
    )


@login_required
@require_GET
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    lead_file = access.lead_file_to_read(request.user, public_id)
    if lead_file.state in UNDER_WAY:
        return render(request, "prospecting/file_progress.html", _progress(lead_file))
    if lead_file.state in DONE or not _may_write(request, lead_file):
        return render(request, "prospecting/file_result.html", _result(request, lead_file))
    return render(request, "prospecting/file_preview.html", _preview(lead_file))


def _may_write(request: HttpRequest, lead_file: LeadFile) -> bool:
    return access.missions_written_by(request.user).filter(pk=lead_file.mission_id).exists()


def _preview(lead_file: LeadFile, origin: OriginForm | None = None, said: str = "") -> dict[str, Any]:
    """`origin` is what was typed of it; `said` is why something could not be done."""
    seen = preview(lead_file)
    columns = drawing.columns_of(seen)
    tally = seen.tally
    drift = None if lead_file.corrects_id else drift_of(lead_file, seen.table.layout.headers)
    counts = {name: getattr(tally, name) for name in drawing.KINDS} if tally else {}
    return {
        "file": lead_file,
        "mission": lead_file.mission,
        "seen": seen,
        "size": drawing.size_of(lead_file.size),
        "tally": tally,
        "said": said or lead_file.refusal,
        "twin": twin_of(lead_file),
        "drift": drift,
        "lost": [FIELDS[name] for name in drift.lost if name not in lead_file.mapping] if drift else [],
        "reading": ReadingForm(seen.table.layout),
        "origin": origin or OriginForm.of(lead_file, drift.like.lead_file if drift else None),
        "matching": MatchingForm(lead_file),
        "fields": FIELDS,
        "columns": columns,
        "first": drawing.drawn(seen.first, columns),
        "doubtful": drawing.drawn(seen.doubtful, columns),
        "stack": drawing.stacked(counts, tally.rows) if tally else [],
        "reasons": drawing.reasons_of(tally.reasons, seen.examples) if tally else [],
        "notices": drawing.notices_of(seen.notices),
    }


@login_required
@require_POST
def file_correct(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A column or a reading changed: the page is judged anew, what was typed elsewhere stays."""
    lead_file = access.lead_file_to_write(request.user, public_id)
    said = ""
    try:
        lead_file = _corrected(lead_file, request)
    except DecrocheError as error:
        said = error.sentence
    lead_file.refresh_from_db()
    context = _preview(lead_file, OriginForm.half_typed(request.POST), said)
    return render(request, "prospecting/_file_preview.html", context)


def _corrected(lead_file: LeadFile, request: HttpRequest) -> LeadFile:
    layout = table_of(lead_file).layout
    form = ReadingForm(layout, request.POST)
    corrections = form.corrections() if form.is_valid() else None
    choice = MatchingForm(lead_file, request.POST).choice()
    if corrections:
        return correct_lead_file(lead_file=lead_file, corrections=corrections, choice=choice)
    mapping = posted_mapping(request.POST, layout.headers, lead_file.mapping)
    return correct_lead_file(lead_file=lead_file, mapping=mapping, choice=choice)


@login_required
@require_POST
def file_start(request: HttpRequest, public_id: UUID) -> HttpResponse:
    lead_file = access.lead_file_to_write(request.user, public_id)
    origin = OriginForm(request.POST)
    try:
        if origin.is_valid():
            lead_file = correct_lead_file(lead_file=_corrected(lead_file, request), origin=origin.origin())
            start_loading(lead_file=lead_file, at=clock.now())
            return redirect("file", public_id)
        said = ""
    except DecrocheError as error:
        said = error.sentence
    lead_file.refresh_from_db()
    return render(request, "prospecting/file_preview.html", _preview(lead_file, origin, said), status=400)


@login_required
@require_GET
def file_progress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The part that the progress page asks for again and again; at the end, the whole page anew."""
    lead_file = access.lead_file_to_read(request.user, public_id)
    response = render(request, "prospecting/_file_progress.html", _progress(lead_file))
    if lead_file.state not in UNDER_WAY:
        response["HX-Refresh"] = "true"
    return response


def _progress(lead_file: LeadFile) -> dict[str, Any]:
    return {
        "file": lead_file,
        "mission": lead_file.mission,
        "left": seconds_left(lead_file, clock.now()),
        "pace": pace(lead_file, clock.now()),
        "all_read": lead_file.rows_done >= lead_file.rows > 0,
    }


def _result(request: HttpRequest, lead_file: LeadFile) -> dict[str, Any]:
    counts = {name: getattr(lead_file, name) for name in drawing.KINDS}
    return {
        "file": lead_file,
        "mission": lead_file.mission,
        "may_write": _may_write(request, lead_file),
        "entered": lead_file.created + lead_file.updated + lead_file.unchanged,
        "stack": drawing.stacked(counts, lead_file.rows),
        "reasons": drawing.reasons_of(lead_file.reasons, {}),
        "notices": drawing.notices_of(lead_file.notices),
        "read_as": reading_words(lead_file),
        "log": lead_file.call_logs.first(),
        "pace": pace(lead_file, clock.now()),
        "changed_fields": fields_of(lead_file),
        **set_aside.still_aside(request, lead_file),
        **what_stayed(lead_file),
    }
