"""Rows set aside: seen where they are, corrected cell by cell, downloaded, taken up again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from prospecting import access
from prospecting.importing.reasons import why
from prospecting.importing.receiving import table_of
from prospecting.importing.set_aside import set_aside_file
from prospecting.importing.taking_up import FINAL, correct_rows, open_rows
from prospecting.models import LeadFile, SetAsideRow

PAGE = 25
WHO = ("company", "person", "last_name", "first_name", "city")  # what tells a person which row this is
TYPED = "row-"


def still_aside(request: HttpRequest, lead_file: LeadFile, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the page shows of the rows still aside: one page of them, one reason at a time if asked."""
    rows = open_rows(lead_file)
    reason = request.GET.get("raison", "")
    page = Paginator(rows.filter(reason=reason) if reason else rows, PAGE).get_page(request.GET.get("page"))
    headers = list(table_of(lead_file).layout.headers) if page.object_list and lead_file.content else []
    open_count = rows.count() if reason else page.paginator.count
    corrections = lead_file.corrected_by.annotate(entered=F("created") + F("updated") + F("unchanged"))
    return {
        "aside": [drawn(row, lead_file, headers, typed or {}) for row in page],
        "aside_page": page,
        "aside_reason": reason,
        "aside_why": why(reason) if reason else None,
        "open_count": open_count,
        "taken_up": lead_file.set_aside - open_count,
        "corrections": list(corrections.order_by("uploaded_at")),
        "correctable": bool(headers),
    }


def drawn(row: SetAsideRow, lead_file: LeadFile, headers: list[str], typed: Mapping[str, str]) -> dict[str, Any]:
    cell = row.cells[headers.index(row.column)] if row.column in headers and filled(row, headers) else ""
    known = [lead_file.mapping[name] for name in WHO if name in lead_file.mapping]
    places = [headers.index(header) for header in known if header in headers and header != row.column]
    name = f"{TYPED}{row.row_number}"
    return {
        "row": row,
        "why": why(row.reason),
        "who": ", ".join(row.cells[place] for place in places if place < len(row.cells) and row.cells[place])[:120],
        "name": name,
        "cell": typed.get(name, cell),
        "correctable": row.column in headers and row.reason not in FINAL,
    }


def filled(row: SetAsideRow, headers: list[str]) -> bool:
    return headers.index(row.column) < len(row.cells)


@login_required
@require_POST
def file_take_up(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The corrected cells of this page: their rows are imported alone."""
    lead_file = access.lead_file_to_write(request.user, public_id)
    try:
        child = correct_rows(
            lead_file=lead_file,
            edits=edits_of(lead_file, request.POST),
            by=request.user if request.user.is_authenticated else None,
            at=clock.now(),
        )
    except DecrocheError as error:
        context = {"file": lead_file, "mission": lead_file.mission, "may_write": True, "aside_said": error.sentence}
        context |= still_aside(request, lead_file, request.POST)
        return render(request, "prospecting/file_aside.html", context, status=400)
    return redirect("file", child.public_id)


def edits_of(lead_file: LeadFile, data: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """{row number: {its column at fault: what was typed}}; unknown names are nobody's business."""
    typed = {
        int(name.removeprefix(TYPED)): text
        for name, text in data.items()
        if name.startswith(TYPED) and name.removeprefix(TYPED).isdecimal() and len(name) < len(TYPED) + 10
    }
    columns = open_rows(lead_file).filter(row_number__in=typed).values_list("row_number", "column", "reason")
    return {number: {column: typed[number]} for number, column, reason in columns if column and reason not in FINAL}


@login_required
@require_GET
def file_set_aside(request: HttpRequest, public_id: UUID) -> FileResponse:
    lead_file = access.lead_file_to_read(request.user, public_id)
    name = f"lignes-de-cote-{str(public_id)[-6:]}.csv"
    return FileResponse(
        set_aside_file(lead_file), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )
