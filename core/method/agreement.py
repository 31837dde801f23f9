"""How often Calmline agreed with the person: what they said of their calls beside the tension that was read."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

ANSWERS_NEEDED = 20
"""Before so many answers nothing is said about agreement."""

_Z = statistics.NormalDist().inv_cdf(0.975)


class Felt(StrEnum):
    """How a call was, as the person says."""

    EASY = "easy"
    SO_SO = "so_so"
    HARD = "hard"

    @property
    def rank(self) -> int:
        """0 for easy, 1 for so-so, 2 for hard."""
        return list(Felt).index(self)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Spearman's rank correlation of answer and tension over `answers` calls, -1 to 1, with its 95 % interval.

    `alike` is the share (0 to 1) of pairs of calls, of those that the person and Calmline both told apart, in which the
    call that was said to be harder was also the tenser one.
    """

    answers: int
    correlation: float
    low: float
    high: float
    alike: float

    @property
    def better_than_chance(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0


def agreement(answers: Sequence[tuple[Felt, int]]) -> Agreement | None:
    """How well answers and peaks of tension (per mille), a pair for each call, go together.

    The interval is Fisher's with the variance that Bonett and Wright (2000) give for ranks. None with fewer answers than
    `ANSWERS_NEEDED`, or where all answers or all peaks are the same.
    """
    if len(answers) < ANSWERS_NEEDED:
        return None
    felt, peaks = [answer.rank for answer, _peak in answers], [peak for _answer, peak in answers]
    if len(set(felt)) == 1 or len(set(peaks)) == 1:
        return None
    correlation = max(-1.0, min(statistics.correlation(_ranks(felt), _ranks(peaks)), 1.0))
    middle = math.atanh(max(-0.999999, min(correlation, 0.999999)))
    reach = _Z * math.sqrt((1 + correlation**2 / 2) / (len(answers) - 3))
    pairs = [
        (one[0].rank - two[0].rank) * (one[1] - two[1])
        for one, two in combinations(answers, 2)
        if one[0] is not two[0] and one[1] != two[1]
    ]
    alike = sum(pair > 0 for pair in pairs) / len(pairs) if pairs else 0.5
    low, high = min(correlation, math.tanh(middle - reach)), max(correlation, math.tanh(middle + reach))
    return Agreement(len(answers), correlation, low, high, alike)


def _ranks(values: Sequence[int]) -> list[float]:
    """The rank of each value; equal ones share the mean of theirs."""
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + bisect_right(ordered, value) + 1) / 2 for value in values]
