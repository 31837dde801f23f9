from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import (
    EMOTIONS,
    EXPRESSIONS,
    GAP,
    UNSURE_BELOW,
    Emotion,
    Outcome,
    Probabilities,
    Reading,
    expression_by_id,
)
from tests.strategies import probabilities

METHOD_5 = {
    "smile": "happy",
    "open_smile": "happy",
    "laugh": "happy",
    "expressionless": "neutral",
    "blank_stare": "neutral",
    "frown": "stress",
    "open_frown": "stress",
    "crying": "stress",
    "rage": "stress",
    "eyes_surprise": "surprise",
    "full_surprise": "surprise",
}


def test_the_eleven_expressions_are_those_of_the_thesis_in_its_order() -> None:
    assert [(expression.id, expression.emotion.value) for expression in EXPRESSIONS] == list(METHOD_5.items())


def test_the_labels_have_the_order_of_the_networks_output() -> None:
    assert [emotion.value for emotion in EMOTIONS] == ["happy", "neutral", "stress", "surprise"]


def test_an_expression_is_found_by_its_id_and_an_unknown_id_names_the_known_ones() -> None:
    assert expression_by_id("crying").emotion is Emotion.STRESS
    with pytest.raises(ValueError, match="no expression is called 'Smile'; there are: smile, open_smile"):
        expression_by_id("Smile")


def test_every_outcome_comes_back_from_its_code_and_codes_are_0_to_5() -> None:
    assert [outcome.code for outcome in Outcome] == [0, 1, 2, 3, 4, 5]
    assert all(Outcome.from_code(outcome.code) is outcome for outcome in Outcome)


@pytest.mark.parametrize("code", [-1, 6, 255])
def test_an_unknown_outcome_code_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match=f"no outcome has the code {code}"):
        Outcome.from_code(code)


def test_only_unsure_and_gap_have_no_emotion() -> None:
    assert [outcome.emotion for outcome in Outcome] == [*EMOTIONS, None, None]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ((0.5, 0.5), "2 probabilities"),
        ((0.2,) * 5, "5 probabilities"),
        ((1.5, -0.5, 0.0, 0.0), "not probabilities"),
        ((0.5, 0.5, 0.5, 0.5), "not probabilities"),
        ((0.0, 0.0, 0.0, 0.0), "not probabilities"),
        ((math.nan, 0.5, 0.5, 0.0), "not probabilities"),
        ((math.inf, 0.0, 0.0, 0.0), "not probabilities"),
    ],
)
def test_four_numbers_that_are_no_probabilities_are_refused(values: tuple[float, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Probabilities.from_sequence(values)


@given(probabilities)
def test_probabilities_come_back_as_they_went_in(given_ones: Probabilities) -> None:
    assert Probabilities.from_sequence(given_ones.as_tuple()) == given_ones
    assert tuple(given_ones.of(emotion) for emotion in EMOTIONS) == given_ones.as_tuple()


@given(probabilities)
def test_the_best_is_the_first_of_the_most_probable(given_ones: Probabilities) -> None:
    values = given_ones.as_tuple()
    assert EMOTIONS.index(given_ones.best) == values.index(max(values))


@given(probabilities)
def test_with_no_threshold_the_best_class_is_always_taken(given_ones: Probabilities) -> None:
    assert given_ones.outcome(0).emotion is given_ones.best


@pytest.mark.parametrize(
    ("values", "best"),
    [((0.0, 0.0, 0.0, 0.0), Emotion.HAPPY), ((0.0, 1e-300, 0.0, 1e-300), Emotion.NEUTRAL)],
)
def test_with_no_threshold_the_best_class_is_taken_however_tiny_or_tied(
    values: tuple[float, ...], best: Emotion
) -> None:
    assert Probabilities(*values).outcome(0).emotion is best


@pytest.mark.parametrize(
    ("stress", "outcome"),
    [(0.5, Outcome.UNSURE), (math.nextafter(0.5, 1), Outcome.STRESS), (0.49, Outcome.UNSURE), (1.0, Outcome.STRESS)],
)
def test_a_reading_is_unsure_up_to_exactly_a_half(stress: float, outcome: Outcome) -> None:
    read = Probabilities(0.0, (1 - stress) / 2, stress, (1 - stress) / 2)
    assert read.outcome() is outcome
    assert UNSURE_BELOW == 0.5


@given(probabilities, st.floats(0, 1))
def test_a_reading_is_unsure_exactly_when_no_class_is_over_the_threshold(
    given_ones: Probabilities, threshold: float
) -> None:
    unsure = threshold > 0 and max(given_ones.as_tuple()) <= threshold
    assert (given_ones.outcome(threshold) is Outcome.UNSURE) == unsure


def test_a_gap_has_no_probabilities_and_nothing_else_lacks_them() -> None:
    assert GAP.probabilities is None
    with pytest.raises(ValueError, match="a gap has no probabilities"):
        Reading(Outcome.GAP, Probabilities(1, 0, 0, 0))
    with pytest.raises(ValueError, match="a gap has no probabilities"):
        Reading(Outcome.UNSURE)
