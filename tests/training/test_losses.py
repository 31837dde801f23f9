"""What the loss of partial labels asks of a network, and what it leaves to the set that a picture is from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet, shared_label_space
from core.training.sampling import class_shares, label_space_shares, picture_weights
from tests.training.made_up import drawn_set

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.training.losses import partial_label_loss  # noqa: E402

HAPPY, NEUTRAL, STRESS, SURPRISE = np.eye(4, dtype=bool)
LABELS = st.lists(st.integers(1, 15), min_size=1, max_size=40)
LOGITS = st.lists(st.floats(-6, 6), min_size=4, max_size=4)


def labelled(candidate_labels: NDArray[np.bool_]) -> LabelledSet:
    return replace(
        drawn_set(len(candidate_labels)),
        candidate_labels=candidate_labels,
        label_space=shared_label_space(candidate_labels),
    )


def allowing(numbers: list[int]) -> NDArray[np.bool_]:
    """Each number's bits are the classes that a picture allows."""
    return np.array([[bool(number >> place & 1) for place in range(4)] for number in numbers])


def losses(one: LabelledSet, logits: list[float], adjustment: float, smoothing: float = 0.0) -> NDArray[np.float64]:
    targets = np.hstack([one.candidate_labels, label_space_shares(one, adjustment)]).astype(np.float32)
    everywhere = np.tile(np.array(logits, np.float32), (len(one), 1))
    return np.asarray(keras.ops.convert_to_numpy(partial_label_loss(smoothing)(targets, everywhere)), dtype=np.float64)


@given(LABELS)
def test_how_often_classes_are_drawn_sums_to_one_and_without_adjustment_nothing_but_the_offer_is_told(
    numbers: list[int],
) -> None:
    one = labelled(allowing(numbers))
    assert class_shares(one).sum() == pytest.approx(1)
    np.testing.assert_array_equal(label_space_shares(one, 0.0), one.label_space)
    np.testing.assert_array_equal(label_space_shares(one, 1.0) > 0, one.label_space)


@given(LABELS, LOGITS)
def test_a_partial_label_costs_what_its_classes_together_lack_of_those_that_are_offered(
    numbers: list[int], logits: list[float]
) -> None:
    one = labelled(allowing(numbers))
    shares = np.exp(logits)
    expected = -np.log((one.candidate_labels * shares).sum(axis=1) / (one.label_space * shares).sum(axis=1))
    np.testing.assert_allclose(losses(one, logits, 0.0), expected, atol=1e-4)


@given(st.lists(st.sampled_from([1, 2, 4, 8]), min_size=2, max_size=40), LOGITS)
def test_a_network_that_sees_nothing_gains_nothing_by_naming_the_sets_frequent_class(
    numbers: list[int], logits: list[float]
) -> None:
    """With every class drawn as often as the set draws it, all classes alike are the best that a blind guess can be."""
    one = labelled(allowing(numbers))
    weights = picture_weights(one)
    blind = weights @ losses(one, [0.0] * 4, 1.0)
    assert weights @ losses(one, logits, 1.0) >= blind - 1e-5


def test_without_adjustment_naming_the_frequent_class_is_worth_it() -> None:
    one = labelled(np.stack([HAPPY] + [STRESS] * 9))
    leaning = [0.0, 0.0, 1.0, 0.0]
    weights = picture_weights(one)
    assert weights @ losses(one, leaning, 0.0) < weights @ losses(one, [0.0] * 4, 0.0)
    assert weights @ losses(one, leaning, 1.0) > weights @ losses(one, [0.0] * 4, 1.0)


@pytest.mark.parametrize("adjustment", [0.0, 0.5, 1.0])
def test_smoothing_asks_something_of_every_class_that_is_offered_and_of_no_other(adjustment: float) -> None:
    one = labelled(np.stack([HAPPY, STRESS, STRESS, STRESS]))
    plain, smoothed = (losses(one, [3.0, 9.0, 0.0, 9.0], adjustment, smoothing) for smoothing in (0.0, 0.1))
    shares = label_space_shares(one, adjustment).astype(np.float64)[:, [0, 2]] * np.exp([3.0, 0.0])
    even = -np.log(shares / shares.sum(axis=1, keepdims=True)).mean(axis=1)
    np.testing.assert_allclose(smoothed, 0.9 * plain + 0.1 * even, atol=1e-5)
    assert np.isfinite(smoothed).all()
    assert not one.label_space[:, [1, 3]].any(), "a made-up set that lacks two classes"
