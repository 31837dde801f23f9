"""The words for a level: calm, steady, settling, rising or high."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from core.method.summary import SETTLED_AT

CALM_UP_TO = SETTLED_AT
"""A level up to this many thousandths is called calm: the one at which a call has settled."""

HIGH_WITHOUT_HISTORY = 1000
"""What counts as high until there are ten past calls to compare with."""


def slope(levels: Sequence[tuple[int, int]]) -> float:
    """Thousandths per second between the first and the last (milliseconds, level) pair; 0 for fewer than two."""
    if len(levels) < 2 or levels[-1][0] <= levels[0][0]:
        return 0.0
    (t0, first), (t1, last) = levels[0], levels[-1]
    return (last - first) * 1000 / (t1 - t0)


class LevelWord(StrEnum):
    """The words for a level."""

    CALM = "calm"
    STEADY = "steady"
    SETTLING = "settling"
    RISING = "rising"
    HIGH = "high"


def level_word(level: int, slope_per_second: float, high_from: int = HIGH_WITHOUT_HISTORY) -> LevelWord:
    """The word for a level (screens.md): "high" over `high_from`, "calm" up to 0.1, else by the slope.

    A level that moves less than one thousandth a second either way is "steady".
    """
    if level > high_from:
        return LevelWord.HIGH
    if level <= CALM_UP_TO:
        return LevelWord.CALM
    if abs(slope_per_second) < 1:
        return LevelWord.STEADY
    return LevelWord.RISING if slope_per_second > 0 else LevelWord.SETTLING


def high_threshold(past_peaks: Sequence[int], needed: int = 10, quantile: float = 0.9) -> int:
    """The level from which this person's calls are high: the 90 % quantile of past peaks, 1.0 until there are ten."""
    if len(past_peaks) < needed:
        return HIGH_WITHOUT_HISTORY
    ordered = sorted(past_peaks)
    return max(CALM_UP_TO + 1, ordered[min(len(ordered) - 1, int(quantile * len(ordered)))])
