"""The ten keys of the cockpit, and the two small ones: which outcomes stand behind each, and what each will do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from marketplace.models import Engagement
from marketplace.models.missions import Objective
from prospecting.consequences import consequence
from prospecting.models import Appointment, Contact, Outcome
from prospecting.rules.regimes import Regime


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome behind a key. `asks` names the sub-forms it opens; `kinds` those an appointment may have.

    `quick`: nobody was reached and nothing more is asked, so the key that chooses it may save it too.
    """

    code: str
    label: str
    says: str
    asks: tuple[str, ...]
    kinds: tuple[str, ...]
    converts: bool
    quick: bool


@dataclass(frozen=True, slots=True)
class Key:
    """A key and its outcomes, the first of them chosen when it is pressed once, the next when it is pressed again."""

    digit: str
    label: str
    tone: str  # "won", "stop" or nothing
    choices: tuple[Choice, ...]

    @property
    def says(self) -> str:
        return self.choices[0].says


# Digit → what stands on it when several outcomes share it, and the standard outcomes in the order of the presses.
KEYS: Final[dict[str, tuple[str | Promise, tuple[str, ...]]]] = {
    "1": ("", ("NRP",)),
    "2": ("", ("OCC",)),
    "3": (_("Répondeur"), ("REP", "REPM")),
    "4": (_("Standard"), ("STD", "MINT")),
    "5": (_("Absent"), ("ABS", "ABSL")),
    "6": (_("Rappel"), ("RAP", "RAPA", "DOC")),
    "7": (_("Refus"), ("REF", "REFI", "PROJ")),
    "8": (_("Hors cible"), ("HC", "CLI", "FERM", "DBL")),
    "9": (_("Gagné"), ("RDV", "RDVT", "LEAD", "VTE")),
    "0": (_("Ne plus appeler"), ("OPP",)),
    "X": ("", ("FNUM",)),
    "E": ("", ("ERR",)),
}
NOT_REACHED: Final = ("1", "2", "3", "4", "5")
REACHED: Final = ("6", "7", "8", "9")
SMALL: Final = ("X", "E")
OPPOSED: Final = "0"  # said by whoever picks up: neither reached nor not
TONES: Final = {"9": "won", "0": "stop"}

# What wins a mission on the call: the others would count for what nobody asked.
WINS: Final = {
    Objective.APPOINTMENT: ("RDV", "RDVT"),
    Objective.QUALIFIED_LEAD: ("LEAD",),
    Objective.SALE: ("VTE",),
}
WON_LABELS: Final = {Objective.APPOINTMENT: pgettext_lazy("touche", "Rendez-vous")}
KINDS: Final = {"RDV": ("on_site",), "RDVT": ("phone", "video")}


def keypad(
    outcomes: Iterable[Outcome],
    contact: Contact,
    engagement: Engagement,
    rules: Regime,
    at: datetime,
    *,
    attempts: int,
) -> dict[str, Key]:
    """The keys that this mission's outcomes fill, by digit; a digit without an outcome is left out.

    `attempts` are the contact's, with the present one.
    """

    def says(outcome: Outcome) -> str:
        return consequence(outcome, contact, engagement, rules, at, attempts=attempts)

    objective = Objective(contact.mission.objective)
    behind: dict[str, list[Outcome]] = {digit: [] for digit in KEYS}
    for outcome in outcomes:
        digit = _digit(outcome)
        if digit != "9" or outcome.code not in _other_wins(objective):
            behind[digit].append(outcome)
    return {
        digit: Key(
            digit=digit,
            label=_label(digit, found, objective),
            tone=TONES.get(digit, ""),
            choices=tuple(_choice(outcome, says(outcome)) for outcome in _ordered(digit, found)),
        )
        for digit, found in behind.items()
        if found
    }


def _digit(outcome: Outcome) -> str:
    for digit, (_name, codes) in KEYS.items():
        if outcome.code in codes:
            return digit
    return _digit_of_own(outcome)


def _digit_of_own(outcome: Outcome) -> str:
    """Where an outcome that the mission made itself stands, by its flags."""
    if outcome.converted:
        return "9"
    if outcome.then == Outcome.Then.OPPOSE:
        return "0"
    if outcome.then == Outcome.Then.CALLBACK:
        return "6"
    if outcome.refusal:
        return "7"
    if outcome.final:
        return "8"
    return "4" if outcome.answered else "1"


def _other_wins(objective: Objective) -> set[str]:
    own = WINS.get(objective, ("LEAD",))
    return {code for code in KEYS["9"][1] if code not in own}


def _label(digit: str, found: list[Outcome], objective: Objective) -> str:
    shared = WON_LABELS.get(objective, "") if digit == "9" else KEYS[digit][0]
    if shared and (len(found) > 1 or digit in TONES):
        return f"{shared}…" if len(found) > 1 else str(shared)
    return found[0].label


def _ordered(digit: str, found: list[Outcome]) -> list[Outcome]:
    order = KEYS[digit][1]
    return sorted(found, key=lambda outcome: order.index(outcome.code) if outcome.code in order else len(order))


def _choice(outcome: Outcome, says: str) -> Choice:
    return Choice(
        code=outcome.code,
        label=outcome.label,
        says=says,
        asks=tuple(_asks(outcome)),
        kinds=KINDS.get(outcome.code, tuple(Appointment.Kind.values)) if outcome.appointment else (),
        converts=outcome.converted,
        quick=not outcome.reached and not outcome.final and outcome.then == Outcome.Then.RETRY and outcome.attempt,
    )


def _asks(outcome: Outcome) -> Iterable[str]:
    if outcome.then == Outcome.Then.CALLBACK:
        yield "callback_at"
    if outcome.asks_date:
        yield "reopen_on"
    if outcome.reason_required:
        yield "reason"
    if outcome.appointment:
        yield "appointment"
