"""Tension: what Calmline says about a moment of a call, whatever the length of the call before it.

**Tension is the share of *stress* among the last minute of readings with a face** (the last 300 of them; at the
beginning of a call, all so far). Happy, neutral, surprise and unsure readings all count as "not stress". The level of
the thesis (`core.method.level`) is a running sum: it banks credit for smiling without end and grows with the length of a
call. It stays the record and the curve, and no word is derived from it.

- A gap (no face, a pause, a missed tick) is no reading: it changes neither the tension nor its word.
- The readings of the minute count alike, so only the minute counts, not what came before it.
- More stress never lowers the tension, and never makes a *high* moment less than high or any moment *calm*.
- Under 100 readings with a face (20 s) nothing is said. Until there are 300, the 95 % interval is told as well.

The word for a moment:

| word | from | until |
|---|---|---|
| calm | 10 % or less | over 15 % |
| high | the person's own threshold or more | 5 points or more below it |
| rising, settling | between these, 10 points up or down on 20 s (100 readings) before | less than 5 points |
| steady | otherwise | |

A word is left later than it is reached, so that it does not flicker. The person's own threshold is the 90 % quantile of
the highest tension of their past calls (half, until there are ten of them), but never below `TENSE_FROM`.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.method.emotion import Outcome
from core.method.level import READINGS_PER_SECOND

WINDOW = 60 * READINGS_PER_SECOND
"""Tension is measured over this many readings with a face: a minute of them."""

NEEDED = 20 * READINGS_PER_SECOND
"""Fewer readings with a face than this say nothing."""

TREND = 20 * READINGS_PER_SECOND
"""Rising and settling compare with the tension of this many readings with a face ago."""

CALM_UP_TO = 100
"""Up to this tension (per mille) a moment is calm, and a call is calm again."""

TENSE_FROM = 300
"""From this tension (per mille) on, time counts as tense. The same for everybody, so that times can be added up."""

HIGH_WITHOUT_HISTORY = 500
"""From this tension (per mille) on, a moment is high until there are `CALLS_NEEDED` past calls to compare with."""

CALLS_NEEDED = 10
"""A person's own threshold needs this many past calls."""

_LEFT_BY = 50
"""A calm or high moment ends this many per mille past where it began."""

_TURN, _TURN_LEFT = 100, 50
"""Tension is rising or settling from a change of the first (per mille in 20 s) until it is less than the second.

A quarter stress, evenly mixed by chance, changes by less than half of the first in nearly every twenty seconds.
"""

_Z = statistics.NormalDist().inv_cdf(0.975)


class TensionWord(StrEnum):
    """The words for a moment."""

    CALM = "calm"
    STEADY = "steady"
    SETTLING = "settling"
    RISING = "rising"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Tension:
    """The tension of one moment: `stress` of the last `seen` readings with a face (300 at most), and the word for it.

    `word` is None as long as too little was seen.
    """

    stress: int = 0
    seen: int = 0
    word: TensionWord | None = None

    @property
    def share(self) -> int:
        """The share of *stress* in per mille, 0 to 1000; 0 where nothing was seen."""
        return round(1000 * self.stress / self.seen) if self.seen else 0

    @property
    def known(self) -> bool:
        """Whether enough was seen to say anything."""
        return self.seen >= NEEDED

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share (Wilson's), 0 to 1.

        Five readings a second are hardly five opinions on a face: it counts one look a second.
        """
        looks = self.seen / READINGS_PER_SECOND
        if not looks:
            return 0.0, 1.0
        share = self.stress / self.seen
        middle = share + _Z**2 / (2 * looks)
        reach = _Z * math.sqrt(share * (1 - share) / looks + (_Z / (2 * looks)) ** 2)
        low, high = ((middle + sign * reach) / (1 + _Z**2 / looks) for sign in (-1, 1))
        return max(0.0, min(low, share)), min(1.0, max(high, share))


class TensionMeter:
    """The tension of one call, reading by reading; `now` is that of the last one."""

    def __init__(self, high_from: int = HIGH_WITHOUT_HISTORY) -> None:
        """`high_from` is the person's own threshold in per mille (`high_threshold`)."""
        self._high_from = high_from
        self._readings: deque[bool] = deque(maxlen=WINDOW)
        self._past: deque[int] = deque(maxlen=TREND)
        self._stress = 0
        self.now = Tension()

    def add(self, outcome: Outcome) -> Tension:
        """The tension after one more reading."""
        if outcome is Outcome.GAP:
            return self.now
        if len(self._readings) == WINDOW:
            self._stress -= self._readings[0]
        self._readings.append(outcome is Outcome.STRESS)
        self._stress += self._readings[-1]
        seen = len(self._readings)
        share = round(1000 * self._stress / seen)
        word = None
        if seen >= NEEDED:
            word = self._word(share, share - self._past[0] if self._past else 0)
            self._past.append(share)
        self.now = Tension(self._stress, seen, word)
        return self.now

    def _word(self, share: int, change: int) -> TensionWord:
        before = self.now.word
        if share >= self._high_from - (before is TensionWord.HIGH) * (_LEFT_BY - 1):
            return TensionWord.HIGH
        if share <= CALM_UP_TO + (before is TensionWord.CALM) * _LEFT_BY:
            return TensionWord.CALM
        for word, turn in ((TensionWord.RISING, change), (TensionWord.SETTLING, -change)):
            if turn >= (_TURN_LEFT if before is word else _TURN):
                return word
        return TensionWord.STEADY


def high_threshold(past_peaks: Sequence[int]) -> int:
    """The tension (per mille) from which this person's moments are high, by the highest tension of each past call."""
    if len(past_peaks) < CALLS_NEEDED:
        return HIGH_WITHOUT_HISTORY
    return max(TENSE_FROM, round(statistics.quantiles(past_peaks, n=10, method="inclusive")[-1]))
