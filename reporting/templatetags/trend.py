"""The weekly trend, drawn on the server: bands and dots in percent of the width, a dashed band while a week is open."""

from dataclasses import dataclass
from typing import Any

from django import template

from config.templatetags.pictures import Axis, axis
from config.typography import whole
from reporting.results import FEW, Week

register = template.Library()
TOP, BOTTOM = 16, 122  # of the drawing, in pixels; the words of the weeks stand below
LEFT = 10.0  # percent kept for the words of the axis
SHORT = 8  # characters: a longer "57/280" leaves no room for seven weeks side by side


@dataclass(frozen=True)
class Mark:
    x: str
    y: str
    high: str
    tall: str
    week: Week
    base: str
    last: bool


@register.inclusion_tag("reporting/_trend.html")
def trend(weeks: list[Week]) -> dict[str, Any]:
    drawn = [week for week in weeks if week.row.reached >= FEW] or weeks
    scale = axis(max((week.row.high or 0 for week in drawn), default=None))
    bases = [f"{whole(week.row.converted)}/{whole(week.row.reached)}" for week in weeks]
    room = 7 if max(map(len, bases), default=0) <= SHORT else 4
    shown = list(zip(weeks, bases, strict=True))[-room:]
    marks = [_mark(scale, week, base, place, len(shown)) for place, (week, base) in enumerate(shown)]
    grid = [{"y": f"{_y(scale, n * scale.step):.1f}", "label": tick["label"]} for n, tick in enumerate(scale.ticks, 1)]
    return {"marks": marks, "grid": grid, "weeks": weeks}


def _mark(scale: Axis, week: Week, base: str, place: int, number: int) -> Mark:
    high, low = _y(scale, week.row.high or 0), _y(scale, week.row.low or 0)
    return Mark(
        x=f"{LEFT + (100 - LEFT) * (place + 0.5) / number:.2f}%",
        y=f"{_y(scale, week.row.rate or 0):.1f}",
        high=f"{high:.1f}",
        tall=f"{low - high:.1f}",
        week=week,
        base=base,
        last=place == number - 1,
    )


def _y(scale: Axis, rate: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(rate / scale.top, 1)
