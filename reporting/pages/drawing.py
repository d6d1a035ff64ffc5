"""What the manager's templates need besides the numbers: links' ends, shares of a bar, lists in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from config.typography import clock, decimal, percent, whole
from prospecting.models import Contact
from reporting.pages import words
from reporting.rates import UNATTRIBUTED, Period, Row
from reporting.results import FEW, Results, Standing

DAYS_SHOWN = 10
State = Contact.State


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar, in percent of its width."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True)
class Compared:
    """Rows, each with where it comes from, by how much they say: drawn, too few to be drawn, nobody reached."""

    enough: list[tuple[Row, str]]
    too_few: list[tuple[Row, str]]
    nobody: list[tuple[Row, str]]


def drawn(read: Results) -> dict[str, Any]:
    """The template's context, but for the mission and the addresses."""
    total, undated = read.total, read.undated and len(read.days) == 1
    return {
        "read": read,
        "when": words.when(read.span.code),
        "won": words.conversions(read.mission, total.converted),
        "heading": words.heading(read.mission),
        "low": decimal(100 * (total.low or 0)),
        "high": percent(total.high),
        "few": FEW,
        "top": _top(read),
        "agents": compared([(row, "") for row in read.agents]),
        "files": compared([(file.row, file.origin) for file in read.files]),
        "matrix_lines": [(agent, _line(read, agent, cells)) for agent, cells in read.matrix.lines],
        "matrix_foot": [(file, f"&file={file.key}") for file in read.matrix.files] + [(total, "&")],
        "last_days": [] if undated else read.days[: -DAYS_SHOWN - 1 : -1],
        "older_days": read.days[:-DAYS_SHOWN][::-1],
        "stack": stack(read.standing),
        "waiting": waiting(read.standing),
        "over": over(read.standing),
        "days": days(read.span.period),
        "fresh_clock": clock(read.fresh.as_of, read.mission.time_zone),
    }


def compared(rows: list[tuple[Row, str]]) -> Compared:
    return Compared(
        enough=[pair for pair in rows if pair[0].reached >= FEW],
        too_few=[pair for pair in rows if 0 < pair[0].reached < FEW],
        nobody=[pair for pair in rows if not pair[0].reached],
    )


def days(period: Period) -> str:
    """The period as it travels in a link's query."""
    first, until = period.first, period.until
    return (f"&from={first.isoformat()}" if first else "") + (f"&to={until.isoformat()}" if until else "")


def _line(read: Results, agent: Row, cells: list[Row | None]) -> list[tuple[Row | None, str]]:
    """An agent's cells and own sum, each with the link's end to its calls; nobody's conversions have no call."""
    if agent.key == UNATTRIBUTED:
        return [*((cell, "") for cell in cells), (agent, "")]
    who = f"&agent={agent.key}"
    files = zip(cells, read.matrix.files, strict=True)
    return [*((cell, f"{who}&file={file.key}") for cell, file in files), (agent, who)]


def _top(read: Results) -> float | None:
    """Where the axis of the intervals ends: the highest bound among rows with enough contacts to be drawn."""
    rows = [*read.agents, *(file.row for file in read.files), read.total]
    return max((row.high for row in rows if row.high and row.reached >= FEW), default=None)


def stack(standing: Standing) -> list[Part]:
    parts, at = [], 0.0
    for kind, number in (("pale", standing.waiting), ("go", standing.converted), ("ink", standing.over)):
        width = 100 * number / standing.received if standing.received else 0
        parts.append(Part(kind, f"{at:.2f}%", f"{width:.2f}%"))
        at += width
    return parts


def waiting(standing: Standing) -> str:
    def number(state: State) -> int:
        return standing.states.get(state, 0)

    fresh, retry, promised, in_hand = map(number, (State.FRESH, State.RETRY, State.CALLBACK, State.IN_HAND))
    return _list(
        (fresh, ngettext("%(n)s neuve", "%(n)s neuves", fresh)),
        (retry, ngettext("%(n)s à retenter", "%(n)s à retenter", retry)),
        (promised, ngettext("%(n)s rappel promis", "%(n)s rappels promis", promised)),
        (in_hand, ngettext("%(n)s en main", "%(n)s en main", in_hand)),
    )


def over(standing: Standing) -> str:
    def number(state: State) -> int:
        return standing.states.get(state, 0)

    closed, exhausted, blocked = map(number, (State.CLOSED, State.EXHAUSTED, State.BLOCKED))
    return _list(
        (closed, ngettext("%(n)s terminée", "%(n)s terminées", closed)),
        (exhausted, ngettext("%(n)s injoignable", "%(n)s injoignables", exhausted)),
        (blocked, ngettext("%(n)s bloquée", "%(n)s bloquées", blocked)),
    )


def _list(*parts: tuple[int, str]) -> str:
    return ", ".join(text % {"n": whole(number)} for number, text in parts if number)
