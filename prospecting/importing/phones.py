"""What a phone cell of a spreadsheet says: E.164 numbers, or one coded reason why it cannot be called.

French is the home country: a bare national number is French, and the overseas prefixes go to their own country code
(0262 → +262). Numbers of other countries are refused, because their law is not ours to guess. libphonenumber has the
last word on what exists; the fast path below only shortens the way for plain forms, and a property test holds it equal.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

import phonenumbers

EMPTY = "phone_missing"  # the cell is blank
WORDS = "phone_words"  # text without any number: NC, Liste rouge, Sans RDV
DO_NOT_CALL = "do_not_call"  # the cell itself says that this person must not be called
DIGITS = "phone_digits"  # too few or too many digits
LOST = "phone_lost_digits"  # scientific notation: the last digits are gone
SHORT = "phone_short"  # 3975, 112: dialled on the spot, never E.164
PLACEHOLDER = "phone_placeholder"  # 0000000000, 0123456789: typed to fill a required field
FICTION = "phone_fiction"  # 06 39 98 …: reserved for films, rings nowhere
PLATFORM = "phone_platform"  # 08…: a platform answers, not a prospect
FOREIGN = "phone_foreign"  # a country that is not open yet
UNKNOWN = "phone_unknown"  # the right length, but no operator serves these digits
REASONS = (EMPTY, WORDS, DO_NOT_CALL, DIGITS, LOST, SHORT, PLACEHOLDER, FICTION, PLATFORM, FOREIGN, UNKNOWN)

FRANCE = "33"
# The first digits of a national number → the country code that they belong to (ARCEP's plan of 2018, amended 2023).
OVERSEAS = {
    **dict.fromkeys(("262", "263", "692", "693", "269", "639", "2688", "2689", "7092"), "262"),
    **dict.fromkeys(("590", "690", "691", "5987", "7090"), "590"),
    **dict.fromkeys(("594", "694", "5988", "7093"), "594"),
    **dict.fromkeys(("596", "696", "697", "5989", "7091"), "596"),
}
MIQUELON = "508"  # six digits of its own, no prefix in the French plan: only its international form is told apart
HOME = frozenset({FRANCE, MIQUELON, *OVERSEAS.values()})
PLACEHOLDERS = frozenset(
    {"123456789", "102030405", *(d + "00000000" for d in "0123456789"), *(d * 9 for d in "123456789")}
)

# The plain French forms that fill most files: national or +33, bare or in groups, or without the leading zero.
PLAIN = re.compile(r"(?:0|\+33 ?)([1-79](?:[ .-]?\d\d){4})|([1-79]\d{8})(?:\.0)?", re.ASCII)
# First digits that libphonenumber accepts whatever follows, in the country code 33.
SURE = re.compile(r"[13]|2[0-57-9]|4[1-9]|5[0-8]|6[0-24-8]|7[3-9]|9", re.ASCII)
NOT_DIGITS = re.compile(r"\D+", re.ASCII)
LONGEST_CELL = 300  # characters; what follows is no phone

FORBIDDEN = re.compile(
    r"ne (?:pas|plus|jamais) (?:\w+ ){0,2}?(?:appeler|contacter|demarcher|solliciter|prospecter|joindre|telephoner)"
    r"|do ?n.?t call|do not call|\bdnc\b|bloctel|liste d.?opposition|\boppos(?:e|ee|ition)\b|\bdesinscrit"
)
UNLISTED = re.compile(r"liste (?:rouge|orange|anti)")
FORMULA = re.compile(r'^="?([^"]*)"?$')
LABEL = re.compile(r"^\s*(?:p|tel|phone|t|mob|gsm|fixe|mobile|portable|telephone)\s*\.?\s*:\s*", re.IGNORECASE)
FLOAT = re.compile(r"^(\+?\d{9,})[.,]0+$")
SCIENCE = re.compile(r"^(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})$")
LETTER_O = re.compile(r"[\doO\s.()+/-]+")
BETWEEN = re.compile(r"[;|\n\r]+|\s+(?:ou|or|et|and|puis|&)\s+|\s*,\s+|\s/\s?|\s?/\s|/(?=\s*\+)", re.IGNORECASE)
EXTENSION = re.compile(r"(?<=\d)[\s,;(-]*(?:poste|post|extension|ext|p|x|#)[\s.:]*\d{1,6}\b\)?", re.IGNORECASE)
TRUNK = re.compile(r"\(\s*0\s*\)")
RUN = re.compile(r"\(?\s*\+?\s*\(?\s*\d(?:[\s.\-–—_/()+]*\d)*")
SHARED_END = re.compile(r"^(.*\d)\s*/\s*\d{1,4}$")


@dataclass(frozen=True, slots=True)
class Reading:
    """`numbers`: E.164, the first is the contact's; without any, `reason` is one of REASONS.

    DO_NOT_CALL may come with numbers: those that must not be called. `country`: ISO 3166 code of a foreign number.
    """

    numbers: tuple[str, ...] = ()
    reason: str = ""
    country: str = ""


NOTHING = Reading(reason=EMPTY)


def read_phone(cell: str) -> Reading:
    """Read one cell as people and spreadsheets write phones: one number, several, or words."""
    if not cell:
        return NOTHING
    if plain := PLAIN.fullmatch(cell):
        national = NOT_DIGITS.sub("", plain[1] or plain[2])
        if SURE.match(national) and national not in PLACEHOLDERS:
            return Reading((f"+{FRANCE}{national}",))
    return read_slowly(cell)


def read_slowly(cell: str) -> Reading:
    """The whole way, for every form; `read_phone` gives the same."""
    text = clean(cell[:LONGEST_CELL])
    if not text:
        return Reading(reason=EMPTY)
    folded = fold(text)
    if FORBIDDEN.search(folded) or (UNLISTED.search(folded) and any(map(str.isdigit, text))):
        return replace(numbers_in(text), reason=DO_NOT_CALL, country="")
    return numbers_in(text)


def numbers_in(text: str) -> Reading:
    """The cell as one number, else as several."""
    whole = read_number(text)
    if whole.numbers:
        return whole
    return first_usable([read_number(part) for part in BETWEEN.split(text) if part.strip()]) or whole


def first_usable(readings: list[Reading]) -> Reading | None:
    """Every number that several readings found, each once; without any, the first reading that tells most."""
    numbers = tuple(dict.fromkeys(number for reading in readings for number in reading.numbers))
    if numbers:
        return Reading(numbers)
    telling = [reading for reading in readings if reading.reason not in {WORDS, EMPTY}]
    return telling[0] if len(readings) > 1 and telling else None


def clean(cell: str) -> str:
    """Plain digits and spaces: no invisible marks, no other scripts' digits, no spreadsheet's wrapping."""
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell)
        cell = "".join(map(ascii_digit, cell))
    text = cell.replace("\x00", "").strip().lstrip("'").strip()
    if text.startswith("="):
        text = FORMULA.sub(r"\1", text).strip()
    return LABEL.sub("", fold(text)) if LABEL.match(fold(text)) else text


def ascii_digit(character: str) -> str:
    if character.isdigit():
        return str(unicodedata.digit(character, character))
    if unicodedata.category(character) == "Cf":
        return ""
    return " " if character != "\n" and character.isspace() else character


def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def read_number(text: str) -> Reading:
    """One number with whatever stands around it."""
    digits = spreadsheet_number(text)
    if digits is None:
        return Reading(reason=LOST)
    if LETTER_O.fullmatch(digits):
        digits = digits.replace("o", "0").replace("O", "0")
    text = EXTENSION.sub(" ", TRUNK.sub("", digits))
    shared = SHARED_END.match(text)
    runs = [run for run in RUN.findall(text) if sum(map(str.isdigit, run)) > 1]
    if not runs:
        return Reading(reason=DIGITS if any(map(str.isdigit, text)) else WORDS)
    long = [run for run in runs if sum(map(str.isdigit, run)) > 6]
    found = first_usable([read_run(run) for run in long]) if len(long) > 1 else None
    reading = found or read_run((long or runs)[0])
    return read_number(shared[1]) if not reading.numbers and shared else reading


def spreadsheet_number(text: str) -> str | None:
    """Undo what a spreadsheet does to a number (199001234.0, 1.99001234E8); None when digits are lost for good."""
    if found := FLOAT.match(text):
        return found[1]
    if found := SCIENCE.match(text):
        digits, exponent = found[1] + (found[2] or ""), int(found[3])
        return digits if len(digits) == exponent + 1 else None
    return text


def read_run(run: str) -> Reading:
    """One run of digits, with its plus sign if it had one."""
    digits = NOT_DIGITS.sub("", run)
    if "+" in run and not digits.startswith("0"):
        return read_international(digits)
    if digits.strip("0") == "":
        return Reading(reason=PLACEHOLDER if len(digits) >= 6 else DIGITS)
    if digits.startswith("00"):
        return read_international(digits[2:].lstrip("0"))
    if len(digits) == 10 and digits.startswith("0"):
        return read_national(digits[1:])
    if len(digits) == 9 and not digits.startswith("0"):
        return read_national(digits)  # a spreadsheet took the leading zero
    if (len(digits) in {11, 12} and digits[:2] == FRANCE) or (len(digits) == 12 and digits[:3] in HOME):
        return read_international(digits)
    if len(digits) in {3, 4} or (len(digits) == 6 and digits.startswith("118")):
        return Reading(reason=SHORT)
    return Reading(reason=DIGITS)


def read_international(digits: str) -> Reading:
    """Country code first: French and overseas ones are read as such, the others name their country."""
    if digits.startswith(FRANCE):
        return read_national(digits[2:].removeprefix("0"))
    if digits[:3] in HOME:
        return exists(digits[:3], digits[3:].removeprefix("0"))
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return Reading(reason=DIGITS)
    country = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )
    return Reading(reason=FOREIGN, country="" if country == "ZZ" else country)


def read_national(national: str) -> Reading:
    """Nine digits of the French plan: the overseas ones go to their own country code."""
    if len(national) != 9:
        return Reading(reason=DIGITS)
    if national in PLACEHOLDERS:
        return Reading(reason=PLACEHOLDER)
    if national.startswith("63998"):
        return Reading(reason=FICTION)
    return exists(OVERSEAS.get(national[:3]) or OVERSEAS.get(national[:4]) or FRANCE, national)


def exists(country_code: str, national: str) -> Reading:
    if len(national) not in ({6, 9} if country_code == MIQUELON else {9}):
        return Reading(reason=DIGITS)
    if len(national) == 9 and national.startswith("8"):
        return Reading(reason=PLATFORM)
    number = phonenumbers.PhoneNumber(country_code=int(country_code), national_number=int(national))
    return Reading((f"+{country_code}{national}",)) if phonenumbers.is_valid_number(number) else Reading(reason=UNKNOWN)
