"""May somebody be called on this basis, and until when? A consent, a contract in force, a requested callback. Pure.

Consent for the telephone: Consumer Code L.223-1 as of 11 August 2026: freely given, specific, told of five things, for
this business and this object, proved by the one who calls, withdrawn as easily as it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final

from prospecting.rules.hours import is_working_day
from prospecting.rules.regimes import Regime
from prospecting.rules.territories import TERRITORIES
from prospecting.rules.words import folded

CONSENT: Final = "consent"
CONTRACT: Final = "contract"
REQUESTED: Final = "requested"
# What a consent must have told and kept: who will call (and any third party for them) and for what goods, a real yes,
# for how long, how to withdraw, how to get the proof.
MENTIONS: Final = ("who", "answer", "period", "withdraw", "proof")
YES: Final = frozenset({"oui", "o", "yes", "y", "1", "true", "vrai", "x", "ok", "opt-in", "optin", "accepte", "accord"})
NO: Final = frozenset({"non", "n", "no", "0", "false", "faux", "opt-out", "optout", "refus", "refuse"})


@dataclass(frozen=True, slots=True)
class Stated:
    """What a business says of why it may call somebody. Instants are aware.

    about: the goods or services. source: where it was collected. ends_at: the end that was agreed, if any.
    mentions: {one of MENTIONS: the words that the person read, or their answer}; asked of a consent only.
    """

    kind: str
    collected_at: datetime | None
    about: str = ""
    source: str = ""
    ends_at: datetime | None = None
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nobody may be called on it. `part` is the part of `Stated` that is wrong, or one of MENTIONS."""

    code: str
    part: str


def basis_problem(
    stated: Stated, *, business: str, rules: Regime, at: datetime, territory: str = "FR"
) -> Problem | None:
    """The first thing that keeps it from being a valid basis at this instant; None when it is one.

    Codes: basis_kind, basis_date_missing, basis_in_future, basis_about_missing, basis_source_missing, mention_missing,
    consent_refused, consent_unclear, consent_for_another, basis_expired.
    """
    if stated.kind not in rules.bases:
        return Problem("basis_kind", "kind")
    if stated.collected_at is None:
        return Problem("basis_date_missing", "collected_at")
    if stated.collected_at > at:
        return Problem("basis_in_future", "collected_at")
    if not stated.about.strip():
        return Problem("basis_about_missing", "about")
    if not stated.source.strip():
        return Problem("basis_source_missing", "source")
    if stated.kind == CONSENT and (problem := _consent_problem(stated.mentions, business)):
        return problem
    if basis_until(stated, rules=rules, territory=territory) <= at:
        return Problem("basis_expired", "collected_at")
    return None


def basis_until(stated: Stated, *, rules: Regime, territory: str = "FR") -> datetime:
    """The instant at which it no longer allows a call. `collected_at` must be known.

    A consent lasts 365 days, its day 366 blocks; a requested call may be made until the end of the fifth working day
    after it; a contract as long as it was last known to be in force. An end that was agreed sooner comes first.
    """
    if stated.collected_at is None:
        raise ValueError("a basis without a date has no end")
    collected = stated.collected_at.astimezone(UTC)
    if stated.kind == REQUESTED:
        until = _end_of_working_day(collected, rules, territory)
    elif stated.kind == CONTRACT:
        until = stated.ends_at.astimezone(UTC) if stated.ends_at else collected + rules.contract_lasts
    else:
        until = collected + rules.consent_lasts
    return min(until, stated.ends_at.astimezone(UTC)) if stated.ends_at else until


def _consent_problem(mentions: Mapping[str, str], business: str) -> Problem | None:
    for mention in MENTIONS:
        if not mentions.get(mention, "").strip():
            return Problem("mention_missing", mention)
    answer = folded(mentions["answer"]).strip(" .!")
    if answer in NO or answer.startswith(("non ", "non,", "je refuse", "je n'accepte", "je ne ")):
        return Problem("consent_refused", "answer")
    if answer not in YES and not answer.startswith(("oui ", "oui,", "j'accepte", "je consens", "i agree", "yes ")):
        return Problem("consent_unclear", "answer")
    if folded(business) not in folded(mentions["who"]):
        return Problem("consent_for_another", "who")
    return None


def _end_of_working_day(collected: datetime, rules: Regime, territory: str) -> datetime:
    zone = TERRITORIES[territory].zone
    day, left = collected.astimezone(zone).date(), rules.request_lasts
    while left:
        day += timedelta(days=1)
        left -= is_working_day(territory, rules, day)
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
