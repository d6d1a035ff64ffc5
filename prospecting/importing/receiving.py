"""Receiving a lead file: kept as it came, recognised, corrected by a person if need be, then sent to be loaded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from celery import current_app
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Mission, User
from prospecting.importing.columns import PHONES, check_mapping, no_phone_column
from prospecting.importing.known_layouts import recall
from prospecting.importing.matching import Choice, check_matching, recognise_version
from prospecting.importing.reading import Table, check_size, recognise
from prospecting.importing.taking_up import as_correction, file_corrected, inherit
from prospecting.models import LeadFile


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the contacts come from: what a telemarketer must be able to say, and what the rates are compared by."""

    supplier: str = ""
    received_on: date | None = None
    cost_cents: int | None = None
    legal_basis: str = "legitimate_interest"
    source_sentence: str = ""
    basis_texts: Mapping[str, str] = field(default_factory=dict)  # what no column says: {field of bases.PARTS: text}


@dataclass(frozen=True, slots=True)
class Corrections:
    """How a person says that the file is to be read; what is empty is recognised. Fields as in `reading.recognise`."""

    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None
    sheet: str = ""


AS_RECOGNISED = Corrections()
AS_GUESSED = Choice()
UNKNOWN_ORIGIN = Origin()


def receive_lead_file(
    *,
    mission: Mission,
    content: "File[bytes]",
    name: str,
    by: User | None,
    origin: Origin = UNKNOWN_ORIGIN,
    corrections: Corrections = AS_RECOGNISED,
    mapping: Mapping[str, str] | None = None,
    choice: Choice = AS_GUESSED,
    ready: bool = False,
) -> LeadFile:
    """Keep the file and what was recognised of it. A file that cannot be read leaves no trace. Raises Invalid.

    Unless `choice` says which, the file of which it is a newer version is recognised. `mapping` adds to the guessed
    one: {field: header}; an empty header takes a field away. `ready`: refuse a file that could not be loaded as it is,
    because nobody will look at its columns first.
    """
    lead_file = LeadFile(organisation_id=mission.organisation_id, mission=mission, name=short(name), uploaded_by=by)
    lead_file.content.save(Path(name).name[-80:] or "fichier", content, save=False)
    try:
        check_size(Path(lead_file.content.path))
        lead_file.size, lead_file.sha256 = lead_file.content.size, digest(lead_file)
        table = take_in(lead_file, corrections, mapping, ready)
        if not lead_file.corrects_id:
            lead_file.newer_than = recognise_version(lead_file, table) if choice.newer_than is None else None
            choice.write_on(lead_file)
        for key, value in asdict(origin).items():
            if value != getattr(UNKNOWN_ORIGIN, key):
                setattr(lead_file, key, value)
        if ready:
            check_matching(lead_file)
            check_origin(lead_file)
        lead_file.save()
    except Exception:
        lead_file.content.delete(save=False)
        raise
    return lead_file


def take_in(lead_file: LeadFile, corrections: Corrections, mapping: Mapping[str, str] | None, ready: bool) -> Table:
    """Read the file as the last one of its source was read; rows that come back corrected, as their file was."""
    table = recognise(Path(lead_file.content.path), **asdict(corrections))
    if table.layout.corrects:
        parent = file_corrected(lead_file.mission, table.layout.corrects)
        table = as_correction(table, parent.pk)
        if next(table.rows(), None) is None:
            sentence = _(
                "Aucune ligne n’est corrigée dans ce fichier\u202f: changez les cases en faute, puis redéposez-le."
            )
            raise Invalid("nothing_corrected", sentence, field="file")
        describe(lead_file, table, check_mapping(parent.mapping, table.layout.headers))
        inherit(lead_file, parent)
        return table
    table, learnt = recall(lead_file.organisation_id, table, corrected=corrections != AS_RECOGNISED)
    table = replace(table, mapping=learnt)
    describe(lead_file, table, mapping, ready)
    return table


def as_file(text: str) -> "File[bytes]":
    """Rows copied from a spreadsheet, kept as the text that they are."""
    return ContentFile(text.encode())


def too_much_text() -> Invalid:
    sentence = _("Plus de 2 Mo de lignes collées : enregistrez-les dans un fichier, puis déposez-le.")
    return Invalid("too_much_text", sentence, field="text")


def pasted_name(at: datetime) -> str:
    return _("lignes collées le %(day)s.txt") % {"day": timezone.localtime(at).strftime("%d-%m-%Y")}


def short(name: str) -> str:
    return Path(name.replace("\x00", "")).name[:200]


def digest(lead_file: LeadFile) -> str:
    total = sha256()
    with lead_file.content.open("rb") as stream:
        for chunk in stream.chunks():
            total.update(chunk)
    return total.hexdigest()


