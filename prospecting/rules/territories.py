"""Where a contact’s clock and holidays come from: postal code first, number’s prefix second, else Paris, flagged."""

import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of France with its own clock and days off. `assumed` means that nothing told where the contact is."""

    code: str
    zone: ZoneInfo
    assumed: bool = False


TERRITORIES: Final[dict[str, Territory]] = {
    code: Territory(code, ZoneInfo(zone), assumed=code == "FR?")
    for code, zone in {
        "FR": "Europe/Paris",
        "FR-ALM": "Europe/Paris",  # Alsace-Moselle: 57, 67, 68
        "FR-GP": "America/Guadeloupe",
        "FR-MQ": "America/Martinique",
        "FR-GF": "America/Cayenne",
        "FR-RE": "Indian/Reunion",
        "FR-YT": "Indian/Mayotte",
        "FR-BL": "America/St_Barthelemy",
        "FR-MF": "America/Marigot",
        "FR-PM": "America/Miquelon",
        "FR?": "Europe/Paris",
    }.items()
}

# Longest prefix first: 97133 and 97150 lie inside Guadeloupe's 971, +262 269 and +262 639 inside Réunion's +262.
POSTAL_PREFIXES: Final = (
    ("97133", "FR-BL"),
    ("97150", "FR-MF"),
    ("971", "FR-GP"),
    ("972", "FR-MQ"),
    ("973", "FR-GF"),
    ("974", "FR-RE"),
    ("975", "FR-PM"),
    ("976", "FR-YT"),
    ("57", "FR-ALM"),
    ("67", "FR-ALM"),
    ("68", "FR-ALM"),
)
NUMBER_PREFIXES: Final = (
    ("+262269", "FR-YT"),
    ("+262639", "FR-YT"),
    ("+262", "FR-RE"),
    ("+508", "FR-PM"),
    ("+590", "FR-GP"),
    ("+594", "FR-GF"),
    ("+596", "FR-MQ"),
    *((f"+33{area}", "FR-ALM") for area in ("368", "369", "387", "388", "389", "390")),
    *((f"+33{area}", "FR") for area in "12345"),  # 06, 07, 08 and 09 say nothing of a place
)


def territory_of(postal_code: str, phone: str | None) -> str:
    """The code of the contact's territory; `phone` is E.164 or None. "FR?" is Paris, assumed."""
    return _of_postal_code(postal_code) or _longest(phone or "", NUMBER_PREFIXES) or "FR?"


def _of_postal_code(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    if not 4 <= len(digits) <= 5:
        return None
    code = digits.zfill(5)  # a spreadsheet eats the zero of 01000
    return _longest(code, POSTAL_PREFIXES) or ("FR" if "01" <= code[:2] <= "95" else None)


def _longest(text: str, prefixes: tuple[tuple[str, str], ...]) -> str | None:
    return next((code for prefix, code in prefixes if text.startswith(prefix)), None)
