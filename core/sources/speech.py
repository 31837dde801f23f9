"""How a demo actor talks: mouth shapes that change as they do in speech, with pauses. Pure; the same seed says the same.

No sound goes with it. Three to five shapes a second, a breath at commas, a longer one between sentences: what a
camera sees of somebody who speaks evenly.
"""

from __future__ import annotations

import bisect
import random
from dataclasses import dataclass
from enum import StrEnum

LOOP_SECONDS = 120.0
"""Speech begins again after this long."""

SHAPE_SECONDS = (0.20, 0.32)
"""How long a mouth shape lasts: three to five a second."""

WORDS_BETWEEN_PAUSES = (3, 6)
COMMA_SECONDS = (0.25, 0.45)
SENTENCE_SECONDS = (0.6, 1.1)
GLIDE_SECONDS = 0.09
"""A mouth takes this long from one shape to the next."""

CLOSED = None
"""The shape of a mouth that rests."""

_SHAPES = {"a": 1.0, "a_050": 2.5, "e": 2.5, "o": 1.0, "o_050": 1.5, "m": 1.5}
"""How often each of the actors' mouth shapes is seen; wide open ones are the rarer ones."""


class Manner(StrEnum):
    """The face with which somebody talks. The value is the expression below the speech."""

    CALM = "neutral"
    SMILING = "smile"
    FROWNING = "frown"
    ANGRY = "rage"


@dataclass(frozen=True, slots=True)
class Mouth:
    """A mouth at a moment: on its way from one shape to another (`CLOSED`: at rest)."""

    before: str | None
    after: str | None
    share: float
    """0 to 1: how far on the way."""


class Speech:
    """What a mouth does from second 0 on, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        """Draw `LOOP_SECONDS` of speech."""
        draw = random.Random(f"speech/{seed}")
        self.starts: list[float] = [0.0]
        self.shapes: list[str | None] = [CLOSED]
        at = draw.uniform(0.1, 0.4)
        while at < LOOP_SECONDS:
            for phrase in range(draw.randint(1, 3)):
                if phrase:
                    at = self._pause(at, draw.uniform(*COMMA_SECONDS))
                for _ in range(draw.randint(*WORDS_BETWEEN_PAUSES)):
                    at = self._word(at, draw)
            at = self._pause(at, draw.uniform(*SENTENCE_SECONDS))

    def mouth_at(self, seconds: float) -> Mouth:
        """The mouth at this moment."""
        into = seconds % LOOP_SECONDS
        index = bisect.bisect_right(self.starts, into) - 1
        share = min(1.0, (into - self.starts[index]) / GLIDE_SECONDS)
        return Mouth(self.shapes[index - 1] if index else CLOSED, self.shapes[index], share)

    def _pause(self, at: float, seconds: float) -> float:
        self.starts.append(at)
        self.shapes.append(CLOSED)
        return at + seconds

    def _word(self, at: float, draw: random.Random) -> float:
        for _ in range(draw.randint(1, 3)):
            others = {shape: weight for shape, weight in _SHAPES.items() if shape != self.shapes[-1]}
            self.starts.append(at)
            self.shapes.append(draw.choices(list(others), list(others.values()))[0])
            at += draw.uniform(*SHAPE_SECONDS)
        return at
