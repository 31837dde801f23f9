"""Numbers of a measurement: medians with their spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one thing that was done `runs` times: the median, and between what nine of ten runs lay."""

    median_ms: float
    low_ms: float
    high_ms: float
    runs: int


def timing_of(seconds: Sequence[float]) -> Timing:
    """The timing of these durations.

    Raises:
        ValueError: there is none.
    """
    if not seconds:
        raise ValueError("nothing was measured")
    ordered = sorted(seconds)
    last = len(ordered) - 1
    low, high = ordered[round(0.05 * last)], ordered[round(0.95 * last)]
    median, low, high = (round(value * 1000, 3) for value in (statistics.median(ordered), low, high))
    return Timing(median, low, high, len(ordered))


def ratio(numerator: Sequence[float], denominator: Sequence[float]) -> float:
    """How many times the median of one is the median of the other; 0 where the other is 0."""
    below = statistics.median(denominator)
    return round(statistics.median(numerator) / below, 2) if below else 0.0


def timed(action: Callable[[], Result], taken: list[float]) -> Result:
    """Do `action` and add the seconds it took (wall clock) to `taken`; returns its result."""
    began = time.perf_counter()
    result = action()
    taken.append(time.perf_counter() - began)
    return result
