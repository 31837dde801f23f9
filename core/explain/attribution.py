"""Where a network looked in an expression: a few numbers of many crops, never the crops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.explain.regions import BOXES, Region, densities_of, region_shares
from core.explain.saliency import Explanation, SaliencyMethod
from core.method.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where a network looked for `emotion`: the shares of its saliency on each region, together 1 (or all 0).

    The mean over `frames` crops; `method` is how the saliency was made.
    """

    emotion: Emotion
    shares: Mapping[Region, float]
    frames: int
    method: SaliencyMethod

    @property
    def most(self) -> Region | None:
        """Of brows, eyes and mouth the one with the densest saliency; None where none of them has any."""
        densities = densities_of(self.shares)
        most = max(BOXES, key=lambda region: densities[region])
        return most if densities[most] > 0 else None


def attribution_of(explanation: Explanation) -> Attribution:
    """What is kept of one explanation."""
    return Attribution(explanation.emotion, region_shares(explanation.saliency), 1, explanation.method)


def mean_attribution(attributions: Sequence[Attribution], emotion: Emotion | None = None) -> Attribution | None:
    """The mean of the looks for `emotion` (None: of all), each counting its frames; None where there is none."""
    wanted = [one for one in attributions if emotion in (None, one.emotion)]
    frames = sum(one.frames for one in wanted)
    if not frames:
        return None
    shares = {region: sum(one.shares[region] * one.frames for one in wanted) / frames for region in Region}
    return Attribution(wanted[0].emotion, shares, frames, wanted[0].method)
