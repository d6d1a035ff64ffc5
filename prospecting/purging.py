"""What may no longer be kept goes, every night: by batches, and safe to run twice or to be interrupted.

Thirty days after a mission closes its contacts are anonymised and its files deleted (product); the access log is kept
twelve months; proofs of consent three years after the consent ended. Oppositions are never purged.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from marketplace.models import Mission
from prospecting.anonymising import anonymise, sweep
from prospecting.models import AccessEntry, Basis, Contact, LeadFile, OppositionList, SetAsideRow
from prospecting.rules.regimes import VERSIONS

AFTER_CLOSING: Final = timedelta(days=30)  # the business has its return file until then
LOG_KEPT: Final = timedelta(days=365)
PROOF_KEPT: Final = max(version.proof_kept for version in VERSIONS)
BATCH: Final = 1000


def purge(*, at: datetime) -> dict[str, int]:
    """Everything that is due, and how much of each there was."""
    steps: dict[str, Callable[[datetime], int]] = {
        "contacts": anonymise_closed,
        "files": delete_contents,
        "access": purge_access_log,
        "proofs": purge_proofs,
        "lists": purge_list_refusals,
    }
    done = {name: step(at) for name, step in steps.items()}
    sweep(at)
    return done


def due(at: datetime) -> QuerySet[Mission]:
    return Mission.objects.filter(state=Mission.State.CLOSED, closed_at__lte=at - AFTER_CLOSING)


def anonymise_closed(at: datetime) -> int:
    named = Contact.objects.filter(mission__in=due(at), anonymised_at=None).order_by("pk")
    done = 0
    while batch := list(named.values_list("pk", flat=True)[:BATCH]):
        done += anonymise(batch, at=at)
    return done


def delete_contents(at: datetime) -> int:
    """The files of the missions that are due: their contents, and the cells of the rows set aside."""
    files = list(LeadFile.objects.filter(mission__in=due(at), purged_at=None))
    for lead_file in files:
        delete_content(lead_file, at)
    return len(files)


@transaction.atomic
def delete_content(lead_file: LeadFile, at: datetime) -> None:
    SetAsideRow.objects.filter(lead_file=lead_file).update(cells=[], value="")
    delete_file(lead_file, at)


def delete_file(lead_file: LeadFile, at: datetime) -> None:
    """The row first, the file when that is sure: a crash in between leaves a file that nothing names."""
    name, storage = lead_file.content.name, lead_file.content.storage
    LeadFile.objects.filter(pk=lead_file.pk).update(content="", purged_at=at)
    if name:
        transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def purge_access_log(at: datetime) -> int:
    """The only deletion that the log's trigger lets through is this one: of lines older than twelve months."""
    old = AccessEntry.objects.filter(at__lt=at - LOG_KEPT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('decroche.purging', 'on', true)")
        done, _kinds = old.delete()
        cursor.execute("SELECT set_config('decroche.purging', '', true)")
    return done


def purge_proofs(at: datetime) -> int:
    over = at - PROOF_KEPT
    done, _kinds = Basis.objects.filter(Q(until__lt=over) | Q(withdrawn_at__lt=over)).delete()
    return done


def purge_list_refusals(at: datetime) -> int:
    """What a list could not read may be a person's number all the same."""
    return OppositionList.objects.filter(at__lt=at - AFTER_CLOSING).exclude(refusals=[]).update(refusals=[])
