"""Six weeks of calls, played call by call under the rules: agents who differ, files that differ, hours that differ."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from uuid import UUID

from django.db import connection

from marketplace.criteria import ANSWER, YES
from marketplace.models import Engagement, Mission
from prospecting.following import required_questions
from prospecting.models import Appointment, Call, Callback, Contact, Dial, Outcome
from prospecting.rules.hours import Slot, next_working_slot, slots
from prospecting.rules.regimes import Regime, regime
from prospecting.rules.retries import retry_at

HOURS = {9: -0.2, 10: 0.1, 11: 0.35, 12: -0.15, 13: -0.2, 14: 0.0, 15: 0.1, 16: 0.3, 17: 0.3, 18: 0.0}  # on reaching
NOT_REACHED = {"NRP": 44, "REP": 22, "REPM": 5, "OCC": 7, "STD": 9, "ABS": 9, "FNUM": 3, "ERR": 1}
NOT_CONVERTED = {"REFI": 24, "REF": 36, "RAP": 17, "RAPA": 8, "PROJ": 5, "HC": 5, "CLI": 3, "OPP": 2}
REASONS = ("déjà un prestataire", "pas le budget", "trop tôt", "décision au siège", "n’organise plus rien")
NOTES = (
    "",
    "",
    "",
    "rappeler en fin de matinée",
    "très occupé, reste aimable",
    "passe par le secrétariat",
    "budget en janvier",
)
ANSWERS = {"couverts": ("80", "une centaine", "120 environ"), "decision": ("15 janvier", "fin décembre")}
FATES = ("held", "held", "held", "held", "held", "held", "prospect_absent", "moved", "cancelled", "client_absent")


@dataclass(frozen=True)
class Habit:
    """How one agent works: skill moves the odds of converting (log scale), `pace` is dials per open hour, pauses and
    other work included."""

    skill: float
    pace: float
    days: frozenset[int]
    mornings: bool = True
    afternoons: bool = True


@dataclass(frozen=True)
class Quality:
    """What a file is worth, on the log-odds scale: of reaching somebody at one dial, of converting whom one reached."""

    reach: float
    convert: float


@dataclass
class Played:
    dials: list[Dial] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    opposed: list[tuple[str, datetime]] = field(default_factory=list)


class Shifts:
    """Plays the shifts of one mission from `since` to `until`; `rows` holds what is to be saved."""

    def __init__(
        self, mission: Mission, contacts: Sequence[Contact], quality: dict[int, Quality], rng: Random, until: datetime
    ) -> None:
        self.mission, self.quality, self.rng, self.until = mission, quality, rng, until
        self.outcomes = {outcome.code: outcome for outcome in Outcome.objects.for_mission(mission)}
        self.rules: Regime = regime(mission.regime, until)
        self.fresh = deque(sorted(contacts, key=lambda contact: contact.deal))
        self.due: list[tuple[datetime, int, Contact]] = []
        self.promised: dict[int, list[tuple[datetime, int, Contact, Callback]]] = {}
        self.order = count()
        self.rows = Played()

    def play(self, agents: Sequence[tuple[Engagement, Habit]], since: datetime) -> Played:
        events = sorted(
            (at, number) for number, (_who, habit) in enumerate(agents) for at in self._dial_times(habit, since)
        )
        for at, number in events:
            engagement, habit = agents[number]
            contact, promise = self._next(engagement, at)
            if contact is not None:
                self._call(engagement, habit, contact, promise, at)
        return self.rows

    def _dial_times(self, habit: Habit, since: datetime) -> Iterator[datetime]:
        for slot in self._worked(habit, since):
            at = slot.opens + timedelta(seconds=self.rng.uniform(60, 900))
            while at < slot.closes - timedelta(minutes=3) and at < self.until:
                yield at
                at += timedelta(seconds=self.rng.gammavariate(2.0, 3600 / habit.pace / 2.0) + 60)

    def _worked(self, habit: Habit, since: datetime) -> Iterator[Slot]:
        for slot in slots("FR", self.rules, since):
            if slot.opens >= self.until:
                return
            half = habit.mornings if slot.opens.hour < 13 else habit.afternoons
            if half and slot.opens.weekday() in habit.days:
                yield slot

    def _next(self, engagement: Engagement, at: datetime) -> tuple[Contact | None, Callback | None]:
        mine = self.promised.get(engagement.pk, [])
        if mine and mine[0][0] <= at:
            _due, _n, contact, promise = heappop(mine)
            return contact, promise
        if self.due and self.due[0][0] <= at:
            return heappop(self.due)[2], None
        return (self.fresh.popleft(), None) if self.fresh else (None, None)

    def _call(
        self, engagement: Engagement, habit: Habit, contact: Contact, promise: Callback | None, at: datetime
    ) -> None:
        contact.attempts += 1
        outcome = self.outcomes[self._draw(habit, contact, promise, at)]
        call = self._record(engagement, contact, outcome, at)
        if promise is not None:
            promise.state, promise.kept_in = Callback.State.KEPT, call
            if (contact.row_number or 0) % 6:  # most were agreed for an hour at which this agent works
                promise.due_at = at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
        self._follow(engagement, contact, outcome, call, at)

    def _draw(self, habit: Habit, contact: Contact, promise: Callback | None, at: datetime) -> str:
        worth = self.quality[contact.lead_file_id]
        reach = worth.reach + HOURS.get(at.hour, 0.0) - 0.12 * (contact.attempts - 1) + (1.6 if promise else 0.0)
        if self.rng.random() > _odds(reach):
            return self._among(NOT_REACHED)
        if self.rng.random() < _odds(worth.convert + habit.skill + (0.4 if promise else 0.0)):
            return {"appointment": "RDV", "sale": "VTE"}.get(self.mission.objective, "LEAD")
        last = contact.attempts >= self.mission.max_attempts  # the law lets nobody keep a promise beyond the cap
        return self._among({code: n for code, n in NOT_CONVERTED.items() if not (last and code.startswith("RAP"))})

    def _among(self, weights: dict[str, int]) -> str:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def _record(self, engagement: Engagement, contact: Contact, outcome: Outcome, at: datetime) -> Call:
        dial = Dial(
            organisation_id=contact.organisation_id, mission=self.mission, contact=contact, engagement=engagement,
            claim_id_seen=self._uuid(), phone=contact.phone or "", at=at, allowed=True, attempt=outcome.attempt,
            rule_version=self.rules.version, evidence={"allowed": True, "demo": True},
        )  # fmt: skip
        call = Call(
            organisation_id=contact.organisation_id, mission=self.mission, contact=contact, engagement=engagement,
            dial=dial, key=self._uuid(), phone=contact.phone or "", started_at=at, logged_at=at + timedelta(minutes=2),
            seconds=self._seconds(outcome), outcome=outcome.code, valid=outcome.valid, answered=outcome.answered,
            reached=outcome.reached, argued=outcome.argued, converted=outcome.converted, final=outcome.final,
            refusal=outcome.refusal, reason=self.rng.choice(REASONS) if outcome.reason_required else "",
            note=self.rng.choice(NOTES), answers=self._answers(contact) if outcome.converted else {},
        )  # fmt: skip
        self.rows.dials.append(dial)
        self.rows.calls.append(call)
        return call

    def _answers(self, contact: Contact) -> dict[str, str]:
        """The required questions answered, most criteria ticked; drawn apart, so that the rest of the world stays."""
        rng = Random(contact.row_number or 0)  # noqa: S311 - the same world everywhere
        asked = required_questions(self.mission.script)
        said = {one["key"]: rng.choice(ANSWERS.get(one["key"], ("oui",))) for one in asked}
        ticks = {ANSWER + one["key"]: YES for one in self.mission.criteria if rng.random() < 0.9}
        return said | ticks

    def _seconds(self, outcome: Outcome) -> int:
        mean = 240 if outcome.converted else 120 if outcome.argued else 45 if outcome.answered else 18
        return int(self.rng.gammavariate(3.0, mean / 3.0)) + 2

    def _uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def _follow(self, engagement: Engagement, contact: Contact, outcome: Outcome, call: Call, at: datetime) -> None:
        contact.next_at, contact.callback_for = None, None
        match outcome.then:
            case Outcome.Then.CALLBACK:
                self._promise(engagement, contact, call, at)
            case Outcome.Then.RETRY:
                self._retry(contact, outcome, at)
            case Outcome.Then.CONVERT:
                contact.state = Contact.State.CONVERTED
                if outcome.appointment:
                    self._book(engagement, contact, call, at)
            case Outcome.Then.OPPOSE:
                contact.state, contact.blocked_reason = Contact.State.BLOCKED, "opposed"
                self.rows.opposed.append((contact.phone or "", at))
            case _:
                contact.state = Contact.State.CLOSED

    def _promise(self, engagement: Engagement, contact: Contact, call: Call, at: datetime) -> None:
        hours = self.rng.randint(20, 130)
        due = next_working_slot(contact.territory, self.rules, at + timedelta(hours=hours)).replace(
            second=0, microsecond=0
        )
        due += timedelta(minutes=15 * self.rng.randint(0, 8))
        promise = Callback(
            organisation_id=contact.organisation_id, mission=self.mission, contact=contact, engagement=engagement,
            made_in=call, due_at=due,
        )  # fmt: skip
        self.rows.callbacks.append(promise)
        contact.state, contact.next_at, contact.callback_for = Contact.State.CALLBACK, due, engagement
        heappush(self.promised.setdefault(engagement.pk, []), (due, next(self.order), contact, promise))

    def _retry(self, contact: Contact, outcome: Outcome, at: datetime) -> None:
        if outcome.asks_date:
            again = next_working_slot(contact.territory, self.rules, at + timedelta(days=self.rng.randint(20, 90)))
        elif contact.attempts >= self.mission.max_attempts:
            contact.state = Contact.State.EXHAUSTED
            return
        else:
            again = retry_at(outcome.code, at, contact.territory, self.rules) or at + timedelta(days=1)
        contact.state, contact.next_at = Contact.State.RETRY, again
        heappush(self.due, (again, next(self.order), contact))

    def _book(self, engagement: Engagement, contact: Contact, call: Call, at: datetime) -> None:
        when = next_working_slot("FR", self.rules, at + timedelta(days=self.rng.randint(2, 11)))
        when = when.replace(minute=self.rng.choice((0, 30)), second=0, microsecond=0)
        past = when < self.until
        self.rows.appointments.append(
            Appointment(
                organisation_id=contact.organisation_id, mission=self.mission, contact=contact, engagement=engagement,
                call=call, kind=Appointment.Kind.ON_SITE, starts_at=when, minutes=self.mission.slot_minutes,
                ends_at=when + timedelta(minutes=self.mission.slot_minutes), email=contact.email,
                place=f"{contact.address}, {contact.postal_code} {contact.city}".strip(", "),
                booked_at=at, state=self.rng.choice(FATES) if past else Appointment.State.BOOKED, told_sequence=0,
            )
        )  # fmt: skip


def save(played: Iterable[Played], contacts: Iterable[Contact]) -> None:
    """Everything in bulk: the marks of the rates come from the statement triggers, as for any other call."""
    for rows in played:
        Dial.objects.bulk_create(rows.dials, batch_size=1000)
        Call.objects.bulk_create(rows.calls, batch_size=1000)
        Callback.objects.bulk_create(rows.callbacks, batch_size=1000)
        Appointment.objects.bulk_create(rows.appointments, batch_size=1000)
    _update(contacts)


# One statement: Django's bulk_update builds a CASE per value, which takes longer than all the rest of the demo.
UPDATE = """
UPDATE prospecting_contact c
SET state = v.state, attempts = v.attempts, next_at = v.next_at, callback_for_id = v.callback_for_id,
    blocked_reason = v.blocked_reason, deal = v.deal
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::timestamptz[], %s::bigint[], %s::text[], %s::float8[])
     AS v (id, state, attempts, next_at, callback_for_id, blocked_reason, deal)
WHERE c.id = v.id"""
FIELDS = ("id", "state", "attempts", "next_at", "callback_for_id", "blocked_reason", "deal")


def _update(contacts: Iterable[Contact]) -> None:
    rows = list(contacts)
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [[getattr(row, name) for row in rows] for name in FIELDS])


def _odds(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
