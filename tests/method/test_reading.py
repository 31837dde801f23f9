from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import Emotion, Outcome, Probabilities
from core.method.reading import NEUTRAL_IN_CALLS, mean_probabilities, read_in_call
from tests.strategies import probabilities, spread


@given(st.lists(probabilities, min_size=1, max_size=6), st.randoms())
def test_the_mean_of_what_was_read_sums_to_one_and_does_not_depend_on_the_order(
    read: list[Probabilities], draw: random.Random
) -> None:
    mean = mean_probabilities(read)
    assert math.isclose(sum(mean.as_tuple()), 1)
    other = mean_probabilities(draw.sample(read, k=len(read)))
    assert mean.as_tuple() == pytest.approx(other.as_tuple())


@given(probabilities, st.integers(1, 6))
def test_the_mean_of_the_same_probabilities_is_these_probabilities(read: Probabilities, times: int) -> None:
    assert mean_probabilities([read] * times).as_tuple() == pytest.approx(read.as_tuple(), abs=1e-5)


def test_one_sure_neutral_reading_outweighs_one_that_is_less_sure_of_strain() -> None:
    mean = mean_probabilities([spread(Emotion.NEUTRAL, 0.97), spread(Emotion.STRESS, 0.7)])
    assert mean.best is Emotion.NEUTRAL


@given(probabilities)
def test_in_a_call_neutral_is_likelier_and_the_rest_stay_as_they_are_beside_each_other(read: Probabilities) -> None:
    told = read_in_call([read])
    assert told.neutral >= read.neutral - 1e-9
    for one in (Emotion.HAPPY, Emotion.SURPRISE):
        assert told.of(one) * read.stress == pytest.approx(read.of(one) * told.stress, abs=1e-9)
    assert told.neutral * read.stress == pytest.approx(NEUTRAL_IN_CALLS * read.neutral * told.stress, abs=1e-9)


def test_in_a_call_a_face_that_is_hardly_more_tense_than_neutral_is_neutral_and_a_tense_one_is_tense() -> None:
    assert read_in_call([Probabilities(0.02, 0.45, 0.51, 0.02)]).outcome() is Outcome.NEUTRAL
    assert read_in_call([Probabilities(0.02, 0.36, 0.6, 0.02)]).outcome() is Outcome.STRESS
