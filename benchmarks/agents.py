"""200 agents at once for a minute, through the API, while a web process, the worker and the web server are killed (-9).

They work on two missions of one business that call the same numbers in the same order, each with one attempt left, so
that two agents often want the same last attempt at once. No contact may be held by two, no number dialled beyond its
cap, every acknowledged call is there once, and the rates must equal a count of the calls afterwards. A client that
loses its line sends the same request again, as the cockpit's outbox does.
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

AGENTS = 200
CAP = 4  # attempts on a number in 30 days, over both missions
DEATHS = ((0.3, "web child"), (0.5, "worker"), (0.7, "web"))  # after which part of the time who is killed
WITHIN = 60.0  # seconds after the last call: a killed worker's task comes back only after a while
PATIENCE = 60.0  # seconds in which a request that lost its line is sent again
OUTCOMES = {"NRP": 40, "OCC": 6, "STD": 10, "REFI": 14, "REF": 8, "RAP": 8, "DOC": 4, "RDV": 6, "RDVT": 2, "LEAD": 2}
SAID_TWICE, UNDONE = 0.10, 0.05  # how often the same request is sent again, and how often the outcome is taken back

# What a rule may say of a contact, of an hour, of an undo that waited for a server to come back.
REFUSALS = ("call_not_allowed", "claim_lapsed", "slot_", "too_late_to_undo")

ATTEMPTS = """
INSERT INTO prospecting_dial (organisation_id, mission_id, contact_id, engagement_id, phone, at, allowed, attempt,
                              reasons, rule_version, evidence)
SELECT c.organisation_id, c.mission_id, c.id,
       (SELECT min(id) FROM marketplace_engagement WHERE mission_id = %(mission)s), c.phone,
       %(at)s - interval '1 day' * (4 + n), true, true, '[]', 'bench', '{}'
FROM prospecting_contact c, generate_series(1, %(attempts)s) n WHERE c.mission_id = %(mission)s"""
BEYOND = """
SELECT phone, count(*) FROM prospecting_dial WHERE organisation_id = %s AND attempt GROUP BY phone HAVING count(*) > %s
UNION ALL SELECT 'twice under ' || claim_id_seen, count(*) FROM prospecting_dial
WHERE organisation_id = %s AND attempt AND claim_id_seen IS NOT NULL GROUP BY claim_id_seen HAVING count(*) > 1"""
NUMBERS = 8_000  # contacts of each mission, with the same numbers in both

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
    lost: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def measure(*, small: bool) -> bool:
    seconds, number = (15, 40) if small else (60, AGENTS)
    at = clock.now()
    first = House(at=at)
    second = House(at=at, beside=first)
    agents = [agent for house in (first, second) for agent in _staffed(house, number // 2)]
    manager = first.token_of_the_manager()
    _three_attempts_each(first)
    with servers.product("web", "worker", "beat", deaths=[(part * seconds, who) for part, who in DEATHS]) as port:
        shifts: list[Shift] = drive(agents, number, lambda: _shift(port, seconds), limit=seconds + 120).answers
        lags = [_lag(port, house, manager) for house in (first, second)]
    faults = [fault for shift in shifts for fault in shift.faults]
    faults += _held_by_two(shifts) + _lost_or_doubled([first, second], shifts) + _beyond_the_cap(first)
    if None in lags:
        faults.append(f"{WITHIN:.0f} s after the last call the rates were not what a count of the calls says")
    _tell(number, seconds, shifts)
    print(f"The rates equalled the count of the calls {max(lag or 0 for lag in lags):.1f} s after the last one.")
    print("\n".join(faults[:20]) or "No contact held by two, no number beyond its cap, no call lost, none doubled.")
    return not faults


def _tell(number: int, seconds: int, shifts: list[Shift]) -> None:
    calls, contacts = sum(len(shift.keys) for shift in shifts), sum(len(shift.contacts) for shift in shifts)
    print(f"{number} agents, {seconds} s: {contacts:,} contacts taken, {calls:,} rows acknowledged,", end=" ")
    print(f"{sum(s.twice for s in shifts)} requests sent twice, {sum(s.undone for s in shifts)} outcomes taken back,")
    refused = dict(sum((s.refused for s in shifts), Counter[str]()))
    print(f"refused by a rule: {refused}; {sum(s.lost for s in shifts)} lines lost.")


def _staffed(house: House, agents: int) -> list[Agent]:
    house.add_contacts(NUMBERS)
    return house.add_agents(agents)


def _three_attempts_each(house: House) -> None:
    """Made days ago for the first mission: the next one is the last that the law allows, whichever mission makes it."""
    run(ATTEMPTS, {"mission": house.mission.pk, "at": house.at, "attempts": CAP - 1})
    run("VACUUM (ANALYZE) prospecting_dial")


class Client:
    """One agent's line: opened again when it is lost, and the same request sent again until it is answered."""

    def __init__(self, port: int, agent: Agent, shift: Shift) -> None:
        self.port, self.agent, self.shift = port, agent, shift
        self.line: Line | None = None

    def ask(self, path: str, body: object = None) -> Any:
        """What a success answers; None for a contact that the rules or the clock have taken from this hand."""
        request = written("POST", f"/api/v1/{path}", self.agent.bearer, body)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.line = self.line or Line(self.port)
                status, answer = self.line.ask(request)
                break
            except (OSError, IndexError, ValueError):
                self.line, self.shift.lost = None, self.shift.lost + 1
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
        if status in (400, 409) and (code := json.loads(answer)["code"]).startswith(REFUSALS):
            self.shift.refused[code] += 1
            return None
        if status == 404 and path.startswith("claims/"):  # a dial that was refused while its answer was lost
            self.shift.refused["claim_gone"] += 1
            return None
        if not 200 <= status < 300:
            raise AssertionError(f"HTTP {status} {path}: {answer[:300].decode(errors='replace')}")
        return json.loads(answer)


