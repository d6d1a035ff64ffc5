"""A phone cell becomes E.164 numbers, or says why not."""

import csv
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospecting.importing.phones import HOME, PLAIN, REASONS, Reading, read_phone, read_slowly

DATA = Path(__file__).parents[2] / "data" / "phones"
SHOP = "+33199001234"
STYLES = list(csv.DictReader((DATA / "constructed_styles.csv").open(encoding="utf-8", newline="")))
EXAMPLES = list(csv.DictReader((DATA / "libphonenumber_examples.csv").open(encoding="utf-8", newline="")))
REFUSED_STYLES = {
    "1,99001E+08": "phone_lost_digits",
    "01 99 00 12": "phone_digits",
    "01 99 00 12 34 5": "phone_digits",
    "0000000000": "phone_placeholder",
    "0123456789": "phone_placeholder",
    "0600000000": "phone_placeholder",
    "06 39 98 12 34": "phone_fiction",
    "112": "phone_short",
    "N/A": "phone_words",
    "-": "phone_words",
    "NC": "phone_words",
    "Liste rouge": "phone_words",
    "ne pas appeler": "do_not_call",
    "": "phone_missing",
}


@pytest.mark.parametrize("row", STYLES, ids=lambda row: ascii(row["raw"]))
def test_each_way_of_writing_a_number_is_read_or_refused_with_its_reason(row):
    wanted = tuple(n for n in row["expected_e164"].split("|") if n and not n.startswith("+3363998"))
    if row["raw"] in REFUSED_STYLES:
        assert read_phone(row["raw"]) == Reading(reason=REFUSED_STYLES[row["raw"]])
    else:
        assert wanted and read_phone(row["raw"]) == Reading(wanted)


def expected_of(example):
    """French and overseas numbers are kept, platforms and other countries are refused, the invalid lack a digit."""
    if example["e164"] == "+33123456789":
        return Reading(reason="phone_placeholder")
    cc = next((cc for cc in HOME if example["e164"].startswith(f"+{cc}")), None)
    if not cc:
        return Reading(reason="phone_foreign", country=example["region"])
    if example["type"] == "INVALID_EXAMPLE":
        return Reading(reason="phone_digits")
    if example["e164"][len(cc) + 1 :].startswith("8") and len(example["e164"]) - len(cc) == 10:
        return Reading(reason="phone_platform")
    return Reading((example["e164"],))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda row: f"{row['region']} {row['type']}")
