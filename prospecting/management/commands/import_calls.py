import json
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from config import clock
from config.errors import DecrocheError
from prospecting.importing.call_logs import Imported, Reading, import_call_log
from prospecting.importing.call_rows import LOG_FIELDS
from prospecting.importing.reasons import why
from prospecting.management.commands.import_leads import check_file, find_mission


def a_mapping(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or field not in LOG_FIELDS:
        raise ArgumentTypeError(f"“{text}” is not FIELD=COLUMN; fields: {', '.join(LOG_FIELDS)}")
    return field, column


def a_value(text: str) -> tuple[str, str]:
    value, equals, code = text.removeprefix("outcome:").rpartition("=")
    if not equals or not text.startswith("outcome:"):
        raise ArgumentTypeError(f"“{text}” is not outcome:VALUE=CODE")
    return value, code


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day: write it as 2026-11-23") from None


class Command(BaseCommand):
    help = "Brings the call log of another tool (CSV or XLSX) into a mission. All of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--mission", required=True, metavar="SLUG")
        parser.add_argument("--map", action="append", default=[], type=a_mapping, metavar="FIELD=COLUMN")
        parser.add_argument("--value", action="append", default=[], type=a_value, metavar="outcome:VALUE=CODE")
        parser.add_argument("--on", type=a_day, metavar="DAY", help="the day of a log without dates (today)")
        parser.add_argument("--set-aside-unknown", action="store_true", help="leave out rows with unknown outcomes")
        parser.add_argument("--again", action="store_true", help="import a log that is already there once more")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, mission: str, as_json: bool, **options: Any) -> None:
        began = time.monotonic()
        reading = Reading(
            mapping=dict(options["map"]),
            values=dict(options["value"]),
            on=options["on"],
            set_aside_unknown=options["set_aside_unknown"],
            again=options["again"],
        )
        try:
            imported = import_call_log(
                mission=find_mission(mission), path=check_file(file), reading=reading, at=clock.now()
            )
        except DecrocheError as error:
            self.stderr.write(error.sentence)
            sys.exit(1)
        said = as_object(imported) | {"seconds": round(time.monotonic() - began, 3)}
        self.stdout.write(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(in_words(said)))


def as_object(imported: Imported) -> dict[str, Any]:
    counts = ("rows", "contacts", "calls", "dials", "agents", "set_aside", "reasons", "unknown", "mapping")
    layout = imported.table.layout
    return {
        **{name: getattr(imported, name) for name in counts},
        "dated": imported.log.dated,
        "encoding": layout.encoding or None,
        "delimiter": layout.delimiter or None,
        "header_row": layout.header_row,
        "call_log": str(imported.log.public_id),
        "lead_file": str(imported.log.lead_file.public_id),
    }


def in_words(said: dict[str, Any]) -> list[str]:
    lines = [_("%(rows)d lignes : %(contacts)d fiches, %(calls)d appels (%(dials)d numérotations), ") % said]
    lines[0] += _("%(agents)d agents, %(aside)d lignes de côté.") % (said | {"aside": said["set_aside"]})
    if not said["dated"]:
        lines.append(_("Ce journal n’a pas de date : tous ses appels sont datés du même jour (--on)."))
    return lines + [f"  {count:>7}  {why(code).label}" for code, count in said["reasons"].items()]
