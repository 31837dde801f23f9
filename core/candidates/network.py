"""The seam for networks: what reads faces as a camera gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.candidates.runner import FEATURE_MAP, LiteRTRunner, NetworkError, Prediction, Runner
from core.face.crop import resize_crop
from core.method.emotion import Probabilities
from core.sources.source import Pixels

__all__ = ["FEATURE_MAP", "FeatureNetwork", "LiteRTNetwork", "Network", "NetworkError", "Prediction", "SeriesNetwork"]


class Network(Protocol):
    """One candidate, ready to read faces. Belongs to one thread at a time."""

    @property
    def card(self) -> Card:
        """The card of the candidate behind this network."""
        ...

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop (100 x 100 x 3 uint8 BGR, as `crop_face` cuts them).

        Raises:
            NetworkError: the network cannot be run on them or answers with something else than probabilities.
        """
        ...


@runtime_checkable
class SeriesNetwork(Network, Protocol):
    """A network that reads the faces of a call more cheaply than each for itself."""

    def read_next(self, crop: Pixels, at: float) -> Probabilities:
        """The probabilities of a call's next face (as in `read`), seen `at` so many seconds.

        Raises:
            NetworkError: as in `read`.
        """
        ...


class FeatureNetwork(Network, Protocol):
    """A network that also tells its last feature map: explanations and adaptation need it."""

    @property
    def tells_map(self) -> bool:
        """Whether `read_features` can be used."""
        ...

    def read_features(self, crops: Sequence[Pixels]) -> Prediction:
        """Probabilities and feature maps of at least one crop (100 x 100 x 3 uint8 BGR).

        Raises:
            NetworkError: it cannot be run on them, or its card names no feature map.
        """
        ...


class LiteRTNetwork:
    """A candidate's network, on LiteRT unless told; `core.candidates.threads` finds how many threads suit a computer."""

    def __init__(
        self,
        card: Card,
        content: bytes,
        *,
        runner: Runner | None = None,
        reread: Callable[[], bytes] | None = None,
    ) -> None:
        """Builds the interpreter from the bytes of a network file, or takes a `runner`.

        `reread` gives the same bytes once more: with it they need not stay in memory while the network rests.

        Raises:
            NetworkError: LiteRT cannot read the file, or its input or output differs from the card.
        """
        self.card, self._reread = card, reread
        self._content: bytes | Callable[[], bytes] = content
        self._runner = runner or LiteRTRunner(content, card.signature)

    @property
    def content(self) -> bytes:
        """The network file's bytes: the weights of the head are read from them."""
        return self._content if isinstance(self._content, bytes) else self._content()

    @property
    def tells_map(self) -> bool:
        """Whether `read_features` can be used: the card names a feature map, and the file has it."""
        return self._runner.tells_map

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop (BGR uint8); crops of another size than the card's are resized to it.

        Raises:
            NetworkError: LiteRT cannot run it, or it answers with something else than probabilities.
        """
        if not crops:
            return []
        return self._runner.predict(self._pictures(crops), with_maps=False).readings

    def read_features(self, crops: Sequence[Pixels]) -> Prediction:
        """Probabilities and last feature map of each crop (BGR uint8); pooled features come as 1 x 1 maps.

        Raises:
            NetworkError: there is no crop, the card names no feature map, or the network cannot be run.
        """
        if not self.tells_map or not crops:
            raise NetworkError("it tells no feature map") if crops else NetworkError("there is no crop to read")
        return self.predict(crops)

    def release(self) -> None:
        """Let go of the memory that reading takes, until something is read again."""
        self._content = self._reread or self._content
        self._runner.release(self._reread)

    def predict(self, crops: Sequence[Pixels]) -> Prediction:
        """As `read_features`; a network that tells no feature map has one without channels.

        Raises:
            NetworkError: the network cannot be run.
        """
        return self._runner.predict(self._pictures(crops))

    def _pictures(self, crops: Sequence[Pixels]) -> NDArray[np.uint8]:
        """BGR crops as one RGB array of the size that the card declares."""
        return np.stack([resize_crop(crop, self.card.input_size) for crop in crops])[..., ::-1]
