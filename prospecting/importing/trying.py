"""What a file would become, without loading anything: the same staging and the same judgement as a load."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.db import transaction

from marketplace.models import Mission
from prospecting.importing.bases import NOTHING, SaidOnce
from prospecting.importing.matching import BY_NUMBER, Matching
from prospecting.importing.reading import Table
from prospecting.importing.rows import RowReader
from prospecting.importing.staging import Tally, judge, stage


@transaction.atomic
def try_rows(
    mission: Mission,
    table: Table,
    mapping: Mapping[str, str],
    *,
    matching: Matching = BY_NUMBER,
    once: SaidOnce = NOTHING,
    limit: int | None = None,
) -> tuple[Tally, list[dict[str, Any]]]:
    """What the rows (the first `limit`) would become, and what would be lost of them."""
    reader = RowReader(table.layout.headers, mapping)
    stage(mission, reader, islice(table.rows(), limit), once=once)
    return judge(mission, matching), reader.notices.as_list()
