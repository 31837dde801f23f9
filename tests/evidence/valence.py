"""The second paper's three classes, positive, neutral and negative, on sets labelled with our four (method.md 3, [I])."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet
from core.method.emotion import EMOTIONS, Emotion

VALENCES: tuple[tuple[str, tuple[Emotion, ...]], ...] = (
    ("positive", (Emotion.HAPPY,)),
    ("neutral", (Emotion.NEUTRAL,)),
    ("negative", (Emotion.STRESS, Emotion.SURPRISE)),
)
"""Each valence and the emotions that it is made of."""


def valence_probabilities(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (n, 4) in the order of `EMOTIONS` as probabilities (n, 3) in the order of `VALENCES`."""
    return np.asarray(probabilities @ _MEMBERS)


def valence_accuracy(probabilities: NDArray[np.float64], labelled: LabelledSet) -> float:
    """The share of pictures whose likeliest valence, of those that the set offers, is one that the label allows."""
    label_space = labelled.label_space @ _MEMBERS > 0
    candidate_labels = labelled.candidate_labels @ _MEMBERS > 0
    best = np.where(label_space, valence_probabilities(probabilities), -1.0).argmax(axis=1)
    return float(candidate_labels[np.arange(len(best)), best].mean())


_MEMBERS = np.array([[emotion in members for _, members in VALENCES] for emotion in EMOTIONS], dtype=np.float64)
