"""What a week and a month tell: shares of calls, and how sure they are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.insight import Share, change, share_of, shares_by_day, shares_by_hour, tensest_hour
from core.method.summary import CallSummary, FinishedCall

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def call(stress: int, *, at: datetime = MONDAY, readings: int = 500, gaps: int = 0) -> FinishedCall:
    return FinishedCall(at, CallSummary(60_000, 0, None, (0, readings - stress - gaps, stress, 0, 0, gaps)))


def test_a_call_of_which_too_little_was_seen_counts_nowhere() -> None:
    unseen = call(10, gaps=400)
    assert share_of(unseen.summary) is None
    assert shares_by_hour([unseen]) == shares_by_day([unseen]) == {}


def test_the_calls_of_an_hour_of_the_week_go_together_in_whichever_week_they_were() -> None:
    calls = [call(50), call(150, at=MONDAY + timedelta(days=7, minutes=59)), call(5, at=MONDAY + timedelta(hours=1))]
    assert shares_by_hour(calls) == {(0, 9): Share(2, 200, 1000), (0, 10): Share(1, 5, 500)}
    assert shares_by_day(calls)[MONDAY.date()] == Share(2, 55, 1000)


def test_an_hour_is_named_tensest_with_three_calls_and_not_with_two() -> None:
    calls = [call(10)] * 9 + [call(400, at=MONDAY + timedelta(hours=3))] * 2
    assert tensest_hour(shares_by_hour(calls)) is None
    assert tensest_hour(shares_by_hour([*calls, calls[-1]])) == (0, 12)


def test_no_hour_is_named_that_is_like_all_the_others() -> None:
    calls = [
        call(stress, at=MONDAY + timedelta(hours=hour)) for hour, stress in enumerate((50, 55, 60, 52)) for _ in "123"
    ]
    assert tensest_hour(shares_by_hour(calls)) is None
    assert tensest_hour(shares_by_hour([call(0)] * 9)) is None
    assert tensest_hour({}) is None


@pytest.mark.parametrize(("new", "old"), [(9, 40), (40, 9), (0, 0)])
def test_fewer_than_ten_calls_are_compared_with_nothing(new: int, old: int) -> None:
    assert change([call(10)] * new, [call(10)] * old) is None


@given(st.lists(st.integers(0, 500), min_size=10, max_size=60), st.lists(st.integers(0, 500), min_size=10, max_size=60))
def test_the_interval_holds_the_difference(new: list[int], old: list[int]) -> None:
    found = change([call(one) for one in new], [call(one) for one in old])
    assert found is not None
    assert found.low - 1e-9 <= found.now - found.usual <= found.high + 1e-9


def test_the_interval_holds_the_truth_for_about_95_of_100_people() -> None:
    chance = random.Random(1)
    held = 0
    for _ in range(400):
        new = [call(round(500 * chance.betavariate(2, 8))) for _ in range(12)]
        old = [call(round(500 * chance.betavariate(2, 8))) for _ in range(40)]
        found = change(new, old)
        assert found is not None
        held += not found.told_from_chance
    assert 0.92 <= held / 400 <= 0.98
