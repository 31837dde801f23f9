"""A shipped network with one person's adaptation on top, behind the same seam as any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.adapt.adaptation import Adaptation, AdaptationError
from core.candidates.card import Card
from core.candidates.network import FeatureNetwork, Prediction
from core.method.emotion import Probabilities
from core.sources.source import Pixels

SUFFIX = "-own"
"""Behind the candidate's id where its adaptation is meant."""


class AdaptedNetwork:
    """Implements `Network` and `FeatureNetwork`; belongs to one thread at a time, as the network within does."""

    def __init__(self, network: FeatureNetwork, adaptation: Adaptation) -> None:
        """Reads with `network` and corrects by `adaptation`.

        Raises:
            AdaptationError: the adaptation was fitted for another network file.
        """
        if not adaptation.belongs_to(network.card):
            raise AdaptationError(f"it was fitted for another file than that of {network.card.id}")
        self._network, self._adaptation = network, adaptation
        self._card = replace(network.card, id=network.card.id + SUFFIX)

    @property
    def card(self) -> Card:
        """The shipped candidate's card under an id of its own."""
        return self._card

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The corrected probabilities of each crop.

        Raises:
            NetworkError: the network within cannot be run.
            AdaptationError: its features have another width than those that the adaptation was fitted on.
        """
        return self.read_features(crops).readings if crops else []

    def read_features(self, crops: Sequence[Pixels]) -> Prediction:
        """Corrected probabilities and the shipped network's feature maps.

        Raises:
            NetworkError: there is no crop, or the network within cannot be run.
            AdaptationError: its features have another width than those that the adaptation was fitted on.
        """
        reading = self._network.read_features(crops)
        return Prediction(
            self._adaptation.apply(reading.pooled.astype(np.float64), reading.probabilities), reading.maps
        )
