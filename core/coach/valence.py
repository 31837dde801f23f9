"""Positive, neutral, negative: the second paper's classes from our four emotions (method.md 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.method.emotion import Emotion, Outcome, Probabilities
from core.method.gaze import Gaze

RESOLVES_WITHIN = 1.0
"""Seconds: a surprise that is followed by a happy face within this is no negative one (method.md 3, our reading)."""


class Valence(StrEnum):
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

    def clearness(self, valence: Valence) -> float:
        """The probability of what this valence is made of, 0 to 1; 0 in a gap."""
        read = self.probabilities
        if read is None or valence is Valence.NEGATIVE:
            return self.negativity
        return read.of(Emotion.HAPPY if valence is Valence.POSITIVE else Emotion.NEUTRAL)

    @property
    def negativity(self) -> float:
        """The probability of stress and surprise together, 0 to 1; 0 in a gap."""
        read = self.probabilities
        return 0.0 if read is None else read.of(Emotion.STRESS) + read.of(Emotion.SURPRISE)


_VALENCES = {
    Outcome.HAPPY: Valence.POSITIVE,
    Outcome.NEUTRAL: Valence.NEUTRAL,
    Outcome.STRESS: Valence.NEGATIVE,
    Outcome.SURPRISE: Valence.NEGATIVE,
}


def valence_of(outcome: Outcome) -> Valence | None:
    """The valence of a reading by itself; None where nothing sure was read."""
    return _VALENCES.get(outcome)


def seconds_between(earlier: float, later: float) -> float:
    """From one moment to another, to the microsecond: 2.2 s is a second after 1.2 s, whatever their difference as floats."""
    return round(later - earlier, 6)


def valences_of(moments: Sequence[Moment]) -> list[Valence | None]:
    """The valence of each moment, in the order of time; None where nothing sure was read.

    A surprise that a happy face follows within a second has no valence: it was a start or a laugh coming, not a worry.
    """
    valences: list[Valence | None] = []
    next_happy = float("inf")
    for moment in reversed(moments):
        if moment.outcome is Outcome.HAPPY:
            next_happy = moment.at
        resolved = moment.outcome is Outcome.SURPRISE and seconds_between(moment.at, next_happy) <= RESOLVES_WITHIN
        valences.append(None if resolved else _VALENCES.get(moment.outcome))
    return valences[::-1]
