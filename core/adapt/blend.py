"""A blend: one to three networks read together, and a small head that is tuned to one person.

Untuned, the blend reads with the mean of its networks' log probabilities. The head adds to that mean; where it says
nothing, the mean stands. Classes of which nothing was learnt keep exactly the probability that the mean gives them, and
a face that the mean takes for one of them is left as it is read: who skips an expression loses nothing by it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.candidates.runner import softmax
from core.method.emotion import EMOTIONS, SMALLEST_PROBABILITY
from core.method.grading import TUNED, TUNED_LANDMARKS
from core.system.json_records import decode_json

Floats = NDArray[np.float64]

VERSION: Final = 2
MAX_MEMBERS = 3
MAX_CHANNELS = 8192
MAX_JSON_CHARACTERS = 2_000_000
LARGEST = 1e3
"""No number of a head is larger than this; more would be a fault or a forgery."""

DIGITS = 5
"""Significant digits that are kept: finer differences change no probability by more than about 0.0001."""

PAIR = ("mobilenetv2-1", "vgg16-densenet")
"""The networks that are read together: a light one that has seen mouths speak, and the one that errs most unlike it."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CLASSES = len(EMOTIONS)


class BlendError(ValueError):
    """What should be a blend is none, or belongs to other networks."""


@dataclass(frozen=True, slots=True)
class Member:
    """One network of a blend and its part of the head.

    `sha256` is `Card.reading_sha256`: the head belongs to these readings and to no others. `of_logs` (4, 4) weighs its
    centred log probabilities, `of_features` (channels, 4) its pooled features; no channels where they are not used.
    """

    candidate_id: str
    sha256: str
    of_logs: Floats
    of_features: Floats


