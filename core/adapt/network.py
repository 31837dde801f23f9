"""Networks that are read together as a blend, behind the same seam as any single one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.adapt.blend import Blend, BlendError, tuned_id
from core.candidates.network import LiteRTNetwork, NetworkError, Prediction
from core.method.emotion import Probabilities
from core.sources.source import Pixels

HELD_SECONDS = 0.3
"""So long what the networks but the first have read of a face stands in a call: at five readings a second, for two."""


class BlendedNetwork:
    """Implements `Network` and `SeriesNetwork`; belongs to one thread at a time, as the networks within do."""

    def __init__(self, networks: Sequence[LiteRTNetwork], blend: Blend) -> None:
        """Reads with all of `networks`, and blends what they read.

        Raises:
            BlendError: the blend was made for other networks.
        """
        if not blend.belongs_to([network.card for network in networks]):
            raise BlendError("it was made for other files than these networks'")
        self.networks, self._blend = tuple(networks), blend
        self._held: list[Prediction] = []
        self._held_at = 0.0
        cards = [network.card for network in networks]
        self.card = replace(  # the first network's, under the blend's own id, name, size and hash
            cards[0],
            id=tuned_id(cards) if blend.is_tuned else "+".join(blend.ids),
            name=" + ".join(card.name for card in cards),
            size_bytes=sum(card.size_bytes for card in cards),
            sha256=blend.sha256,
            temperature=1.0,
        )

    @property
    def tells_map(self) -> bool:
        """Whether `read_features` can be used: the first network tells its feature map."""
        return self.networks[0].tells_map

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The blended probabilities of each crop.

        Raises:
            NetworkError: a network cannot be run.
            BlendError: its features have another width than those that the blend was fitted on.
        """
        return self._blended(crops).readings if crops else []

    def read_next(self, crop: Pixels, at: float) -> Probabilities:
        """The blended probabilities of the next face of a call, seen `at` so many seconds.

        The first network reads every face, the others, which cost more, every second one at a call's clock: what they
        read of the face before stands for `HELD_SECONDS`. For readings that remember the last second (docs/evidence).

        Raises:
            NetworkError: a network cannot be run.
            BlendError: its features have another width than those that the blend was fitted on.
        """
        first, *others = self.networks
        if not self._held or not 0 <= at - self._held_at < HELD_SECONDS:
            self._held, self._held_at = [network.predict([crop]) for network in others], at
        return self._mixed([first.predict([crop]), *self._held]).readings[0]

    def read_features(self, crops: Sequence[Pixels]) -> Prediction:
        """The blended probabilities of at least one crop, and the feature maps of the first network, which is explained.

        Raises:
            NetworkError: a network cannot be run, or the first one tells no feature map.
            BlendError: the features have another width than those that the blend was fitted on.
        """
        if not crops or not self.tells_map:
            raise NetworkError("it tells no feature map") if crops else NetworkError("there is no crop to read")
        return self._blended(crops)

    def _blended(self, crops: Sequence[Pixels]) -> Prediction:
        """What the blend reads, with the first network's maps; a network without a map has no channels."""
        return self._mixed([network.predict(crops) for network in self.networks])

    def _mixed(self, read: Sequence[Prediction]) -> Prediction:
        pooled = [one.pooled.astype(np.float64) for one in read]
        return Prediction(self._blend.apply([one.probabilities for one in read], pooled), read[0].maps)
