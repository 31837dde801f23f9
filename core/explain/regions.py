"""Shares of saliency on the regions of a face crop."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.explain.saliency import SaliencyMap
from core.face.crop import CROP_SIZE


class Region(StrEnum):
    """Where on the face; REST is all that is none of the three."""

    BROWS = "brows"
    EYES = "eyes"
    MOUTH = "mouth"
    REST = "rest"


BOXES: Mapping[Region, tuple[int, int, int, int]] = {
    Region.BROWS: (15, 18, 85, 33),
    Region.EYES: (15, 33, 85, 50),
    Region.MOUTH: (25, 65, 75, 92),
}
"""Left, top, right, bottom on the 100 x 100 crop of a frontal face as the Haar cascade cuts it."""


def region_shares(saliency: SaliencyMap) -> dict[Region, float]:
    """The share of all saliency that lies on each region: together 1, or all 0 where there is no saliency."""
    total = float(saliency.sum())
    if total <= 0:
        return dict.fromkeys(Region, 0.0)
    shares = {
        region: float(saliency[top:bottom, left:right].sum()) / total
        for region, (left, top, right, bottom) in BOXES.items()
    }
    shares[Region.REST] = max(0.0, 1.0 - sum(shares.values()))
    return shares


def region_densities(saliency: SaliencyMap) -> dict[Region, float]:
    """The mean saliency of each of the three regions against the whole crop's: over 1, it was looked at more than the rest."""
    return densities_of(region_shares(saliency))


def densities_of(shares: Mapping[Region, float]) -> dict[Region, float]:
    """The same from the shares of the regions: each share against the share of the crop that the region covers."""
    return {
        region: shares[region] * CROP_SIZE**2 / ((right - left) * (bottom - top))
        for region, (left, top, right, bottom) in BOXES.items()
    }
