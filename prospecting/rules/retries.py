"""When a contact comes back after a call that decided nothing: the defaults of the outcomes."""

from datetime import UTC, datetime, timedelta

from prospecting.rules.hours import next_half_day, next_working_day, next_working_slot
from prospecting.rules.regimes import Regime

ANOTHER_HALF_DAY = frozenset({"NRP", "REP", "STD"})
NEXT_DAY = frozenset({"ABS"})
AFTER = {"REPM": timedelta(days=2), "ERR": timedelta(minutes=15), "OCC": timedelta(minutes=15), "MINT": timedelta(0)}


def retry_at(outcome_code: str, at: datetime, territory: str, regime: Regime) -> datetime | None:
    """The instant from which the contact may be offered again, open and past the gap between attempts.

    None when the outcome ends the contact (REF, RDV, FNUM …) or the agent gives its date (RAP, DOC, ABSL, PROJ).
    A code that a mission made itself is not known here: the caller chooses which default it follows.
    """
    at = at.astimezone(UTC)
    if outcome_code in ANOTHER_HALF_DAY:
        wanted = next_half_day(territory, regime, at)
    elif outcome_code in NEXT_DAY:
        wanted = next_working_day(territory, regime, at)
    elif outcome_code in AFTER:
        wanted = at + AFTER[outcome_code]
    else:
        return None
    return next_working_slot(territory, regime, max(wanted, at + _gap(outcome_code, regime)))


def _gap(outcome_code: str, regime: Regime) -> timedelta:
    if outcome_code == "ERR":  # a technical failure is no attempt
        return timedelta(0)
    return regime.busy_gap if outcome_code == "OCC" else regime.gap
