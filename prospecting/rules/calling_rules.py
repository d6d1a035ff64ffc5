"""May this contact be called at this instant, and if not, why and from when? The facts and the clock are passed in.

Inside, instants are UTC: adding 30 days to a local time would lose or win an hour when the clocks change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from prospecting.rules.holidays import is_holiday
from prospecting.rules.hours import Slot, next_working_slot, slots
from prospecting.rules.regimes import Regime, regime, regime_for
from prospecting.rules.territories import TERRITORIES

LASTING: Final = ("no_number", "opposed", "no_basis", "unreviewed")  # they do not pass with time


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a contact. Instants are aware.

    regime: the mission's. kind: whom the law sees behind the number; a consumer, or somebody unclear, is called under
    the consumers' regime whatever the mission's.
    attempts: every dial of the last 30 days for (business, number), over all missions and agents, ERR left out.
    line_was_busy: the last of them, whoever made it, met a busy line.
    max_attempts: what the business chose, None for the regime's own.
    last_refusal_at: the last "not interested". agreed_at: the precise time of a callback that the person agreed to.
    basis_until: the end of the recorded legal basis that lasts longest, for a regime that needs one.
    """

    regime: str
    territory: str
    kind: str = "professional"
    has_number: bool = True
    opposed: bool = False
    attempts: tuple[datetime, ...] = ()
    line_was_busy: bool = False
    max_attempts: int | None = None
    last_refusal_at: datetime | None = None
    agreed_at: datetime | None = None
    basis_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that says no: its code, the version it was read in, and the figures of its sentence.

    Codes: no_number, opposed, no_basis, unreviewed (until somebody acts) ·
    cap, gap, cool_off (`until`) · weekend, holiday, outside_window.
    """

    code: str
    version: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """allowed: may dial now. next_at: the earliest instant at which every rule passes, None when that is never.

    closes_at: when allowed, the end of the opening that allows it. Instants come in the contact's own time.
    facts: what it was decided on.
    """

    allowed: bool
    reasons: tuple[Reason, ...]
    next_at: datetime | None
    closes_at: datetime | None
    rule_version: str
    facts: Facts | None = field(default=None, compare=False, repr=False)

    @property
    def lasting(self) -> str:
        """When there is no next time: the code of what keeps it so. A basis may also end before the next opening."""
        codes = [reason.code for reason in self.reasons if reason.code in LASTING]
        return codes[0] if codes else "no_basis"

    def told(self) -> dict[str, Any]:
        """What a refusal tells a program: the first rule against it, its version, and the next allowed time."""
        return {"reason": self.reasons[0].code, "rule_version": self.rule_version, "next_at": _iso(self.next_at)}

    def evidence(self) -> dict[str, Any]:
        """The decision and the facts it rests on as plain JSON values, to be stored beside the dial."""
        return {
            "allowed": self.allowed,
            "rule_version": self.rule_version,
            "reasons": [{"code": r.code, "version": r.version, **_plain(r.data)} for r in self.reasons],
            "next_at": _iso(self.next_at),
            "closes_at": _iso(self.closes_at),
            "facts": self.facts and _plain({name: getattr(self.facts, name) for name in Facts.__slots__}),
        }


def may_call(contact: Facts, at: datetime) -> Decision:
    """The decision at an instant, with every reason against it in the order in which the rules are checked."""
    at = at.astimezone(UTC)
    rules = regime(regime_for(contact.regime, contact.kind), at)
    reasons = tuple(Reason(code, rules.version, data) for code, data in _against(contact, rules, at))
    return Decision(
        allowed=not reasons,
        reasons=reasons,
        next_at=_next_at(contact, rules, at),
        closes_at=None if reasons else _closes_at(contact, rules, at),
        rule_version=rules.version,
        facts=contact,
    )


def _against(contact: Facts, rules: Regime, at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    if not contact.has_number:
        yield "no_number", {}
    if contact.opposed:
        yield "opposed", {}
    if _basis_is_missing(contact, rules, at):
        reviewed = rules.key == contact.regime
        yield ("no_basis", {"until": contact.basis_until}) if reviewed else ("unreviewed", {"kind": contact.kind})
    if (until := _cap_until(contact, rules)) and at < until:
        yield "cap", {"attempts": _cap(contact, rules), "days": rules.attempts_within.days, "until": until}
    if (until := _gap_until(contact, rules)) and at < until:
        yield "gap", {"hours": _hours(contact, rules), "until": until}
    if (until := _cool_off_until(contact, rules)) and at < until:
        yield "cool_off", {"days": rules.cool_off.days, "until": until}
    if _opening(contact, rules, at) is None:
        yield _why_closed(contact, rules, at)


def _basis_is_missing(contact: Facts, rules: Regime, at: datetime) -> bool:
    return rules.needs_basis and (contact.basis_until is None or contact.basis_until <= at)


def _cap(contact: Facts, rules: Regime) -> int:
    return min(contact.max_attempts or rules.max_attempts, rules.most_attempts)


def _cap_until(contact: Facts, rules: Regime) -> datetime | None:
    """When the oldest of the last n attempts leaves the rolling days: it counts until then, not at that instant."""
    cap, latest = _cap(contact, rules), sorted(contact.attempts, reverse=True)
    return latest[cap - 1].astimezone(UTC) + rules.attempts_within if len(latest) >= cap else None


def _gap_until(contact: Facts, rules: Regime) -> datetime | None:
    """The end of the gap; a time that the person agreed to ends the gap of the attempts before it.

    Ends it with its tolerance; but « rappelez dans dix minutes », said within it, ends it at that very time.
    """
    if not contact.attempts:
        return None
    last = max(contact.attempts).astimezone(UTC)
    until = last + (rules.busy_gap if contact.line_was_busy else rules.gap)
    agreed = _agreed_slot(contact, rules)
    if agreed is None or contact.agreed_at is None or last >= contact.agreed_at:
        return until
    return min(until, agreed.opens if last < agreed.opens else contact.agreed_at.astimezone(UTC))


def _hours(contact: Facts, rules: Regime) -> float:
    gap = rules.busy_gap if contact.line_was_busy else rules.gap
    return gap.total_seconds() / 3600


def _cool_off_until(contact: Facts, rules: Regime) -> datetime | None:
    return contact.last_refusal_at.astimezone(UTC) + rules.cool_off if contact.last_refusal_at else None


def _agreed_slot(contact: Facts, rules: Regime) -> Slot | None:
    if contact.agreed_at is None:
        return None
    agreed, zone = contact.agreed_at.astimezone(UTC), TERRITORIES[contact.territory].zone
    return Slot((agreed - rules.tolerance).astimezone(zone), (agreed + rules.tolerance).astimezone(zone))


def _openings(contact: Facts, rules: Regime, at: datetime) -> tuple[Slot, ...]:
    """The next ordinary opening, and the agreed one: it holds on any day and at any hour."""
    agreed = _agreed_slot(contact, rules)
    ordinary = next(slots(contact.territory, rules, at))
    return (ordinary, agreed) if agreed else (ordinary,)


def _opening(contact: Facts, rules: Regime, at: datetime) -> Slot | None:
    held = [slot for slot in _openings(contact, rules, at) if slot.holds(at)]
    return max(held, key=lambda slot: slot.closes) if held else None


def _closes_at(contact: Facts, rules: Regime, at: datetime) -> datetime | None:
    slot = _opening(contact, rules, at)
    return slot.closes if slot else None


def _why_closed(contact: Facts, rules: Regime, at: datetime) -> tuple[str, dict[str, Any]]:
    day = at.astimezone(TERRITORIES[contact.territory].zone).date()
    if day.weekday() not in rules.days:
        return "weekend", {}
    if name := is_holiday(contact.territory, day):
        return "holiday", {"name": name}
    return "outside_window", {"windows": [(window.opens, window.closes) for window in rules.windows]}


def _next_at(contact: Facts, rules: Regime, at: datetime) -> datetime | None:
    """All rules but the hours pass for good once their time is over: the first opening after the last of them."""
    if not contact.has_number or contact.opposed:
        return None
    ends = (_cap_until(contact, rules), _gap_until(contact, rules), _cool_off_until(contact, rules))
    floor = max([at, *(end for end in ends if end)])
    found = [next_working_slot(contact.territory, rules, floor)]
    agreed = _agreed_slot(contact, rules)
    if agreed and floor < agreed.closes:
        found.append(max(agreed.opens, floor).astimezone(agreed.opens.tzinfo))
    return None if _basis_is_missing(contact, rules, min(found)) else min(found)


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in data.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_value(one) for one in value]
    if isinstance(value, list):
        return [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
