"""A call as a curve: its level second by second, and the moments on it that have a name. Pure, and without a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from core.method.emotion import Outcome
from core.method.level import LARGEST_STEP
from core.method.sample import Sample
from core.store.records import CallNote

Points = Sequence[float | None]
"""A level (1.0 = a thousand thousandths) per second of the call; None where no face was read."""

MARKED_GAP = 5
"""Seconds without a face, or without any reading, from which a gap has a mark of its own."""


class MarkKind(StrEnum):
    """What happened at a mark."""

    NOTE = "note"
    RESET = "reset"
    PAUSE = "pause"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, `second` seconds after the call began."""

    second: int
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Curve:
    """What a chart draws. `usual` is the level under which nine of ten past calls stayed (None: not known yet)."""

    points: Points = ()
    marks: tuple[Mark, ...] = ()
    usual: float | None = None

    def stretches(self) -> Iterator[list[tuple[int, float]]]:
        """The (second, level) pairs between gaps and resets: after a reset the line begins anew."""
        resets = {mark.second for mark in self.marks if mark.kind is MarkKind.RESET}
        stretch: list[tuple[int, float]] = []
        for second, level in enumerate(self.points):
            if stretch and (level is None or second in resets):
                yield stretch
                stretch = []
            if level is not None:
                stretch.append((second, level))
        if stretch:
            yield stretch


class SecondBins:
    """A call's levels, one per second: the last reading with a face in it, or None."""

    def __init__(self, samples: Sequence[Sample] = ()) -> None:
        """Begins with `samples` in the order of time."""
        self.points: list[float | None] = []
        self._unread: list[bool] = []
        self._resets: list[int] = []
        self._level = 0
        for sample in samples:
            self.add(sample)

    def add(self, sample: Sample) -> None:
        """Put one sample into its second; seconds in between that nobody saw are gaps."""
        second = sample.t_ms // 1000
        while len(self.points) <= second:
            self.points.append(None)
            self._unread.append(True)
        self._unread[second] = False
        if abs(sample.level - self._level) > LARGEST_STEP:  # no reading moves the level so far
            self._resets.append(second)
        self._level = sample.level
        if sample.outcome is not Outcome.GAP:
            self.points[second] = sample.level / 1000

    def curve(self, notes: Iterable[CallNote] = (), usual: float | None = None) -> Curve:
        """The curve so far, with its marks in the order of time.

        Nothing is stored in a pause; without a face, gaps are.
        """
        marks = [Mark(note.t_ms // 1000, MarkKind.NOTE) for note in notes]
        marks += [Mark(second, MarkKind.RESET) for second in self._resets]
        begin = 0
        for kind, group in groupby(zip(self.points, self._unread, strict=True), key=lambda pair: _gap(*pair)):
            length = sum(1 for _ in group)
            if kind is not None and length >= MARKED_GAP:
                marks.append(Mark(begin, kind))
            begin += length
        return Curve(tuple(self.points), tuple(sorted(marks, key=lambda mark: mark.second)), usual)


def _gap(level: float | None, unread: bool) -> MarkKind | None:
    if level is not None:
        return None
    return MarkKind.PAUSE if unread else MarkKind.NOT_SEEN
