"""Doubles for the seams: sources, finders and networks that do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.candidates.card import Card
from core.face.box import FaceBox
from core.method.emotion import EMOTIONS, Emotion, GapReason, Probabilities
from core.sources.source import Frame, Pixels, SourceError, SourceProblem
from tests.tiny_network import card_for


def sure_of(emotion: Emotion, probability: float = 0.97) -> Probabilities:
    """`probability` for `emotion`, the rest shared evenly."""
    rest = (1 - probability) / (len(EMOTIONS) - 1)
    return Probabilities(*(probability if other is emotion else rest for other in EMOTIONS))


def grey_crop(value: int = 128) -> Pixels:
    """A crop of one grey."""
    return np.full((100, 100, 3), value, np.uint8)


@dataclass
class FakeSource:
    """A source that plays a script: what `open` raises, what each `frame_at` gives or raises."""

    name: str = "fake"
    is_camera: bool = False
    ended: bool = False
    trouble: SourceProblem | None = None
    last: int | None = None
    open_failures: list[Exception] = field(default_factory=list)
    frame_failures: dict[int, Exception] = field(default_factory=dict)
    close_failure: Exception | None = None
    on_frame: Callable[[int], None] = lambda number: None
    opened: int = 0
    closed: int = 0
    asked: list[float] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it was opened and not closed since."""
        return self.opened > 0 and self.closed == 0

    def open(self) -> None:
        if self.open_failures:
            raise self.open_failures.pop(0)
        self.opened += 1

    def frame_at(self, seconds: float) -> Frame | None:
        number = len(self.asked)
        self.asked.append(seconds)
        if number in self.frame_failures:
            raise self.frame_failures[number]
        if self.last is not None and number > self.last:
            self.ended = True
            return None
        self.on_frame(number)
        return Frame(np.zeros((4, 4, 3), np.uint8), seconds)

    def close(self) -> None:
        self.closed += 1
        if self.close_failure is not None:
            raise self.close_failure


def no_camera() -> SourceError:
    """What a camera that is not there raises."""
    return SourceError(SourceProblem.NOT_FOUND, "fake")


class FakeFinder:
    """Answers with the given boxes in turn, and remembers which last box it was asked with."""

    def __init__(self, boxes: Iterable[FaceBox | None]) -> None:
        self._boxes = iter(boxes)
        self.lasts: list[FaceBox | None] = []
        self.gap: GapReason | None = None

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        self.lasts.append(last)
        box = next(self._boxes)
        self.gap = GapReason.NO_FACE if box is None else None
        return box

    def all_faces(self, pixels: Pixels, smallest: int = 0) -> list[FaceBox]:
        box = next(self._boxes)
        return [] if box is None else [box]


class FakeNetwork:
    """Answers each crop with a function of it."""

    def __init__(self, candidate_id: str, answer: Callable[[Pixels], Probabilities]) -> None:
        self.card: Card = card_for(b"", candidate_id)
        self._answer = answer
        self.batches: list[int] = []

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        self.batches.append(len(crops))
        return [self._answer(crop) for crop in crops]
