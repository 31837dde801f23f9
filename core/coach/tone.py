"""Positive, neutral, negative: the second paper's classes from our four emotions (method.md 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.face.gaze import Gaze
from core.method.emotion import Emotion, Outcome, Probabilities

RESOLVES_WITHIN = 1.0
"""Seconds: a surprise that is followed by a happy face within this is no negative one (method.md 3, our reading)."""


class Tone(StrEnum):
    """How an expression comes across to the network."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading: seconds since the session began, and what was read; `probabilities` and `gaze` are None in a gap."""

    at: float
    outcome: Outcome
    probabilities: Probabilities | None = None
    gaze: Gaze | None = None

    def clearness(self, tone: Tone) -> float:
        """The probability of what this tone is made of, 0 to 1; 0 in a gap."""
        read = self.probabilities
        if read is None or tone is Tone.NEGATIVE:
            return self.negativity
        return read.of(Emotion.HAPPY if tone is Tone.POSITIVE else Emotion.NEUTRAL)

    @property
    def negativity(self) -> float:
        """The probability of stress and surprise together, 0 to 1; 0 in a gap."""
        read = self.probabilities
        return 0.0 if read is None else read.of(Emotion.STRESS) + read.of(Emotion.SURPRISE)


_TONES = {
    Outcome.HAPPY: Tone.POSITIVE,
    Outcome.NEUTRAL: Tone.NEUTRAL,
    Outcome.STRESS: Tone.NEGATIVE,
    Outcome.SURPRISE: Tone.NEGATIVE,
}


def tone_of(outcome: Outcome) -> Tone | None:
    """The tone of a reading by itself; None where nothing sure was read."""
    return _TONES.get(outcome)


def seconds_between(earlier: float, later: float) -> float:
    """From one moment to another, to the microsecond: 2.2 s is a second after 1.2 s, whatever their difference as floats."""
    return round(later - earlier, 6)


def tones_of(moments: Sequence[Moment]) -> list[Tone | None]:
    """The tone of each moment, in the order of time; None where nothing sure was read.

    A surprise that a happy face follows within a second has no tone: it was a start or a laugh coming, not a worry.
    """
    tones: list[Tone | None] = []
    next_happy = float("inf")
    for moment in reversed(moments):
        if moment.outcome is Outcome.HAPPY:
            next_happy = moment.at
        resolved = moment.outcome is Outcome.SURPRISE and seconds_between(moment.at, next_happy) <= RESOLVES_WITHIN
        tones.append(None if resolved else _TONES.get(moment.outcome))
    return tones[::-1]
