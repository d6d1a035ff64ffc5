"""Twenty agents at once on one mission for a minute, through the API, with the web server, the worker and the beat up.

No contact may be held by two, no call lost or doubled, and the rates must equal a count of the calls within 5 s.
"""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from benchmarks import servers
from benchmarks.load import Line, drive, written
from benchmarks.world import Agent, House, run
from config import clock

AGENTS = 20
WITHIN = 5.0  # seconds after the last call
OUTCOMES = {"NRP": 40, "OCC": 6, "STD": 10, "REFI": 14, "REF": 8, "RAP": 8, "DOC": 4, "RDV": 6, "RDVT": 2, "LEAD": 2}
SAID_TWICE, UNDONE = 0.10, 0.05  # how often the same request is sent again, and how often the outcome is taken back

COUNTED = """
SELECT e.public_id::text, count(*), count(DISTINCT contact_id) FILTER (WHERE c.reached),
       count(DISTINCT contact_id) FILTER (WHERE c.argued), count(DISTINCT contact_id) FILTER (WHERE c.converted)
FROM prospecting_call c JOIN marketplace_engagement e ON e.id = c.engagement_id
WHERE c.mission_id = %s AND NOT c.void
  AND NOT EXISTS (SELECT FROM prospecting_call later WHERE later.corrects_id = c.id AND later.void)
GROUP BY 1"""


@dataclass
class Shift:
    """What one agent's client saw: the keys that the server acknowledged, the contacts it was given, the faults."""

    keys: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    twice: int = 0
    undone: int = 0


def measure(*, small: bool) -> bool:
    seconds = 10 if small else 60
    house = House(at=clock.now())
    house.add_contacts(2_000 if small else 20_000)
    agents, manager = house.add_agents(AGENTS), house.token_of_the_manager()
    with servers.product("web", "worker", "beat") as port:
        shifts: list[Shift] = drive(agents, AGENTS, lambda: _shift(port, seconds)).answers
        lag = _lag(port, house, manager)
    faults = [fault for shift in shifts for fault in shift.faults]
    faults += _held_by_two(shifts) + _lost_or_doubled(house, shifts)
    if lag is None:
        faults.append(f"{WITHIN:.0f} s after the last call the rates were not what a count of the calls says")
    calls, contacts = sum(len(shift.keys) for shift in shifts), sum(len(shift.contacts) for shift in shifts)
    print(f"{AGENTS} agents, {seconds} s: {contacts:,} contacts taken, {calls:,} rows acknowledged,", end=" ")
    print(f"{sum(s.twice for s in shifts)} requests sent twice, {sum(s.undone for s in shifts)} outcomes taken back.")
    print(f"The rates equalled the count of the calls {lag:.1f} s after the last one." if lag is not None else "")
    print("\n".join(faults[:20]) or "No contact held by two, no call lost, none doubled.")
    return not faults


def _shift(port: int, seconds: float) -> Callable[[Agent], Shift]:
    line = Line(port)

    def work(agent: Agent) -> Shift:
        shift, chance, until = Shift(), random.Random(agent.user.email), time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                _one_contact(line, agent, shift, chance)
        except Exception as error:
            shift.faults.append(f"{agent.user}: {error}")
        return shift

    return work


def _one_contact(line: Line, agent: Agent, shift: Shift, chance: random.Random) -> None:
    engagement = str(agent.engagement.public_id)
    card = _ask(line, agent, f"engagements/{engagement}/next-contact/")["card"]
    shift.contacts.append(card["contact"])
    _ask(line, agent, f"claims/{card['claim']}/dial/")
    body = _outcome(chance) | {"engagement": engagement, "claim": card["claim"]}
    call = _log(line, agent, shift, body)
    if chance.random() < SAID_TWICE:
        shift.twice += 1
        if _ask(line, agent, "calls/", body)["id"] != call:
            shift.faults.append(f"key {body['key']} said twice gave two calls")
    if chance.random() < UNDONE:
        shift.undone += 1
        key = str(uuid4())
        _ask(line, agent, f"calls/{call}/undo/", {"key": key})
        shift.keys.append(key)
        _log(line, agent, shift, _outcome(chance) | {"engagement": engagement, "claim": card["claim"]})


def _log(line: Line, agent: Agent, shift: Shift, body: dict[str, Any]) -> str:
    call: str = _ask(line, agent, "calls/", body)["id"]
    shift.keys.append(body["key"])
    return call


def _outcome(chance: random.Random) -> dict[str, Any]:
    code = chance.choices(list(OUTCOMES), weights=list(OUTCOMES.values()))[0]
    later = (clock.now() + timedelta(days=2)).isoformat()
    more: dict[str, dict[str, Any]] = {
        "REF": {"reason": "Déjà équipé"},
        "RAP": {"callback_at": later},
        "DOC": {"callback_at": later},
        "RDV": {"appointment": {"starts_at": later, "kind": "on_site"}},
        "RDVT": {"appointment": {"starts_at": later, "kind": "phone"}},
    }
    return {"key": str(uuid4()), "outcome": code, "seconds": 30, "note": "Dit au téléphone."} | more.get(code, {})


def _ask(line: Line, agent: Agent, path: str, body: object = None) -> Any:
    return json.loads(line.demand(written("POST", f"/api/v1/{path}", agent.bearer, body)))


def _held_by_two(shifts: list[Shift]) -> list[str]:
    """In a minute no contact comes back to the queue: whoever was given one is the only one."""
    given: dict[str, list[int]] = defaultdict(list)
    for number, shift in enumerate(shifts):
        for contact in shift.contacts:
            given[contact].append(number)
    return [f"contact {contact} was given to {numbers}" for contact, numbers in given.items() if len(numbers) > 1]


def _lost_or_doubled(house: House, shifts: list[Shift]) -> list[str]:
    sql = "SELECT key::text FROM prospecting_call WHERE mission_id = %s"
    acknowledged = Counter(key for shift in shifts for key in shift.keys)
    found = Counter(key for (key,) in run(sql, [house.mission.pk]))
    lost, extra = acknowledged - found, found - acknowledged
    return [f"lost: {key}" for key in lost] + [f"never acknowledged, or doubled: {key}" for key in extra]


def _lag(port: int, house: House, manager: Mapping[str, str]) -> float | None:
    """Seconds until the API's rates are what a count of the calls says; None when they are not in time."""
    began, request = time.monotonic(), written("GET", f"/api/v1/missions/{house.mission.slug}/rates/?by=agent", manager)
    counted = {key: tuple(counts) for key, *counts in run(COUNTED, [house.mission.pk])}
    while (passed := time.monotonic() - began) < WITHIN:
        rows = json.loads(Line(port).demand(request))["rows"]
        if {r["key"]: (r["dials"], r["reached"], r["argued"], r["converted"]) for r in rows} == counted:
            return passed
        time.sleep(0.1)
    return None
