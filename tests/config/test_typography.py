"""Figures, money, phones and moments, as the French write them and as English readers expect them."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from config import typography as t

AT = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)  # half past two in Paris


@pytest.fixture(params=["fr", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_french():
    with translation.override("fr"):
        assert t.whole(1628) == "1\u202f628"
        assert t.percent(0.149) == "14,9\u202f%"
        assert plain(t.between(0.093, 0.163)) == "de 9,3 à 16,3"
        assert t.money(125000) == "1\u202f250,00\u00a0€"
        assert plain(t.moment(AT)) == "lundi 23 nov. 2026 à 14 h 30"
        assert plain(t.day(date(2027, 1, 5))) == "5 janv. 2027"
        assert plain(t.short_day(AT)) == "lun. 23 nov."
        assert plain(t.clock(AT)) == "14 h 30"
        assert plain(t.duration(72)) == "1 min 12 s"
        assert t.month(AT) == "novembre 2026"


def test_english():
    with translation.override("en"):
        assert t.whole(1628) == "1,628"
        assert t.percent(0.149) == "14.9%"
        assert plain(t.between(0.093, 0.163)) == "9.3 to 16.3"
        assert t.money(125000) == "€1,250.00"
        assert plain(t.moment(AT)) == "Monday 23 Nov 2026 at 14:30"
        assert t.clock(AT) == "14:30"


def test_a_moment_is_read_in_the_zone_asked_for():
    with translation.override("fr"):
        assert plain(t.moment(AT, "Indian/Reunion")) == "lundi 23 nov. 2026 à 17 h 30"


def test_phones_are_written_as_one_dials_them(language):
    assert plain(t.phone("+33612345678")) == "06 12 34 56 78"
    assert plain(t.phone("+3225551234")) == "+32 2 555 12 34"
    assert plain(t.phone("+262262123456")).startswith("+262 262")
    assert t.phone("not a number") == "not a number"


def test_a_masked_phone_shows_only_what_locates_it(language):
    assert plain(t.masked("+33261910847")) == "02 61 •• •• ••"
    assert plain(t.masked("+3225551234")) == "+32 • ••• •• ••"


def test_without_a_value_there_is_a_dash_and_never_a_zero(language):
    assert [t.percent(None), t.money(None), t.whole(None), t.phone(None), t.day(None), t.moment(None)] == ["–"] * 6
    assert t.between(None, None) == ""
