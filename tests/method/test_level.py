from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import Emotion, Outcome
from core.method.level import (
    PROFILES,
    READINGS_PER_SECOND,
    THESIS_CODE,
    THESIS_TABLE,
    THOUSANDTHS,
    LevelProfile,
    next_level,
    profile_by_name,
)
from tests.strategies import outcomes

METHOD_7_ABOVE = {
    "thesis-table": {"happy": "-0.02", "neutral": "-0.005", "stress": "0.02", "surprise": "0.005"},
    "thesis-code": {"happy": "-0.02", "neutral": "-0.01", "stress": "0.02", "surprise": "0.005"},
}
METHOD_7_BELOW = {"happy": "-0.005", "neutral": "0", "stress": "0.02", "surprise": "0.005"}

profiles = st.sampled_from(PROFILES)
levels = st.integers(-100_000, 100_000)


def _thousandths(step: str) -> int:
    exact = Fraction(step) * THOUSANDTHS
    assert exact.denominator == 1
    return int(exact)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("emotion", list(Emotion))
@pytest.mark.parametrize("level", [1, 4, 5, 20, 1000])
def test_above_zero_each_emotion_moves_the_level_by_the_thesis_step(
    profile: LevelProfile, emotion: Emotion, level: int
) -> None:
    step = _thousandths(METHOD_7_ABOVE[profile.name][emotion.value])
    assert next_level(level, Outcome(emotion.value), profile) == level + step


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("emotion", list(Emotion))
@pytest.mark.parametrize("level", [0, -1, -5, -1000])
def test_at_and_below_zero_each_emotion_moves_the_level_by_the_thesis_step(
    profile: LevelProfile, emotion: Emotion, level: int
) -> None:
    step = _thousandths(METHOD_7_BELOW[emotion.value])
    assert next_level(level, Outcome(emotion.value), profile) == level + step


@given(levels, profiles, st.sampled_from([Outcome.UNSURE, Outcome.GAP]))
def test_unsure_and_gap_change_nothing(level: int, profile: LevelProfile, outcome: Outcome) -> None:
    assert next_level(level, outcome, profile) == level


def test_the_default_is_table_6_and_five_readings_a_second() -> None:
    assert next_level(100, Outcome.NEUTRAL) == next_level(100, Outcome.NEUTRAL, THESIS_TABLE) == 95
    assert next_level(100, Outcome.NEUTRAL, THESIS_CODE) == 90
    assert READINGS_PER_SECOND == 5


@given(st.lists(outcomes, max_size=300), profiles)
def test_the_level_never_drifts_from_the_exact_sum_of_its_steps(readings: list[Outcome], profile: LevelProfile) -> None:
    level, exact = 0, Fraction(0)
    for outcome in readings:
        if outcome.emotion is not None:
            table = METHOD_7_ABOVE[profile.name] if exact > 0 else METHOD_7_BELOW
            exact += Fraction(table[outcome.value])
        level = next_level(level, outcome, profile)
        assert type(level) is int
        assert Fraction(level, THOUSANDTHS) == exact


def test_an_hour_of_stress_is_exactly_360() -> None:
    level = 0
    for _ in range(3600 * READINGS_PER_SECOND):
        level = next_level(level, Outcome.STRESS)
    assert level == 360 * THOUSANDTHS


@given(st.lists(st.sampled_from([Outcome.NEUTRAL, Outcome.UNSURE, Outcome.GAP]), max_size=200), profiles)
def test_a_call_without_strain_and_smiles_stays_at_zero(readings: list[Outcome], profile: LevelProfile) -> None:
    level = 0
    for outcome in readings:
        level = next_level(level, outcome, profile)
    assert level == 0


def test_a_profile_is_found_by_its_name_and_an_unknown_name_names_the_known_ones() -> None:
    assert profile_by_name("thesis-code") is THESIS_CODE
    with pytest.raises(ValueError, match="no level profile is called 'table'; there are: thesis-table, thesis-code"):
        profile_by_name("table")


def test_the_steps_of_a_profile_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        THESIS_TABLE.above_zero[Emotion.HAPPY] = 0  # type: ignore[index]
