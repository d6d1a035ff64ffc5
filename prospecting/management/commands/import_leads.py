import json
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from config import clock
from config.errors import DecrocheError, Invalid
from marketplace.models import Mission
from prospecting.importing.columns import FIELDS, check_mapping
from prospecting.importing.known_layouts import recall
from prospecting.importing.loading import load_lead_file
from prospecting.importing.matching import Choice, matching_for_trial
from prospecting.importing.reading import recognise
from prospecting.importing.reasons import notice, why
from prospecting.importing.receiving import AS_RECOGNISED, Corrections, Origin, queue_lead_file, receive_lead_file
from prospecting.importing.trying import try_rows
from prospecting.models import LeadFile

COUNTS = ("rows", "created", "updated", "unchanged", "merged", "set_aside", "missing", "kept_apart", "reasons")


def a_mapping(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or field not in FIELDS:
        raise ArgumentTypeError(f"“{text}” is not FIELD=COLUMN; fields: {', '.join(FIELDS)}")
    return field, column


class Command(BaseCommand):
    help = "Loads a lead file (CSV, TSV, XLSX or ODS) into a mission. What is not given is recognised."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--mission", required=True, metavar="SLUG")
        parser.add_argument("--origin", default="", metavar="TEXT", help="who supplied the contacts")
        parser.add_argument("--map", action="append", default=[], type=a_mapping, metavar="FIELD=COLUMN")
        parser.add_argument("--sheet", default="", metavar="N", help="a sheet's number, from 1, or its name")
        parser.add_argument("--encoding", default="", metavar="E")
        parser.add_argument(
            "--identity", default="number", choices=LeadFile.Identity.values, help="what a contact is known by"
        )
        parser.add_argument(
            "--keep-apart", action="store_true", help="rows that share a number stay contacts of their own"
        )
        parser.add_argument(
            "--newer-than", metavar="ID", help="the lead file of which this is a newer version; none: of no file"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and load nothing")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, mission: str, dry_run: bool, as_json: bool, **options: Any) -> None:
        began = time.monotonic()
        corrections = Corrections(encoding=options["encoding"], sheet=options["sheet"])
        older = options["newer_than"]
        choice = Choice(options["identity"], options["keep_apart"], "" if older == "none" else older)
        try:
            said = (try_file if dry_run else load_file)(
                file, find_mission(mission), corrections, dict(options["map"]), options["origin"], choice
            )
        except DecrocheError as error:
            self.stderr.write(error.sentence)
            sys.exit(1)
        if not (dry_run or options["origin"]):
            self.stderr.write(_("Origine non dite : qui est appelé peut la demander. Dites-la avec --origin."))
        said["seconds"] = round(time.monotonic() - began, 3)
        self.stdout.write(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(in_words(said)))


def find_mission(slug: str) -> Mission:
    mission = Mission.objects.filter(slug=slug).first()
    if not mission:
        raise Invalid("mission", _("Aucune mission « {slug} ».").format(slug=slug), field="mission")
    return mission


def check_file(path: Path) -> Path:
    if not path.is_file():
        raise Invalid("no_file", _("Le fichier « {path} » n’existe pas.").format(path=path), field="file")
    return path


def try_file(
    path: Path, mission: Mission, corrections: Corrections, mapping: dict[str, str], origin: str, choice: Choice
) -> dict[str, Any]:
    table = recognise(check_file(path), encoding=corrections.encoding, sheet=corrections.sheet)
    table, learnt = recall(mission.organisation_id, table, corrected=corrections != AS_RECOGNISED)
    checked = check_mapping(learnt | mapping, table.layout.headers)
    matching = matching_for_trial(mission, path.name, table, checked, choice)
    tally, notices = try_rows(mission, table, checked, matching=matching)
    layout = table.layout
    return {
        **{name: getattr(tally, name) for name in COUNTS},
        "encoding": layout.encoding or None,
        "delimiter": layout.delimiter or None,
        "header_row": layout.header_row,
        "mapping": checked,
        "sheet": layout.sheet_name or None,
        "notices": with_words(notices),
        "dry_run": True,
    }


def load_file(
    path: Path, mission: Mission, corrections: Corrections, mapping: dict[str, str], origin: str, choice: Choice
) -> dict[str, Any]:
    with check_file(path).open("rb") as stream:
        lead_file = receive_lead_file(
            mission=mission,
            content=File(stream),
            name=path.name,
            by=None,
            origin=Origin(supplier=origin[:160] or _("origine non dite"), received_on=clock.now().date()),
            corrections=corrections,
            mapping=mapping,
            choice=choice,
            ready=True,
        )
    queue_lead_file(lead_file=lead_file, at=clock.now())
    loaded = load_lead_file(lead_file_id=lead_file.pk, at=clock.now())
    if loaded.state == LeadFile.State.REFUSED:
        raise Invalid("refused", loaded.refusal)
    return {
        **{name: getattr(loaded, name) for name in COUNTS},
        "encoding": loaded.encoding or None,
        "delimiter": loaded.delimiter or None,
        "header_row": loaded.header_row,
        "mapping": loaded.mapping,
        "sheet": loaded.sheet or None,
        "notices": with_words(loaded.notices),
        "lead_file": str(loaded.public_id),
    }


def with_words(notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item | {"sentence": notice(item["code"], item["count"])} for item in notices]


def in_words(said: dict[str, Any]) -> list[str]:
    counts = _(
        "%(rows)d lignes : %(created)d créées, %(updated)d mises à jour, %(unchanged)d inchangées, %(merged)d réunies, "
        "%(aside)d de côté."
    )
    reasons = [f"  {count:>7}  {why(code).label}" for code, count in said["reasons"].items()]
    trial = [_("Essai à blanc, rien n’est chargé. Ce fichier donnerait :")] if said.get("dry_run") else []
    return [
        *trial,
        counts % (said | {"aside": said["set_aside"]}),
        *reasons,
        *(item["sentence"] for item in said["notices"]),
    ]
