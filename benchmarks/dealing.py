"""P2: the next contact over HTTP, for one agent and for many at once, beside a raw FOR UPDATE SKIP LOCKED loop."""

import json
import os
from collections.abc import Callable
from uuid import uuid4

import psycopg

from benchmarks import servers
from benchmarks.load import Line, Run, drive, written
from benchmarks.tables import RUN, figures, table
from benchmarks.world import Agent, House
from config import clock

AT_ONCE = {1: 400, 50: 1500, 200: 2000}  # agents at once: how many contacts they take in all
SQL_AT_ONCE = 4  # transactions the server can have under way: two workers of two threads
SIZES = (10_000, 100_000, 1_000_000)  # contacts of the mission

RAW = """
UPDATE prospecting_contact SET state = 'in_hand' WHERE id = (
  SELECT id FROM prospecting_contact
  WHERE lead_file_id = %s AND coalesce(assigned_to_id, 0) = 0 AND territory = 'FR' AND state = 'fresh'
    AND phone IS NOT NULL
  ORDER BY priority DESC, deal LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id"""
CLAIM = """
INSERT INTO prospecting_claim (contact_id, engagement_id, mission_id, before, claimed_at, expires_at)
VALUES (%s, %s, %s, 'fresh', now(), now() + interval '1 day')"""


def measure(*, small: bool) -> bool:
    sizes, at_once = ((2_000, 10_000), {1: 50, 20: 200}) if small else (SIZES, AT_ONCE)
    bare = _bare(200 if small else 3000)
    rows, twice, tails = [["bare view, one INSERT", "", 8, *figures(bare), 1.0, ""]], 0, {}
    with servers.product() as port:
        drive([written("GET", "/healthz", {})] * 80, 8, lambda: Line(port).demand)
        for size in sizes:
            house = House(at=clock.now())
            house.add_contacts(size)
            raw = _raw(house, 100 if small else 1000)
            rows.append(["SKIP LOCKED by psycopg", size, SQL_AT_ONCE, *figures(raw), raw.rate / bare.rate, 1.0])
            given: list[str] = []
            for agents, number in at_once.items():
                run = _dealt(port, house.add_agents(number), agents)
                given += _contacts(run)
                tails[size, agents] = run.percentile(95)
                rows.append(["next contact", size, agents, *figures(run), run.rate / bare.rate, run.rate / raw.rate])
            twice += len(given) - len(set(given))
    table(["", "contacts", "at once", *RUN, "× bare view", "× raw loop"], rows)
    for agents in at_once:
        growth = tails[sizes[-1], agents] / tails[sizes[0], agents]
        print(f"{agents} at once: p95 at {sizes[-1]:,} contacts is {growth:.2f} × p95 at {sizes[0]:,}.")
    print(f"Contacts handed out twice: {twice}.")
    return twice == 0


def _bare(number: int) -> Run:
    said = {"engagement": str(uuid4()), "key": str(uuid4()), "outcome": "NRP", "seconds": 42, "note": "Rien."}
    with servers.bare() as port:
        return drive([written("POST", "/save", {}, said)] * number, 8, lambda: Line(port).demand)


def _raw(house: House, number: int) -> Run:
    """What the exclusive hold costs at the least: the pick and the claim, in one transaction."""
    engagements = [agent.engagement.pk for agent in house.add_agents(number)]
    return drive(engagements, SQL_AT_ONCE, lambda: _picker(house.mission.pk, house.lead_files[0].pk))


def _picker(mission: int, lead_file: int) -> Callable[[int], None]:
    link = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def pick(engagement: int) -> None:
        with link.transaction():
            (contact,) = link.execute(RAW, [lead_file]).fetchone() or ()
            link.execute(CLAIM, [contact, engagement, mission])

    return pick


def _dealt(port: int, agents: list[Agent], at_once: int) -> Run:
    """Every request comes from another agent with an empty hand, `at_once` of them waiting at any moment."""
    requests = [
        written("POST", f"/api/v1/engagements/{agent.engagement.public_id}/next-contact/", agent.bearer)
        for agent in agents
    ]
    return drive(requests, at_once, lambda: Line(port).demand)


def _contacts(run: Run) -> list[str]:
    return [json.loads(answer)["card"]["contact"] for answer in run.answers]
