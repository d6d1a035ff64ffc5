"""Small pictures in SVG, positioned in percent of their column: intervals, axes, bars, progress.

{% load pictures %}
{% axis 0.30 as scale %}                                   0 to 30 %, with ticks at round figures
<th class="pic">{% axis_words scale %}</th>
<td class="pic">{% interval scale low high rate label="Chloé" raw=raw team=team verdict="up" %}</td>
{% bar 12 48 %}   {% track done target expected %}
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

from django import template

from config import typography

register = template.Library()
STEPS = (0.005, 0.01, 0.02, 0.05, 0.10, 0.20, 0.25)


@dataclass(frozen=True)
class Axis:
    """Rates from 0 to `top` across a column, a tick every `step`; `x` is a percentage for SVG in any language."""

    top: float
    step: float

    def x(self, rate: float) -> str:
        return f"{100 * min(max(rate / self.top, 0), 1):.2f}%"

    @property
    def ticks(self) -> list[dict[str, str]]:
        rates = [self.step * number for number in range(1, round(self.top / self.step + 0.5))]
        return [{"x": self.x(rate), "label": typography.percent(rate, 0 if self.step >= 0.01 else 1)} for rate in rates]


@register.simple_tag
def axis(top: float | None) -> Axis:
    """An axis that reaches the highest bound `top` (a rate, 0.202 for 20,2 %), with three to six round ticks."""
    high = min(max(top or 0.05, 0.01), 1.0)
    step = next((step for step in STEPS if high / step <= 6), STEPS[-1])
    return Axis(top=min(ceil(high / step) * step + step * 0.2, 1.0), step=step)


@register.inclusion_tag("_axis.html")
def axis_words(scale: Axis) -> dict[str, Any]:
    return {"ticks": scale.ticks}


@register.inclusion_tag("_interval.html")
def interval(  # the drawing has as many marks as arguments
    scale: Axis,
    low: float | None,
    high: float | None,
    rate: float | None,
    *,
    label: str = "",
    raw: float | None = None,
    team: float | None = None,
    verdict: str = "",
    provisional: bool = False,
    height: int = 40,
) -> dict[str, Any]:
    """One row's interval. `verdict`: "up", "down" or nothing; `raw`: the hollow dot; `team`: the dotted line."""
    known = low is not None and high is not None
    said = f"{typography.percent(rate)} {typography.between(low, high)}".strip()
    return {
        "label": f"{label} {said}".strip(),
        "height": height,
        "middle": height // 2,
        "top": height // 2 - 4,
        "bottom": height // 2 + 4,
        "grid": [tick["x"] for tick in scale.ticks],
        "low": scale.x(low or 0),
        "high": scale.x(high or 0),
        "band": f"{float(scale.x(high)[:-1]) - float(scale.x(low)[:-1]):.2f}%" if known else "",  # type: ignore[arg-type]
        "point": "" if rate is None else scale.x(rate),
        "raw": "" if raw is None else scale.x(raw),
        "team": "" if team is None else scale.x(team),
        "verdict": verdict,
        "provisional": provisional,
    }


@register.inclusion_tag("_bar.html")
def bar(part: float, total: float, kind: str = "", height: int = 12) -> dict[str, Any]:
    """A horizontal bar of `part` over `total`; `kind`: "", "pale", "go" or "look"."""
    return {"width": _share(part, total), "kind": kind, "height": height}


@register.inclusion_tag("_track.html")
def track(done: float, total: float, due: float | None = None, height: int = 8) -> dict[str, Any]:
    """Progress: `done` of `total`, with a line where `due` stands, if any."""
    mark = "" if due is None else _share(due, total)
    return {"width": _share(done, total), "due": mark, "height": height, "below": height + 3}


def _share(part: float, total: float) -> str:
    return f"{100 * min(max(part / total, 0), 1):.1f}%" if total else "0%"
