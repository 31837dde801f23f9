"""An adaptation: the few numbers by which one person's network differs from the shipped one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from core.adapt.examples import Floats
from core.candidates.card import Card
from core.method.emotion import EMOTIONS, SMALLEST_PROBABILITY

VERSION = 1
MAX_CHANNELS = 8192
MAX_JSON_CHARACTERS = 2_000_000
LARGEST = 1e3
"""No number of an adaptation is larger than this; more would be a fault or a forgery."""

DIGITS = 5
"""Significant digits that are kept: finer differences change no probability by more than about 0.0001."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class AdaptationError(ValueError):
    """What should be an adaptation is none, or belongs to another network."""


class Kind(StrEnum):
    """What was fitted: only the class bias from the neutral face, or a small head on the features."""

    BIAS = "bias"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What is added to the shipped network's logits: `bias` + pooled features x `matrix`.

    `bias` (4,), `matrix` (channels, 4), or (0, 4) for a mere bias. All zero is the shipped network. It belongs to the
    readings with the hash `candidate_sha256` (`Card.reading_sha256`) and is refused with any others.
    """

    kind: Kind
    candidate_id: str
    candidate_sha256: str
    bias: Floats
    matrix: Floats

    def __post_init__(self) -> None:
        """Raises AdaptationError where a number or a shape cannot be right."""
        if self.bias.shape != (len(EMOTIONS),) or self.matrix.ndim != 2 or self.matrix.shape[1] != len(EMOTIONS):
            raise AdaptationError("its bias or its matrix has the wrong shape")
        if len(self.matrix) > MAX_CHANNELS or (self.kind is Kind.BIAS) != (len(self.matrix) == 0):
            raise AdaptationError("its matrix does not fit its kind")
        values = np.concatenate([self.bias, self.matrix.ravel()])
        if not (np.isfinite(values).all() and (np.abs(values) <= LARGEST).all()):
            raise AdaptationError("it holds something else than numbers of a sensible size")
        if not _SHA256.fullmatch(self.candidate_sha256):
            raise AdaptationError("it does not say which network file it belongs to")

    def belongs_to(self, card: Card) -> bool:
        """Whether it was fitted for exactly this network: the same file at the same temperature."""
        return self.candidate_sha256 == card.reading_sha256

    def scaled(self, strength: float) -> Adaptation:
        """The same correction at `strength`: 0 is the shipped network, 1 what was fitted."""
        return Adaptation(
            self.kind, self.candidate_id, self.candidate_sha256, self.bias * strength, self.matrix * strength
        )

    def apply(self, pooled: Floats, probabilities: Floats) -> Floats:
        """Corrected probabilities (n, 4) from pooled features (n, channels) and the shipped probabilities (n, 4).

        Raises:
            AdaptationError: the features have another width than those that it was fitted on.
        """
        logits = np.log(np.clip(probabilities, SMALLEST_PROBABILITY, 1.0)) + self.bias
        if len(self.matrix):
            if pooled.shape[1] != len(self.matrix):
                raise AdaptationError(f"it was fitted on {len(self.matrix)} features, not on {pooled.shape[1]}")
            logits = logits + pooled @ self.matrix
        return softmax(logits)

    def to_json(self) -> str:
        """One line of JSON: no picture, no feature of a face, only the correction."""
        return json.dumps(
            {
                "version": VERSION,
                "kind": self.kind.value,
                "candidate": self.candidate_id,
                "sha256": self.candidate_sha256,
                "bias": _rounded(self.bias),
                "matrix": [_rounded(row) for row in self.matrix],
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Adaptation:
        """An adaptation from what `to_json` wrote.

        Raises:
            AdaptationError: it is no JSON, of another version, or a field is missing, unknown or wrong.
        """
        if len(text) > MAX_JSON_CHARACTERS:
            raise AdaptationError("it is too long")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise AdaptationError(f"it is no JSON: {error}") from error
        if not isinstance(data, dict) or data.keys() != _FIELDS:
            raise AdaptationError("it does not have the fields of an adaptation")
        if data["version"] != VERSION:
            raise AdaptationError(f"it is of version {data['version']!r}; {VERSION} is known")
        if not (isinstance(data["candidate"], str) and isinstance(data["sha256"], str)):
            raise AdaptationError("it does not name its network")
        try:
            kind = Kind(data["kind"])
        except ValueError as error:
            raise AdaptationError(f"{data['kind']!r} is no kind of adaptation") from error
        matrix = _numbers(data["matrix"]) if data["matrix"] else np.zeros((0, len(EMOTIONS)))
        return cls(kind, data["candidate"], data["sha256"], _numbers(data["bias"]), matrix)


_FIELDS = {"version", "kind", "candidate", "sha256", "bias", "matrix"}


def softmax(logits: Floats) -> Floats:
    """Probabilities (n, 4) of logits (n, 4)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _rounded(values: Floats) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]


def _numbers(data: Any) -> Floats:
    try:
        return np.array(data, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise AdaptationError("its bias or its matrix holds something else than numbers") from error
