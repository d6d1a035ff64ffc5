"""The "must hold" list of the calling rules, one rule a test. Times are Paris unless said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from prospecting.rules.calling_rules import Decision, Facts, Reason, may_call
from prospecting.rules.regimes import regime
from prospecting.rules.territories import PARIS

B2B = "FR_B2B/2026-08-11"
B2C = "FR_B2C/2026-08-11"
SCHOOL = Facts(regime="FR_B2B", territory="FR")
PERSON = Facts(regime="FR_B2C", territory="FR", basis_until=datetime(2027, 6, 1, tzinfo=UTC))


def paris(day, clock, month=11, year=2026):
    return datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{clock}").replace(tzinfo=PARIS)


def codes(decision):
    return [reason.code for reason in decision.reasons]


def test_a_fresh_contact_may_be_called_in_working_hours():
    at = paris(23, "10:00")
    assert may_call(SCHOOL, at) == Decision(
        allowed=True, reasons=(), next_at=at, closes_at=paris(23, "12:30"), rule_version=B2B
    )


def test_a_refusal_names_its_rule_its_version_and_the_next_time():
    decision = may_call(SCHOOL, paris(23, "12:30"))
    windows = [(window.opens, window.closes) for window in regime("FR_B2B", paris(23, "12:30")).windows]
    assert decision == Decision(
        allowed=False,
        reasons=(Reason("outside_window", B2B, {"windows": windows}),),
        next_at=paris(23, "13:30"),
        closes_at=None,
        rule_version=B2B,
    )


def test_the_evidence_is_plain_json():
    assert may_call(SCHOOL, paris(23, "12:30")).evidence() == {
        "allowed": False,
        "rule_version": B2B,
        "reasons": [{"code": "outside_window", "version": B2B, "windows": [["09:00", "12:30"], ["13:30", "18:30"]]}],
        "next_at": "2026-11-23T13:30:00+01:00",
        "closes_at": None,
        "facts": dict.fromkeys(Facts.__slots__)
        | {
            "regime": "FR_B2B",
            "territory": "FR",
            "kind": "professional",
            "has_number": True,
            "opposed": False,
            "attempts": [],
            "line_was_busy": False,
        },
    }


@pytest.mark.parametrize("clock", ["09:00", "12:29:59.999999", "13:30", "18:29:59"])
def test_b2b_windows_are_open_from_their_first_instant(clock):
    assert may_call(SCHOOL, paris(23, clock)).allowed


@pytest.mark.parametrize("clock", ["08:59:59", "12:30", "13:29:59", "18:30", "00:00", "23:59"])
def test_b2b_windows_are_closed_at_their_last_instant(clock):
    assert codes(may_call(SCHOOL, paris(23, clock))) == ["outside_window"]


@pytest.mark.parametrize("clock", ["10:00", "12:59", "14:00", "19:59", "19:59:59"])
def test_b2c_windows_open(clock):
    assert may_call(PERSON, paris(23, clock)).allowed


@pytest.mark.parametrize("clock", ["09:59", "13:00", "13:30", "13:59", "20:00:00"])
def test_b2c_windows_closed(clock):
    assert codes(may_call(PERSON, paris(23, clock))) == ["outside_window"]


def test_a_weekend_waits_for_monday():
    decision = may_call(SCHOOL, paris(21, "10:00"))
    assert (codes(decision), decision.next_at) == (["weekend"], paris(23, "09:00"))


def test_a_holiday_has_its_name_and_waits_for_the_next_working_day():
    decision = may_call(SCHOOL, paris(25, "10:00", month=12))  # Christmas 2026 is a Friday
    assert decision.reasons == (Reason("holiday", B2B, {"name": "Noël"}),)
    assert decision.next_at == paris(28, "09:00", month=12)


def test_good_friday_is_a_holiday_in_alsace_only():
    good_friday = paris(26, "10:00", month=3, year=2027)
    assert may_call(SCHOOL, good_friday).allowed
    strasbourg = may_call(replace(SCHOOL, territory="FR-ALM"), good_friday)
    assert (codes(strasbourg), strasbourg.next_at) == (["holiday"], paris(30, "09:00", month=3, year=2027))


def test_reunion_is_judged_at_utc_plus_four():
    reunion = replace(SCHOOL, territory="FR-RE")
    assert may_call(reunion, datetime(2026, 11, 23, 5, 0, tzinfo=UTC)).allowed
    late = may_call(reunion, datetime(2026, 11, 23, 15, 0, tzinfo=UTC))  # 16:00 in Paris, 19:00 there
    assert codes(late) == ["outside_window"]
    assert late.next_at.isoformat() == "2026-11-24T09:00:00+04:00"


def test_a_martinican_morning_opens_in_the_afternoon_of_paris():
    martinique = replace(SCHOOL, territory="FR-MQ")
    assert not may_call(martinique, paris(23, "10:00")).allowed
    assert may_call(martinique, paris(23, "14:00")).allowed


@pytest.mark.parametrize(
    ("saturday", "opening"),
    [
        (paris(24, "12:00", month=10), "2026-10-26T09:00:00+01:00"),
        (paris(27, "12:00", month=3, year=2027), "2027-03-30T09:00:00+02:00"),  # after Easter Monday
    ],
)
def test_the_morning_after_the_clocks_change_opens_at_nine(saturday, opening):
    assert may_call(SCHOOL, saturday).next_at.isoformat() == opening


def test_thirty_days_are_720_hours_even_when_the_clocks_change():
    attempts = tuple(paris(1, "10:00", month=10) + timedelta(days=n) for n in range(4))
    decision = may_call(replace(SCHOOL, attempts=attempts), paris(29, "10:00", month=10))
    assert decision.reasons[0].data["until"] == attempts[0].astimezone(UTC) + timedelta(days=30)


def test_four_attempts_block_the_fifth_whoever_made_them():
    attempts = tuple(paris(day, "10:00") for day in (2, 3, 4, 5))
    decision = may_call(replace(SCHOOL, attempts=attempts), paris(23, "10:00"))
    assert decision.reasons == (Reason("cap", B2B, {"attempts": 4, "days": 30, "until": paris(2, "10:00", month=12)}),)
    assert decision.next_at == paris(2, "10:00", month=12)
    assert may_call(replace(SCHOOL, attempts=attempts[:3]), paris(23, "10:00")).allowed


def test_the_cap_is_over_at_the_very_end_of_the_thirtieth_day():
    facts = replace(SCHOOL, attempts=tuple(paris(day, "10:00") for day in (2, 3, 4, 5)))
    assert not may_call(facts, paris(2, "09:59:59", month=12)).allowed
    assert may_call(facts, paris(2, "10:00", month=12)).allowed


def test_a_business_may_raise_the_cap_to_eight_and_no_further():
    attempts = tuple(paris(day, "10:00") for day in (2, 3, 4, 5, 6, 9, 10))
    raised = replace(SCHOOL, attempts=attempts, max_attempts=8)
    assert may_call(raised, paris(23, "10:00")).allowed
    greedy = replace(raised, attempts=(*attempts, paris(12, "10:00")), max_attempts=50)
    assert may_call(greedy, paris(23, "10:00")).reasons[0].data["attempts"] == 8


def test_a_person_is_never_called_more_than_four_times_whatever_the_business_chose():
    attempts = tuple(paris(day, "10:00") for day in (2, 3, 4, 5))
    decision = may_call(replace(PERSON, attempts=attempts, max_attempts=8), paris(23, "10:00"))
    assert decision.reasons[0].data["attempts"] == 4


def test_b2b_attempts_are_four_hours_apart():
    facts = replace(SCHOOL, attempts=(paris(23, "10:00"),))
    decision = may_call(facts, paris(23, "13:30"))
    assert decision.reasons == (Reason("gap", B2B, {"hours": 4.0, "until": paris(23, "14:00")}),)
    assert decision.next_at == paris(23, "14:00")
    assert may_call(facts, paris(23, "14:00")).allowed


def test_b2c_attempts_are_a_day_apart():
    facts = replace(PERSON, attempts=(paris(23, "15:00"),))
    assert may_call(facts, paris(24, "14:59")).next_at == paris(24, "15:00")


def test_a_busy_line_may_be_tried_again_after_a_quarter_of_an_hour():
    facts = replace(SCHOOL, attempts=(paris(23, "10:00"),), line_was_busy=True)
    assert may_call(facts, paris(23, "10:14")).next_at == paris(23, "10:15")
    assert may_call(facts, paris(23, "10:15")).allowed


def test_after_a_refusal_there_are_sixty_days_of_peace():
    facts = replace(SCHOOL, last_refusal_at=paris(1, "10:00", month=10))
    decision = may_call(facts, paris(23, "10:00"))
    assert decision.reasons == (Reason("cool_off", B2B, {"days": 60, "until": paris(30, "09:00")}),)  # winter time
    assert decision.next_at == paris(30, "09:00")


def test_an_opposition_is_for_good():
    decision = may_call(replace(SCHOOL, opposed=True), paris(23, "10:00"))
    assert decision == Decision(False, (Reason("opposed", B2B),), None, None, B2B)


def test_an_opposition_holds_even_at_an_agreed_time():
    at = paris(23, "10:00")
    assert codes(may_call(replace(SCHOOL, opposed=True, agreed_at=at), at)) == ["opposed"]


def test_a_contact_without_a_number_is_never_called():
    decision = may_call(replace(SCHOOL, has_number=False), paris(23, "10:00"))
    assert (codes(decision), decision.next_at) == (["no_number"], None)


def test_every_reason_is_told_in_the_order_of_the_checks():
    facts = replace(
        SCHOOL,
        opposed=True,
        attempts=tuple(paris(21, clock) for clock in ("09:00", "09:10", "09:20", "09:30")),
        last_refusal_at=paris(20, "10:00"),
    )
    assert codes(may_call(facts, paris(21, "10:00"))) == ["opposed", "cap", "gap", "cool_off", "weekend"]


def test_an_agreed_time_opens_a_quarter_of_an_hour_on_each_side_outside_the_windows():
    facts = replace(SCHOOL, agreed_at=paris(21, "19:00"))  # a Saturday evening
    assert codes(may_call(facts, paris(21, "18:44:59"))) == ["weekend"]
    assert may_call(facts, paris(21, "18:44:59")).next_at == paris(21, "18:45")
    assert may_call(facts, paris(21, "18:45")).closes_at == paris(21, "19:15")
    assert may_call(facts, paris(21, "19:14:59")).allowed
    assert codes(may_call(facts, paris(21, "19:15"))) == ["weekend"]
    assert may_call(facts, paris(21, "19:15")).next_at == paris(23, "09:00")


def test_an_agreed_time_ends_the_gap_of_the_attempts_before_it():
    facts = replace(SCHOOL, attempts=(paris(23, "10:00"),), agreed_at=paris(23, "11:30"))
    assert codes(may_call(facts, paris(23, "11:00"))) == ["gap"]
    assert may_call(facts, paris(23, "11:15")).allowed
    assert may_call(facts, paris(23, "12:00")).allowed  # late, in ordinary hours


def test_call_me_back_in_ten_minutes_is_kept_at_that_very_time():
    facts = replace(SCHOOL, attempts=(paris(23, "10:00"),), agreed_at=paris(23, "10:10"))
    assert may_call(facts, paris(23, "10:05")).next_at == paris(23, "10:10")
    assert may_call(facts, paris(23, "10:10")).allowed


def test_an_attempt_at_the_agreed_time_starts_a_new_gap():
    facts = replace(SCHOOL, attempts=(paris(23, "11:30"),), agreed_at=paris(23, "11:30"))
    assert codes(may_call(facts, paris(23, "11:40"))) == ["gap"]


def test_an_agreed_time_lifts_neither_cap_nor_cool_off():
    agreed = paris(23, "10:00")
    capped = replace(SCHOOL, attempts=tuple(paris(day, "10:00") for day in (2, 3, 4, 5)), agreed_at=agreed)
    cooling = replace(SCHOOL, last_refusal_at=paris(20, "10:00"), agreed_at=agreed)
    assert codes(may_call(capped, agreed)) == ["cap"]
    assert codes(may_call(cooling, agreed)) == ["cool_off"]


def test_a_person_without_a_valid_basis_is_never_called():
    decision = may_call(replace(PERSON, basis_until=None), paris(23, "10:00"))
    assert decision == Decision(False, (Reason("no_basis", B2C, {"until": None}),), None, None, B2C)


def test_a_consent_blocks_on_day_366():
    collected = paris(23, "11:00", year=2025)
    facts = replace(PERSON, basis_until=collected + timedelta(days=365))
    assert may_call(facts, collected + timedelta(days=365, seconds=-1)).allowed
    assert codes(may_call(facts, collected + timedelta(days=365))) == ["no_basis"]


def test_a_basis_that_ends_before_the_next_opening_leaves_no_next_time():
    facts = replace(PERSON, basis_until=paris(22, "12:00"))
    decision = may_call(facts, paris(21, "10:00"))
    assert (codes(decision), decision.next_at) == (["weekend"], None)


def test_what_never_passes_names_what_keeps_it_so():
    at = paris(21, "10:00")  # a Saturday: it is also the weekend
    ended = replace(PERSON, basis_until=paris(22, "12:00"))
    assert [may_call(facts, at).lasting for facts in (ended, replace(SCHOOL, opposed=True))] == ["no_basis", "opposed"]


@pytest.mark.parametrize("kind", ["consumer", "unclear"])
def test_who_may_be_a_consumer_is_one_until_reviewed_also_in_a_mission_to_professionals(kind):
    craftsman = replace(SCHOOL, kind=kind)
    refused = may_call(craftsman, paris(23, "11:00"))
    assert refused == Decision(False, (Reason("unreviewed", B2C, {"kind": kind}),), None, None, B2C)
    agreed = replace(craftsman, basis_until=datetime(2027, 6, 1, tzinfo=UTC))
    assert [may_call(agreed, paris(23, hour)).allowed for hour in ("09:30", "10:00", "13:45", "19:59")] == [
        False, True, False, True,
    ]  # fmt: skip
    reviewed = may_call(replace(craftsman, kind="professional"), paris(23, "09:30"))
    assert (reviewed.allowed, reviewed.rule_version) == (True, B2B)


def test_the_evidence_tells_the_facts_that_were_used():
    facts = replace(PERSON, attempts=(paris(16, "10:00"),), opposed=True)
    evidence = may_call(facts, paris(23, "10:00")).evidence()
    assert evidence["facts"] == {
        "regime": "FR_B2C", "territory": "FR", "kind": "professional", "has_number": True, "opposed": True,
        "attempts": ["2026-11-16T10:00:00+01:00"], "line_was_busy": False, "max_attempts": None,
        "last_refusal_at": None, "agreed_at": None, "basis_until": "2027-06-01T00:00:00+00:00",
    }  # fmt: skip


def test_a_regime_is_enabled_versioned_and_dated():
    at = paris(23, "10:00")
    assert (regime("FR_B2B", at).version, regime("FR_B2B", at).enabled) == (B2B, True)
    assert (regime("FR_B2C", at).version, regime("FR_B2C", at).enabled) == (B2C, True)
    assert regime("FR_B2B", datetime(2020, 1, 1, tzinfo=UTC)).version == B2B
    with pytest.raises(KeyError):
        regime("BE_B2B", at)


def test_the_zone_of_the_clock_passed_in_does_not_matter():
    at = paris(23, "12:30")
    assert may_call(SCHOOL, at) == may_call(SCHOOL, at.astimezone(ZoneInfo("Asia/Tokyo")))
