"""How figures, money, phones and moments are written: as the French write them; in English, as Europeans read them.

Every function takes plain values and follows the language now active, so a page, an e-mail, an export and the command
line write the same thing the same way. Spaces are no-break (U+00A0) or narrow no-break (U+202F): a figure never leaves
its unit.
"""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.translation import get_language

DASH = "–"  # no denominator, no figure
NBSP = "\u00a0"
THIN = "\u202f"


def locale() -> str:
    """Babel's name for the active language; English as written in Europe (23 Nov, not Nov 23)."""
    return "fr" if (get_language() or "fr").startswith("fr") else "en_GB"


def french() -> bool:
    return locale() == "fr"


def whole(value: int | None) -> str:
    """1628 → `1 628` (fr), `1,628` (en); nothing → a dash."""
    return DASH if value is None else format_decimal(value, locale=locale())


def decimal(value: float | Decimal | None, digits: int = 1) -> str:
    """14.93 → `14,9` (fr), `14.9` (en); nothing → a dash."""
    if value is None:
        return DASH
    places = "0" * digits
    return format_decimal(value, format=f"#,##0.{places}" if digits else "#,##0", locale=locale())


def percent(rate: float | Decimal | None, digits: int = 1) -> str:
    """0.149 → `14,9 %` (fr), `14.9%` (en). Without a rate (nobody reached) a dash, never 0."""
    if rate is None:
        return DASH
    return decimal(rate * 100, digits) + (f"{THIN}%" if french() else "%")


def between(low: float | None, high: float | None, digits: int = 1) -> str:
    """An interval of rates: 0.093, 0.163 → `de 9,3 à 16,3` (fr), `9.3 to 16.3` (en)."""
    if low is None or high is None:
        return ""
    first, last = decimal(low * 100, digits), decimal(high * 100, digits)
    return f"de{NBSP}{first} à{NBSP}{last}" if french() else f"{first} to{NBSP}{last}"


def money(cents: int | None, currency: str = "EUR") -> str:
    """Integer cents: 125000 → `1 250,00 €` (fr), `€1,250.00` (en)."""
    return DASH if cents is None else format_currency(Decimal(cents) / 100, currency, locale=locale())


def phone(number: str | None) -> str:
    """E.164 as one dials it: `+33612345678` → `06 12 34 56 78`; other countries keep their code, `+32 2 123 45 67`."""
    if not number:
        return DASH
    return NBSP.join(_groups(number))


def masked(number: str | None) -> str:
    """The same with only what locates it: `06 12 •• •• ••`."""
    if not number:
        return DASH
    groups = _groups(number)
    shown = 2 if number.startswith("+33") and len(number) == 12 else 1  # of an odd one, its country at most
    return NBSP.join(group if place < shown else "•" * len(group) for place, group in enumerate(groups))


def _groups(number: str) -> list[str]:
    if number.startswith("+33") and len(number) == 12:
        national = "0" + number[3:]
        return [national[at : at + 2] for at in range(0, 10, 2)]
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return [number]
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ").split()


def local(at: datetime, zone: str | None = None) -> datetime:
    return timezone.localtime(at, ZoneInfo(zone) if zone else None)


def clock(at: datetime | None, zone: str | None = None) -> str:
    """`14 h 30` (fr), `14:30` (en), in `zone` or the current one."""
    if at is None:
        return DASH
    here = local(at, zone)
    return f"{here.hour}{NBSP}h{NBSP}{here.minute:02}" if french() else f"{here.hour}:{here.minute:02}"


def day(value: date | datetime | None, zone: str | None = None) -> str:
    """`23 nov. 2026` (fr), `23 Nov 2026` (en)."""
    return _date(value, "d MMM y", zone)


def short_day(value: date | datetime | None, zone: str | None = None) -> str:
    """`lun. 23 nov.` (fr), `Mon 23 Nov` (en): without the year, for what is near."""
    return _date(value, "EEE d MMM", zone)


def weekday(value: date | datetime | None, zone: str | None = None) -> str:
    """`lundi 23 nov. 2026` (fr), `Monday 23 Nov 2026` (en)."""
    return _date(value, "EEEE d MMM y", zone)


def moment(at: datetime | None, zone: str | None = None) -> str:
    """`lundi 23 nov. 2026 à 14 h 30` (fr), `Monday 23 Nov 2026 at 14:30` (en)."""
    if at is None:
        return DASH
    return f"{weekday(at, zone)} {'à' if french() else 'at'}{NBSP}{clock(at, zone)}"


def month(value: date | datetime | None, zone: str | None = None) -> str:
    """`novembre 2026`."""
    if value is None:
        return DASH
    return format_skeleton("yMMMM", _day(value, zone), locale=locale())


def duration(seconds: int | None) -> str:
    """72 → `1 min 12 s`; 3 700 → `1 h 01`."""
    if seconds is None:
        return DASH
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02}"
    return f"{minutes}{NBSP}min{NBSP}{rest:02}{NBSP}s" if minutes else f"{rest}{NBSP}s"


def _date(value: date | datetime | None, pattern: str, zone: str | None) -> str:
    if value is None:
        return DASH
    text = format_date(_day(value, zone), format=pattern, locale=locale())
    return text.replace(" ", NBSP) if pattern.startswith("d") else text.replace(" ", NBSP).replace(NBSP, " ", 1)


def _day(value: date | datetime, zone: str | None) -> date:
    return local(value, zone).date() if isinstance(value, datetime) else value
