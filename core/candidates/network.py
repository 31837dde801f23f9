"""The seam for networks, and LiteRT behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.face.crop import network_input, resize_crop
from core.method.emotion import EMOTIONS, Probabilities
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


FEATURE_MAP = "feature_map"
"""What a card calls the output that carries the last feature map."""


@dataclass(frozen=True, slots=True)
class FeatureReading:
    """What a network read in n crops: probabilities, and the last feature map (n, height, width, channels) float32."""

    probabilities: tuple[Probabilities, ...]
    maps: NDArray[np.float32]

    @property
    def pooled(self) -> NDArray[np.float32]:
        """The global average of the map: (n, channels) float32, what the head sees (method.md 4)."""
        return np.asarray(self.maps.mean(axis=(1, 2)), dtype=np.float32)


class FeatureNetwork(Network, Protocol):
    """A network that also tells its last feature map: explanations and adaptation need it."""

    def read_features(self, crops: Sequence[Pixels]) -> FeatureReading:
        """Probabilities and feature maps of at least one crop (100 x 100 x 3 uint8 BGR).

        Raises:
            NetworkError: it cannot be run on them, or its card names no feature map.
        """
        ...


class LiteRTNetwork:
    """A candidate's network on LiteRT; `core.candidates.threads` finds out how many threads suit a computer."""

    def __init__(self, card: Card, content: bytes, threads: int = 1) -> None:
        """Builds the interpreter from the bytes of a network file, to read with `threads` threads.

        Raises:
            NetworkError: LiteRT cannot read the file, or its input or output differs from the card.
        """
        from ai_edge_litert.interpreter import Interpreter

        self._card, self._content = card, content
        try:
            self._interpreter: Any = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise NetworkError(f"LiteRT cannot run it: {error}") from error
        self._input, self._output, self._batch_size, self._max_batch = self._checked_ends()
        self._order = [card.labels.index(emotion.value) for emotion in EMOTIONS]
        self._map_output = self._find_map_output()
        self._check_temperature()

    @property
    def card(self) -> Card:
        """The candidate's card."""
        return self._card

    @property
    def content(self) -> bytes:
        """The network file's bytes: the weights of the head are read from them."""
        return self._content

    @property
    def tells_map(self) -> bool:
        """Whether `read_features` can be used: the card names a feature map, and the file has it."""
        return self._map_output is not None

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        """The probabilities of each crop, in batches; crops of another size than the card's are resized to it.

        Raises:
            NetworkError: LiteRT cannot run it, or it answers with something else than probabilities.
        """
        results: list[Probabilities] = []
        for start in range(0, len(crops), self._max_batch):
            batch = self._prepare(crops[start : start + self._max_batch])
            results += self._calibrated(self._invoke(batch))
        return results

    def read_features(self, crops: Sequence[Pixels]) -> FeatureReading:
        """Probabilities and last feature map of each crop; a network that gives pooled features has 1 x 1 maps.

        Raises:
            NetworkError: there is no crop, the card names no feature map, or the network cannot be run.
        """
        if self._map_output is None or not crops:
            raise NetworkError("it tells no feature map" if crops else "there is no crop to read")
        results: list[Probabilities] = []
        maps: list[NDArray[np.float32]] = []
        for start in range(0, len(crops), self._max_batch):
            batch = self._prepare(crops[start : start + self._max_batch])
            said = self._invoke(batch)
            maps.append(self._maps(self._map_output))
            results += self._calibrated(said)
        return FeatureReading(tuple(results), np.concatenate(maps))

    def _maps(self, output: int) -> NDArray[np.float32]:
        """The feature maps of what was read last."""
        part = np.asarray(self._interpreter.get_tensor(output), dtype=np.float32)
        return part if part.ndim == 4 else part.reshape(len(part), 1, 1, -1)

    def _calibrated(self, said: NDArray[np.float32]) -> list[Probabilities]:
        """What was read last as probabilities, at the card's temperature where it has one."""
        results = [_as_probabilities(row) for row in said]
        temperature = self._card.temperature
        if temperature is None:
            return results
        pooled = np.zeros((len(said), 0), np.float32)
        if temperature.likenesses and self._map_output is not None:
            pooled = self._maps(self._map_output).mean(axis=(1, 2))
        scaled = temperature.apply(np.array([one.as_tuple() for one in results]), pooled)
        return [Probabilities.from_sequence(row) for row in scaled.tolist()]

    def _prepare(self, crops: Sequence[Pixels]) -> Batch:
        low, high = self._card.pixel_range
        sized = [resize_crop(crop, self._card.input_size) for crop in crops]
        batch = network_input(sized, self._card.colour_order)
        return batch if (low, high) == (0, 1) else batch * np.float32(high - low) + np.float32(low)

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

    def _find_map_output(self) -> int | None:
        """The tensor number of the feature map; None where the card names none or the file leaves it open which."""
        others = [o for o in self._interpreter.get_output_details() if int(o["index"]) != self._output]
        named = FEATURE_MAP in self._card.outputs
        return int(others[0]["index"]) if named and len(others) == 1 else None

    def _check_temperature(self) -> None:
        temperature = self._card.temperature
        if temperature is None or not temperature.likenesses:
            return
        details = {int(o["index"]): o for o in self._interpreter.get_output_details()}
        width = 0 if self._map_output is None else int(details[self._map_output]["shape"][-1])
        if temperature.channels_needed > width:
            raise NetworkError(f"its card's temperature needs {temperature.channels_needed} features; it has {width}")

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
