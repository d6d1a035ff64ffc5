from datetime import UTC, datetime, timedelta

import pytest

from prospecting.rules.hours import next_half_day, next_working_day, next_working_slot, open_territories
from prospecting.rules.regimes import FR_B2B, FR_B2C
from prospecting.rules.retries import retry_at
from prospecting.rules.territories import PARIS, TERRITORIES


def paris(day, clock, month=11):
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("at", "half_day"),
    [
        (paris(23, "08:00"), paris(23, "09:00")),
        (paris(23, "09:00"), paris(23, "13:30")),
        (paris(23, "12:45"), paris(23, "13:30")),
        (paris(23, "15:00"), paris(24, "09:00")),
        (paris(27, "15:00"), paris(30, "09:00")),  # a Friday
        (paris(10, "15:00"), paris(12, "09:00")),  # the eve of 11 November
    ],
)
def test_the_next_half_day(at, half_day):
    assert next_half_day("FR", FR_B2B, at) == half_day


def test_the_next_working_slot_is_now_when_it_is_open():
    assert next_working_slot("FR", FR_B2B, paris(23, "10:07")) == paris(23, "10:07")
    assert next_working_slot("FR", FR_B2B, paris(23, "12:30")) == paris(23, "13:30")
    assert next_working_slot("FR", FR_B2B, paris(21, "10:00")) == paris(23, "09:00")


def test_the_next_working_day_begins_in_the_morning():
    assert next_working_day("FR", FR_B2B, paris(27, "09:00")) == paris(30, "09:00")
    assert next_working_day("FR", FR_B2C, paris(23, "19:00")) == paris(24, "10:00")


def test_the_open_territories_follow_the_sun():
    metropole, mascarene = {"FR", "FR-ALM", "FR?"}, {"FR-RE", "FR-YT"}
    americas = {"FR-GP", "FR-MQ", "FR-BL", "FR-MF", "FR-GF", "FR-PM"}
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert {h: set(open_territories(FR_B2B, monday + timedelta(hours=h))) for h in (4, 5, 8, 10, 13, 18, 23)} == {
        4: set(),
        5: {"FR-RE"},  # 9:00 in Saint-Denis, 8:00 in Mamoudzou
        8: metropole | mascarene,
        10: metropole | {"FR-RE"},  # Mamoudzou is at lunch
        13: set(TERRITORIES),
        18: americas,
        23: set(),
    }


def test_nobody_is_open_on_a_sunday():
    sunday = datetime(2026, 11, 22, tzinfo=UTC)
    assert [open_territories(FR_B2B, sunday + timedelta(hours=hour)) for hour in range(4, 20)] == [()] * 16


def test_a_local_holiday_closes_one_territory():
    assert open_territories(FR_B2B, datetime(2027, 12, 20, 6, tzinfo=UTC)) == ("FR-YT",)
    assert open_territories(FR_B2B, datetime(2027, 12, 21, 6, tzinfo=UTC)) == ("FR-RE", "FR-YT")


@pytest.mark.parametrize(
    ("code", "at", "again"),
    [
        ("NRP", paris(23, "09:10"), paris(23, "13:30")),
        ("NRP", paris(23, "11:00"), paris(23, "15:00")),  # the afternoon, past the gap of 4 h
        ("NRP", paris(23, "15:00"), paris(24, "09:00")),
        ("REP", paris(27, "15:00"), paris(30, "09:00")),
        ("STD", paris(23, "15:00"), paris(24, "09:00")),
        ("OCC", paris(23, "10:00"), paris(23, "10:15")),
        ("OCC", paris(23, "12:20"), paris(23, "13:30")),
        ("REPM", paris(23, "15:00"), paris(25, "15:00")),
        ("REPM", paris(26, "15:00"), paris(30, "09:00")),
        ("ABS", paris(23, "09:30"), paris(24, "09:00")),
        ("ABS", paris(27, "09:30"), paris(30, "09:00")),
        ("ERR", paris(23, "10:00"), paris(23, "10:15")),
        ("MINT", paris(23, "10:00"), paris(23, "14:00")),
    ],
)
def test_each_outcome_has_its_default(code, at, again):
    assert retry_at(code, at, "FR", FR_B2B) == again


@pytest.mark.parametrize("code", ["RAP", "RAPA", "DOC", "ABSL", "PROJ"])
def test_where_the_agent_gives_the_date_there_is_no_default(code):
    assert retry_at(code, paris(23, "10:00"), "FR", FR_B2B) is None


@pytest.mark.parametrize(
    "code", ["FNUM", "REF", "REFI", "HC", "CLI", "FERM", "DBL", "OPP", "RDV", "RDVT", "LEAD", "VTE", "INJ"]
)
def test_a_final_outcome_has_no_retry(code):
    assert retry_at(code, paris(23, "10:00"), "FR", FR_B2B) is None
