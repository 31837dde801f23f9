"""Which pictures an epoch sees: each once, or drawn by set and class (square root); reproducible by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet

MIXTURE: Mapping[str, float] = {
    "rafdb": 0.40,
    "ferplus": 0.22,
    "korean": 0.18,
    "affectnet_oval": 0.12,
    "lfw": 0.05,
    "ckplus": 0.03,
}
"""The share of each set in what is drawn, by how far its labels can be trusted and how much it adds."""


def picture_weights(labelled: LabelledSet) -> NDArray[np.float64]:
    """How likely each picture of one set is drawn: (n,), summing to 1.

    A class is drawn in proportion to the square root of its size: the rare ones more often, without repeating them
    until they are learnt by heart. A partial label counts for its combination.
    """
    combination = labelled.candidate_labels @ (1 << np.arange(labelled.candidate_labels.shape[1]))
    values, inverse, counts = np.unique(combination, return_inverse=True, return_counts=True)
    assert len(values) == len(counts)
    weights = (1.0 / np.sqrt(counts))[inverse]
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def class_shares(labelled: LabelledSet) -> NDArray[np.float64]:
    """How often each class is drawn from one set, (4,), sums to 1; a partial label counts evenly for what it allows."""
    even = labelled.candidate_labels / labelled.candidate_labels.sum(axis=1, keepdims=True)
    return np.asarray(picture_weights(labelled) @ even, dtype=np.float64)


def label_space_shares(labelled: LabelledSet, adjustment: float) -> NDArray[np.float32]:
    """How frequent each offered class is in its set, (n, 4), to the power of `adjustment`; 0 where it is not offered.

    With 0 that is plainly what is offered. See `core.training.losses.partial_label_loss`.
    """
    return np.asarray(labelled.label_space * class_shares(labelled) ** adjustment, dtype=np.float32)


class Sampler(Protocol):
    """Says which pictures an epoch sees."""

    def draw(self, count: int, seed: int, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The numbers of sets and of pictures, (count,) each; the same for the same seed and epoch."""
        ...


class EachOnceSampler:
    """Every picture of every set once an epoch, in a drawn order (method.md 4)."""

    def __init__(self, sets: Sequence[LabelledSet]) -> None:
        """Keeps how large the sets are."""
        sizes = [len(labelled) for labelled in sets]
        self._sets = np.repeat(np.arange(len(sizes)), sizes)
        self._pictures = np.concatenate([np.arange(size) for size in sizes])

    def draw(self, count: int, seed: int, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """See `Sampler`; `count` or, where there are fewer, all pictures."""
        order = np.random.default_rng([seed, epoch]).permutation(len(self._sets))[:count]
        return self._sets[order], self._pictures[order]


class MixtureSampler:
    """Draws (set, picture) pairs. The same seed and epoch draw the same pairs."""

    def __init__(self, sets: Sequence[LabelledSet], mixture: Mapping[str, float] = MIXTURE) -> None:
        """Sets without a share in `mixture` are drawn like the least one that has.

        Raises:
            ValueError: no set is given.
        """
        if not sets:
            raise ValueError("there is no data set to draw from")
        least = min(mixture.values(), default=1.0)
        shares = np.array([mixture.get(labelled.name, least) for labelled in sets])
        self._set_shares = shares / shares.sum()
        self._weights = [picture_weights(labelled) for labelled in sets]

    def draw(self, count: int, seed: int, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The numbers of sets and of pictures, (count,) each, for this epoch."""
        rng = np.random.default_rng([seed, epoch])
        sets = rng.choice(len(self._set_shares), size=count, p=self._set_shares)
        pictures = np.empty(count, dtype=np.int64)
        for number, weights in enumerate(self._weights):
            here = np.flatnonzero(sets == number)
            pictures[here] = rng.choice(len(weights), size=len(here), p=weights)
        return sets.astype(np.int64), pictures
