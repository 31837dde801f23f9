"""The seam for networks, and LiteRT behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.emotion import EMOTIONS, Probabilities
from core.face.crop import network_input
from core.sources.source import Pixels

Batch = NDArray[np.float32]
"""n crops as one array: (n, size, size, 3) float32 in the card's pixel range and colour order."""

_MAX_BATCH = 32
"""Larger batches cost memory and gain no speed on the CPU."""


class NetworkError(Exception):
    """A network file cannot be run, or does not have the shape that its card declares."""


class Network(Protocol):
    """One candidate, ready to read faces. Belongs to one thread at a time."""

    @property
    def card(self) -> Card:
        """The candidate's card."""
        ...

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop (100 x 100 x 3 uint8 BGR, as `crop_face` cuts them)."""
        ...


class LiteRTNetwork:
    """A candidate's network on LiteRT, one thread per invocation (a 100 px network gains nothing from more)."""

    def __init__(self, card: Card, content: bytes) -> None:
        """Builds the interpreter from the bytes of a network file.

        Raises:
            NetworkError: LiteRT cannot read the file, or its input or output differs from the card.
        """
        from ai_edge_litert.interpreter import Interpreter

        self._card = card
        try:
            self._interpreter: Any = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise NetworkError(f"LiteRT cannot run it: {error}") from error
        self._batch_size = 1
        self._input, self._output = self._checked_ends()
        self._order = [card.labels.index(emotion.value) for emotion in EMOTIONS]

    @classmethod
    def load(cls, card: Card, path: Path) -> LiteRTNetwork:
        """Read the network file at `path`, already checked against its card's hash by the registry.

        Raises:
            NetworkError: see the constructor; also when the file cannot be read.
        """
        try:
            return cls(card, path.read_bytes())
        except OSError as error:
            raise NetworkError(f"{path.name} cannot be read: {error.strerror}") from error

    @property
    def card(self) -> Card:
        """The candidate's card."""
        return self._card

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop, in batches."""
        results: list[Probabilities] = []
        for start in range(0, len(crops), _MAX_BATCH):
            batch = network_input(crops[start : start + _MAX_BATCH], self._card.colour_order)
            low, high = self._card.pixel_range
            results += [
                _as_probabilities(row) for row in self._invoke(batch * np.float32(high - low) + np.float32(low))
            ]
        return results

    def _invoke(self, batch: Batch) -> NDArray[np.float32]:
        if len(batch) != self._batch_size:
            self._interpreter.resize_tensor_input(self._input, batch.shape)
            self._interpreter.allocate_tensors()
            self._batch_size = len(batch)
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        output = np.asarray(self._interpreter.get_tensor(self._output), dtype=np.float32)
        return output[:, self._order]

    def _checked_ends(self) -> tuple[int, int]:
        """The tensor numbers of the input and of the probabilities."""
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        size = self._card.input_size
        if len(inputs) != 1 or tuple(inputs[0]["shape"][1:]) != (size, size, 3) or inputs[0]["dtype"] != np.float32:
            raise NetworkError(f"its input is not (n, {size}, {size}, 3) float32, as its card says")
        if len(outputs) != len(self._card.outputs):
            raise NetworkError(f"it has {len(outputs)} outputs; its card names {len(self._card.outputs)}")
        matching = [output for output in outputs if tuple(output["shape"][1:]) == (len(EMOTIONS),)]
        if len(matching) != 1:
            raise NetworkError(f"it has no single output of {len(EMOTIONS)} probabilities")
        return int(inputs[0]["index"]), int(matching[0]["index"])


def _as_probabilities(row: NDArray[np.float32]) -> Probabilities:
    """One row of the softmax; float16 weights leave its sum a little off 1, so it is set right.

    Raises:
        NetworkError: the row holds something other than numbers.
    """
    total = float(row.sum())
    if not np.isfinite(total) or total <= 0:
        raise NetworkError("it answered with something that is not a probability")
    return Probabilities.from_sequence([float(value) / total for value in row])
