"""What a person's own calls tell them over a week or a month: shares of tense readings, and how sure they are.

A share is of *stress* among the readings with a face. Calls in which too little was seen are left out.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.method.emotion import Outcome
from core.method.summary import CallSummary, FinishedCall

CALLS_NEEDED = 10
"""A mean of fewer calls than this is compared with nothing."""

CELL_NEEDED = 3
"""An hour of the week with fewer calls than this is named by no sentence."""

STANDS_OUT = 0.05
"""An hour is named where its share is this much (0 to 1) over that of all hours."""

_Z = statistics.NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the `seen` readings with a face were *stress*, in how many calls."""

    calls: int = 0
    stress: int = 0
    seen: int = 0

    @property
    def value(self) -> float:
        """The share, 0 to 1; 0 without readings."""
        return self.stress / self.seen if self.seen else 0.0

    def __add__(self, other: Share) -> Share:
        """Both together."""
        return Share(self.calls + other.calls, self.stress + other.stress, self.seen + other.seen)


def share_of(summary: CallSummary) -> Share | None:
    """One call's share; None where too little was seen."""
    if not summary.enough_seen:
        return None
    return Share(1, summary.counts[Outcome.STRESS.code], summary.readings - summary.counts[Outcome.GAP.code])


def shares_by_hour(calls: Iterable[FinishedCall]) -> dict[tuple[int, int], Share]:
    """The share of each (weekday from Monday = 0, hour) in which calls began."""
    found: dict[tuple[int, int], Share] = defaultdict(Share)
    for call in calls:
        share = share_of(call.summary)
        if share is not None:
            found[call.started.weekday(), call.started.hour] += share
    return dict(found)


def shares_by_day(calls: Iterable[FinishedCall]) -> dict[date, Share]:
    """The share of each day on which calls began."""
    found: dict[date, Share] = defaultdict(Share)
    for call in calls:
        share = share_of(call.summary)
        if share is not None:
            found[call.started.date()] += share
    return dict(found)


def tensest_hour(shares: dict[tuple[int, int], Share]) -> tuple[int, int] | None:
    """The hour of the week with the largest share among those with `CELL_NEEDED` calls; None where none stands out."""
    usual = sum(shares.values(), Share()).value + STANDS_OUT
    enough = {place: share for place, share in shares.items() if share.calls >= CELL_NEEDED and share.value >= usual}
    return max(enough, key=lambda place: (enough[place].value, place), default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """The mean share of some calls against one's usual (0 to 1), and the 95 % interval of the difference."""

    now: float
    usual: float
    low: float
    high: float

    @property
    def told_from_chance(self) -> bool:
        """Whether the interval leaves out no difference."""
        return not self.low <= 0 <= self.high


def change(now: Sequence[FinishedCall], before: Sequence[FinishedCall]) -> Change | None:
    """How the share of a call differs from what was usual before; None where either side has too few calls.

    Calls are the units, since the readings of one call go together. Welch's interval, with Student's quantile from
    the normal one (first term of Fisher's and Cornish's expansion; at nine degrees of freedom 2.22 instead of 2.26).
    """
    new, old = ([share.value for call in calls if (share := share_of(call.summary))] for calls in (now, before))
    if min(len(new), len(old)) < CALLS_NEEDED:
        return None
    parts = [statistics.variance(values) / len(values) for values in (new, old)]
    error = math.sqrt(sum(parts))
    freedom = (
        sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (new, old), strict=True))
        if error
        else math.inf
    )
    reach = (_Z + (_Z**3 + _Z) / (4 * freedom)) * error
    mean, usual = statistics.fmean(new), statistics.fmean(old)
    return Change(mean, usual, mean - usual - reach, mean - usual + reach)
