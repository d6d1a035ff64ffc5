"""The manager's page of a mission, its export, and the calls that a figure was counted from."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from config import clock
from prospecting.access import mission_to_read
from reporting.exporting import matrix_csv
from reporting.pages import words
from reporting.pages.drawing import drawn
from reporting.rates import read_rates
from reporting.results import read_results


@login_required
def results(request: HttpRequest, slug: str) -> HttpResponse:
    mission, at = mission_to_read(request.user, slug), clock.now()
    read = read_results(mission=mission, code=request.GET.get("period", ""), at=at)
    where = {"mission": mission, "calls": reverse("mission_calls", args=[slug])}
    return render(request, "reporting/results.html", where | drawn(read))


@login_required
def headline(request: HttpRequest, slug: str) -> HttpResponse:
    """A mission's progress and rate as two cells of a row, which lists of missions fetch for themselves."""
    mission = mission_to_read(request.user, slug)
    total = read_rates(mission=mission, by="agent", at=clock.now()).total
    return render(request, "reporting/_headline.html", {"mission": mission, "total": total})


@login_required
def results_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the page, for a spreadsheet."""
    mission = mission_to_read(request.user, slug)
    read = read_results(mission=mission, code=request.GET.get("period", ""), at=clock.now())
    name = f"{slug}-{read.span.code}.csv"
    return HttpResponse(
        matrix_csv(read, words.heading(mission)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
