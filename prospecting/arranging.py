"""How a business wants its queue dealt: the weight or order of its files, filters, priorities, equal random parts.

Asking is quick: the wish is written down. A worker then goes over the contacts a few thousand at a time, never waiting
for one that is being dealt, so that agents go on calling meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from random import SystemRandom
from typing import Any, TypeVar
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Engagement, Mission
from prospecting.dealing import settings_of
from prospecting.importing.rows import TEXT_FIELDS
from prospecting.models import Contact, LeadFile, QueueSettings

ARRANGING = 20_118  # first key of the advisory locks that keep two arrangements of one mission apart
AT_A_TIME = 5_000
MANY = 50_000  # contacts, from which the table is vacuumed after
PASSES = 5  # over the contacts that were being dealt the time before
MOST_FILTERS, MOST_TEXTS, LONGEST = 10, 500, 200
HEAVIEST, LAST, LONGEST_HANDOVER = 100, 999, 1440

Filters = list[dict[str, Any]]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the business asks. files: QueueSettings.Files. only, first: [{"column": str, "is": [texts]}].

    weights: {public id of a file: (weight 0–100, position)}; a file left out stays as it is. Minutes: 0–1440.
    """

    files: str = QueueSettings.Files.WEIGHTS
    handover_minutes: int = 30
    only: Filters = field(default_factory=list)
    first: Filters = field(default_factory=list)
    weights: Mapping[UUID, tuple[int, int]] = field(default_factory=dict)


@transaction.atomic
def settle_queue(*, mission: Mission, wish: Wish) -> QueueSettings:
    """Write down how the queue is dealt; contacts are sorted anew when a filter changed. Raises Invalid by field."""
    if wish.files not in QueueSettings.Files.values:
        raise Invalid("unknown_way", _("Choisissez : mélangés selon leur poids, ou l’un après l’autre."), field="files")
    if not 0 <= wish.handover_minutes <= LONGEST_HANDOVER:
        raise Invalid("out_of_range", _("Donnez un délai de 0 à 1 440 minutes."), field="handover_minutes")
    columns = set(known_columns(mission))
    only, first = (_checked(getattr(wish, name), name, columns) for name in ("only", "first"))
    files = _weighed(mission, wish.weights)
    before = settings_of(mission)
    changed = (before.only, before.first) != (only, first)
    said = {"files": wish.files, "handover_minutes": wish.handover_minutes, "only": only, "first": first}
    settled = QueueSettings.objects.update_or_create(
        mission=mission, defaults=said | ({"to_sort": True} if changed else {})
    )[0]
    LeadFile.objects.bulk_update(files, ["weight", "position"])
    if changed:
        transaction.on_commit(lambda: ring(mission.pk))
    return settled


def known_columns(mission: Mission) -> list[str]:
    """What a filter may speak of: the contact's fields, then every other column of the mission's files."""
    headers = LeadFile.objects.filter(mission=mission).order_by("pk").values_list("columns", flat=True)
    return list(dict.fromkeys([*TEXT_FIELDS, *(header for columns in headers for header in columns)]))


def _checked(filters: Filters, name: str, columns: set[str]) -> Filters:
    if len(filters) > MOST_FILTERS:
        raise Invalid("too_many", _("Dix lignes au plus."), field=name)
    return [_checked_one(each, name, columns) for each in filters]


def _checked_one(each: dict[str, Any], name: str, columns: set[str]) -> dict[str, Any]:
    column, texts = str(each.get("column", "")), each.get("is", [])
    if not column:
        raise Invalid("no_column", _("Choisissez une colonne pour chaque ligne."), field=name)
    if column not in columns:
        sentence = _("Aucun fichier de cette mission n’a la colonne « %(column)s ».") % {"column": column}
        raise Invalid("unknown_column", sentence, field=name)
    kept = list(dict.fromkeys(str(text).strip() for text in texts if str(text).strip()))
    if not kept:
        raise Invalid("no_text", _("Dites au moins une valeur pour « %(column)s ».") % {"column": column}, field=name)
    if len(kept) > MOST_TEXTS or any(len(text) > LONGEST or "\0" in text for text in kept):
        raise Invalid("too_long", _("500 valeurs au plus, de 200 caractères au plus."), field=name)
    return {"column": column, "is": kept}


