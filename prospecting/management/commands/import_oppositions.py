import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from config import clock
from config.errors import DecrocheError
from prospecting.importing.reasons import why
from prospecting.management.commands.import_leads import check_file, find_mission
from prospecting.models import OppositionList
from prospecting.objecting import Scope
from prospecting.opposition_lists import oppose_list, rows_of

COUNTS = ("rows", "added", "already", "refused", "refusals")


class Command(BaseCommand):
    help = "Brings a list of numbers never to call (CSV, text or XLSX). It cannot be taken back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        reach = parser.add_mutually_exclusive_group(required=True)
        reach.add_argument("--mission", metavar="SLUG", help="only for this mission")
        reach.add_argument("--business-of", metavar="SLUG", help="for the whole business of this mission")
        reach.add_argument("--platform", action="store_true", help="for every business")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, as_json: bool, **options: Any) -> None:
        try:
            path = check_file(file)
            brought = oppose_list(scope=scope_of(options), rows=rows_of(path), name=file.name, by=None, at=clock.now())
        except DecrocheError as error:
            self.stderr.write(error.sentence)
            sys.exit(1)
        said = {name: getattr(brought, name) for name in COUNTS}
        self.stdout.write(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(in_words(brought)))


def scope_of(options: dict[str, Any]) -> Scope:
    if options["platform"]:
        return Scope()
    mission = find_mission(options["mission"] or options["business_of"])
    return Scope(mission.organisation, mission if options["mission"] else None)


def in_words(brought: OppositionList) -> list[str]:
    counts = {name: getattr(brought, name) for name in ("rows", "added", "already", "refused")}
    said = _("%(rows)d lignes : %(added)d ajoutées, %(already)d déjà opposées, %(refused)d refusées") % counts
    return [said, *(f"{one['row']}: {one['value']} ({why(one['reason']).label})" for one in brought.refusals)]
