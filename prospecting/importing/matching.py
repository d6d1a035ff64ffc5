"""By what a row is recognised as a contact that the mission already has, and which file is a newer version of which."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Mission
from prospecting.importing.columns import FIELDS
from prospecting.importing.phones import fold, read_phone
from prospecting.importing.reading import Table
from prospecting.models import Contact, LeadFile

NUMBER = LeadFile.Identity.NUMBER
CANDIDATES = 20  # files of the mission that a new one is compared with, the latest first
ALIKE = 0.5  # share of the first rows that an older file's contacts must know to be the older version


@dataclass(frozen=True, slots=True)
class Matching:
    """How the rows of one file meet the contacts of its mission.

    `identity` is a value of LeadFile.Identity; `keep_apart`: rows that share a number stay contacts of their own;
    `chain`: the keys of the older versions of the file, the latest first. `name` is the file's, for what stays beside.
    """

    identity: str = NUMBER
    keep_apart: bool = False
    chain: tuple[int, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, lead_file: LeadFile) -> "Matching":
        return cls(lead_file.identity, lead_file.keep_apart, versions_before(lead_file), lead_file.name)


BY_NUMBER = Matching()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of it; what is None stays as it is. `newer_than`: "" for no older version."""

    identity: str | None = None
    keep_apart: bool | None = None
    newer_than: str | None = None

    def write_on(self, lead_file: LeadFile) -> None:
        """Raises Invalid or Refused. The file is not saved."""
        if self.identity is not None:
            lead_file.identity = checked_identity(self.identity)
        if self.keep_apart is not None:
            lead_file.keep_apart = self.keep_apart
        if self.newer_than is not None:
            lead_file.newer_than = older_version(lead_file, self.newer_than) if self.newer_than else None


def checked_identity(identity: str) -> str:
    if identity not in LeadFile.Identity.values:
        sentence = _("« %(identity)s » n’identifie rien. Au choix : %(known)s.")
        said = {"identity": identity[:40], "known": ", ".join(LeadFile.Identity.values)}
        raise Invalid("unknown_identity", sentence % said, field="identity")
    return identity


def older_version(lead_file: LeadFile, public_id: str) -> LeadFile:
    """The file of the same mission that has this public id, once it is loaded."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        wanted = None
    found = wanted and possible_versions(lead_file).filter(public_id=wanted).first()
    if not found:
        sentence = _("Cette mission n’a pas de fichier chargé dont celui-ci serait la nouvelle version.")
        raise Invalid("unknown_version", sentence, field="newer_than")
    return found


def check_matching(lead_file: LeadFile) -> None:
    """Raises Invalid when no column holds the chosen identity, Refused while the older version is not loaded."""
    if lead_file.identity != NUMBER and lead_file.identity not in lead_file.mapping:
        sentence = _("Aucune colonne n’est « %(field)s » : choisissez-la, ou reconnaissez les fiches par leur numéro.")
        raise Invalid("no_identity_column", sentence % {"field": FIELDS[lead_file.identity]}, field="identity")
    older = lead_file.newer_than
    if older and older.state not in {LeadFile.State.LOADED, LeadFile.State.UNDONE}:
        sentence = _(
            "« %(name)s », dont ce fichier est la nouvelle version, n’est pas encore chargé : attendez sa fin."
        )
        raise Refused("older_version_not_loaded", sentence % {"name": older.name})


def versions_before(lead_file: LeadFile) -> tuple[int, ...]:
    """The keys of the file's older versions, the latest first."""
    chain: list[int] = []
    following = lead_file.newer_than_id
    while following and following not in (*chain, lead_file.pk):
        chain.append(following)
        following = LeadFile.objects.values_list("newer_than_id", flat=True).get(pk=following)
    return tuple(chain)


def possible_versions(lead_file: LeadFile) -> QuerySet[LeadFile]:
    """The files of the mission that it may be a newer version of, the latest first."""
    files = LeadFile.objects.filter(mission_id=lead_file.mission_id, state=LeadFile.State.LOADED, call_logs=None)
    return files.exclude(pk=lead_file.pk).filter(kind=LeadFile.Kind.FILE).order_by("-finished_at", "-pk")


def recognise_version(lead_file: LeadFile, table: Table) -> LeadFile | None:
    """The file of which this one looks like a newer version: the same source, and mostly the same contacts.

    The same source is the same file name but for its dates, or the same columns. A new batch of the same supplier has
    the same columns too: so most of the first rows must be contacts of the older file.
    """
    named, headers = stem(lead_file.name), set(table.layout.headers)
    likely = [
        older
        for older in possible_versions(lead_file)[:CANDIDATES]
        if stem(older.name) == named or len(headers & headers_of(older)) > ALIKE * len(headers | headers_of(older))
    ]
    if not likely:
        return None
    rows = [row for _number, row in table.sample]
    return next((older for older in likely if knows(older, table.layout.headers, lead_file.mapping, rows)), None)


def stem(name: str) -> str:
    """`Prospects Ouest (v2) 2026-11.csv` and `prospects_ouest.xlsx` are one source: letters only, less the ending."""
    bare = re.sub(r"\.\w{2,4}$", "", name)
    return re.sub(r"[^a-z]+|\b(?:v|version|copie|final)\b", "", fold(bare))


def headers_of(lead_file: LeadFile) -> set[str]:
    return {*lead_file.mapping.values(), *lead_file.columns}


def knows(older: LeadFile, headers: Sequence[str], mapping: Mapping[str, str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the older file's contacts are most of these rows."""
    phones = column_of("phone", headers, mapping, rows)
    numbers = {number for cell in phones for number in read_phone(cell).numbers[:1]}
    ids = {cell[:120] for cell in column_of("external_id", headers, mapping, rows) if cell}
    of_it = Contact.objects.filter(lead_file_id__in=[older.pk, *versions_before(older)])
    by_number = bool(numbers) and of_it.filter(phone__in=numbers).count() > ALIKE * len(numbers)
    return by_number or (bool(ids) and of_it.filter(external_id__in=ids).count() > ALIKE * len(ids))


def column_of(
    name: str, headers: Sequence[str], mapping: Mapping[str, str], rows: Sequence[Sequence[str]]
) -> list[str]:
    if mapping.get(name) not in headers:
        return []
    place = list(headers).index(mapping[name])
    return [" ".join(row[place].split()) for row in rows if place < len(row)]


def matching_for_trial(
    mission: Mission, name: str, table: Table, mapping: Mapping[str, str], choice: Choice
) -> Matching:
    """For the trial of a file that nobody keeps: the same choice, recognised and checked the same way."""
    lead_file = LeadFile(mission=mission, organisation_id=mission.organisation_id, name=name, mapping=dict(mapping))
    lead_file.newer_than = recognise_version(lead_file, table) if choice.newer_than is None else None
    choice.write_on(lead_file)
    check_matching(lead_file)
    return Matching.of(lead_file)
