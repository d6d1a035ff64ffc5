"""Tables as Markdown, so that a run can be kept as it was printed."""

from collections.abc import Sequence

from benchmarks.load import Run

RUN = ["requests", "a second", "p50 ms", "p95 ms"]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print("| " + " | ".join(head) + " |")
    print("|---" + "|--:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(map(_cell, row)) + " |")
    print(flush=True)


def figures(run: Run) -> list[object]:
    """In the order of RUN."""
    return [len(run.times), run.rate, run.percentile(50), run.percentile(95)]


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)
    return f"{value:,.0f}".replace(",", " ") if value >= 100 else f"{value:.3g}"
