from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import Outcome
from core.method.level import next_level
from core.method.sample import Sample
from core.method.summary import (
    LONGEST_HOLD_MS,
    CallSummary,
    CallTension,
    FinishedCall,
    PeriodSummary,
    summarise,
    summarise_period,
)
from core.method.tension import CALM_UP_TO, NEEDED, TENSE_FROM

TICK_MS = 200


def call_of(outcomes: list[Outcome]) -> list[Sample]:
    """The samples of a call in which these were read, one each tick."""
    level, samples = 0, []
    for tick, outcome in enumerate(outcomes):
        level = next_level(level, outcome)
        samples.append(Sample(tick * TICK_MS, outcome, level))
    return samples


def tension_of(found: list[Outcome], duration_ms: int | None = None) -> CallTension:
    tension = summarise(call_of(found), duration_ms).tension
    assert tension is not None
    return tension


def vars_of(period: PeriodSummary) -> dict[str, object]:
    return asdict(period)


# Runs of one reading: a few drawn numbers make calls of all lengths, calm, tense and unseen.
outcomes = st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(1, 200)), max_size=8).map(
    lambda runs: [outcome for outcome, length in runs for _ in range(length)]
)
summaries = st.builds(lambda found: summarise(call_of(found)), outcomes)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
finished = st.lists(st.builds(FinishedCall, moments, summaries), max_size=12)


class TestCall:
    @given(outcomes)
    def test_a_summary_never_says_more_than_the_call_had(self, found: list[Outcome]) -> None:
        samples = call_of(found)
        summary = summarise(samples)
        assert summary.readings == len(found)
        assert summary.level_peak == max([0, *(sample.level for sample in samples)])
        assert 0 <= summary.face_seen_share <= 1
        assert sum(summary.share(outcome) for outcome in Outcome) == pytest.approx(1 if found else 0)
        assert (summary.tension is not None) == summary.enough_seen
        if summary.tension is not None:
            tension = summary.tension
            assert 0 <= tension.tense_ms <= summary.duration_ms
            assert tension.peak_at_ms + (tension.calm_again_ms or 0) <= summary.duration_ms
            assert (tension.tense_ms > 0) <= (tension.peak >= TENSE_FROM)
            assert (tension.calm_again_ms is not None) <= (tension.peak > CALM_UP_TO)

    def test_a_call_without_a_reading_has_only_its_length(self) -> None:
        assert summarise([], 9000) == CallSummary(9000, 0, None, (0, 0, 0, 0, 0, 0))

    @pytest.mark.parametrize(
        ("seen", "unseen", "enough"),
        [
            (NEEDED, 0, True),
            (NEEDED - 1, 0, False),
            (NEEDED, NEEDED, True),
            (NEEDED, NEEDED + 1, False),
            (0, 3000, False),
        ],
    )
    def test_a_call_in_which_too_little_was_seen_has_no_tension_not_even_a_calm_one(
        self, seen: int, unseen: int, enough: bool
    ) -> None:
        summary = summarise(call_of([Outcome.GAP] * unseen + [Outcome.NEUTRAL] * seen))
        assert summary.enough_seen == enough
        assert summary.tension == (CallTension(0, (unseen + seen - 1) * TICK_MS, 0, None) if enough else None)

    def test_tense_time_begins_where_three_tenths_of_what_was_seen_is_tense(self) -> None:
        found = [Outcome.NEUTRAL] * 300 + [Outcome.STRESS] * 100
        assert tension_of(found, 400 * TICK_MS).tense_ms == (100 - 89) * TICK_MS

    def test_the_last_reading_holds_until_the_end_but_no_longer_than_a_second(self) -> None:
        found = [Outcome.STRESS] * NEEDED
        ends = (NEEDED - 1) * TICK_MS
        assert tension_of(found, ends + 600).tense_ms == 600
        assert tension_of(found, ends + 60_000).tense_ms == LONGEST_HOLD_MS

    def test_calm_again_is_counted_from_the_last_moment_of_the_peak(self) -> None:
        found = [Outcome.NEUTRAL] * 150 + [Outcome.STRESS] * 150 + [Outcome.NEUTRAL] * 150 + [Outcome.HAPPY] * 150
        tension = tension_of(found)
        assert (tension.peak, tension.peak_at_ms) == (500, 449 * TICK_MS)  # as long as all of it is in the minute
        assert tension.calm_again_ms == 120 * TICK_MS

    def test_a_call_that_stayed_calm_had_nothing_to_calm_down_from(self) -> None:
        assert (
            tension_of([Outcome.NEUTRAL] * 280 + [Outcome.STRESS] * 20 + [Outcome.NEUTRAL] * 300).calm_again_ms is None
        )

    def test_a_call_that_ended_tense_was_not_calm_again(self) -> None:
        assert tension_of([Outcome.STRESS] * 600).calm_again_ms is None

    @given(outcomes, st.integers(0, 300), st.integers(1, 100))
    def test_a_reset_of_the_level_and_gaps_change_nothing_of_the_tension(
        self, found: list[Outcome], place: int, length: int
    ) -> None:
        place = min(place, len(found))
        samples = call_of([*found[:place], *[Outcome.GAP] * length, *found[place:]])
        reset = [Sample(sample.t_ms, sample.outcome, 0) for sample in samples]
        with_gaps, without = summarise(reset, 10**6).tension, summarise(call_of(found), 10**6).tension
        if with_gaps is not None and without is not None:
            assert with_gaps.peak == without.peak
            assert abs(with_gaps.tense_ms - without.tense_ms) <= LONGEST_HOLD_MS  # the reading before the end holds on


class TestPeriod:
    @given(finished)
    def test_a_period_sums_up_its_calls_in_any_order(self, calls: list[FinishedCall]) -> None:
        period = summarise_period(calls)
        tensions = [call.summary.tension for call in calls if call.summary.tension is not None]
        assert (period.calls, len(period.peaks)) == (len(calls), len(tensions))
        assert period.peak == max((tension.peak for tension in tensions), default=None)
        assert period.tense_ms == sum(tension.tense_ms for tension in tensions)
        assert summarise_period(calls[::-1]).tense_ms == period.tense_ms

    @given(finished, moments, st.integers(1, 500))
    def test_a_call_in_which_nobody_was_seen_is_in_no_figure_of_a_period(
        self, calls: list[FinishedCall], began: datetime, length: int
    ) -> None:
        unseen = FinishedCall(began, summarise(call_of([Outcome.GAP] * length)))
        one, two = summarise_period(calls), summarise_period([*calls, unseen])
        counted = ("calls", "duration_ms", "face_seen_share")
        assert {**vars_of(one), **dict.fromkeys(counted)} == {**vars_of(two), **dict.fromkeys(counted)}

    def test_the_tensest_moment_of_a_day_is_when_it_was_reached(self) -> None:
        began = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
        found = [Outcome.NEUTRAL] * 100 + [Outcome.STRESS] * 100 + [Outcome.NEUTRAL] * 100
        period = summarise_period([FinishedCall(began, summarise(call_of(found)))])
        assert (period.peak, period.peak_at) == (500, began + timedelta(milliseconds=199 * TICK_MS))
