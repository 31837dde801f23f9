"""One minute of a talking demo actor, and the level that each reader makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.candidates.network import Network
from core.face.haar import HaarFaceFinder
from core.method.emotion import Emotion, Outcome
from core.method.level import READINGS_PER_SECOND, TICK_SECONDS, next_level
from core.monitoring.pipeline import FaceTracker, Pipeline
from core.sources.actor import TRANSITION_SECONDS, DemoActor
from core.sources.source import Frame, Pixels
from core.sources.speech import Manner


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the minute: from `start` to `end` (seconds) the actor talks in this manner."""

    start: float
    end: float
    manner: Manner

    @property
    def emotion(self) -> Emotion:
        """What is right in this part."""
        return {Manner.CALM: Emotion.NEUTRAL, Manner.SMILING: Emotion.HAPPY}.get(self.manner, Emotion.STRESS)


MINUTE = (
    Part(0, 18, Manner.CALM),
    Part(18, 30, Manner.FROWNING),
    Part(30, 44, Manner.CALM),
    Part(44, 52, Manner.SMILING),
    Part(52, 60, Manner.CALM),
)


def play(actor: DemoActor, minute: Sequence[Part] = MINUTE) -> Iterator[tuple[float, Pixels | None, Pixels]]:
    """The minute at five readings a second: when, the crop of the face (None: not found), and the whole frame."""
    tracker = FaceTracker(HaarFaceFinder())
    actor.open()
    actor.frame_at(0.0)
    for part in minute:
        actor.perform_talk(part.manner)
        for tick in range(round((part.end - part.start) * READINGS_PER_SECOND)):
            at = part.start + tick * TICK_SECONDS
            frame = actor.frame_at(TRANSITION_SECONDS + at)
            assert frame is not None
            yield at, tracker.crop(frame), frame.pixels
    actor.close()


def right_outcomes(minute: Sequence[Part] = MINUTE) -> list[Outcome]:
    """What is right at each reading of the minute."""
    return [
        Outcome(part.emotion.value)
        for part in minute
        for _ in range(round((part.end - part.start) * READINGS_PER_SECOND))
    ]


def levels(outcomes: Sequence[Outcome]) -> list[float]:
    """The level after each reading, as the thesis counts it, beginning at 0."""
    counted = itertools.accumulate(outcomes, next_level, initial=0)
    return [thousandths / 1000 for thousandths in counted][1:]


class _AlreadyCut(FaceTracker):
    """Takes each frame for the crop that was cut from it: the face is found once for all readers."""

    def crop(self, frame: Frame) -> Pixels:
        return frame.pixels


def outcomes(network: Network, seen: Sequence[tuple[float, Pixels | None]], memory_seconds: float) -> list[Outcome]:
    """What a reader makes of the minute, as it does in a call.

    Args:
        network: the reader.
        seen: when, and the crop of the face, or None.
        memory_seconds: how much of the past each reading averages.
    """
    pipeline = Pipeline(_AlreadyCut(HaarFaceFinder()), network, memory_seconds=memory_seconds)
    return [pipeline.read(None if crop is None else Frame(crop, at)).outcome for at, crop in seen]
