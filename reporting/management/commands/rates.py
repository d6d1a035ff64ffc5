import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from config import clock
from config.errors import DecrocheError, Invalid
from marketplace.models import Mission
from reporting.api.serializers import RatesSerializer
from reporting.folding import fold_everything
from reporting.rates import Period, Rates, Row, read_rates

HEADS = ("", "dials", "reached", "argued", "converted", "rate", "low", "high")


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day: write it as 2026-11-23") from None


def a_grouping(text: str) -> str:
    if text in ("agent", "file", "day") or text.startswith("column:"):
        return text
    raise ArgumentTypeError(f"“{text}” is not agent, file, day or column:NAME")


class Command(BaseCommand):
    help = "Prints the rates of a mission. The period goes from the first day up to but without the last."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mission", required=True, metavar="SLUG")
        parser.add_argument("--by", required=True, type=a_grouping, metavar="agent|file|day|column:NAME")
        parser.add_argument("--from", dest="first", type=a_day, metavar="DAY")
        parser.add_argument("--to", dest="until", type=a_day, metavar="DAY")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self, *, mission: str, by: str, first: date | None, until: date | None, as_json: bool, **options: Any
    ) -> None:
        fold_everything()  # on the command line nobody waits for a worker, which may not even run
        try:
            rates = read_rates(mission=_mission(mission), by=by, at=clock.now(), period=Period(first, until))
        except DecrocheError as error:
            self.stderr.write(error.sentence)
            sys.exit(1)
        if as_json:
            self.stdout.write(json.dumps(RatesSerializer(rates).data, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(table(rates)))


def _mission(slug: str) -> Mission:
    mission = Mission.objects.filter(slug=slug).first()
    if not mission:
        raise Invalid("mission", _("Aucune mission « {slug} ».").format(slug=slug), field="mission")
    return mission


def table(rates: Rates) -> Iterator[str]:
    lines = [HEADS] + [cells(row) for row in [*rates.rows, rates.total]]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
    for line in lines:
        yield "  ".join([line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)])
    yield f"reached by several agents: {rates.total.reached_by_several}; counted up to {rates.as_of.isoformat()}"


def cells(row: Row) -> tuple[str, ...]:
    counts = (row.dials, row.reached, row.argued, row.converted)
    shares = (row.rate, row.low, row.high)
    return (row.label, *map(str, counts), *("–" if share is None else f"{share:.2%}" for share in shares))