@dataclass(frozen=True, slots=True)
class Blend:
    """What is added to the mean of the members' log probabilities, for the classes of which something was learnt.

    `learnt` (4,) bool, `bias` (4,). With fewer than two classes learnt the mean is left as it is.
    """

    members: tuple[Member, ...]
    learnt: NDArray[np.bool_]
    bias: Floats

    def __post_init__(self) -> None:
        """Raises BlendError where a number or a shape cannot be right."""
        ids = [member.candidate_id for member in self.members]
        if not 1 <= len(ids) <= MAX_MEMBERS or len(set(ids)) < len(ids):
            raise BlendError(f"it is made of {len(ids)} networks, not of one to {MAX_MEMBERS} different ones")
        if self.learnt.shape != (_CLASSES,) or self.bias.shape != (_CLASSES,):
            raise BlendError("its bias or its classes have the wrong shape")
        for member in self.members:
            features = member.of_features
            if member.of_logs.shape != (_CLASSES, _CLASSES) or features.ndim != 2 or features.shape[1] != _CLASSES:
                raise BlendError("a matrix has the wrong shape")
            if len(features) > MAX_CHANNELS or not _SHA256.fullmatch(member.sha256):
                raise BlendError("it does not say which network file it belongs to, or has too many numbers")
        parts = [self.bias, *(part.ravel() for one in self.members for part in (one.of_logs, one.of_features))]
        values = np.concatenate(parts)
        if not (np.isfinite(values).all() and (np.abs(values) <= LARGEST).all()):
            raise BlendError("it holds something else than numbers of a sensible size")

    @property
    def ids(self) -> tuple[str, ...]:
        """The candidates that it is made of."""
        return tuple(member.candidate_id for member in self.members)

    @property
    def is_tuned(self) -> bool:
        """Whether anything was learnt."""
        return int(self.learnt.sum()) >= 2

    @property
    def sha256(self) -> str:
        """64 hex digits for what it reads with: the networks' readings and the head."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def belongs_to(self, cards: Sequence[Card]) -> bool:
        """Whether it was made for exactly these networks, in this order: the same files at the same temperatures."""
        return [one.sha256 for one in self.members] == [card.reading_sha256 for card in cards]

    def apply(self, probabilities: Sequence[Floats], pooled: Sequence[Floats]) -> Floats:
        """The blend's probabilities (n, 4).

        `probabilities` (n, 4) and `pooled` features (n, channels) are those of each member, in their order.

        Raises:
            BlendError: the features have another width than those that it was fitted on.
        """
        logs = [log_probabilities(one) for one in probabilities]
        mean = np.mean(logs, axis=0)
        untuned = softmax(mean)
        if not self.is_tuned:
            return untuned
        logits = mean + self.bias
        for member, log, features in zip(self.members, logs, pooled, strict=True):
            logits = logits + centred(log) @ member.of_logs
            if len(member.of_features):
                if features.shape[1] != len(member.of_features):
                    raise BlendError(f"it was fitted on {len(member.of_features)} features, not on {features.shape[1]}")
                logits = logits + features @ member.of_features
        share = (untuned * self.learnt).sum(axis=1, keepdims=True)
        tuned = np.where(self.learnt, share * softmax(np.where(self.learnt, logits, -np.inf)), untuned)
        return np.where(self.learnt[untuned.argmax(axis=1)][:, None], tuned, untuned)

    def to_json(self) -> str:
        """One line of JSON: no picture, no feature of a face, only the head."""
        members = [
            _MemberRecord(one.candidate_id, one.sha256, _rows(one.of_logs), _rows(one.of_features))
            for one in self.members
        ]
        record = _BlendRecord(VERSION, members, [bool(one) for one in self.learnt], _rounded(self.bias))
        return json.dumps(asdict(record))

    @classmethod
    def from_json(cls, text: str) -> Blend:
        """A blend from what `to_json` wrote.

        Raises:
            BlendError: it is no JSON, of another version, or a field is missing or wrong.
        """
        if len(text) > MAX_JSON_CHARACTERS:
            raise BlendError("it is too long")
        try:
            record = decode_json(text, _BlendRecord)
            members = tuple(
                Member(one.candidate, one.sha256, _matrix(one.logs), _matrix(one.features)) for one in record.members
            )
            return cls(members, np.array(record.learnt, np.bool_), np.array(record.bias, np.float64))
        except ValueError as error:  # rows of unlike length are one, too
            raise BlendError(f"it cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class _MemberRecord:
    """A `Member` as its JSON has it."""

    candidate: str
    sha256: str
    logs: list[list[float]]
    features: list[list[float]]


@dataclass(frozen=True, slots=True)
class _BlendRecord:
    """A `Blend` as its JSON has it."""

    version: Literal[2]
    members: list[_MemberRecord]
    learnt: list[bool]
    bias: list[float]


def untuned(cards: Sequence[Card]) -> Blend:
    """The blend of these networks of which nothing is learnt: the mean of their log probabilities."""
    nothing, none = np.zeros((_CLASSES, _CLASSES)), np.zeros((0, _CLASSES))
    members = tuple(Member(card.id, card.reading_sha256, nothing, none) for card in cards)
    return Blend(members, np.zeros(_CLASSES, np.bool_), np.zeros(_CLASSES))


def tuned_id(cards: Sequence[Card]) -> str:
    """The id of the reader that is made of these networks by tuning them to a person."""
    return TUNED_LANDMARKS if any(card.is_personal for card in cards) else TUNED


def blended_ids(known: Sequence[str]) -> tuple[str, ...]:
    """Which of the `known` candidates are read together: those of `PAIR`, without them the first two."""
    return tuple(one for one in PAIR if one in known) or tuple(known[: len(PAIR)])


def log_probabilities(probabilities: Floats) -> Floats:
    """Logarithms of probabilities (n, 4), none below that of `SMALLEST_PROBABILITY`."""
    return np.asarray(np.log(np.clip(probabilities, SMALLEST_PROBABILITY, 1.0)))


def centred(logs: Floats) -> Floats:
    """Log probabilities (n, 4) less their mean over the classes."""
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def _rounded(values: Floats) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]


def _rows(matrix: Floats) -> list[list[float]]:
    return [_rounded(row) for row in matrix]


def _matrix(rows: list[list[float]]) -> Floats:
    return np.array(rows, dtype=np.float64) if len(rows) else np.zeros((0, _CLASSES))
