"""What the cockpit shows of the contact in hand: one read, a fixed number of queries, frozen dataclasses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from config import typography
from config.rows import rows
from marketplace.models import Engagement
from prospecting.accepting import criteria_of
from prospecting.cards import without_numbers
from prospecting.facts import facts_of
from prospecting.models import Appointment, Callback, Claim, Contact, Dial, Outcome
from prospecting.pages.keypad import NOT_REACHED, OPPOSED, REACHED, SMALL, Key, keypad
from prospecting.pages.moments import Moment, callback_moments, working_days
from prospecting.queue import promises
from prospecting.reasons import near, sentence
from prospecting.rules.calling_rules import Decision, may_call
from prospecting.rules.regimes import regime, regime_for
from prospecting.rules.territories import PARIS, TERRITORIES
from prospecting.script import Piece, pieces

TODAY = """
SELECT (SELECT count(*) FROM prospecting_dial WHERE engagement_id = %(engagement)s AND at >= %(midnight)s AND allowed),
       count(*) FILTER (WHERE reached), count(*) FILTER (WHERE converted)
FROM prospecting_call c
WHERE engagement_id = %(engagement)s AND started_at >= %(midnight)s AND NOT void
  AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = c.id)
"""
COLUMNS_SHOWN = 4
PROMISES_READ, PROMISES_SHOWN = 100, 12
CALLS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Past:
    """A call made before to this contact: when, and what came of it."""

    day: str
    hour: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the script, numbered. `questions` and `answers` (to objections) only where it has some."""

    number: int
    title: str
    text: list[Piece]
    questions: list[dict[str, Any]]
    answers: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Desk:
    """The contact in hand and everything said, asked and decided about it, at one instant."""

    claim: Claim
    contact: Contact
    dial: Dial | None
    decision: Decision
    why_not: str
    closes: str
    zone: str
    clock_there: str
    elsewhere: bool  # the contact's clock is not the one of Paris
    attempt: int
    attempts_allowed: int
    past: list[Past]
    script: list[Block]
    required: int
    criteria: list[dict[str, str]]
    columns: list[tuple[str, str]]
    more_columns: list[tuple[str, str]]
    not_reached: list[Key]
    reached: list[Key]
    small: list[Key]
    opposed: list[Key]
    callback_moments: list[Moment]
    days: list[Moment]
    consent: bool  # called on a consent, which the person may take back on the phone
    seconds: int  # since the dial, 0 before it

    @property
    def all_keys(self) -> list[Key]:
        return [*self.not_reached, *self.reached, *self.small, *self.opposed]

    @property
    def refusals(self) -> list[str]:
        """What is heard most: chosen with one press; anything else is typed."""
        heard = (_("déjà équipé"), _("pas de besoin"), _("trop cher"), _("pas le moment"), _("décidé ailleurs"))
        return list(heard)

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        return Appointment.Kind.choices

    @property
    def place(self) -> str:
        """Where an appointment on site would be, unless the agent says otherwise."""
        town = f"{self.contact.postal_code} {self.contact.city}".strip()
        return ", ".join(part for part in (self.contact.address, town) if part)

    @property
    def also(self) -> list[str]:
        """The other rows of the file that have this number, each in one line."""
        shown = ("company", "first_name", "last_name", "job_title", "city")
        return [", ".join(str(row[name]) for name in shown if row.get(name)) for row in self.contact.also_at]

    @property
    def person(self) -> str:
        return full_name(self.contact)

    @property
    def title(self) -> str:
        return self.contact.company or self.person or typography.masked(self.contact.phone)


@dataclass(frozen=True, slots=True)
class Day:
    """The agent's own figures of today under this engagement."""

    dials: int
    reached: int
    converted: int
    earned_cents: int


def in_hand(engagement: Engagement, at: datetime) -> Claim | None:
    """The claim this agent holds, without taking one."""
    held = Claim.objects.filter(engagement=engagement, expires_at__gt=at)
    return held.select_related("contact__mission__organisation", "contact__lead_file").first()