def test_an_international_number_is_french_overseas_or_of_a_country_not_open_yet(example):
    assert read_phone(example["e164"]) == expected_of(example)
    if example["international"]:
        assert read_phone(example["international"]) == expected_of(example)


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if e["region"] in {"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF"}]
)
def test_a_national_number_of_france_gets_the_country_code_of_its_territory(example):
    wanted = expected_of(example)
    if example["type"] == "VOIP" and example["region"] != "FR":  # one plan for all
        wanted = Reading(("+33" + example["national"].replace(" ", "")[1:],))
    assert read_phone(example["national"]) == wanted


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0262 72 47 20", "+262262724720"),
        ("0692123456", "+262692123456"),
        ("02 63 12 34 56", "+262263123456"),
        ("0269 60 12 34", "+262269601234"),
        ("0639 01 23 45", "+262639012345"),
        ("05 90 99 14 74", "+590590991474"),
        ("0691 22 34 56", "+590691223456"),
        ("06 94 22 13 70", "+594694221370"),
        ("0697 20 12 34", "+596697201234"),
        ("+33596622156", "+596596622156"),
        ("+33696068951", "+596696068951"),
        ("590590201234", "+590590201234"),
        ("262724720", "+262262724720"),
        ("262724720.0", "+262262724720"),
    ],
)
def test_an_overseas_prefix_goes_to_its_own_country_code(cell, number):
    assert read_phone(cell) == Reading((number,))


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("06 12 77 29 41 / 08 00 09 31 90 ", ("+33612772941",)),
        ("+33490043401 / +330490013358", ("+33490043401", "+33490013358")),
        ("01 77 70 73 70/71", ("+33177707370",)),
        ("Standard 01 99 00 12 34, poste 305", (SHOP,)),
        ("01 99 00 12 34 de 9h à 12h", (SHOP,)),
        ("01 99 00 12 34 (Mme Le Goff) ou 01 99 00 12 35", (SHOP, "+33199001235")),
        ("NC / 01 99 00 12 34", (SHOP,)),
        ("01 99 00 12 34|01 99 00 12 34", (SHOP,)),
        ("01 99 00 12 34 p. 12", (SHOP,)),
        ("01 99 00 12 34 x12", (SHOP,)),
        ("+330559815711", ("+33559815711",)),
        ("+0199001234", (SHOP,)),
        ("'+33 1 99 00 12 34", (SHOP,)),
        ("Téléphone : 01.99.00.12.34", (SHOP,)),
        ("01\x0099001234", (SHOP,)),
        ("01 99 00 12 34" + " " * 1_000_000, (SHOP,)),
    ],
)
def test_what_stands_around_or_beside_a_number_does_not_hide_it(cell, numbers):
    assert read_phone(cell) == Reading(numbers)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("Sans RDV", "phone_words"),
        ("fermé", "phone_words"),
        ("en cours", "phone_words"),
        ("   ", "phone_missing"),
        ("\ufeff", "phone_missing"),
        ("8", "phone_digits"),
        ("028924022", "phone_digits"),
        ("+333671287154 ", "phone_digits"),
        ("3975\xa0", "phone_short"),
        ("39 75", "phone_short"),
        ("118 218", "phone_short"),
        ("+33800541919", "phone_platform"),
        ("0 890 64 32 02", "phone_platform"),
        ("01 02 03 04 05", "phone_placeholder"),
        ("+33700000000", "phone_placeholder"),
        ("0666666666", "phone_placeholder"),
        ("0590 98 76", "phone_digits"),
        ("0596 20 12 34", "phone_unknown"),
        ("07 01 23 45 67", "phone_unknown"),
        ("06 39 98 00 00", "phone_fiction"),
        ("1,99001E8", "phone_lost_digits"),
        ("Ne souhaite pas être démarché : ne pas le démarcher", "do_not_call"),
        ("Do not call", "do_not_call"),
        ("Bloctel", "do_not_call"),
        ("9" * 1_000_000, "phone_digits"),
    ],
)
def test_a_cell_that_cannot_be_called_says_why(cell, reason):
    assert read_phone(cell) == Reading(reason=reason)


@pytest.mark.parametrize(
    "cell", ["01 99 00 12 34 - NE PLUS APPELER", "01 99 00 12 34 (liste rouge)", "Opposée à tout appel : 0199001234"]
)
def test_a_wish_not_to_be_called_names_the_number_that_nobody_may_call(cell):
    assert read_phone(cell) == Reading((SHOP,), "do_not_call")


@pytest.mark.parametrize(
    ("cell", "country"), [("+377 93 15 12 34", "MC"), ("+32 455 00 12 90", "BE"), ("0041 21 234 56 78", "CH")]
)
def test_a_number_of_another_country_names_it(cell, country):
    assert read_phone(cell) == Reading(reason="phone_foreign", country=country)


def plain_cells():
    """Around the border of the fast path: almost every one is a plain French form, or off by one character."""
    digits = st.text("0123456789", min_size=8, max_size=10)
    grouped = st.tuples(digits, st.sampled_from(["", " ", ".", "-"])).map(lambda it: group(*it))
    start, end = st.sampled_from(["", "0", "+33", "+33 ", "33", "0033"]), st.sampled_from(["", ".0", " ", ".00"])
    return st.tuples(start, grouped, end).map("".join)


def group(digits, separator):
    return digits[0] + "".join(separator + digits[i : i + 2] for i in range(1, len(digits), 2))


@given(plain_cells())
def test_the_fast_path_reads_exactly_what_the_slow_one_reads(cell):
    assert read_phone(cell) == read_slowly(cell)


@given(st.from_regex(PLAIN, fullmatch=True))
def test_the_fast_path_is_exact_on_everything_it_takes(cell):
    assert read_phone(cell) == read_slowly(cell)


@given(st.text() | st.text("0123456789+() /.;,-eEoO'=\"\n"))
def test_any_text_gives_valid_callable_numbers_or_one_known_reason(cell):
    reading = read_phone(cell)
    assert bool(reading.numbers) != bool(reading.reason) or reading.reason == "do_not_call"
    assert not reading.reason or reading.reason in REASONS
    for number in reading.numbers:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed) and str(parsed.country_code) in HOME