def _weighed(mission: Mission, weights: Mapping[UUID, tuple[int, int]]) -> list[LeadFile]:
    files = {file.public_id: file for file in LeadFile.objects.filter(mission=mission, public_id__in=weights)}
    for public_id, (weight, position) in weights.items():
        if public_id not in files:
            raise Invalid("unknown_file", _("Ce fichier n’est pas de cette mission."), field=f"weight-{public_id}")
        if not 0 <= weight <= HEAVIEST:
            raise Invalid("out_of_range", _("Donnez un poids de 0 à 100."), field=f"weight-{public_id}")
        if not 0 <= position <= LAST:
            raise Invalid("out_of_range", _("Donnez un rang de 0 à 999."), field=f"position-{public_id}")
        files[public_id].weight, files[public_id].position = weight, position
    return list(files.values())


@transaction.atomic
def share_out(*, mission: Mission) -> QueueSettings:
    """Reserve the fresh contacts in equal random parts for the agents at work, anew each time it is asked."""
    if not agents_at_work(mission):
        raise Invalid(
            "nobody_to_share", _("Personne n’est engagé sur cette mission : engagez, puis répartissez."), field="split"
        )
    return _share(mission, split=True)


@transaction.atomic
def give_to_all(*, mission: Mission) -> QueueSettings:
    """End the parts: every fresh contact is for all again."""
    return _share(mission, split=False)


def _share(mission: Mission, *, split: bool) -> QueueSettings:
    wish = {"split": split, "to_split": True}
    settled = QueueSettings.objects.update_or_create(mission=mission, defaults=wish)[0]
    transaction.on_commit(lambda: ring(mission.pk))
    return settled


def agents_at_work(mission: Mission) -> list[int]:
    at_work = Engagement.objects.filter(mission=mission, state=Engagement.State.ACTIVE, telemarketer__isnull=False)
    return list(at_work.order_by("pk").values_list("pk", flat=True))


def ring(mission_id: int) -> None:
    current_app.send_task("prospecting.tasks.arrange_queue", [mission_id])


def waiting_for_it() -> list[int]:
    """Missions whose wish has not been carried out: the doorbell was lost, or the worker was killed."""
    asked = QueueSettings.objects.filter(to_sort=True) | QueueSettings.objects.filter(to_split=True)
    return list(asked.values_list("mission_id", flat=True))


def arrange_queue(*, mission_id: int) -> bool:
    """Carry out what is asked of a mission's queue. Safe to run twice; False when another worker is at it."""
    if not _one("SELECT pg_try_advisory_lock(%s, %s)", [ARRANGING, mission_id]):
        return False
    try:
        settled = QueueSettings.objects.filter(mission_id=mission_id).first()
        if settled and settled.to_sort and _sort(settled):
            asked = QueueSettings.objects.filter(pk=settled.pk, only=settled.only, first=settled.first)
            asked.update(to_sort=False)  # unless the wish changed meanwhile
        if settled and settled.to_split and _split(settled):
            QueueSettings.objects.filter(pk=settled.pk, split=settled.split).update(to_split=False)
    finally:
        _one("SELECT pg_advisory_unlock(%s, %s)", [ARRANGING, mission_id])
    _tidy(mission_id)
    return True


def _tidy(mission_id: int) -> None:
    """A long file written anew leaves as many dead entries at the heads of its indexes, in the way of the next pick."""
    many = Contact.objects.filter(mission_id=mission_id)[MANY : MANY + 1].exists()
    if many and not connection.in_atomic_block:
        _do("VACUUM prospecting_contact", {})


def sort_new(lead_file: LeadFile) -> None:
    """The contacts that a file just brought, in its own transaction; those it completed are looked at again after."""
    settled = settings_of(lead_file.mission)
    if settled.only or settled.first:
        wanted, values = _wanted(settled)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE prospecting_contact c SET priority = {wanted} WHERE lead_file_id = %(file)s",
                values | {"file": lead_file.pk},
            )
        QueueSettings.objects.filter(pk=settled.pk).update(to_sort=True)
        transaction.on_commit(lambda: ring(lead_file.mission_id))


