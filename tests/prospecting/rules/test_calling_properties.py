"""What must hold for any contact at any time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from prospecting.rules.calling_rules import Facts, may_call
from prospecting.rules.territories import TERRITORIES

YEAR = st.datetimes(datetime(2026, 9, 1), datetime(2027, 8, 31), timezones=st.just(UTC))  # noqa: DTZ001 (made aware)
MINUTE = timedelta(minutes=1)


@st.composite
def facts_at(draw):
    """Any contact that may be called one day, and an instant; its past lies within the ten weeks before."""
    at = draw(YEAR)
    past = st.timedeltas(timedelta(), timedelta(days=70)).map(lambda ago: at - ago)
    around = st.timedeltas(timedelta(days=-3), timedelta(days=10)).map(lambda shift: at + shift)
    contact = Facts(
        regime=draw(st.sampled_from(["FR_B2B", "FR_B2C"])),
        territory=draw(st.sampled_from(sorted(TERRITORIES))),
        attempts=tuple(draw(st.lists(past, max_size=6))),
        line_was_busy=draw(st.booleans()),
        max_attempts=draw(st.none() | st.integers(1, 10)),
        last_refusal_at=draw(st.none() | past),
        agreed_at=draw(st.none() | around),
        basis_until=at + timedelta(days=365),
    )
    return contact, at


@given(facts_at())
def test_the_next_time_is_allowed_and_not_before_now(case):
    contact, at = case
    decision = may_call(contact, at)
    assert decision.next_at >= at
    assert may_call(contact, decision.next_at).allowed
    assert decision.allowed == (decision.next_at == at)


@given(facts_at(), st.data())
def test_nothing_earlier_is_allowed(case, data):
    contact, at = case
    next_at = may_call(contact, at).next_at
    minutes = int((next_at - at) / MINUTE)
    grid = [*range(min(minutes, 30)), *(data.draw(st.lists(st.integers(0, max(minutes - 1, 0)), max_size=30)))]
    assert not any(may_call(contact, at + n * MINUTE).allowed for n in grid if at + n * MINUTE < next_at)


@given(facts_at())
def test_the_instant_before_the_next_time_is_refused(case):
    contact, at = case
    next_at = may_call(contact, at).next_at.astimezone(UTC)
    if next_at > at:
        assert not may_call(contact, next_at - timedelta(microseconds=1)).allowed


@given(facts_at(), st.timedeltas(timedelta(), timedelta(days=40)))
def test_waiting_never_brings_the_next_time_nearer(case, wait):
    contact, at = case
    assert may_call(contact, at).next_at <= may_call(contact, at + wait).next_at


@given(facts_at(), st.timedeltas(timedelta(), timedelta(days=20)))
def test_one_more_attempt_never_allows_an_earlier_call(case, ago):
    contact, at = case
    tried = replace(contact, attempts=(*contact.attempts, at - ago), line_was_busy=False)
    assert may_call(replace(contact, line_was_busy=False), at).next_at <= may_call(tried, at).next_at


@given(facts_at())
def test_an_allowed_opening_lasts_until_it_closes(case):
    contact, at = case
    decision = may_call(contact, at)
    if not decision.allowed:
        assert decision.closes_at is None
    else:
        closes_at = decision.closes_at.astimezone(UTC)
        assert closes_at > at
        assert may_call(contact, closes_at - timedelta(microseconds=1)).allowed


@given(facts_at())
def test_every_refusal_names_its_rule_and_its_version(case):
    contact, at = case
    decision = may_call(contact, at)
    assert decision.rule_version == f"{contact.regime}/2026-08-11"
    assert {reason.version for reason in decision.reasons} <= {decision.rule_version}
    assert bool(decision.reasons) is not decision.allowed
