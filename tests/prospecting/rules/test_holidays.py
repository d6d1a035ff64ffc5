from datetime import date, timedelta

import holidays as library
import pytest
from dateutil.easter import easter as known_easter

from prospecting.rules.holidays import easter, holidays_of, is_holiday
from prospecting.rules.territories import TERRITORIES

NATIONAL_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 6),
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2026, 7, 14),
    date(2026, 8, 15),
    date(2026, 11, 1),
    date(2026, 11, 11),
    date(2026, 12, 25),
}
LOCAL_2026 = {
    "FR-ALM": {date(2026, 4, 3), date(2026, 12, 26)},
    "FR-YT": {date(2026, 4, 27)},
    "FR-MQ": {date(2026, 5, 22)},
    "FR-GP": {date(2026, 5, 27)},
    "FR-MF": {date(2026, 5, 27)},
    "FR-GF": {date(2026, 6, 10)},
    "FR-BL": {date(2026, 10, 9)},
    "FR-RE": {date(2026, 12, 20)},
}


@pytest.mark.parametrize("territory", TERRITORIES)
def test_each_territory_has_exactly_the_published_days(territory):
    assert set(holidays_of(territory, 2026)) == NATIONAL_2026 | LOCAL_2026.get(territory, set())


def test_easter_is_right_for_two_centuries():
    assert [easter(year) for year in range(1900, 2100)] == [known_easter(year) for year in range(1900, 2100)]


@pytest.mark.parametrize(
    ("territory", "subdivision"),
    [
        ("FR", None),
        ("FR-ALM", "57"),
        ("FR-GF", "973"),
        ("FR-RE", "974"),
        ("FR-YT", "976"),
        ("FR-BL", "BL"),
        ("FR-PM", "PM"),
    ],
)
def test_the_library_agrees_where_it_has_the_same_list(territory, subdivision):
    years = range(2020, 2041)
    ours = {day for year in years for day in holidays_of(territory, year)}
    assert ours == set(library.France(subdiv=subdivision, years=years))


@pytest.mark.parametrize(("territory", "subdivision"), [("FR-GP", "971"), ("FR-MQ", "972"), ("FR-MF", "MF")])
def test_the_library_has_other_days_for_three_islands(territory, subdivision):
    assert set(holidays_of(territory, 2026)) != set(library.France(subdiv=subdivision, years=2026))


def test_a_holiday_has_its_name():
    good_friday = easter(2027) - timedelta(days=2)
    assert is_holiday("FR", date(2026, 11, 11)) == "armistice de 1918"
    assert is_holiday("FR-ALM", good_friday) == "Vendredi saint"
    assert is_holiday("FR", good_friday) is None
    assert is_holiday("FR-RE", date(2027, 12, 20)) == "abolition de l’esclavage"
    assert is_holiday("FR", date(2027, 12, 20)) is None