def desk(claim: Claim, engagement: Engagement, at: datetime) -> Desk:
    contact, mission = claim.contact, claim.contact.mission
    rules = regime(regime_for(mission.regime, contact.kind), at)
    facts = facts_of(contact, at)
    dial = Dial.objects.filter(claim_id_seen=claim.public_id, allowed=True).first()
    decision = may_call(facts, at)
    outcomes = list(Outcome.objects.all().for_mission(mission))
    keys = keypad(outcomes, contact, engagement, rules, at, attempts=contact.attempts + (dial is None))
    zone = TERRITORIES[contact.territory].zone
    told = contact.columns if dial else without_numbers(contact.columns)
    columns = _columns(contact, told)
    script = _script(engagement, contact, told)
    return Desk(
        claim=claim,
        contact=contact,
        dial=dial,
        decision=decision,
        why_not=sentence(decision, at),
        closes=typography.clock(decision.closes_at, zone.key) if decision.closes_at else "",
        zone=zone.key,
        clock_there=typography.clock(at, zone.key),
        elsewhere=at.astimezone(zone).utcoffset() != at.astimezone(PARIS).utcoffset(),
        attempt=len(facts.attempts) + (0 if dial else 1),
        attempts_allowed=min(mission.max_attempts, rules.most_attempts),
        past=_past(contact, outcomes),
        script=script,
        required=sum(bool(question.get("required")) for block in script for question in block.questions),
        criteria=criteria_of(engagement),
        columns=columns[:COLUMNS_SHOWN],
        more_columns=columns[COLUMNS_SHOWN:],
        not_reached=[keys[digit] for digit in NOT_REACHED if digit in keys],
        reached=[keys[digit] for digit in REACHED if digit in keys],
        small=[keys[digit] for digit in SMALL if digit in keys],
        opposed=[keys[OPPOSED]] if OPPOSED in keys else [],
        callback_moments=callback_moments(facts, at, dialled=dial is not None),
        days=working_days(contact.territory, rules, at),
        consent=rules.needs_basis,
        seconds=int((at - dial.at).total_seconds()) if dial else 0,
    )


def today(engagement: Engagement, at: datetime, *, on_the_line: bool = False) -> Day:
    """Counted since midnight in the mission's time zone. A call still on the line counts once it has its outcome."""
    zone = ZoneInfo(engagement.mission.time_zone)
    midnight = datetime.combine(at.astimezone(zone).date(), time(), zone)
    [(dials, reached, converted)] = rows(TODAY, {"engagement": engagement.pk, "midnight": midnight})
    return Day(dials - on_the_line, reached, converted, converted * engagement.pay_cents)


def promised(engagement: Engagement, at: datetime) -> tuple[int, list[tuple[str, Callback]]]:
    """How many callbacks are due until tonight, and the next ones, each with its moment."""
    zone = ZoneInfo(engagement.mission.time_zone)
    tonight = datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(), zone)
    due = list(promises(engagement=engagement)[:PROMISES_READ])
    shown = [(near(one.due_at, at, zone.key), one) for one in due[:PROMISES_SHOWN]]
    return sum(one.due_at < tonight for one in due), shown


def full_name(contact: Contact) -> str:
    return f"{contact.first_name} {contact.last_name}".strip()


def _columns(contact: Contact, told: dict[str, str]) -> list[tuple[str, str]]:
    """The file's own columns, in its order (a database's JSON forgets it), without the empty ones."""
    order = {name.replace("_", " "): place for place, name in enumerate(contact.lead_file.columns)}
    filled = [(name.replace("_", " "), str(value)) for name, value in told.items() if str(value).strip()]
    return sorted(filled, key=lambda column: order.get(column[0], len(order)))


def _past(contact: Contact, outcomes: Iterable[Outcome]) -> list[Past]:
    labels = {outcome.code: outcome.label for outcome in outcomes}
    calls = contact.calls.filter(void=False, corrected_by=None).order_by("-started_at", "-id")[:CALLS_SHOWN]
    zone = contact.mission.time_zone
    return [
        Past(
            day=typography.short_day(call.started_at, zone),
            hour=typography.clock(call.started_at, zone),
            what=labels.get(call.outcome, call.outcome),
            note=call.note,
        )
        for call in calls
    ]


def _script(engagement: Engagement, contact: Contact, told: dict[str, str]) -> list[Block]:
    values = merge_values(engagement, contact, told)
    return [
        Block(
            number=number,
            title=_title(block.get("kind", "")),
            text=pieces(block.get("text", ""), values),
            questions=block.get("questions", []),
            answers=[
                {"label": answer["label"], "text": pieces(answer["text"], values)}
                for answer in block.get("answers", [])
            ],
        )
        for number, block in enumerate(contact.mission.script, 1)
    ]


def _title(kind: str) -> str:
    titles = {
        "who": _("Qui"),
        "why": _("Pourquoi"),
        "questions": _("Questions"),
        "offer": _("Proposer"),
        "closing": _("Conclure"),
        "objections": _("Objections"),
    }
    return titles.get(kind, "")


def merge_values(engagement: Engagement, contact: Contact, told: dict[str, str]) -> dict[str, str]:
    """What the {fields} of a script stand for, under their English and French names, then every column of the file."""
    mission = contact.mission
    values = {
        ("contact", "person", "interlocuteur"): full_name(contact),
        ("first_name", "prénom"): contact.first_name,
        ("last_name", "name", "nom"): contact.last_name,
        ("job_title", "fonction"): contact.job_title,
        ("company", "entreprise"): contact.company or full_name(contact),
        ("city", "ville"): contact.city,
        ("postal_code", "code postal"): contact.postal_code,
        ("agent", "téléprospecteur"): engagement.label,
        ("organisation", "client"): mission.organisation.name,
        ("organisation_city", "ville du client"): mission.organisation.city,
        ("mission",): mission.title,
    }
    columns = {name: str(value) for name, value in told.items()}
    return columns | {name: value for names, value in values.items() for name in names}
