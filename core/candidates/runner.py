"""How a network file is run: pictures in, probabilities and feature maps out, as arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import LOGITS, Signature
from core.candidates.graph_check import graph_problem
from core.face.crop import resize_crop
from core.method.emotion import EMOTIONS, Probabilities
from core.system.errors import TranslatableError

MAX_BATCH = 32
"""Larger batches cost memory and gain no speed on a processor."""

FEATURE_MAP = "feature_map"
"""What a card calls the output that carries the last feature map."""

_SUM_TOLERANCE = 0.02
"""Float16 and int8 weights leave the sum of a softmax this much off 1 at most; more is no softmax."""

_SMALLEST_PROBABILITY = 1e-30

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How bright red, green and blue look (ITU-R BT.601), as OpenCV makes grey pictures."""


class NetworkError(TranslatableError):
    """A network file cannot be run, has another shape than its card declares, or answers with no probabilities."""


class NoProbabilitiesError(NetworkError):
    """A network answers with numbers that are no probabilities."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a network reads in n pictures.

    `probabilities` (n, 4) float64 in the order of `EMOTIONS`, each row summing to 1; `maps` the last feature map
    (n, height, width, channels) float32, with no channels where the file has none.
    """

    probabilities: NDArray[np.float64]
    maps: NDArray[np.float32]

    @property
    def readings(self) -> list[Probabilities]:
        """The rows of `probabilities`, one object each."""
        return [Probabilities.from_sequence(row) for row in self.probabilities.tolist()]

    @property
    def pooled(self) -> NDArray[np.float32]:
        """The global average of the map, (n, channels) float32: what the head sees (method.md 4)."""
        return np.asarray(self.maps.mean(axis=(1, 2)), dtype=np.float32)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (n, classes) of logits (n, classes); -inf is a class that is not asked for."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def at_temperature(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities (n, 4) with their logits divided by `temperature` (Guo et al. 2017): (n, 4).

    The logits are the logarithms of the probabilities: a constant more or less changes nothing.
    """
    return softmax(np.log(np.maximum(probabilities, _SMALLEST_PROBABILITY)) / temperature)


class Runner(ABC):
    """A network file, ready to read pictures. Belongs to one thread at a time."""

    signature: Signature
    max_batch: int
    """How many pictures it takes at once."""
    tells_map = False
    """Whether predictions carry a feature map."""

    @abstractmethod
    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """One number for each of the signature's labels and each picture of a batch, prepared as the file takes it.

        Raises:
            NetworkError: it cannot be run.
        """

    def release(self, reread: Callable[[], bytes] | None = None) -> None:  # noqa: B027 - not every run time can
        """Let go of the memory that reading takes, where that can be; the next prediction takes it again.

        With `reread`, which gives the file's bytes once more, those are let go of as well.
        """

    def maps(self, count: int) -> NDArray[np.float32]:
        """The feature maps of the `count` pictures that were read last; without channels where there are none."""
        return np.zeros((count, 1, 1, 0), np.float32)

    def predict(self, pictures: NDArray[np.uint8], *, with_maps: bool = True) -> Prediction:
        """Read pictures (n, h, w, 3) uint8 RGB, whatever size, colour order and pixel range the file itself takes.

        `with_maps=False` leaves the feature maps out: large sets need not hold them all.

        Raises:
            NetworkError: it cannot be run, or it answers with something other than probabilities.
        """
        probabilities = np.zeros((len(pictures), len(EMOTIONS)))
        maps: list[NDArray[np.float32]] = []
        for start in range(0, len(pictures), self.max_batch):
            part = pictures[start : start + self.max_batch]
            probabilities[start : start + len(part)] = self._read(self._prepare(part))
            if with_maps:
                maps.append(self.maps(len(part)))
        return Prediction(
            probabilities, np.concatenate(maps) if maps else np.zeros((len(pictures), 1, 1, 0), np.float32)
        )

    def _prepare(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        (low, high), size = self.signature.pixel_range, self.signature.input_size
        if pictures.shape[1:3] != (size, size):
            pictures = np.stack([resize_crop(picture, size) for picture in pictures])
        ordered = pictures[..., ::-1] if self.signature.colour_order == "BGR" else pictures
        batch = np.ascontiguousarray(ordered, dtype=np.float32) / np.float32(255.0)
        if self.signature.colour_order == "GREY":
            batch = (batch @ _LUMA)[..., None]
        return batch if (low, high) == (0, 1) else batch * np.float32(high - low) + np.float32(low)

    def _read(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        output, labels = self.run(batch), self.signature.labels
        if output.shape != (len(batch), len(labels)):
            raise NetworkError(
                "it answered {count} faces with an array of the shape {shape}", count=len(batch), shape=output.shape
            )
        if self.signature.outputs[:1] == (LOGITS,):
            output = softmax(output)
        rows = _as_probabilities(output)
        summed = np.stack([rows[:, [one == label for one in labels]].sum(axis=1) for label in EMOTIONS], axis=1)
        return at_temperature(summed, self.signature.temperature)


class LiteRTRunner(Runner):
    """A network file on LiteRT."""

    def __init__(self, content: bytes, signature: Signature | None = None, threads: int = 1) -> None:
        """Builds the interpreter from a network file's bytes; without a `signature` it is as we convert files.

        Raises:
            NetworkError: LiteRT cannot read the file, or its input or output differs from the signature.
        """
        problem = graph_problem(content)
        if problem is not None:
            raise NetworkError("LiteRT cannot run it: {reason}", reason=problem)
        self.signature = signature or Signature()
        self._content: bytes | Callable[[], bytes] = content
        self._threads = threads
        self._interpreter: Any = None
        self._build()
        self._input, self._output, self._batch_size, self.max_batch = self._checked_ends()
        self._map_output = self._find_map_output()
        self.tells_map = self._map_output is not None

    def _build(self) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._content = self._content if isinstance(self._content, bytes) else self._content()
        try:
            self._interpreter = Interpreter(model_content=self._content, num_threads=self._threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise NetworkError("LiteRT cannot run it: {reason}", reason=error) from error

    def release(self, reread: Callable[[], bytes] | None = None) -> None:
        """Let go of memory, see `Runner.release`: it is twice the file's size and more."""
        self._interpreter, self._batch_size = None, 0
        if reread is not None:
            self._content = reread

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Numbers of a prepared batch, see `Runner.run`."""
        if self._interpreter is None:
            self._build()
        try:
            if len(batch) != self._batch_size:
                self._interpreter.resize_tensor_input(self._input, batch.shape)
                self._interpreter.allocate_tensors()
                self._batch_size = len(batch)
            self._interpreter.set_tensor(self._input, batch)
            self._interpreter.invoke()
            return np.asarray(self._interpreter.get_tensor(self._output), dtype=np.float64)
        except (ValueError, RuntimeError) as error:
            self._batch_size = 0  # whatever it was set to did not work: set it anew next time
            raise NetworkError("LiteRT cannot run it: {reason}", reason=error) from error

    def maps(self, count: int) -> NDArray[np.float32]:
        """Feature maps of the last batch, see `Runner.maps`."""
        if self._map_output is None:
            return super().maps(count)
        part = np.array(self._interpreter.get_tensor(self._map_output), dtype=np.float32)
        return part if part.ndim == 4 else part.reshape(count, 1, 1, -1)

    def _find_map_output(self) -> int | None:
        """The tensor number of the feature map; None where none is named or the file leaves it open which."""
        others = [o for o in self._interpreter.get_output_details() if int(o["index"]) != self._output]
        named = FEATURE_MAP in self.signature.outputs or not self.signature.outputs
        return int(others[0]["index"]) if named and len(others) == 1 else None

    def _checked_ends(self) -> tuple[int, int, int, int]:
        """The tensor numbers of the input and of the probabilities, the batch size as built, and the largest."""
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        size, channels, classes = self.signature.input_size, self.signature.channels, len(self.signature.labels)
        shape = (size, size, channels)
        if len(inputs) != 1 or tuple(inputs[0]["shape"][1:]) != shape or inputs[0]["dtype"] != np.float32:
            raise NetworkError(
                "its input is not (n, {shape}) float32, as its card says", shape=f"{size}, {size}, {channels}"
            )
        if self.signature.outputs and len(outputs) != len(self.signature.outputs):
            raise NetworkError(
                "it has {found} outputs; its card names {wanted}",
                found=len(outputs),
                wanted=len(self.signature.outputs),
            )
        matching = [output for output in outputs if tuple(output["shape"][1:]) == (classes,)]
        if len(matching) != 1 or matching[0]["dtype"] not in (np.float32, np.float16):
            raise NetworkError(
                "it has no single output of {classes} probabilities as floating-point numbers", classes=classes
            )
        built, declared = int(inputs[0]["shape"][0]), int(inputs[0]["shape_signature"][0])
        if declared not in (-1, 1):
            raise NetworkError("it takes {count} faces at once and no other number", count=declared)
        return int(inputs[0]["index"]), int(matching[0]["index"]), built, MAX_BATCH if declared == -1 else 1


def _as_probabilities(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of a softmax; float16 weights leave their sums a little off 1, so they are set right.

    Raises:
        NetworkError: a row holds something other than numbers, or numbers that are no probabilities.
    """
    with np.errstate(invalid="ignore"):  # infinities of both signs
        totals = rows.sum(axis=1, keepdims=True)
    right = (np.abs(totals[:, 0] - 1) <= _SUM_TOLERANCE) & (rows.min(axis=1) >= 0)  # NaN is in no range
    if not right.all():
        wrong = rows[int(np.argmin(right))].tolist()
        raise NoProbabilitiesError("it answered with {wrong}, which are no probabilities", wrong=wrong)
    return np.asarray(rows / totals)
