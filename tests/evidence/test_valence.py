from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet, shared_label_space
from tests.evidence.valence import VALENCES, valence_accuracy, valence_probabilities
from tests.training.made_up import drawn_set


def labelled_by(candidate_labels: NDArray[np.bool_]) -> LabelledSet:
    return replace(
        drawn_set(len(candidate_labels)),
        candidate_labels=candidate_labels,
        label_space=shared_label_space(candidate_labels),
    )


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=8))
def test_stress_and_surprise_are_negative_and_nothing_is_lost(rows: list[list[float]]) -> None:
    four = np.array(rows)
    four /= four.sum(axis=1, keepdims=True)
    three = valence_probabilities(four)
    assert three.shape == (len(rows), len(VALENCES))
    assert three.sum(axis=1) == pytest.approx(1)
    assert three[:, 2] == pytest.approx(four[:, 2] + four[:, 3])


def test_stress_taken_for_surprise_is_right_in_tone_and_taken_for_happy_wrong() -> None:
    candidate_labels = np.eye(4, dtype=bool)[[0, 1, 2, 3, 2]]
    read = np.eye(4)[[0, 1, 3, 2, 0]]
    assert valence_accuracy(read, labelled_by(candidate_labels)) == pytest.approx(4 / 5)


def test_a_tone_that_the_set_does_not_offer_cannot_be_read() -> None:
    candidate_labels = np.eye(4, dtype=bool)[[0, 2, 2]]
    assert not shared_label_space(candidate_labels)[:, 1].any()
    neutral_first = np.array([[0.3, 0.6, 0.1, 0.0], [0.1, 0.6, 0.2, 0.1], [0.4, 0.5, 0.1, 0.0]])
    assert valence_accuracy(neutral_first, labelled_by(candidate_labels)) == pytest.approx(2 / 3)
