"""How good a network is: accuracy, balance, macro-F1, confusion and calibration on sets with partial labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.adapt.examples import Examples
from core.candidates.runner import at_temperature
from core.datasets.labelled import LabelledSet
from core.method.emotion import EMOTIONS

CALIBRATION_BINS = 15

Labelled = LabelledSet | Examples
"""What tells for each picture which classes its set offers, and which of them are allowed."""


def evaluate_probabilities(probabilities: NDArray[np.float64], labelled: LabelledSet) -> dict[str, float]:
    """Accuracy, balanced accuracy, macro-F1, expected calibration error, and how many pictures they stand on.

    `probabilities` (n, 4) in the order of `EMOTIONS`, one row for each picture of the set.

    A picture counts as read right when the best of the classes that its set offers is allowed. Balanced accuracy and
    macro-F1 are taken over pictures with a single label, over the classes that occur.
    """
    best = best_offered(probabilities, labelled)
    hit = read_rightly(probabilities, labelled)
    balanced, macro_f1 = _per_class(labelled.single, best)
    confidence = confidence_of(probabilities, labelled)
    return {
        "accuracy": float(hit.mean()),
        "balanced_accuracy": balanced,
        "macro_f1": macro_f1,
        "ece": expected_calibration_error(confidence, hit),
        "pictures": float(len(best)),
    }


def best_offered(probabilities: NDArray[np.float64], labelled: Labelled) -> NDArray[np.int64]:
    """The best of the classes that each picture's set offers: (n,)."""
    return np.asarray(np.where(labelled.label_space, probabilities, -1.0).argmax(axis=1))


def read_rightly(probabilities: NDArray[np.float64], labelled: Labelled) -> NDArray[np.bool_]:
    """Whether the best of the offered classes is an allowed one: (n,)."""
    return np.asarray(labelled.candidate_labels[np.arange(len(probabilities)), best_offered(probabilities, labelled)])


def confidence_of(probabilities: NDArray[np.float64], labelled: LabelledSet) -> NDArray[np.float64]:
    """How sure a network is of the best of the classes that each picture's set offers: (n,), 0 to 1."""
    shares = probabilities * labelled.label_space
    return np.asarray(shares.max(axis=1) / np.maximum(shares.sum(axis=1), 1e-9))


def chance_calibration_error(confidence: NDArray[np.float64], rounds: int = 50, seed: int = 1) -> float:
    """The calibration error that as many pictures would show by chance if they were calibrated.

    `confidence` (n,), 0 to 1, of the class that is read.
    """
    random = np.random.default_rng(seed)
    drawn = [expected_calibration_error(confidence, random.random(len(confidence)) < confidence) for _ in range(rounds)]
    return float(np.mean(drawn))


def expected_calibration_error(confidence: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    """How far confidence (n,) and accuracy lie apart, averaged over 15 equally wide bins of confidence.

    `hit` (n,): whether the class that was read is a right one.
    """
    edges = np.clip((confidence * CALIBRATION_BINS).astype(int), 0, CALIBRATION_BINS - 1)
    error = 0.0
    for number in np.unique(edges):
        here = edges == number
        error += here.mean() * abs(confidence[here].mean() - hit[here].mean())
    return float(error)


def confusion_matrix(probabilities: NDArray[np.float64], labelled: LabelledSet) -> NDArray[np.int64]:
    """Counts (4, 4): rows the single label, columns the best class, in the order of `EMOTIONS`."""
    matrix = np.zeros((len(EMOTIONS), len(EMOTIONS)), dtype=np.int64)
    single, best = labelled.single, probabilities.argmax(axis=1)
    np.add.at(matrix, (single[single >= 0], best[single >= 0]), 1)
    return matrix


def neutral_face_figures(probabilities: NDArray[np.float64]) -> dict[str, float]:
    """What neutral faces are read as: the shares of neutral and of stress, and how many there were.

    `probabilities` (n, 4) in the order of `EMOTIONS`.
    """
    best = probabilities.argmax(axis=1)
    return {
        "neutral": float((best == 1).mean()),
        "stress": float((best == 2).mean()),
        "pictures": float(len(best)),
    }


def fit_temperature(probabilities: Sequence[NDArray[np.float64]], sets: Sequence[LabelledSet]) -> float:
    """The temperature (Guo et al. 2017) that makes the mean of the sets' losses least, between 0.3 and 4.

    `probabilities` (n, 4) of each set at temperature 1. Each set counts the same, whatever its size.

    Raises:
        ValueError: there is no set.
    """
    if not sets:
        raise ValueError("there is no validation picture to fit a temperature on")

    def loss(temperature: float) -> float:
        return sum(
            partial_label_loss_of(at_temperature(read, temperature), labelled)
            for read, labelled in zip(probabilities, sets, strict=True)
        )

    return round(float(min(np.exp(np.linspace(np.log(0.3), np.log(4.0), 131)), key=loss)), 3)


def scores_at(
    temperature: float, read: Sequence[NDArray[np.float64]], sets: Sequence[LabelledSet]
) -> dict[str, dict[str, float]]:
    """What probabilities (n, 4) of each set reach at a temperature, by the set's name, as a card shows it."""
    return {
        labelled.name: as_record(evaluate_probabilities(at_temperature(one, temperature), labelled))
        for one, labelled in zip(read, sets, strict=True)
    }


def partial_label_loss_of(probabilities: NDArray[np.float64], labelled: LabelledSet) -> float:
    """The mean of -log(sum over the allowed / sum over the offered) of probabilities (n, 4): what training minimises."""
    over_candidates = (probabilities * labelled.candidate_labels).sum(axis=1)
    over_label_space = (probabilities * labelled.label_space).sum(axis=1)
    return float(-np.log(np.maximum(over_candidates, 1e-12) / np.maximum(over_label_space, 1e-12)).mean())


def _per_class(single: NDArray[np.int64], best: NDArray[np.int64]) -> tuple[float, float]:
    recalls: list[float] = []
    f1s: list[float] = []
    known = single >= 0
    for number in np.unique(single[known]):
        right = float(((single == number) & (best == number)).sum())
        recalls.append(right / float((single == number).sum()))
        named = float((known & (best == number)).sum())
        f1s.append(2 * right / (named + float((single == number).sum())))
    return (float(np.mean(recalls)), float(np.mean(f1s))) if recalls else (0.0, 0.0)


def as_record(figures: dict[str, Any]) -> dict[str, float]:
    """Figures rounded as a card shows them."""
    return {name: round(float(value), 4) for name, value in figures.items()}
