"""A load looks a few rows up for each of its own, though the planner knows nothing of what came in a moment ago."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from prospecting.importing.bases import write_bases
from prospecting.importing.matching import Matching
from prospecting.importing.rows import RowReader
from prospecting.importing.staging import judge, stage
from prospecting.importing.writing import write
from prospecting.models import Contact, LeadFile
from tests.cast import TUESDAY_10H, World, running_mission
from tests.reporting.test_lying_statistics import looked_at

pytestmark = pytest.mark.django_db
ROWS = 1_500
HEADERS = ("Tel", "Soc", "Id", "Base", "Objet", "Date")
MAPPING = {"phone": "Tel", "company": "Soc", "external_id": "Id", "basis": "Base", "consent_about": "Objet",
           "consent_on": "Date"}  # fmt: skip


@contextmanager
def counting_rows(counted: dict[str, float]) -> Iterator[None]:
    """Runs each long statement under EXPLAIN, which does what it explains, and adds up the rows its steps saw."""

    def explain(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        text = sql.strip()
        if not text.startswith(("CREATE TEMPORARY TABLE changed", "CREATE TEMPORARY TABLE missing", "UPDATE judged",
                                "INSERT INTO prospecting_contactchange")):  # fmt: skip
            return execute(sql, values, many, context)
        execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values, many, context)
        counted[text[:50]] = looked_at(context["cursor"].fetchone()[0][0]["Plan"])
        return None

    with connection.execute_wrapper(explain):
        yield


def load(lead_file: LeadFile, matching: Matching, first: int) -> None:
    """Rows known by their identity; their numbers begin at `first`."""
    rows = [(n, [f"01990{first + n:05d}", f"Société {first + n}", f"x{n}", "", "", ""]) for n in range(1, ROWS + 1)]
    stage(lead_file.mission, RowReader(HEADERS, MAPPING), rows, at=TUESDAY_10H)
    write(lead_file, judge(lead_file.mission, matching), matching)
    write_bases(lead_file, TUESDAY_10H)


@pytest.mark.parametrize(
    "matching",
    [{}, {"identity": "external_id"}, {"keep_apart": True}, {"identity": "external_id", "keep_apart": True}],
    ids=str,
)
def test_a_newer_version_right_after_the_first_load_looks_each_row_up(world: World, matching: dict[str, Any]) -> None:
    made = [LeadFile.objects.create(organisation=world.organisation, mission=world.mission, name=n) for n in "ab"]
    other = running_mission(world.organisation, "autre")
    elsewhere = LeadFile.objects.create(organisation=world.organisation, mission=other, name="c")
    Contact.objects.bulk_create(
        Contact(organisation=world.organisation, mission=other, lead_file=elsewhere, phone=f"+33261{n:06d}")
        for n in range(ROWS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE prospecting_contact")  # a mission that the planner knows, and nothing of this one
    load(made[0], Matching(**matching), 10_000)
    counted: dict[str, float] = {}
    with counting_rows(counted):
        load(made[1], Matching(**matching, chain=(made[0].pk,)), 50_000)
    assert {text: round(count / ROWS) for text, count in counted.items() if count > 150 * ROWS} == {}
    assert len(counted) >= 3
