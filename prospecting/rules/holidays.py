"""Days on which nobody is called: the 11 of Labour Code L.3133-1, and the local ones of Alsace-Moselle and overseas.

Our own list, not the `holidays` library's: for Guadeloupe, Martinique and Saint-Martin that one has other days
(customary days off, and 28 May) than the list that we publish. A test compares the two wherever they must agree.
"""

from datetime import date, timedelta
from functools import cache
from typing import Final

NATIONAL: Final = {
    (1, 1): "jour de l’An",
    (5, 1): "fête du Travail",
    (5, 8): "victoire de 1945",
    (7, 14): "fête nationale",
    (8, 15): "Assomption",
    (11, 1): "Toussaint",
    (11, 11): "armistice de 1918",
    (12, 25): "Noël",
}
AFTER_EASTER: Final = {1: "lundi de Pâques", 39: "Ascension", 50: "lundi de Pentecôte"}
ABOLITION: Final = "abolition de l’esclavage"
LOCAL: Final = {
    "FR-ALM": {(12, 26): "Saint-Étienne"},
    "FR-YT": {(4, 27): ABOLITION},
    "FR-MQ": {(5, 22): ABOLITION},
    "FR-GP": {(5, 27): ABOLITION},
    "FR-MF": {(5, 27): ABOLITION},
    "FR-GF": {(6, 10): ABOLITION},
    "FR-BL": {(10, 9): ABOLITION},
    "FR-RE": {(12, 20): ABOLITION},
}
LOCAL_AFTER_EASTER: Final = {"FR-ALM": {-2: "Vendredi saint"}}


def is_holiday(territory: str, day: date) -> str | None:
    """The French name of the public holiday that `day` is in this territory, or None."""
    return holidays_of(territory, day.year).get(day)


@cache
def holidays_of(territory: str, year: int) -> dict[date, str]:
    """Every public holiday of a territory in a year, with its French name."""
    fixed = NATIONAL | LOCAL.get(territory, {})
    moving = AFTER_EASTER | LOCAL_AFTER_EASTER.get(territory, {})
    days = {date(year, month, day): name for (month, day), name in fixed.items()}
    return days | {easter(year) + timedelta(days=shift): name for shift, name in moving.items()}


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm published in Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
