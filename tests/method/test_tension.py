"""What is read out must mean the same in every call. `table` below is the table of docs/level.md, made anew."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.method.emotion import Outcome
from core.method.level import READINGS_PER_SECOND, THESIS_TABLE, next_level
from core.method.sample import Sample
from core.method.summary import summarise
from core.method.tension import (
    CALLS_NEEDED,
    CALM_UP_TO,
    HIGH_WITHOUT_HISTORY,
    NEEDED,
    TENSE_FROM,
    WINDOW,
    Tension,
    TensionMeter,
    TensionWord,
    high_threshold,
)
from tests.strategies import outcomes

DOCS = Path(__file__).parents[2] / "docs" / "level.md"
MINUTE = 60 * READINGS_PER_SECOND
H, N, S, GAP = Outcome.HAPPY, Outcome.NEUTRAL, Outcome.STRESS, Outcome.GAP
WARM, NEUTRAL, BAD, QUARTER = (H, H, H, N, N), (N,), (S, S, S, S, N), (S, N, N, N)


def minutes(mix: Sequence[Outcome], count: float) -> list[Outcome]:
    """`count` minutes of the readings of `mix`, over and over."""
    return [mix[tick % len(mix)] for tick in range(round(count * MINUTE))]


def tensions(found: Iterable[Outcome], high_from: int = HIGH_WITHOUT_HISTORY) -> list[Tension]:
    meter = TensionMeter(high_from)
    return [meter.add(outcome) for outcome in found]


def call_of(found: Sequence[Outcome]) -> list[Sample]:
    level, samples = 0, []
    for tick, outcome in enumerate(found):
        level = next_level(level, outcome, THESIS_TABLE)
        samples.append(Sample(tick * 200, outcome, level))
    return samples


class Band(IntEnum):
    """How tense a moment is, calmest first."""

    CALM = 0
    BETWEEN = 1
    HIGH = 2


def band_of(word: TensionWord) -> Band:
    return {TensionWord.CALM: Band.CALM, TensionWord.HIGH: Band.HIGH}.get(word, Band.BETWEEN)


def bands(found: Iterable[Outcome], high_from: int = HIGH_WITHOUT_HISTORY) -> list[Band | None]:
    return [None if one.word is None else band_of(one.word) for one in tensions(found, high_from)]


# Runs of one reading, so that a few drawn numbers make minutes of a call that goes up and down.
long_calls = st.lists(st.tuples(outcomes, st.integers(1, 150)), max_size=16).map(
    lambda runs: [outcome for outcome, length in runs for _ in range(length)]
)
thresholds = st.integers(TENSE_FROM, 1000)
mixes = st.lists(outcomes.filter(lambda outcome: outcome is not GAP), min_size=1, max_size=60).filter(
    lambda mix: WINDOW % len(mix) == 0
)


class TestSameInEveryCall:
    @given(long_calls, long_calls, thresholds)
    def test_the_same_two_minutes_read_the_same_whatever_came_before(
        self, before: list[Outcome], bad: list[Outcome], high_from: int
    ) -> None:
        calm = [outcome for outcome in before if outcome not in (S, GAP)]
        warm = [H] * len(calm)
        assert tensions(calm + bad, high_from) == tensions(warm + bad, high_from)

    def test_ten_warm_minutes_and_ten_neutral_ones_change_nothing_of_two_bad_ones(self) -> None:
        warm, neutral = (summarise(call_of(minutes(mix, 10) + minutes(BAD, 2))) for mix in (WARM, NEUTRAL))
        assert warm.tension == neutral.tension
        assert warm.level_peak < neutral.level_peak / 10, "the level says something else, and that is why"

    @given(mixes)
    @settings(max_examples=10, deadline=None)
    def test_the_same_mix_for_3_10_and_30_minutes_gives_the_same_word_and_the_same_peak(
        self, mix: list[Outcome]
    ) -> None:
        ends = [tensions(minutes(mix, length))[-1] for length in (3, 10, 30)]
        assert ends[0] == ends[1] == ends[2]
        peaks = {summarise(call_of(minutes(mix, length))).tension.peak for length in (3, 10, 30)}  # type: ignore[union-attr]
        assert len(peaks) == 1

    @pytest.mark.parametrize("length", [3, 10, 30])
    def test_a_quarter_stress_drawn_by_chance_is_steady_at_any_length(self, length: int) -> None:
        chance = random.Random(f"quarter/{length}")
        for _call in range(20):
            drawn = [S if chance.random() < 0.25 else N for _reading in range(length * MINUTE)]
            assert tensions(drawn)[-1].word is TensionWord.STEADY

    @given(long_calls)
    def test_only_the_last_minute_with_a_face_counts(self, found: list[Outcome]) -> None:
        seen = [outcome for outcome in found if outcome is not GAP]
        expected = (seen[-WINDOW:].count(S), min(len(seen), WINDOW))
        last = tensions(found)[-1] if found else Tension()
        assert (last.stress, last.seen) == expected

    @given(long_calls, st.lists(st.tuples(st.floats(0, 1), st.integers(1, 500)), max_size=5), thresholds)
    def test_a_gap_changes_nothing(self, found: list[Outcome], gaps: list[tuple[float, int]], high_from: int) -> None:
        seen = [outcome for outcome in found if outcome is not GAP]
        with_gaps = list(seen)
        for place, length in gaps:
            at = round(place * len(with_gaps))
            with_gaps[at:at] = [GAP] * length
        read = zip(with_gaps, tensions(with_gaps, high_from), strict=True)
        assert [tension for outcome, tension in read if outcome is not GAP] == tensions(seen, high_from)


class TestMoreStress:
    @given(long_calls, st.data(), thresholds)
    def test_more_stress_never_reads_as_calmer(self, found: list[Outcome], data: st.DataObject, high_from: int) -> None:
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(found))] * 2)))
        worse = [*found[:first], *[S] * (last - first), *found[last:]]
        for one, two in zip(tensions(found, high_from), tensions(worse, high_from), strict=True):
            if one.word is not None and two.word is not None:
                assert two.share >= one.share
                assert band_of(two.word) >= band_of(one.word)

    @given(long_calls, st.data())
    def test_nor_does_a_call_with_more_stress_come_to_less(self, found: list[Outcome], data: st.DataObject) -> None:
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(found))] * 2)))
        worse = [*found[:first], *[S] * (last - first), *found[last:]]
        one, two = summarise(call_of(found)).tension, summarise(call_of(worse)).tension
        if one is not None:
            assert two is not None
            assert two.peak >= one.peak
            assert two.tense_ms >= one.tense_ms

    @given(long_calls.filter(lambda found: len(found) > WINDOW), st.integers(1, 100))
    def test_tension_that_stress_has_just_pushed_up_is_not_called_settling(
        self, found: list[Outcome], count: int
    ) -> None:
        worse = tensions([*found, *[S] * 100])
        assert worse[-1].word is not TensionWord.SETTLING


class TestWords:
    def test_nothing_is_said_before_twenty_seconds_of_face(self) -> None:
        found = tensions([S, GAP] * NEEDED)
        assert [one.word for one in found[: 2 * NEEDED - 2]] == [None] * (2 * NEEDED - 2)
        assert found[-1].word is TensionWord.HIGH

    @pytest.mark.parametrize(
        ("found", "word"),
        [
            (minutes(NEUTRAL, 2), TensionWord.CALM),
            (minutes(QUARTER, 10), TensionWord.STEADY),
            (minutes(BAD, 2), TensionWord.HIGH),
            (minutes(NEUTRAL, 2) + minutes(BAD, 0.5), TensionWord.RISING),
            (minutes(BAD, 2) + minutes(WARM, 0.6), TensionWord.SETTLING),
            (minutes(BAD, 2) + minutes(NEUTRAL, 1), TensionWord.CALM),
        ],
    )
    def test_the_words_say_what_they_mean(self, found: list[Outcome], word: TensionWord) -> None:
        assert tensions(found)[-1].word is word

    @pytest.mark.parametrize("stress", [31, 150], ids=["about calm", "about high"])
    def test_a_share_that_trembles_about_a_border_does_not_make_the_word_flicker(self, stress: int) -> None:
        minute = [S, N] * stress + [N] * (WINDOW - 2 * stress)
        trembling = [N, S] * stress  # one of 300 less, one more, with every reading
        shares = [one.share for one in tensions(minute + trembling)[-len(trembling) :]]
        border = CALM_UP_TO + 1 if stress == 31 else HIGH_WITHOUT_HISTORY
        assert min(shares) < border <= max(shares)
        found = bands(minute + trembling)[-len(trembling) :]
        assert sum(one is not two for one, two in pairwise(found)) <= 1

    @given(long_calls, thresholds)
    def test_a_word_left_is_not_taken_up_again_within_a_second(self, found: list[Outcome], high_from: int) -> None:
        words = [one.word for one in tensions(found, high_from) if one.word is not None]
        changes = [tick for tick in range(1, len(words)) if words[tick] is not words[tick - 1]]
        for one, two in pairwise(changes):
            assert two - one >= READINGS_PER_SECOND or words[one - 1] is not words[two]

    @given(st.integers(0, WINDOW), st.integers(0, WINDOW))
    def test_the_interval_holds_the_share_and_narrows_with_what_is_seen(self, stress: int, seen: int) -> None:
        assume(stress <= seen)
        low, high = Tension(stress, seen).interval
        assert 0 <= low <= (stress / seen if seen else low) <= high <= 1
        if seen:
            less, more = Tension(stress, seen), Tension(stress * 10, seen * 10)
            assert more.interval[1] - more.interval[0] < less.interval[1] - less.interval[0]


class TestOwnThreshold:
    @given(st.lists(st.integers(0, 1000), max_size=CALLS_NEEDED - 1))
    def test_until_there_are_ten_calls_half_a_minute_is_high(self, peaks: list[int]) -> None:
        assert high_threshold(peaks) == HIGH_WITHOUT_HISTORY

    def test_it_is_the_quantile_of_the_peaks_and_not_their_maximum(self) -> None:
        assert high_threshold([*range(100, 1001, 100)]) == 910

    @given(st.lists(st.integers(0, 1000), min_size=CALLS_NEEDED, max_size=200))
    def test_it_can_be_reached_and_is_never_under_what_counts_as_tense(self, peaks: list[int]) -> None:
        assert TENSE_FROM <= high_threshold(peaks) <= max(TENSE_FROM, *peaks)
        assert tensions([S] * NEEDED, high_threshold(peaks))[-1].word is TensionWord.HIGH

    @given(st.lists(st.integers(0, 1000), min_size=CALLS_NEEDED, max_size=60))
    def test_the_order_of_the_calls_changes_nothing(self, peaks: list[int]) -> None:
        assert high_threshold(peaks) == high_threshold(sorted(peaks))


# -- the table of docs/level.md ---------------------------------------------------------------------------------------

CALLS: Sequence[tuple[str, list[Outcome]]] = (
    ("10 min neutral, then 2 min with 80 % stress", minutes(NEUTRAL, 10) + minutes(BAD, 2)),
    ("10 min warm (60 % happy, 40 % neutral), then the same 2 min", minutes(WARM, 10) + minutes(BAD, 2)),
    ("20 min warm, then 3 min of it", minutes(WARM, 20) + minutes(BAD, 3)),
    ("a quarter stress, the rest neutral: 3 min", minutes(QUARTER, 3)),
    ("the same for 10 min", minutes(QUARTER, 10)),
    ("the same for 30 min", minutes(QUARTER, 30)),
)


def table() -> str:
    """Before (by the level, as it was) and after (by tension), for the calls of the docs."""
    lines = [
        "| call | level at the end / peak | level over 0.5 | tension at the end / peak | word | tense |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in CALLS:
        samples, last = call_of(found), tensions(found)[-1]
        summary = summarise(samples, len(samples) * 200)
        assert summary.tension is not None
        assert last.word is not None
        strain = sum(sample.level > 500 for sample in samples) / READINGS_PER_SECOND
        lines.append(
            f"| {name} | {samples[-1].level / 1000:.1f} / {summary.level_peak / 1000:.1f} | {strain:.0f} s "
            f"| {last.share / 10:.0f} % / {summary.tension.peak / 10:.0f} % | {last.word} "
            f"| {summary.tension.tense_ms / 1000:.0f} s |"
        )
    return "\n".join(lines)


def test_the_table_in_the_docs_is_the_one_that_the_program_makes() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("per_mille", [CALM_UP_TO, TENSE_FROM, HIGH_WITHOUT_HISTORY])
def test_the_docs_name_the_thresholds_that_hold(per_mille: int) -> None:
    assert f"{per_mille / 10:.0f} %" in DOCS.read_text(encoding="utf-8")


if __name__ == "__main__":
    print(table())
