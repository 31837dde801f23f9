"""One candidate reading a calibration: probabilities, pooled features and where it looked, by slot. Numbers only."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.adapt.examples import Examples, examples_of
from core.calibration.machine import GRADED_TAKE, Slot
from core.candidates.card import Card
from core.candidates.network import LiteRTNetwork, Network
from core.explain.attribution import Attribution, attribution_of, mean_attribution
from core.explain.saliency import COARSE_STRIDE, Explainer, SaliencyMethod
from core.method.emotion import Emotion, Probabilities
from core.sources.source import Pixels

EXPLAIN_EVERY = 6
"""Of a graded take every sixth crop is explained: five in three seconds. Class activation costs next to nothing."""

OCCLUDED_CROP = 9
"""Occlusion runs the network 25 times more, so it explains one crop of a graded take: the tenth."""


@dataclass(frozen=True, slots=True)
class _CropNumbers:
    """What was read in one crop; `pooled` None without a feature map, `attribution` None where it was not explained."""

    slot: Slot
    probabilities: Probabilities
    pooled: NDArray[np.float32] | None
    attribution: Attribution | None


class CandidateReader:
    """Reads with one network. `read` runs on the grader's thread and returns what `keep` then stores under its lock."""

    def __init__(self, network: Network, *, keeps_features: bool = True) -> None:
        """Nothing is read yet; what explaining needs is made when the first crop asks for it.

        Without `keeps_features` the examples have none: nobody learns from this network, and ten networks' features of a
        set-up are sixty megabytes.
        """
        self._network, self._channels = network, None if keeps_features else 0
        self._explainer: Explainer | None = None
        self._numbers: dict[Slot, list[_CropNumbers]] = {}
        self._milliseconds: list[float] = []
        self.failure: str | None = None
        """Why it reads no more; None while it does."""

    @property
    def card(self) -> Card:
        """The card of the network that reads."""
        return self._network.card

    @property
    def milliseconds_per_face(self) -> float:
        """The median over the batches so far, explaining left out; 0 before the first."""
        return statistics.median(self._milliseconds) if self._milliseconds else 0.0

    def probabilities(self, slot: Slot) -> list[Probabilities]:
        """What was read in this slot's crops so far."""
        return [one.probabilities for one in self._numbers.get(slot, ())]

    def attribution(self, slot: Slot, emotion: Emotion) -> Attribution | None:
        """Where it looked in this slot for `emotion`, or for anything else where no explained crop was read so."""
        attributions = [one.attribution for one in self._numbers.get(slot, ()) if one.attribution is not None]
        return mean_attribution(attributions, emotion) or mean_attribution(attributions[:1])

    def examples(self, slots: Sequence[Slot]) -> Examples | None:
        """These slots as examples for adaptation; None without a crop, or where the network tells no feature map."""
        read = [one for slot in slots for one in self._numbers.get(slot, ())]
        pooled = [one.pooled for one in read if one.pooled is not None]
        if not pooled:
            return None
        return examples_of(
            [one.slot.expression_id for one in read], [one.probabilities for one in read], np.stack(pooled)
        )

    def read(self, slots: Sequence[Slot], crops: Sequence[Pixels]) -> list[_CropNumbers]:
        """Read at least one crop (100 x 100 x 3 uint8 BGR) of each slot named; explains some of them.

        Raises:
            Exception: whatever the network fails with.
        """
        began = time.perf_counter()
        pooled: NDArray[np.float32] | None = None
        maps: NDArray[np.float32] | None = None
        if isinstance(self._network, LiteRTNetwork) and self._network.tells_map:
            reading = self._network.read_features(crops)
            probabilities, pooled, maps = reading.readings, reading.pooled, reading.maps
        else:
            probabilities = self._network.read(crops)
        self._milliseconds.append((time.perf_counter() - began) * 1000 / len(crops))
        numbers = []
        for place, (slot, read) in enumerate(zip(slots, probabilities, strict=True)):
            number = len(self.probabilities(slot)) + slots[:place].count(slot)
            feature_map = None if maps is None else maps[place]
            attribution = self._attribution(slot, number, crops[place], read, feature_map)
            numbers.append(
                _CropNumbers(
                    slot, read, None if pooled is None else pooled[place, : self._channels].copy(), attribution
                )
            )
        return numbers

    def rest(self) -> None:
        """Let go of the network's memory until the next crop comes."""
        if isinstance(self._network, LiteRTNetwork):
            self._network.release()

    def keep(self, numbers: Sequence[_CropNumbers]) -> None:
        """Store what `read` gave."""
        for one in numbers:
            self._numbers.setdefault(one.slot, []).append(one)

    def _attribution(
        self, slot: Slot, number: int, crop: Pixels, read: Probabilities, feature_map: NDArray[np.float32] | None
    ) -> Attribution | None:
        """Where it looked in the crop with this number of its slot, where that one is to be explained."""
        if slot.take != GRADED_TAKE or not isinstance(self._network, LiteRTNetwork) or self.card.is_personal:
            return None
        if self._explainer is None:
            self._explainer = Explainer(self._network)
        by_map = self._explainer.method(feature_map) is SaliencyMethod.ACTIVATION
        if number % EXPLAIN_EVERY if by_map else number != OCCLUDED_CROP:
            return None
        return attribution_of(self._explainer.explain_reading(crop, read, feature_map, stride=COARSE_STRIDE))
