"""The call log of another tool becomes contacts, past agents and calls, so that a business sees its rates on day one.

A log is the past: the contacts that it brings are never dealt to anybody, and its agents are ended engagements.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Mission
from prospecting.importing import logged
from prospecting.importing.call_rows import LOG_FIELDS, LogReader, guess_log_mapping
from prospecting.importing.columns import key, match_header
from prospecting.importing.loading import one_load_at_a_time
from prospecting.importing.reading import Table, recognise
from prospecting.models import CallLog, LeadFile, Outcome

UNKNOWN_AGENT = "Journal importé"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a log is to be read.

    `mapping`: {field of LOG_FIELDS: header}, added to what the header's words say (an empty header takes a field away);
    `values`: {text of the outcome column: outcome code}; `on`: the day of a log without dates.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    on: date | None = None
    set_aside_unknown: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What a log became: rows = calls + set_aside. `dials` may be more than calls, when a row stands for several."""

    log: CallLog
    table: Table
    mapping: dict[str, str]
    rows: int
    contacts: int
    calls: int
    dials: int
    agents: int
    set_aside: int
    reasons: dict[str, int]
    unknown: dict[str, int]


@transaction.atomic
def import_call_log(*, mission: Mission, path: Path, reading: Reading, at: datetime) -> Imported:
    """Import the whole log, or nothing. Raises Invalid (unknown outcome values, with their counts) or Refused."""
    one_load_at_a_time(mission)
    digest = sha256(path.read_bytes()).hexdigest()
    refuse_twice(mission, digest, reading)
    table = recognise(path)
    mapping = mapping_of(table, reading)
    reader = LogReader(
        table.layout.headers,
        mapping,
        codes_of(mission, reading),
        ZoneInfo(mission.time_zone),
        day_of(mission, reading, at),
    )
    rows = logged.stage(reader, table.rows())
    if reader.unknown and not reading.set_aside_unknown:
        raise unknown_outcomes(reader)
    log = open_log(mission, path, digest, table, mapping)
    counts = logged.write(log, at, UNKNOWN_AGENT)
    close_log(log, rows, counts, at)
    return Imported(log, table, mapping, rows, unknown=dict(reader.unknown), **counts.as_said())


def day_of(mission: Mission, reading: Reading, at: datetime) -> date:
    """The day of a log without dates, in the mission's own zone; never one that is still to come."""
    today = at.astimezone(ZoneInfo(mission.time_zone)).date()
    if reading.on and reading.on > today:
        raise Invalid(
            "future_day", _("Ce jour n’est pas encore venu : un journal raconte des appels passés."), field="on"
        )
    return reading.on or today


def refuse_twice(mission: Mission, digest: str, reading: Reading) -> None:
    before = CallLog.objects.filter(mission=mission, sha256=digest).first()
    if before and not reading.again:
        sentence = _("Ce journal est déjà dans la mission (importé le %(day)s). Pour le doubler exprès : --again.")
        raise Refused("already_imported", sentence % {"day": before.imported_at.date().isoformat()})


def mapping_of(table: Table, reading: Reading) -> dict[str, str]:
    headers = table.layout.headers
    for name in reading.mapping:
        if name not in LOG_FIELDS:
            sentence = _("Champ inconnu : « %(field)s ». Champs : %(known)s.")
            raise Invalid("unknown_field", sentence % {"field": name, "known": ", ".join(LOG_FIELDS)})
    said = {name: match_header(name, header, headers) for name, header in reading.mapping.items() if header}
    guessed = guess_log_mapping([header for header in headers if header not in said.values()])
    mapping = {name: header for name, header in guessed.items() if name not in reading.mapping} | said
    if "outcome" not in mapping:
        sentence = _("Aucune colonne de qualification reconnue parmi : %(headers)s. Indiquez laquelle.")
        raise Invalid("no_outcome_column", sentence % {"headers": ", ".join(headers[:40])}, field="mapping.outcome")
    return mapping


def codes_of(mission: Mission, reading: Reading) -> dict[str, str]:
    """{folded text: code}: the outcomes' own codes and names, then what the reading says of its values."""
    outcomes = list(Outcome.objects.for_mission(mission))
    known = {outcome.code.upper(): outcome.code for outcome in outcomes}
    texts = {key(said): outcome.code for outcome in outcomes for said in (outcome.label_fr, outcome.label_en)}
    texts |= {key(code): code for code in known}
    for text, code in reading.values.items():
        if code.upper() not in known:
            sentence = _("Qualification inconnue : « %(code)s ». Codes : %(known)s.")
            raise Invalid("unknown_code", sentence % {"code": code, "known": ", ".join(known)}, field=f"values.{text}")
        texts[key(text) or text] = known[code.upper()]
    return texts


def unknown_outcomes(reader: LogReader) -> Invalid:
    listed = ", ".join(f"« {text} » ({count})" for text, count in reader.unknown.most_common(20))
    sentence = _("Valeurs de qualification inconnues : %(listed)s. Rien n’est importé ; dites ce qu’elles valent.")
    return Invalid("unknown_outcomes", sentence % {"listed": listed}, unknown=dict(reader.unknown.most_common()))


def open_log(mission: Mission, path: Path, digest: str, table: Table, mapping: dict[str, str]) -> CallLog:
    lead_file = LeadFile.objects.create(
        organisation_id=mission.organisation_id,
        mission=mission,
        name=path.name[:200],
        sha256=digest,
        size=path.stat().st_size,
        encoding=table.layout.encoding,
        delimiter=table.layout.delimiter,
        sheet=table.layout.sheet_name,
        header_row=table.layout.header_row,
        mapping=mapping,
        columns=[header for header in table.layout.headers if header not in mapping.values()],
    )
    return CallLog.objects.create(
        organisation_id=mission.organisation_id,
        mission=mission,
        lead_file=lead_file,
        name=lead_file.name,
        sha256=digest,
        dated="started" in mapping,
    )


def close_log(log: CallLog, rows: int, counts: logged.Counts, at: datetime) -> None:
    CallLog.objects.filter(pk=log.pk).update(rows=rows, calls=counts.calls, set_aside=counts.set_aside)
    LeadFile.objects.filter(pk=log.lead_file_id).update(
        state=LeadFile.State.LOADED,
        rows=rows,
        rows_done=rows,
        created=counts.created,
        updated=counts.known,
        merged=rows - counts.created - counts.known - counts.set_aside,
        set_aside=counts.set_aside,
        reasons=counts.reasons,
        started_at=at,
        finished_at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE prospecting_call, prospecting_contact")
