"""The same numbers counted the slow way: plain Python over every call, sharing nothing with the SQL."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LOOK_BACK = timedelta(days=30)  # how long a talk may be credited with a conversion that happened elsewhere


@dataclass(frozen=True)
class Call:
    id: int
    contact: int
    agent: int
    at: datetime
    seconds: int
    dials: int
    answered: bool
    reached: bool
    argued: bool
    converted: bool


@dataclass(frozen=True)
class Contact:
    id: int
    mission: int
    file: int
    zone: str
    window_days: int


Cell = tuple[int, int, int, date]  # mission, file, agent, local day


def local_day(at: datetime, contact: Contact) -> date:
    return at.astimezone(ZoneInfo(contact.zone)).date()


def count(
    contacts: Iterable[Contact], calls: Iterable[Call], events: Mapping[int, datetime]
) -> tuple[dict[Cell, Counter[str]], set[tuple[int, int, int, int, date]]]:
    """The sums per cell, and every (mission, file, agent, contact, day) on which the contact was reached.

    `calls` are the live ones only; `events` are conversions outside a call, by contact.
    """
    cells: dict[Cell, Counter[str]] = defaultdict(Counter)
    reaches: set[tuple[int, int, int, int, date]] = set()
    by_contact = defaultdict(list)
    for call in calls:
        by_contact[call.contact].append(call)
    for contact in contacts:
        theirs = sorted(by_contact[contact.id], key=lambda call: (call.at, call.id))
        for (agent, day), counts in of_contact(contact, theirs, events.get(contact.id)).items():
            cells[contact.mission, contact.file, agent, day] += counts
        for call in theirs:
            if call.reached:
                reaches.add((contact.mission, contact.file, call.agent, contact.id, local_day(call.at, contact)))
                reaches.add((contact.mission, contact.file, 0, contact.id, local_day(call.at, contact)))
    return {cell: +counts for cell, counts in cells.items() if +counts}, reaches


def of_contact(contact: Contact, calls: list[Call], event: datetime | None) -> dict[tuple[int, date], Counter[str]]:
    out: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    talks = [call for call in calls if call.reached]
    won_at, credited = conversion(calls, talks, event)
    won = bool(talks) and won_at is not None and won_at >= talks[0].at
    if won:
        last_day = local_day(talks[0].at, contact) + timedelta(days=contact.window_days)
        won = local_day(won_at, contact) <= last_day

    def add(call: Call, **counts: int) -> None:
        out[call.agent, local_day(call.at, contact)].update(counts)

    for call in calls:
        add(call, seconds=call.seconds, dials=call.dials, talks=int(call.reached), argued=int(call.argued))
    if calls:
        add(calls[0], called0=1)
    if answers := [call for call in calls if call.answered]:
        add(answers[0], answered0=1)
    if talks:
        add(talks[0], talks0=1, first_won=int(won), argued0=int(any(call.argued for call in talks)))
    if len(talks) > 1:
        add(talks[1], talks1=1)
    for agent in {call.agent for call in talks}:
        own = [call for call in talks if call.agent == agent]
        won_it = won and credited is not None and credited.agent == agent
        add(own[0], pair_first=1, pair_argued=int(any(call.argued for call in own)), pair_won=int(won_it))
    if won and credited:
        rank = talks.index(credited)
        add(credited, won=1, won0=int(rank == 0), won1=int(rank == 1))
    elif won:
        out[0, local_day(talks[0].at, contact)].update(won=1, pair_won=1)
    return out


def conversion(calls: list[Call], talks: list[Call], event: datetime | None) -> tuple[datetime | None, Call | None]:
    """When the contact converted, and the call credited with it."""
    on_call = next((call for call in calls if call.converted), None)
    if event is None or (on_call and on_call.at <= event):
        return (on_call.at, on_call) if on_call else (None, None)
    before = [call for call in talks if call.at <= event]
    recent = before and before[-1].at > event - LOOK_BACK
    return event, before[-1] if recent else None
