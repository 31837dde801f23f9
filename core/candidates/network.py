"""The seam for networks, and LiteRT behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.emotion import EMOTIONS, Probabilities
from core.face.crop import network_input, resize_crop
from core.sources.source import Pixels

Batch = NDArray[np.float32]
"""n crops as one array: (n, size, size, 3) float32 in the card's pixel range and colour order."""

_MAX_BATCH = 32
"""Larger batches cost memory and gain no speed on the CPU."""

_SUM_TOLERANCE = 0.02
"""Float16 and int8 weights leave the sum of a softmax this much off 1 at most; more is no softmax."""


class NetworkError(Exception):
    """A network file cannot be run, has another shape than its card declares, or answers with no probabilities."""


class Network(Protocol):
    """One candidate, ready to read faces. Belongs to one thread at a time."""

    @property
    def card(self) -> Card:
        """The candidate's card."""
        ...

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop (100 x 100 x 3 uint8 BGR, as `crop_face` cuts them).

        Raises:
            NetworkError: the network cannot be run on them or answers with something else than probabilities.
        """
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
        self._input, self._output, self._batch_size, self._max_batch = self._checked_ends()
        self._order = [card.labels.index(emotion.value) for emotion in EMOTIONS]

    @property
    def card(self) -> Card:
        """The candidate's card."""
        return self._card

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop, in batches; crops of another size than the card's are resized to it.

        Raises:
            NetworkError: LiteRT cannot run it, or it answers with something else than probabilities.
        """
        low, high = self._card.pixel_range
        results: list[Probabilities] = []
        for start in range(0, len(crops), self._max_batch):
            sized = [resize_crop(crop, self._card.input_size) for crop in crops[start : start + self._max_batch]]
            batch = network_input(sized, self._card.colour_order) * np.float32(high - low) + np.float32(low)
            results += [_as_probabilities(row) for row in self._invoke(batch)]
        return results

    def _invoke(self, batch: Batch) -> NDArray[np.float32]:
        try:
            if len(batch) != self._batch_size:
                self._interpreter.resize_tensor_input(self._input, batch.shape)
                self._interpreter.allocate_tensors()
                self._batch_size = len(batch)
            self._interpreter.set_tensor(self._input, batch)
            self._interpreter.invoke()
            output = np.asarray(self._interpreter.get_tensor(self._output), dtype=np.float32)
        except (ValueError, RuntimeError) as error:
            self._batch_size = 0  # whatever it was set to did not work: set it anew next time
            raise NetworkError(f"LiteRT cannot run it: {error}") from error
        if output.shape != (len(batch), len(EMOTIONS)):
            raise NetworkError(f"it answered {len(batch)} faces with an array of the shape {output.shape}")
        return output[:, self._order]

    def _checked_ends(self) -> tuple[int, int, int, int]:
        """The tensor numbers of the input and of the probabilities, the batch size as built, and the largest."""
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        size = self._card.input_size
        if len(inputs) != 1 or tuple(inputs[0]["shape"][1:]) != (size, size, 3) or inputs[0]["dtype"] != np.float32:
            raise NetworkError(f"its input is not (n, {size}, {size}, 3) float32, as its card says")
        if len(outputs) != len(self._card.outputs):
            raise NetworkError(f"it has {len(outputs)} outputs; its card names {len(self._card.outputs)}")
        matching = [output for output in outputs if tuple(output["shape"][1:]) == (len(EMOTIONS),)]
        if len(matching) != 1 or matching[0]["dtype"] not in (np.float32, np.float16):
            raise NetworkError(f"it has no single output of {len(EMOTIONS)} probabilities as floating-point numbers")
        built, declared = int(inputs[0]["shape"][0]), int(inputs[0]["shape_signature"][0])
        if declared not in (-1, 1):
            raise NetworkError(f"it takes {declared} faces at once and no other number")
        return int(inputs[0]["index"]), int(matching[0]["index"]), built, _MAX_BATCH if declared == -1 else 1


def _as_probabilities(row: NDArray[np.float32]) -> Probabilities:
    """One row of the softmax; float16 weights leave its sum a little off 1, so it is set right.

    Raises:
        NetworkError: the row holds something other than numbers, or numbers that are no probabilities.
    """
    values = [float(value) for value in row]
    total = sum(values)
    if not (abs(total - 1) <= _SUM_TOLERANCE and min(values) >= 0):  # written so that NaN does not pass
        raise NetworkError(f"it answered with {values}, which are no probabilities")
    return Probabilities.from_sequence([value / total for value in values])