def _shift(port: int, seconds: float) -> Callable[[Agent], Shift]:
    def work(agent: Agent) -> Shift:
        shift, chance, until = Shift(), random.Random(agent.user.email), time.monotonic() + seconds
        client = Client(port, agent, shift)
        try:
            while time.monotonic() < until:
                _one_contact(client, shift, chance)
        except Exception as error:
            shift.faults.append(f"{agent.user}: {type(error).__name__} {error}")
        return shift

    return work


def _one_contact(client: Client, shift: Shift, chance: random.Random) -> None:
    engagement = str(client.agent.engagement.public_id)
    card = client.ask(f"engagements/{engagement}/next-contact/")["card"]
    if card is None:
        time.sleep(0.5)
        return
    shift.contacts.append(card["contact"])
    if client.ask(f"claims/{card['claim']}/dial/") is None:
        return
    said = {"engagement": engagement, "claim": card["claim"]}
    body = _outcome(chance) | said
    call = _log(client, shift, body)
    if chance.random() < SAID_TWICE:
        shift.twice += 1
        if client.ask("calls/", body)["id"] != call:
            shift.faults.append(f"key {body['key']} said twice gave two calls")
    if chance.random() < UNDONE:
        key = str(uuid4())
        if client.ask(f"calls/{call}/undo/", {"key": key}) is None:
            return
        shift.undone += 1
        shift.keys.append(key)
        _log(client, shift, _outcome(chance) | said)


def _log(client: Client, shift: Shift, body: dict[str, Any]) -> str:
    """A slot that another agent has just taken: the same call with another outcome, under another key."""
    answer = client.ask("calls/", body)
    if answer is None:
        body |= {"key": str(uuid4()), "outcome": "REFI"}
        answer = client.ask("calls/", body)
    shift.keys.append(body["key"])
    return str(answer["id"])


def _outcome(chance: random.Random) -> dict[str, Any]:
    code = chance.choices(list(OUTCOMES), weights=list(OUTCOMES.values()))[0]
    later = (clock.now() + timedelta(days=40)).isoformat()  # past the cap: this was the last attempt of its 30 days
    slot = (clock.now() + timedelta(weeks=1 + chance.randrange(3), minutes=30 * chance.randrange(6))).isoformat()
    more: dict[str, dict[str, Any]] = {
        "REF": {"reason": "Déjà équipé"},
        "RAP": {"callback_at": later},
        "DOC": {"callback_at": later},
        "RDV": {"appointment": {"starts_at": slot, "kind": "on_site"}},
        "RDVT": {"appointment": {"starts_at": slot, "kind": "phone"}},
    }
    return {"key": str(uuid4()), "outcome": code, "seconds": 30, "note": "Dit au téléphone."} | more.get(code, {})


def _held_by_two(shifts: list[Shift]) -> list[str]:
    """In a minute no contact comes back to the queue: whoever was given one is the only one."""
    given: dict[str, list[int]] = defaultdict(list)
    for number, shift in enumerate(shifts):
        for contact in shift.contacts:
            given[contact].append(number)
    return [f"contact {contact} was given to {numbers}" for contact, numbers in given.items() if len(numbers) > 1]


def _lost_or_doubled(houses: list[House], shifts: list[Shift]) -> list[str]:
    sql = "SELECT key::text FROM prospecting_call WHERE mission_id = ANY(%s)"
    acknowledged = Counter(key for shift in shifts for key in shift.keys)
    found = Counter(key for (key,) in run(sql, [[house.mission.pk for house in houses]]))
    lost, extra = acknowledged - found, found - acknowledged
    return [f"lost: {key}" for key in lost] + [f"never acknowledged, or doubled: {key}" for key in extra]


def _beyond_the_cap(house: House) -> list[str]:
    organisation = house.mission.organisation_id
    return [f"{what}: dialled {times} times" for what, times in run(BEYOND, [organisation, CAP, organisation])]


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
