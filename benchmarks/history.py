"""A history of calls of any length: ten missions, 200 agents, 40 files, a year, four calls a contact.

The server writes it itself, without triggers and foreign keys, for speed: a rebuild of the rates must follow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from django.db import transaction

from benchmarks.world import House, run
from config import clock
from marketplace.models import Engagement

MISSIONS, AGENTS, FILES, CALLS_A_CONTACT = 10, 20, 4, 4
CONTACTS = """
INSERT INTO prospecting_contact (organisation_id, mission_id, lead_file_id, phone, company, state)
SELECT m.organisation_id, m.id, (%(files)s::bigint[])[1 + n %% %(number_of_files)s],
       '+3319900' || lpad(n::text, 8, '0'), 'Société ' || n, 'closed'
FROM generate_series(%(first)s::int, %(last)s::int) n
JOIN marketplace_mission m ON m.id = (%(missions)s::bigint[])[1 + n %% cardinality(%(missions)s::bigint[])]"""

# One call in three reaches somebody, then two in three are argued, then one in ten wins; some agents win more.
CALLS = """
INSERT INTO prospecting_call (organisation_id, mission_id, contact_id, engagement_id, phone, started_at, seconds,
                              outcome, answered, reached, argued, converted, final)
SELECT organisation_id, mission_id, id, engagement, phone, at, CASE WHEN reached THEN 90 ELSE 0 END,
       CASE WHEN won THEN 'VTE' WHEN argued THEN 'REF' WHEN reached THEN 'RAP' ELSE 'NRP' END,
       reached, reached, argued, won, won
FROM (
  SELECT *, luck < 0.34 AS reached, luck < 0.22 AS argued, luck < 0.01 + 0.001 * (engagement %% 20) AS won
  FROM (
    SELECT c.organisation_id, c.mission_id, c.id, c.phone, random() AS luck,
           (%(agents)s::bigint[])[%(each)s * (array_position(%(missions)s::bigint[], c.mission_id) - 1)
                                  + 1 + floor(random() * %(each)s)::int] AS engagement,
           %(at)s::timestamptz - interval '1 minute' * floor(random() * 360)
             - interval '1 day' * (1 + floor(random() * 364)) AS at
    FROM prospecting_contact c CROSS JOIN generate_series(1, %(calls)s)
    WHERE c.id > %(after)s) dialled) ended"""

NEW_CALLS = """
INSERT INTO prospecting_call (organisation_id, mission_id, contact_id, engagement_id, phone, started_at, seconds,
                              outcome, answered, reached, argued, converted, final)
SELECT c.organisation_id, c.mission_id, c.id,
       (%(agents)s::bigint[])[%(each)s * (array_position(%(missions)s::bigint[], c.mission_id) - 1)
                              + 1 + n %% %(each)s],
       c.phone, %(at)s, 90, 'REF', true, true, n %% 2 = 0, n %% 40 = 0, true
FROM (SELECT *, row_number() OVER () AS n FROM (
        SELECT * FROM prospecting_contact WHERE mission_id = ANY(%(missions)s)
        ORDER BY random() LIMIT %(number)s) picked) c"""

INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('prospecting_contact', 'prospecting_call') AND schemaname = 'public'
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = (schemaname || '.' || quote_ident(indexname))::regclass)"""


class History:
    """Grows on demand; never shrinks."""

    def __init__(self, at: datetime) -> None:
        self.at, self.calls = at, 0
        houses = [House(at=at, files=FILES) for _ in range(MISSIONS)]
        self.missions = [house.mission for house in houses]
        self.ids = {
            "missions": [mission.pk for mission in self.missions],
            "files": [house.lead_files[n].pk for n in range(FILES) for house in houses],
            "number_of_files": FILES * MISSIONS,  # file n of a contact's mission stands at 10 n + mission
            "agents": [agent.pk for house in houses for agent in past_agents(house)],
            "each": AGENTS,
            "at": at,
        }

    def grow(self, calls: int) -> None:
        have, want = self.calls // CALLS_A_CONTACT, calls // CALLS_A_CONTACT
        if want <= have:
            return
        after = run("SELECT coalesce(max(id), 0) FROM prospecting_contact")[0][0]
        with transaction.atomic(), _without_indexes():
            run("SET LOCAL session_replication_role = replica")
            run("SELECT setseed(0.42)")
            run(CONTACTS, self.ids | {"first": have + 1, "last": want})
            run(CALLS, self.ids | {"after": after, "calls": CALLS_A_CONTACT})
        run("VACUUM (ANALYZE) prospecting_contact, prospecting_call")
        self.calls = want * CALLS_A_CONTACT

    def add_new_calls(self, number: int) -> None:
        """Calls of today to contacts picked all over the history, by every agent, as the product inserts them."""
        run(NEW_CALLS, self.ids | {"number": number})


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Those of contacts and calls that no constraint needs are dropped and made again: a tenth of the time."""
    definitions = run(INDEXES)
    for name, _definition in definitions:
        run(f'DROP INDEX "{name}"')
    yield
    run("SET LOCAL maintenance_work_mem = '512MB'")
    for _name, definition in definitions:
        run(definition)


def past_agents(house: House) -> list[Engagement]:
    organisation = house.mission.organisation
    return Engagement.objects.bulk_create(
        Engagement(
            organisation=organisation,
            mission=house.mission,
            label=f"Agent {n}",
            state="ended",
            started_at=house.at,
            ended_at=house.at,
        )
        for n in range(AGENTS)
    )


@cache
def history() -> History:
    """The one of this run, shared by the benchmarks."""
    return History(clock.now())
