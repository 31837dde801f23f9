"""A card's temperature, fitted: the likenesses on training pictures, what they mean on validation pictures.

A network is less sure of posed pictures than it could be, and surer of pictures with doubtful labels than those labels
bear out; one temperature for all mends neither. Training pictures teach what the two kinds look like (a sparse logistic
regression on the pooled features, which sees no emotion); the three numbers that say how sure the network may be of each
kind are fitted on the validation pictures, as a single temperature would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.candidates.temperature import LARGEST_LOG, Floats, Likeness, Temperature, at_temperature
from core.datasets.labelled import LabelledSet, read_splits
from core.evaluation.litert import read_converted
from core.evaluation.metrics import as_record, confidence_of, evaluate_probabilities, partial_label_loss_of


class LabelKind(StrEnum):
    """How far the labels of a data set can be trusted."""

    POSED = "posed"
    DOUBTFUL = "doubtful"


KINDS: Mapping[str, LabelKind] = {
    "korean": LabelKind.POSED,
    "ckplus": LabelKind.POSED,
    "keti": LabelKind.POSED,
    "kdef": LabelKind.POSED,
    "cfd": LabelKind.POSED,
    "affectnet_oval": LabelKind.DOUBTFUL,
}
"""Sets in which people were asked for the expression that they are labelled with, and sets that one person labelled
from pictures found in the wild, a good quarter of which others would label otherwise. Sets not named are neither."""

TRAINING_PICTURES = 6000
"""So many of each set's training pictures are looked at, evenly drawn."""

SPARSITY = 0.01
"""The inverse weight of the likenesses' L1 penalty: a few dozen features, a card that can be read."""

STRENGTH_PENALTY = 1e-4
"""Weight of the squared strengths against the mean loss: a kind of which there are few pictures stays near 0."""

GAP_WEIGHT = 20.0
"""Weight of the squared gap between a set's mean sureness and its share read rightly, beside the loss.

The loss alone leaves a kind of picture that the likenesses tell badly from others a few points too sure; this costs it
less than a hundredth.
"""

DIGITS = 5
"""Significant digits that a card keeps of each number."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a network's file says of one split of a set: probabilities (n, 4) and pooled features (n, channels)."""

    labelled: LabelledSet
    probabilities: Floats
    pooled: NDArray[np.float32]


def read_training(data: Path, names: Sequence[str]) -> list[LabelledSet]:
    """A part of each set's training pictures, from which the likenesses are learnt; a set without any is left out.

    Raises:
        DataSetError: a set cannot be read.
    """
    return read_splits(data, names, "train", limit=TRAINING_PICTURES)


def read_with(content: bytes, sets: Sequence[LabelledSet]) -> list[Read]:
    """What a LiteRT file says of each set, without a temperature; its outputs in the order of `EMOTIONS`."""
    return [Read(labelled, *read_converted(content, labelled.pictures)) for labelled in sets]


def calibrated_scores(temperature: Temperature, validation: Sequence[Read]) -> dict[str, dict[str, float]]:
    """What the file reaches on each set at that temperature, as a card shows it."""
    return {
        one.labelled.name: as_record(
            evaluate_probabilities(temperature.apply(one.probabilities, one.pooled), one.labelled)
        )
        for one in validation
    }


def fit_temperature(training: Sequence[Read], validation: Sequence[Read]) -> Temperature:
    """The temperature that a network's card gets. Each set counts the same, whatever its size.

    Where `training` knows no kind of set beside others, the result is one temperature for all pictures. A validation
    set without training pictures is there to be judged, and is left alone, unless there is no other.

    Raises:
        ValueError: there is no validation picture.
    """
    if not validation:
        raise ValueError("there is no validation picture to calibrate on")
    trained = {one.labelled.name for one in training}
    validation = [one for one in validation if one.labelled.name in trained] or validation
    looks = [found for kind in LabelKind if (found := _likeness(kind, training)) is not None]
    likenesses = [np.stack([look.of(one.pooled) for look in looks], axis=1) for one in validation] if looks else []
    strengths = _strengths(validation, likenesses, len(looks))
    return Temperature(
        strengths[0],
        tuple(
            Likeness(look.name, strength, look.bias, look.channels, look.weights)
            for look, strength in zip(looks, strengths[1:], strict=True)
        ),
    )


def _likeness(kind: LabelKind, training: Sequence[Read]) -> Likeness | None:
    """How pictures of this kind of set look, told from all others; None where there are none, or nothing else."""
    from sklearn.linear_model import LogisticRegression

    is_kind = np.array([KINDS.get(one.labelled.name) is kind for one in training])
    if is_kind.all() or not is_kind.any():
        return None
    pooled = np.concatenate([one.pooled for one in training]).astype(np.float64)
    mean, deviation = pooled.mean(axis=0), pooled.std(axis=0)
    deviation = np.where(deviation > 1e-6, deviation, 1.0)
    target = np.concatenate([np.full(len(one.pooled), is_it) for one, is_it in zip(training, is_kind, strict=True)])
    # Each kind weighs the same, and in it each set.
    shares = [
        np.full(len(one.pooled), len(target) / 2 / (is_kind == is_it).sum() / len(one.pooled))
        for one, is_it in zip(training, is_kind, strict=True)
    ]
    regression = LogisticRegression(l1_ratio=1.0, C=SPARSITY, solver="liblinear", random_state=0)
    regression.fit((pooled - mean) / deviation, target, sample_weight=np.concatenate(shares))
    weights = regression.coef_[0] / deviation
    channels = np.flatnonzero(weights)
    bias = float(regression.intercept_[0] - weights @ mean)
    kept = tuple(_rounded(value) for value in weights[channels])
    return Likeness(kind.value, 0.0, _rounded(bias), tuple(int(channel) for channel in channels), kept)


def _strengths(validation: Sequence[Read], likenesses: Sequence[Floats], count: int) -> list[float]:
    """The logarithm of the temperature, and what each likeness adds, that make the mean of the sets' losses and gaps least."""
    from scipy.optimize import minimize

    shares = [evaluate_probabilities(one.probabilities, one.labelled)["accuracy"] for one in validation]

    def loss(strengths: NDArray[np.float64]) -> float:
        total = 0.0
        for number, one in enumerate(validation):
            log = np.full(len(one.pooled), strengths[0])
            log = log + likenesses[number] @ strengths[1:] if count else log
            probabilities = at_temperature(one.probabilities, log)
            total += partial_label_loss_of(probabilities, one.labelled)
            total += GAP_WEIGHT * float(confidence_of(probabilities, one.labelled).mean() - shares[number]) ** 2
        return total / len(validation) + STRENGTH_PENALTY * float(strengths[1:] @ strengths[1:])

    bounds: Any = [(-LARGEST_LOG, LARGEST_LOG)] * (1 + count)
    found = minimize(loss, np.zeros(1 + count), method="L-BFGS-B", bounds=bounds)
    return [_rounded(value) for value in found.x]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
