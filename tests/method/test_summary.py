from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import Outcome
from core.method.level import PROFILES, next_level
from core.method.sample import Sample
from core.method.summary import (
    LARGEST_STEP,
    LONGEST_HOLD_MS,
    SETTLED_AT,
    CallSummary,
    FinishedCall,
    monday_of,
    summarise,
    summarise_period,
    summarise_weeks,
)

TICK_MS = 200


def call_of(outcomes: list[Outcome]) -> list[Sample]:
    """The samples of a call in which these were read, one each tick."""
    level, samples = 0, []
    for tick, outcome in enumerate(outcomes):
        level = next_level(level, outcome)
        samples.append(Sample(tick * TICK_MS, outcome, level))
    return samples


def levels(*values: int) -> list[Sample]:
    return [Sample(tick * TICK_MS, Outcome.NEUTRAL, level) for tick, level in enumerate(values)]


outcomes = st.lists(st.sampled_from(list(Outcome)), max_size=300)
summaries = st.builds(lambda found: summarise(call_of(found)), outcomes)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
finished = st.lists(st.builds(FinishedCall, moments, summaries), max_size=12)


class TestCall:
    @given(outcomes)
    def test_a_summary_never_says_more_than_the_call_had(self, found: list[Outcome]) -> None:
        samples = call_of(found)
        summary = summarise(samples)
        assert summary.readings == len(found)
        assert 0 <= summary.strain_ms <= summary.duration_ms
        assert summary.peak == max([0, *(sample.level for sample in samples)])
        assert summary.settle_ms is None or summary.peak_at_ms + summary.settle_ms <= summary.duration_ms
        assert 0 <= summary.face_seen_share <= 1
        assert sum(summary.share(outcome) for outcome in Outcome) == pytest.approx(1 if found else 0)

    @given(outcomes)
    def test_a_call_that_settled_was_calm_after_its_peak(self, found: list[Outcome]) -> None:
        samples = call_of(found)
        summary = summarise(samples)
        after = [sample.level for sample in samples if sample.t_ms >= summary.peak_at_ms]
        assert (summary.settle_ms is not None) == (summary.peak > SETTLED_AT and min(after, default=0) <= SETTLED_AT)

    def test_a_call_without_a_reading_has_only_its_length(self) -> None:
        assert summarise([], 9000) == CallSummary(9000, 0, 0, 0, None, (0, 0, 0, 0, 0, 0))

    def test_time_under_strain_is_the_time_over_a_half(self) -> None:
        assert summarise(levels(480, 500, 520, 520, 500, 480)).strain_ms == 2 * TICK_MS

    def test_the_last_reading_holds_until_the_end_but_no_longer_than_a_second(self) -> None:
        assert summarise(levels(520), 600).strain_ms == 600
        assert summarise(levels(520), 60_000).strain_ms == LONGEST_HOLD_MS

    def test_settling_is_counted_from_the_last_moment_of_the_peak(self) -> None:
        down = [*range(600, 99, -20)]
        assert summarise(levels(600, 600, *down[1:])).settle_ms == (len(down) - 1) * TICK_MS

    def test_a_level_set_back_by_hand_has_not_settled(self) -> None:
        assert summarise(levels(600, 580, 0, 0)).settle_ms is None

    def test_a_call_that_stayed_calm_had_nothing_to_settle_from(self) -> None:
        assert summarise(levels(0, 20, 40, 20, 0)).settle_ms is None

    def test_no_step_of_any_profile_looks_like_a_reset(self) -> None:
        steps = [
            step for profile in PROFILES for step in (*profile.above_zero.values(), *profile.at_or_below_zero.values())
        ]
        assert max(abs(step) for step in steps) == LARGEST_STEP


class TestPeriod:
    @given(finished)
    def test_a_period_sums_up_its_calls_in_any_order(self, calls: list[FinishedCall]) -> None:
        day = date(2026, 1, 1)
        period = summarise_period(day, calls)
        assert period.calls == len(period.peaks) == len(calls)
        assert period.peak == max((call.summary.peak for call in calls), default=None)
        assert period.strain_ms == sum(call.summary.strain_ms for call in calls)
        assert summarise_period(day, calls[::-1]).strain_ms == period.strain_ms

    @given(finished, st.integers(1, 60))
    def test_weeks_follow_each_other_and_lose_no_call_of_theirs(self, calls: list[FinishedCall], weeks: int) -> None:
        last = date(2026, 12, 31)
        periods = summarise_weeks(calls, last, weeks)
        mondays = [period.first_day for period in periods]
        assert mondays == [monday_of(last) - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
        assert sum(period.calls for period in periods) == sum(
            mondays[0] <= call.started.date() < mondays[-1] + timedelta(weeks=1) for call in calls
        )

    def test_the_highest_moment_of_a_day_is_when_it_was_reached(self) -> None:
        began = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
        period = summarise_period(began.date(), [FinishedCall(began, summarise(levels(0, 20, 610, 590)))])
        assert (period.peak, period.peak_at) == (610, began + timedelta(milliseconds=400))
