"""Does the heat tell the truth? Deleting the hottest part must cost the class more than deleting a random part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.candidates.network import Network
from core.explain.saliency import Explainer, SaliencyMap, normalise_saliency
from core.method.emotion import Emotion
from core.sources.source import Pixels

SHARE = 0.2
"""The share of a crop's pixels that is deleted (issue 12)."""

CELLS = 4
"""A random heat has so many cells along a side and is enlarged as a map is: parts of other shapes prove nothing.

Small squares all over a face disturb a network more than the same area in one piece, wherever that lies.
"""

GREY = 128


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Mean fall of the class's probability over `crops` crops: hottest part deleted, a random part deleted."""

    crops: int
    hottest: float
    random: float


def measure_fidelity(
    explainer: Explainer, network: Network, crops: Sequence[Pixels], *, share: float = SHARE, seed: int = 1
) -> Fidelity:
    """Measure at least one crop (100 x 100 x 3 uint8 BGR); each is explained for what the network reads in it.

    Raises:
        ValueError: there is no crop.
        NetworkError: the network cannot be run.
    """
    if not crops:
        raise ValueError("there is no crop to measure")
    random = np.random.default_rng(seed)
    falls: list[tuple[float, float]] = []
    for crop in crops:
        explanation = explainer.explain(crop)
        emotion: Emotion = explanation.emotion
        changed = [delete(crop, explanation.saliency, share), delete(crop, _random_saliency(random), share)]
        whole = explanation.probabilities.of(emotion)
        hottest, anywhere = (whole - one.of(emotion) for one in network.read(changed))
        falls.append((hottest, anywhere))
    hottest, anywhere = (float(value) for value in np.mean(falls, axis=0))
    return Fidelity(len(crops), hottest, anywhere)


def delete(crop: Pixels, saliency: SaliencyMap, share: float) -> Pixels:
    """The crop with the hottest `share` (0 to 1) of its pixels made grey."""
    count = round(share * saliency.size)
    order = np.argsort(saliency, axis=None, kind="stable")[::-1][:count]
    changed = crop.copy().reshape(-1, 3)
    changed[order] = GREY
    return changed.reshape(crop.shape)


def _random_saliency(random: np.random.Generator) -> SaliencyMap:
    return normalise_saliency(random.random((CELLS, CELLS), dtype=np.float32))
