"""Where a network looked in an expression: a few numbers of many crops, never the crops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.explain.heat import Explanation, HeatMethod
from core.explain.regions import BOXES, Region, densities_of, region_shares
from core.method.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Look:
    """Where a network looked for `emotion`: the shares of its heat on each region, together 1 (all 0 without any heat).

    The mean over `frames` crops; `method` is how the heat was made.
    """

    emotion: Emotion
    shares: Mapping[Region, float]
    frames: int
    method: HeatMethod

    @property
    def most(self) -> Region | None:
        """Of brows, eyes and mouth the one with the densest heat; None where none of them has any."""
        densities = densities_of(self.shares)
        most = max(BOXES, key=lambda region: densities[region])
        return most if densities[most] > 0 else None


def look_of(explanation: Explanation) -> Look:
    """What is kept of one explanation."""
    return Look(explanation.emotion, region_shares(explanation.heat), 1, explanation.method)


def mean_look(looks: Sequence[Look], emotion: Emotion | None = None) -> Look | None:
    """The mean of the looks for `emotion` (None: of all), each counting its frames; None where there is none."""
    wanted = [look for look in looks if emotion in (None, look.emotion)]
    frames = sum(look.frames for look in wanted)
    if not frames:
        return None
    shares = {region: sum(look.shares[region] * look.frames for look in wanted) / frames for region in Region}
    return Look(wanted[0].emotion, shares, frames, wanted[0].method)