def _sort(settled: QueueSettings) -> bool:
    """Give every contact that may still be dealt its priority. False when some were being dealt each time."""
    wanted, values = _wanted(settled)
    differ = f"""SELECT c.id FROM prospecting_contact c WHERE mission_id = %(mission)s AND priority <> {wanted}
      AND state IN ('fresh', 'in_hand', 'retry', 'callback')"""
    update = f"""WITH held AS (
        SELECT id FROM prospecting_contact WHERE id = ANY(%(ids)s) FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE prospecting_contact c SET priority = {wanted} FROM held WHERE c.id = held.id"""
    values["mission"] = settled.mission_id
    for _pass in range(PASSES):
        ids = sorted(_column(differ, values))
        if not ids:
            return True
        for some in _some(ids):
            _do(update, values | {"ids": some})
    return False


def _wanted(settled: QueueSettings) -> tuple[str, dict[str, Any]]:
    """The priority of a contact as an expression: -1 kept out by a filter, 1 first, 0 as the others."""
    names = (f"f{n}" for n in count())
    values: dict[str, Any] = {}
    only = [_passes(each, next(names), values) for each in settled.only]
    first = [_passes(each, next(names), values) for each in settled.first]
    said = f"CASE WHEN {' OR '.join(first)} THEN 1 ELSE 0 END" if first else "0"
    return (f"(CASE WHEN {' AND '.join(only)} THEN {said} ELSE -1 END)" if only else f"({said})"), values


def _passes(each: dict[str, Any], name: str, values: dict[str, Any]) -> str:
    values[f"{name}_column"], values[name] = each["column"], [_pattern(text) for text in each["is"]]
    text = f"c.columns ->> %({name}_column)s"
    if each["column"] in TEXT_FIELDS:
        text = f"coalesce(nullif(c.{each['column']}, ''), {text})"
    return f"lower(btrim(coalesce({text}, ''))) LIKE ANY(%({name})s::text[])"


def _pattern(text: str) -> str:
    """Whatever its capitals; a star at the end stands for anything: « 35* » is every postal code of the department."""
    plain, star = (text[:-1], "%") if text.endswith("*") else (text, "")
    escaped = plain.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped + star


def _split(settled: QueueSettings) -> bool:
    """Equal to one contact, at random, among those that nobody is being dealt at this moment; or nobody's any more."""
    agents = agents_at_work(settled.mission) if settled.split else []
    if not agents:
        return _free(settled.mission_id)
    SystemRandom().shuffle(agents)  # who gets the one too many
    ids = _column(TO_SHARE, {"mission": settled.mission_id})
    # Drawn at random, written in the order of the table: a page of contacts is then written once.
    for some in _some(sorted((contact, agents[place % len(agents)]) for place, contact in enumerate(ids))):
        contacts, whose = zip(*some, strict=True)
        _do(RESERVE, {"ids": list(contacts), "whose": list(whose)})
    return True


def _free(mission_id: int) -> bool:
    for _pass in range(PASSES):
        ids = _column(RESERVED, {"mission": mission_id})
        if not ids:
            return True
        for some in _some(ids):
            _do(FREE, {"ids": some})
    return False


TO_SHARE = """SELECT id FROM prospecting_contact
WHERE mission_id = %(mission)s AND state = 'fresh' AND phone IS NOT NULL AND priority >= 0 ORDER BY random()"""
RESERVE = """WITH held AS (
  SELECT id FROM prospecting_contact WHERE id = ANY(%(ids)s) AND state = 'fresh' FOR NO KEY UPDATE SKIP LOCKED)
UPDATE prospecting_contact c SET assigned_to_id = part.whose
FROM held JOIN unnest(%(ids)s::bigint[], %(whose)s::bigint[]) AS part (id, whose) USING (id) WHERE c.id = held.id"""
RESERVED = "SELECT id FROM prospecting_contact WHERE mission_id = %(mission)s AND assigned_to_id IS NOT NULL"
FREE = """WITH held AS (SELECT id FROM prospecting_contact WHERE id = ANY(%(ids)s) FOR NO KEY UPDATE SKIP LOCKED)
UPDATE prospecting_contact c SET assigned_to_id = NULL FROM held WHERE c.id = held.id"""


def _some(rows: Sequence[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, AT_A_TIME)):
        yield some


def _do(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _column(statement: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def _one(statement: str, values: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.fetchone()[0])
