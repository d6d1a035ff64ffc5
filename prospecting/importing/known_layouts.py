"""What an organisation has taught us about its sources: the next file of a source is read as the last one was.

Columns are compared by name, so a source that renames, adds or removes one is still known: what changed is said, what
did not keeps its field. The names alone decide; no file is ever loaded because of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

from config.errors import Invalid
from prospecting.importing.columns import guess_mapping, key
from prospecting.importing.phones import fold
from prospecting.importing.reading import Layout, Table, recognise
from prospecting.models import KnownLayout, LeadFile

LATEST = 40  # layouts of an organisation that are looked through
TRIED = 6  # of them, those whose way of reading is tried on a file that looks like none
SAME_SOURCE = 0.6  # of the columns are shared, or it is another source
SAME_WORD = 0.75  # two names are one name, written another way


@dataclass(frozen=True, slots=True)
class Drift:
    """How a file's columns differ from those of the last file of its source, `like`.

    `lost`: fields whose column is gone.
    """

    like: KnownLayout
    renamed: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.renamed or self.added or self.removed)

    @property
    def new_headers(self) -> frozenset[str]:
        return frozenset((*self.added, *(new for _old, new in self.renamed)))


def fingerprint(headers: Sequence[str]) -> str:
    return sha256("\x1f".join(fold(header) for header in headers).encode()).hexdigest()


def remember(lead_file: LeadFile, layout: Layout, at: datetime) -> None:
    """Keep how this file was read and mapped for the next one of its source."""
    if lead_file.corrects_id or not layout.header_row:
        return  # numbered columns name no source
    KnownLayout.objects.update_or_create(
        organisation_id=lead_file.organisation_id,
        fingerprint=fingerprint(layout.headers),
        defaults={
            "headers": list(layout.headers),
            "mapping": lead_file.mapping,
            "lead_file": lead_file,
            "seen_at": at,
        },
    )


def known_to(organisation_id: int) -> list[KnownLayout]:
    layouts = KnownLayout.objects.filter(organisation_id=organisation_id).select_related("lead_file")
    return list(layouts.order_by("-seen_at")[:LATEST])


def recall(organisation_id: int, table: Table, *, corrected: bool) -> tuple[Table, dict[str, str]]:
    """The table and the mapping that the last file of this source had. `corrected`: a person said how to read it."""
    known = known_to(organisation_id)
    drift = nearest(known, table.layout.headers) if table.layout.header_row else None
    if not (drift or corrected) and (found := read_as_before(known, table)):
        table, drift = found
    return table, carried(drift, table) if drift else table.mapping


def read_as_before(known: Sequence[KnownLayout], table: Table) -> tuple[Table, Drift] | None:
    """The file under a way of reading that was once corrected, if that gives the very columns it gave then."""
    for layout in [one for one in known if worth_trying(one.lead_file, table.layout)][:TRIED]:
        try:
            again = recognise(table.path, **way_of(layout.lead_file))
        except Invalid:
            continue
        if fingerprint(again.layout.headers) == layout.fingerprint:
            return again, Drift(layout)
    return None


def worth_trying(before: LeadFile, now: Layout) -> bool:
    if bool(before.sheet) != bool(now.sheet) or (before.sheet and before.sheet not in now.sheets):
        return False
    return (before.encoding, before.delimiter, before.sheet, before.header_row) != (
        now.encoding,
        now.delimiter,
        now.sheet_name,
        now.header_row,
    )


def way_of(lead_file: LeadFile) -> dict[str, Any]:
    return {name: getattr(lead_file, name) for name in ("encoding", "delimiter", "sheet", "header_row")}


def drift_of(lead_file: LeadFile, headers: Sequence[str]) -> Drift | None:
    """What this file's columns changed since the last loaded file of its source; None for a new source."""
    return nearest([one for one in known_to(lead_file.organisation_id) if one.lead_file_id != lead_file.pk], headers)


def nearest(known: Sequence[KnownLayout], headers: Sequence[str]) -> Drift | None:
    """The same columns, else the layout that shares most of them."""
    mark = fingerprint(headers)
    for layout in known:
        if layout.fingerprint == mark:
            return Drift(layout)
    drifts = [compare(layout, headers) for layout in known]
    best = max(drifts, key=lambda drift: likeness(drift, headers), default=None)
    return best if best and likeness(best, headers) >= SAME_SOURCE else None


def likeness(drift: Drift, headers: Sequence[str]) -> float:
    kept = len(headers) - len(drift.added)
    return kept / (len(headers) + len(drift.removed))


def compare(layout: KnownLayout, headers: Sequence[str]) -> Drift:
    old = [header for header in layout.headers if fold(header) not in set(map(fold, headers))]
    new = [header for header in headers if fold(header) not in set(map(fold, layout.headers))]
    renamed = pairs(old, new)
    gone, come = dict(renamed), {now for _before, now in renamed}
    lost = tuple(field for field, header in layout.mapping.items() if header in old and header not in gone)
    added = tuple(header for header in new if header not in come)
    return Drift(layout, tuple(renamed), added, tuple(header for header in old if header not in gone), lost)


def pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """Old names with their new ones: the same letters, nearly the same, or the same field."""
    found: list[tuple[str, str]] = []
    for same in (same_letters, same_word, same_field):
        for before in old:
            free = [now for now in new if now not in {pair[1] for pair in found}]
            now = next((now for now in free if same(before, now)), "")
            if now and before not in {pair[0] for pair in found}:
                found.append((before, now))
    return sorted(found, key=lambda pair: old.index(pair[0]))


def same_letters(before: str, now: str) -> bool:
    return key(before) == key(now) != ""


def same_word(before: str, now: str) -> bool:
    return SequenceMatcher(None, key(before)[:60], key(now)[:60]).ratio() >= SAME_WORD and digits(before) == digits(now)


def digits(header: str) -> str:
    """`Tél 1` and `Tél 2` are nearly one word, and two columns."""
    return "".join(filter(str.isdigit, header))


def same_field(before: str, now: str) -> bool:
    return bool(guess_mapping([before])) and list(guess_mapping([before])) == list(guess_mapping([now]))


def carried(drift: Drift, table: Table) -> dict[str, str]:
    """The last mapping under today's names; new columns, and fields whose column is gone, are guessed."""
    folded = {fold(header): header for header in table.layout.headers} | {
        fold(before): now for before, now in drift.renamed
    }
    mapping = {field: folded[fold(old)] for field, old in drift.like.mapping.items() if fold(old) in folded}
    taken = set(mapping.values())
    guessed = {
        field: header
        for field, header in table.mapping.items()
        if field not in mapping and header not in taken and (field in drift.lost or header in drift.added)
    }
    return mapping | guessed
