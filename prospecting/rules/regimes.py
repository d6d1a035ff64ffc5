"""The calling regimes: what law and product ask, as versioned, dated data. A change is a new row, never an edit."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from prospecting.rules.territories import PARIS


@dataclass(frozen=True, slots=True)
class Window:
    """Local hours in which one may call: [opens, closes)."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Regime:
    """One version of one regime. `enabled` says whether a mission may be posted under it."""

    key: str
    since: date
    enabled: bool
    needs_basis: bool  # a consent, contract or request, recorded and still valid
    days: frozenset[int]  # Monday is 0
    windows: tuple[Window, ...]  # in the contact's own time
    max_attempts: int  # per (business, number) in `attempts_within`, whoever dials and for whichever mission
    most_attempts: int  # how far a business may raise it
    attempts_within: timedelta
    gap: timedelta  # between two attempts
    busy_gap: timedelta  # the same after a busy line: somebody is there
    cool_off: timedelta  # after "not interested"
    tolerance: timedelta  # around a precise time that the person agreed to
    bases: frozenset[str]  # of a recorded basis: its accepted kinds
    consent_lasts: timedelta  # from its collection; silence renews nothing
    contract_lasts: timedelta  # from when it was last known to be in force, unless its end is known
    request_lasts: int  # working days in which a requested callback may be made
    proof_kept: timedelta  # after the end of a basis

    @property
    def version(self) -> str:
        return f"{self.key}/{self.since.isoformat()}"


MONDAY_TO_FRIDAY: Final = frozenset(range(5))

FR_B2B: Final = Regime(
    key="FR_B2B",
    since=date(2026, 8, 11),
    enabled=True,
    needs_basis=False,
    days=MONDAY_TO_FRIDAY,
    windows=(Window(time(9), time(12, 30)), Window(time(13, 30), time(18, 30))),
    max_attempts=4,
    most_attempts=8,
    attempts_within=timedelta(days=30),
    gap=timedelta(hours=4),
    busy_gap=timedelta(minutes=15),
    cool_off=timedelta(days=60),
    tolerance=timedelta(minutes=15),
    bases=frozenset({"consent", "contract", "requested"}),
    consent_lasts=timedelta(days=365),
    contract_lasts=timedelta(days=365),
    request_lasts=5,
    proof_kept=timedelta(days=3 * 365 + 1),
)
FR_B2C: Final = Regime(
    key="FR_B2C",
    since=date(2026, 8, 11),
    enabled=True,
    needs_basis=True,
    days=MONDAY_TO_FRIDAY,
    windows=(Window(time(10), time(13)), Window(time(14), time(20))),
    max_attempts=4,
    most_attempts=4,
    attempts_within=timedelta(days=30),
    gap=timedelta(hours=24),
    busy_gap=timedelta(hours=24),
    cool_off=timedelta(days=60),
    tolerance=timedelta(minutes=15),
    bases=frozenset({"consent", "contract", "requested"}),
    consent_lasts=timedelta(days=365),
    contract_lasts=timedelta(days=365),
    request_lasts=5,
    proof_kept=timedelta(days=3 * 365 + 1),
)
VERSIONS: Final = (FR_B2B, FR_B2C)  # of one key, the oldest first


def regime_for(key: str, kind: str) -> str:
    """The regime that a contact is called under in a mission of regime `key`.

    A consumer, or somebody of whom nobody knows yet whether they are one, keeps a consumer's protection everywhere.
    """
    return FR_B2C.key if kind in {"consumer", "unclear"} else key


def regime(key: str, at: datetime) -> Regime:
    """The version of a regime in force at an instant; before the first one, the first. KeyError for a key unknown."""
    versions = [version for version in VERSIONS if version.key == key]
    if not versions:
        raise KeyError(key)
    day = at.astimezone(PARIS).date()
    return next((version for version in reversed(versions) if version.since <= day), versions[0])