def twin_of(lead_file: LeadFile) -> LeadFile | None:
    """The same file, byte for byte, if the mission has loaded it before."""
    twins = LeadFile.objects.filter(mission_id=lead_file.mission_id, sha256=lead_file.sha256)
    return twins.filter(state=LeadFile.State.LOADED).exclude(pk=lead_file.pk).order_by("-finished_at").first()


def describe(lead_file: LeadFile, table: Table, mapping: Mapping[str, str] | None = None, ready: bool = False) -> None:
    """Write on the file how it is read. Without a phone column it may still be corrected, but not loaded."""
    layout = table.layout
    lead_file.encoding, lead_file.delimiter = layout.encoding, layout.delimiter
    lead_file.sheet, lead_file.header_row = layout.sheet_name, layout.header_row
    lead_file.rows = table.about()
    lead_file.mapping = table.mapping
    if mapping or ready:
        lead_file.mapping = check_mapping(table.mapping | dict(mapping or {}), layout.headers)


def table_of(lead_file: LeadFile) -> Table:
    """The file as it was recognised or corrected."""
    table = recognise(
        Path(lead_file.content.path),
        encoding=lead_file.encoding,
        delimiter=lead_file.delimiter,
        header_row=lead_file.header_row,
        sheet=lead_file.sheet,
    )
    return as_correction(table, lead_file.corrects_id) if lead_file.corrects_id else table


@transaction.atomic
def correct_lead_file(
    *,
    lead_file: LeadFile,
    corrections: Corrections | None = None,
    mapping: Mapping[str, str] | None = None,
    origin: Origin | None = None,
    choice: Choice = AS_GUESSED,
) -> LeadFile:
    """Read the file another way, map its columns another way, say where it comes from. Only before it is loaded.

    A `mapping` replaces the whole mapping; without one, a file whose columns have changed is guessed anew.
    """
    lead_file = waiting(lead_file)
    if corrections:
        before, table = table_of(lead_file), recognise(Path(lead_file.content.path), **asdict(corrections))
        same = before.layout.headers == table.layout.headers
        kept = dict(lead_file.mapping)
        describe(lead_file, table)
        lead_file.mapping = kept if same else lead_file.mapping
    if mapping is not None:
        lead_file.mapping = check_mapping(mapping, table_of(lead_file).layout.headers)
    for key, value in (asdict(origin) if origin else {}).items():
        setattr(lead_file, key, value)
    choice.write_on(lead_file)
    lead_file.state, lead_file.refusal = LeadFile.State.RECEIVED, ""
    lead_file.save()
    return lead_file


def waiting(lead_file: LeadFile) -> LeadFile:
    """The file under lock, if it may still be changed."""
    locked = LeadFile.objects.select_for_update(no_key=True).select_related("mission").get(pk=lead_file.pk)
    if locked.state not in {LeadFile.State.RECEIVED, LeadFile.State.REFUSED}:
        raise Refused("already_loading", _("Ce fichier est déjà chargé ou en cours : il ne se corrige plus."))
    return locked


def start_loading(*, lead_file: LeadFile, at: datetime) -> LeadFile:
    """Have a worker load the file. Asking twice is asking once. Invalid while nobody has said where it comes from."""
    check_origin(lead_file)
    queued = queue_lead_file(lead_file=lead_file, at=at)
    transaction.on_commit(lambda: ring(queued.pk))
    return queued


def check_origin(lead_file: LeadFile) -> None:
    """Who is called may ask where their number comes from (GDPR, article 14): the telemarketer must be able to say."""
    if not lead_file.supplier:
        sentence = _("Dites d’où viennent ces contacts\u202f: leur fournisseur. Qui est appelé peut le demander.")
        raise Invalid("no_origin", sentence, field="supplier")


@transaction.atomic
def queue_lead_file(*, lead_file: LeadFile, at: datetime) -> LeadFile:
    """The file may be loaded from now on, and no longer be corrected."""
    locked = LeadFile.objects.select_for_update(no_key=True).get(pk=lead_file.pk)
    if locked.state in {LeadFile.State.QUEUED, LeadFile.State.LOADING, LeadFile.State.LOADED}:
        return locked
    if not any(field in locked.mapping for field in PHONES):
        raise no_phone_column(table_of(locked).layout.headers)
    check_matching(locked)
    locked.state, locked.refusal, locked.started_at = LeadFile.State.QUEUED, "", at
    locked.save(update_fields=["state", "refusal", "started_at"])
    return locked


def ring(lead_file_id: int) -> None:
    current_app.send_task("prospecting.tasks.load_lead_file", [lead_file_id])
