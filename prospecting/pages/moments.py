"""The moments that the cockpit offers with one press, for a callback or an appointment: only such as may be kept."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _

from config import typography
from config.errors import Invalid
from prospecting.reasons import near
from prospecting.rules.calling_rules import Facts, may_call
from prospecting.rules.hours import slots
from prospecting.rules.regimes import Regime, regime
from prospecting.rules.territories import TERRITORIES

HALF_DAYS_OFFERED, DAYS_OFFERED = 4, 5


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant offered with one press: what the API takes, and what one reads."""

    value: str
    label: str
    hour: str = ""


def callback_moments(facts: Facts, at: datetime, *, dialled: bool) -> list[Moment]:
    """In one hour, then half an hour after the next half-days open, as far as the rules allow each.

    A number that has had its attempts cannot be called back this month, whatever was said: then the first time it can.
    """
    if not dialled:  # the promise will be made in a call that is still to come
        facts = replace(facts, attempts=(*facts.attempts, at))
    wanted = _wanted(facts, at)
    decisions = [may_call(replace(facts, agreed_at=moment), moment) for moment in wanted]
    kept = [moment for moment, decision in zip(wanted, decisions, strict=True) if decision.allowed]
    later = decisions[-1].next_at
    return [_moment(moment, facts.territory, at) for moment in kept or ([later] if later else [])]


def working_days(territory: str, rules: Regime, at: datetime) -> list[Moment]:
    """The next working days after today, on the contact's calendar."""
    today = at.astimezone(TERRITORIES[territory].zone).date()
    openings = islice(slots(territory, rules, at), len(rules.windows) * (DAYS_OFFERED + 1))
    days = sorted({slot.opens.date() for slot in openings} - {today})
    return [Moment(day.isoformat(), typography.short_day(day)) for day in days[:DAYS_OFFERED]]


def _wanted(facts: Facts, at: datetime) -> list[datetime]:
    openings = list(islice(slots(facts.territory, regime(facts.regime, at), at), HALF_DAYS_OFFERED))
    soon = _in_an_hour(at)
    later = [slot.opens + timedelta(minutes=30) for slot in openings if slot.opens > at]
    return [soon, *later] if openings[0].holds(soon) else later


def _in_an_hour(at: datetime) -> datetime:
    soon = at + timedelta(hours=1)
    return soon.replace(minute=soon.minute - soon.minute % 5, second=0, microsecond=0)


def _moment(moment: datetime, territory: str, at: datetime) -> Moment:
    zone = TERRITORIES[territory].zone
    there = moment.astimezone(zone)
    hour = typography.clock(there, zone.key)
    day = near(there, at, zone.key).removesuffix(hour).strip() or _("aujourd’hui")
    return Moment(there.isoformat(), _("dans 1 h") if moment == _in_an_hour(at) else day, hour)


def instant(text: str) -> datetime:
    """What a form sends for a slot: an ISO instant with its zone. Raises Invalid on "starts_at"."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("slot_required", _("Choisissez une heure."), field="starts_at")
    return found
