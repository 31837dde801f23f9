"""What a correction is fitted on: pooled features and probabilities, with what may be right. Numbers, never pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.candidates.network import LiteRTNetwork
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Probabilities
from core.method.speech import PASSAGES
from core.sources.source import Pixels

Floats = NDArray[np.float64]

SPEECH_WEIGHT = 8.0
"""A passage of speech counts as much as so many expressions: a call is mostly that, and its mouths are many."""

SPEECH_FACES = 6
"""Of a passage of speech so many times the faces of an expression are learnt from."""

BATCH = 32


@dataclass(frozen=True, slots=True)
class Examples:
    """n faces of one person as one network sees them.

    `pooled` (n, channels): the global average of the last feature map. `probabilities` (n, 4). `candidate_labels` (n, 4) bool:
    any of these may be right. `label_space` (n, 4) bool: the classes that are compared (all, but for partial labels).
    `groups` (n,): faces of one expression share a number; each group counts the same, however many faces it has. Groups
    below 0 are passages of speech and count `SPEECH_WEIGHT` times as much.
    """

    pooled: Floats
    probabilities: Floats
    candidate_labels: NDArray[np.bool_]
    label_space: NDArray[np.bool_]
    groups: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Raises ValueError where the arrays do not belong together, or a face may be nothing at all."""
        count = len(self.pooled)
        wide = (self.probabilities, self.candidate_labels, self.label_space)
        if self.pooled.ndim != 2 or any(part.shape != (count, len(EMOTIONS)) for part in wide):
            raise ValueError("examples need (n, channels) features and (n, 4) probabilities, allowed and offered")
        if self.groups.shape != (count,):
            raise ValueError("each example needs its group")
        if not (self.candidate_labels.any(axis=1).all() and not (self.candidate_labels & ~self.label_space).any()):
            raise ValueError("each example must allow a class, and only such as are offered")

    def __len__(self) -> int:
        """How many faces there are."""
        return len(self.pooled)

    @property
    def shown(self) -> NDArray[np.bool_]:
        """(4,) the classes that some face shows, and nothing else."""
        return np.asarray((self.candidate_labels & (self.candidate_labels.sum(axis=1, keepdims=True) == 1)).any(axis=0))

    @property
    def weights(self) -> Floats:
        """(n,) weights that sum to 1 and give each group its share."""
        groups, inverse, counts = np.unique(self.groups, return_inverse=True, return_counts=True)
        shares = np.where(groups < 0, SPEECH_WEIGHT, 1.0)
        return np.asarray(shares[inverse] / counts[inverse] / shares.sum())

    def take(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Examples:
        """The examples at these places."""
        return Examples(
            self.pooled[keep],
            self.probabilities[keep],
            self.candidate_labels[keep],
            self.label_space[keep],
            self.groups[keep],
        )

    def thinned(self, count: int) -> Examples:
        """At most `count` (1 or more) of each group, evenly spread over its faces: neighbours are near copies.

        Of a passage of speech, whose mouths are many, `SPEECH_FACES` times as many.
        """
        kept: list[NDArray[np.int64]] = []
        for group in np.unique(self.groups):
            places = np.flatnonzero(self.groups == group)
            most = count * SPEECH_FACES if group < 0 else count
            wanted = np.linspace(0, len(places) - 1, min(most, len(places))).round().astype(np.int64)
            kept.append(places[wanted])
        return self.take(np.concatenate(kept)) if kept else self


def join(several: Sequence[Examples]) -> Examples:
    """Several takes of one person, read by one network, as one.

    Raises:
        ValueError: there is none.
    """
    columns = ((one.pooled, one.probabilities, one.candidate_labels, one.label_space, one.groups) for one in several)
    return Examples(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def read_examples(network: LiteRTNetwork, crops: Mapping[str, Sequence[Pixels]]) -> Examples:
    """Read a person's crops (100 x 100 x 3 uint8 BGR), given by the id of an expression or a passage, with one network.

    Raises:
        ValueError: an id is neither, or there is no crop at all.
        NetworkError: the network cannot be run.
    """
    pairs = [(name, crop) for name, some in crops.items() for crop in some]
    if not pairs:
        raise ValueError("there is no crop to fit on")
    probabilities: list[Probabilities] = []
    pooled: list[NDArray[np.float32]] = []
    for start in range(0, len(pairs), BATCH):  # maps are large and only their means are wanted
        reading = network.predict([crop for _, crop in pairs[start : start + BATCH]])
        probabilities += reading.readings
        pooled.append(reading.pooled)
    return examples_of([name for name, _ in pairs], probabilities, np.concatenate(pooled))


def examples_of(
    expression_ids: Sequence[str], probabilities: Sequence[Probabilities], pooled: NDArray[np.float32]
) -> Examples:
    """N faces that were read already: what each shows or says, its probabilities, its features (n, channels).

    Raises:
        ValueError: an id is neither an expression's nor a passage's.
    """
    known: dict[str, tuple[int, tuple[Emotion, ...]]] = {
        expression.id: (number, (expression.emotion,)) for number, expression in enumerate(EXPRESSIONS)
    }
    known |= {passage.id: (-1 - number, passage.emotions) for number, passage in enumerate(PASSAGES)}
    unknown = [name for name in expression_ids if name not in known]
    if unknown:
        raise ValueError(f"no expression is called {unknown[0]!r}; there are: {', '.join(known)}")
    shown = [known[name] for name in expression_ids]
    candidate_labels = np.array(
        [[emotion in emotions for emotion in EMOTIONS] for _, emotions in shown], dtype=np.bool_
    )
    return Examples(
        pooled=pooled.astype(np.float64),
        probabilities=np.array([one.as_tuple() for one in probabilities]),
        candidate_labels=candidate_labels,
        label_space=np.ones_like(candidate_labels),
        groups=np.array([group for group, _ in shown], dtype=np.int64),
    )
