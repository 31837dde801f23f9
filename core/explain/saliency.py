"""Saliency maps of a crop: class activation from the feature map and the head's weights, or occlusion, all on LiteRT."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.candidates.network import FeatureNetwork, LiteRTNetwork, Network
from core.explain.file_graph import FileGraph, GraphError
from core.explain.geometry import MapGeometry, enlarge, map_geometry
from core.explain.head import Head, HeadError, head_of_graph
from core.face.crop import CROP_SIZE
from core.method.emotion import Emotion, Probabilities
from core.sources.source import Pixels

SaliencyMap = NDArray[np.float32]
"""(100, 100) float32 in 0..1, 1 where the crop spoke most for the emotion; all 0 where nothing did."""

SMALLEST_MAP = 2
"""A map of fewer cells along a side tells no place (InceptionV3 at 100 px may end in 1 x 1): occlusion instead."""

PATCH, STRIDE = 20, 10
"""Occlusion covers a grey square of this side, moved by this much: 81 runs a crop."""

COARSE_STRIDE = 20
"""Where the program explains while it watches, occlusion moves by this much: 25 runs a crop."""


class SaliencyMethod(StrEnum):
    """How a saliency map was made."""

    ACTIVATION = "class activation"
    OCCLUSION = "occlusion"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one network read in one crop, and where it looked for `emotion`."""

    probabilities: Probabilities
    emotion: Emotion
    saliency: SaliencyMap
    method: SaliencyMethod


class Explainer:
    """Explains one network. Belongs to one thread at a time, as the network does."""

    def __init__(self, network: FeatureNetwork) -> None:
        """Reads the head from the network's file; where that has none that is known, or is no single one, occlusion is used."""
        self._network = network
        self._head: Head | None = None
        self.geometry: MapGeometry | None = None
        if not isinstance(network, LiteRTNetwork):
            return
        try:
            graph = FileGraph(network.content)
            self._head = head_of_graph(graph)
            self.geometry = map_geometry(graph)
        except (HeadError, GraphError):
            return  # `method` says what is used instead

    def method(self, feature_map: NDArray[np.float32] | None) -> SaliencyMethod:
        """How a crop with this map (h, w, channels) is explained; None: the network tells no map."""
        if self._head is None or feature_map is None or min(feature_map.shape[:2]) < SMALLEST_MAP:
            return SaliencyMethod.OCCLUSION
        return SaliencyMethod.ACTIVATION

    def explain(self, crop: Pixels, emotion: Emotion | None = None, *, stride: int = STRIDE) -> Explanation:
        """Where the network looked in a crop (100 x 100 x 3 uint8 BGR) for `emotion`, or for what it read.

        `stride` is that of occlusion, where that is needed: a coarser one costs less and tells less.

        Raises:
            NetworkError: the network cannot be run.
        """
        feature_map = None
        if self._network.tells_map:
            reading = self._network.read_features([crop])
            [probabilities], feature_map = reading.readings, reading.maps[0]
        else:
            [probabilities] = self._network.read([crop])
        return self.explain_reading(crop, probabilities, feature_map, emotion, stride=stride)

    def explain_reading(
        self,
        crop: Pixels,
        probabilities: Probabilities,
        feature_map: NDArray[np.float32] | None,
        emotion: Emotion | None = None,
        *,
        stride: int = STRIDE,
    ) -> Explanation:
        """The same for a crop that the network has read already; only occlusion runs it again.

        Raises:
            NetworkError: the network cannot be run.
        """
        wanted = emotion or probabilities.best
        method = self.method(feature_map)
        if method is SaliencyMethod.ACTIVATION and self._head is not None and feature_map is not None:
            row = self._network.card.labels.index(wanted.value)
            saliency = activation_saliency(feature_map, self._head, row, self.geometry)
        else:
            saliency = occlusion_saliency(self._network, crop, wanted, stride)
        return Explanation(probabilities, wanted, saliency, method)


def activation_saliency(
    feature_map: NDArray[np.float32], head: Head, row: int, geometry: MapGeometry | None = None
) -> SaliencyMap:
    """Grad-CAM of the logit `row` on one map (h, w, channels), exactly, without a gradient tape.

    The gradient of the logit on each cell is that on the pooled features divided by the number of cells, the same
    everywhere; so the map is the weighted sum of channels, negative parts cut. For head #1 that is CAM.
    """
    pooled = feature_map.mean(axis=(0, 1)).astype(np.float64)
    return normalise_saliency(feature_map @ head.gradient(pooled, row).astype(np.float32), geometry)


def normalise_saliency(coarse: NDArray[np.float32], geometry: MapGeometry | None = None) -> SaliencyMap:
    """A coarse map (h, w) as saliency: negative parts cut, enlarged to the crop (bilinear), its largest value 1.

    `geometry`: where its cells lie; None: they share the crop evenly.
    """
    enlarged = enlarge(np.maximum(coarse, 0).astype(np.float32), geometry)
    highest = float(enlarged.max())
    return enlarged / np.float32(highest) if highest > 0 else enlarged


def occlusion_saliency(network: Network, crop: Pixels, emotion: Emotion, stride: int = STRIDE) -> SaliencyMap:
    """How much the probability of `emotion` falls when a grey square covers each place of the crop, `stride` apart."""
    starts = range(0, CROP_SIZE - PATCH + 1, stride)
    covered = []
    for top in starts:
        for left in starts:
            copy = crop.copy()
            copy[top : top + PATCH, left : left + PATCH] = 128
            covered.append(copy)
    whole, *parts = (one.of(emotion) for one in network.read([crop, *covered]))
    falls = np.array([whole - part for part in parts], dtype=np.float32).reshape(len(starts), len(starts))
    return normalise_saliency(
        falls, MapGeometry(first=(PATCH - 1) / 2, step=stride)
    )  # each in the middle of its square
