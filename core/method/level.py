"""The stress level: an integer count of thousandths that one reading moves by one step (method.md 7)."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.method.emotion import Emotion, Outcome

READINGS_PER_SECOND = 5
"""The clock of the level (method.md 7): one step per reading, five readings a second."""

TICK_SECONDS = 1 / READINGS_PER_SECOND

THOUSANDTHS = 1000
"""A level of 1.0 is this many thousandths."""


@dataclass(frozen=True, slots=True)
class LevelProfile:
    """How many thousandths each emotion moves the level, above zero and at or below it."""

    name: str
    above_zero: Mapping[Emotion, int]
    at_or_below_zero: Mapping[Emotion, int]


_AT_OR_BELOW_ZERO = MappingProxyType({Emotion.HAPPY: -5, Emotion.NEUTRAL: 0, Emotion.STRESS: 20, Emotion.SURPRISE: 5})

THESIS_TABLE = LevelProfile(
    "thesis-table",
    MappingProxyType({Emotion.HAPPY: -20, Emotion.NEUTRAL: -5, Emotion.STRESS: 20, Emotion.SURPRISE: 5}),
    _AT_OR_BELOW_ZERO,
)
"""Table 6 of the thesis; the default."""

THESIS_CODE = LevelProfile(
    "thesis-code",
    MappingProxyType({Emotion.HAPPY: -20, Emotion.NEUTRAL: -10, Emotion.STRESS: 20, Emotion.SURPRISE: 5}),
    _AT_OR_BELOW_ZERO,
)
"""Code 8 of the thesis, which lets neutral calm twice as fast as its table 6 says."""

PROFILES: tuple[LevelProfile, ...] = (THESIS_TABLE, THESIS_CODE)

LARGEST_STEP = max(abs(step) for profile in PROFILES for step in profile.above_zero.values())
"""No reading moves the level by more thousandths than this; a reset may."""


def profile_by_name(name: str) -> LevelProfile:
    """The profile with this name.

    Raises:
        ValueError: there is none.
    """
    for profile in PROFILES:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise ValueError(f"no level profile is called {name!r}; there are: {known}")


def next_level(level: int, outcome: Outcome, profile: LevelProfile = THESIS_TABLE) -> int:
    """The level after one reading, in thousandths. *Unsure* and *gap* change nothing.

    A happy or neutral step down from above zero stops nowhere: the thesis lets the level go below zero.
    """
    emotion = outcome.emotion
    if emotion is None:
        return level
    return level + (profile.above_zero if level > 0 else profile.at_or_below_zero)[emotion]


CALLS_NEEDED = 10
"""What is usual for a person takes this many past calls."""


def usual_peak(past_peaks: Sequence[int]) -> int | None:
    """The level (thousandths) that nine of ten past calls stayed below, by the highest level of each.

    It is drawn, and nothing is said by it: the level grows with a call's length (docs/level.md). None until there are
    `CALLS_NEEDED` calls, and where nine of ten stayed at 0.
    """
    if len(past_peaks) < CALLS_NEEDED:
        return None
    return round(statistics.quantiles(past_peaks, n=10, method="inclusive")[-1]) or None
