"""The interval of a rate, against values printed in the literature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.intervals import wilson


@pytest.mark.parametrize(
    ("converted", "reached", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_values_of_newcombe_1998_table_i(converted, reached, low, high):
    assert tuple(round(bound, 4) for bound in wilson(converted, reached)) == (low, high)


def test_nobody_reached_has_no_interval():
    assert wilson(0, 0) is None


def test_the_bounds_are_exact_where_everyone_or_nobody_converted():
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0


@pytest.mark.parametrize(("converted", "reached"), [(3, 2), (-1, 5), (1, 0)])
def test_counts_that_cannot_be_are_refused(converted, reached):
    with pytest.raises(ValueError, match="between 0 and reached"):
        wilson(converted, reached)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_rate_lies_in_its_interval_and_the_interval_in_0_to_1(counts):
    converted, reached = counts
    low, high = wilson(converted, reached)
    assert 0 <= low <= converted / reached <= high <= 1
    assert low < high


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_losses_mirror_wins(counts):
    converted, reached = counts
    low, high = wilson(converted, reached)
    assert wilson(reached - converted, reached) == pytest.approx((1 - high, 1 - low), abs=1e-12)
