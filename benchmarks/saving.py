"""P1: save a call over HTTP, by both doors, beside the same SQL transaction and beside a bare view with one INSERT."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from benchmarks import servers
from benchmarks.history import history
from benchmarks.load import Line, Run, drive, written
from benchmarks.replay import Statement, recorded, replayer
from benchmarks.tables import RUN, figures, table
from benchmarks.world import Agent, House, run
from config import clock
from prospecting.api.serializers import CallIn
from prospecting.calling import log_call
from prospecting.facts import decide
from prospecting.models import Call, Claim, Contact, Dial

MANY = 8  # clients at once: more than the server's four threads, so that none of them waits for work
SQL_AT_ONCE = 4  # transactions the server can have under way: two workers of two threads
OUTCOMES = {"NRP": 60, "REFI": 22, "RAP": 12, "LEAD": 6}  # parts of a hundred
FAR = 100_000_000  # ids of the kinds lie this far apart, so that a recorded value tells what it stands for
SAVE = "/api/v1/calls/"
Headers = Callable[[Agent], dict[str, str]]


@dataclass(frozen=True)
class Ready:
    """A contact in hand and dialled, waiting for its outcome."""

    agent: Agent
    contact: int
    phone: str
    dial: int
    claim: UUID
    outcome: str

    def body(self, at: datetime) -> dict[str, Any]:
        body = {
            "engagement": str(self.agent.engagement.public_id),
            "claim": str(self.claim),
            "key": str(uuid4()),
            "outcome": self.outcome,
            "seconds": 42,
            "note": "Le gérant est absent, rappeler en fin de matinée.",
        }
        if self.outcome == "RAP":
            return body | {"callback_at": (at + timedelta(days=2)).isoformat()}
        return body

    def names(self) -> dict[str, Any]:
        """The values that differ from one save to the next, as a recording names them."""
        engagement = self.agent.engagement.pk
        return {
            "contact": self.contact,
            "dial": self.dial,
            "engagement": engagement,
            "phone": self.phone,
            "claim": self.claim,
        }


def measure(*, small: bool) -> bool:
    many, alone = (200, 50) if small else (3000, 500)
    at = clock.now()
    history().grow(20_000 if small else 200_000)
    recordings = {one.outcome: _recorded(one, at) for one in prepare(list(OUTCOMES), at)}
    codes = random.Random(42).choices(list(OUTCOMES), weights=list(OUTCOMES.values()), k=2 * (many + alone) + many)
    ready = prepare(codes, at)
    before, shares = Call.objects.count(), _shares(ready, [many, many, alone, alone, many])
    with servers.bare() as port:
        bare = _over_http(port, "/save", shares[0], lambda agent: {}, MANY)
        bare_alone = _over_http(port, "/save", shares[2], lambda agent: {}, 1)
    with servers.product() as port:
        drive([written("GET", "/healthz", {})] * 80, MANY, lambda: Line(port).demand)  # first requests load modules
        page = _over_http(port, SAVE, shares[0], lambda agent: agent.cookies, MANY)
        used = servers.processor_seconds()
        api = _over_http(port, SAVE, shares[1], lambda agent: agent.bearer, MANY)
        web, database = (after - before for after, before in zip(servers.processor_seconds(), used, strict=True))
        page_alone = _over_http(port, SAVE, shares[2], lambda agent: agent.cookies, 1)
        api_alone = _over_http(port, SAVE, shares[3], lambda agent: agent.bearer, 1)
    found, acknowledged = Call.objects.count() - before, sum(len(r.answers) for r in (page, api, page_alone, api_alone))
    sql = drive(shares[4], SQL_AT_ONCE, lambda: _replay_one(recordings))
    _print([("bare view, one INSERT", MANY, bare), ("page door", MANY, page), ("API door", MANY, api)], bare, sql)
    _print([("the same SQL by psycopg", SQL_AT_ONCE, sql)], bare, sql)
    _print([("bare view", 1, bare_alone), ("page door", 1, page_alone), ("API door", 1, api_alone)], bare_alone, sql)
    saved = len(api.answers)
    print(f"Processor time of one save by the API door: web {1000 * web / saved:.1f} ms,", end=" ")
    print(f"PostgreSQL {1000 * database / saved:.1f} ms.")
    print("SQL statements of one save:", {code: len(statements) for code, statements in recordings.items()})
    print(f"Calls acknowledged over HTTP: {acknowledged}; found in the database: {found}.")
    return acknowledged == found


def _shares(ready: list[Ready], sizes: list[int]) -> list[list[Ready]]:
    left = iter(ready)
    return [[next(left) for _ in range(size)] for size in sizes]


def _print(rows: list[tuple[str, int, Run]], bare: Run, sql: Run) -> None:
    head = ["", "clients", *RUN, "× bare view", "× same SQL"]
    table(head, [[name, at, *figures(one), one.rate / bare.rate, one.rate / sql.rate] for name, at, one in rows])


def _over_http(port: int, path: str, jobs: list[Ready], headers: Headers, clients: int) -> Run:
    at = clock.now()
    requests = [written("POST", path, headers(job.agent), job.body(at)) for job in jobs]
    return drive(requests, clients, lambda: Line(port).demand)


def _recorded(ready: Ready, at: datetime) -> list[Statement]:
    """What the product sends to PostgreSQL to save a call with this outcome."""

    def save() -> dict[Any, str]:
        form = CallIn(data=ready.body(at))
        form.is_valid(raise_exception=True)
        call, _made = log_call(engagement=ready.agent.engagement, claim_id=ready.claim, said=form.said(), at=at)
        return {value: name for name, value in ready.names().items()} | {call.pk: "call"}

    return recorded(save)


def _replay_one(recordings: dict[str, list[Statement]]) -> Callable[[Ready], None]:
    replay = replayer()
    return lambda job: replay(recordings[job.outcome], job.names())


def prepare(codes: list[str], at: datetime) -> list[Ready]:
    """As many agents of one mission, each with a dialled contact in hand that awaits this outcome."""
    _spread_ids()
    house = House(at=at)
    house.add_contacts(len(codes), state="in_hand")
    contacts = list(Contact.objects.filter(mission=house.mission).select_related("mission"))
    agents = house.add_agents(len(codes))
    claims = _claims(agents, contacts, at)
    dials = _dials(agents, contacts, claims, at)
    run("UPDATE prospecting_contact SET attempts = 1 WHERE mission_id = %s", [house.mission.pk])
    run("VACUUM (ANALYZE)")
    return [
        Ready(agent, contact.pk, contact.phone or "", dial.pk, claim.public_id, code)
        for agent, contact, dial, claim, code in zip(agents, contacts, dials, claims, codes, strict=True)
    ]


def _spread_ids() -> None:
    for place, table_name in enumerate(("contact", "dial", "call"), 1):
        sequence = f"pg_get_serial_sequence('prospecting_{table_name}', 'id')"
        run(f"SELECT setval({sequence}, greatest({place * FAR}, nextval({sequence})))")
    sequence = "pg_get_serial_sequence('marketplace_engagement', 'id')"
    run(f"SELECT setval({sequence}, greatest({4 * FAR}, nextval({sequence})))")


def _claims(agents: list[Agent], contacts: list[Contact], at: datetime) -> list[Claim]:
    return Claim.objects.bulk_create(
        Claim(
            public_id=uuid4(),
            contact=contact,
            engagement=agent.engagement,
            mission_id=contact.mission_id,
            before="fresh",
            claimed_at=at,
            expires_at=at + timedelta(hours=1),
        )
        for agent, contact in zip(agents, contacts, strict=True)
    )


def _dials(agents: list[Agent], contacts: list[Contact], claims: list[Claim], at: datetime) -> list[Dial]:
    decision = decide(contacts[0], at)
    return Dial.objects.bulk_create(
        Dial(
            organisation_id=contact.organisation_id,
            mission_id=contact.mission_id,
            contact=contact,
            engagement=agent.engagement,
            claim_id_seen=claim.public_id,
            phone=contact.phone or "",
            at=at,
            allowed=True,
            attempt=True,
            rule_version=decision.rule_version,
            evidence=decision.evidence(),
        )
        for agent, contact, claim in zip(agents, contacts, claims, strict=True)
    )
