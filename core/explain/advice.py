"""Advice for an expression that was misread: codes, which the program's texts turn into sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.explain.regions import Region
from core.method.emotion import Emotion, Expression

LOOKED = 1.1
"""A region is looked at when its saliency is denser than the crop's by this factor."""

OVERLOOKED = 1.0
"""A region is overlooked when its saliency is thinner than the crop's by this factor."""


class AdviceCode(StrEnum):
    """What may help: see `Advice`."""

    SHOW_BROWS = "show_brows"
    SHOW_EYES = "show_eyes"
    SHOW_MOUTH = "show_mouth"
    LOOKED_BESIDE_FACE = "looked_beside_face"
    STRONGER = "stronger"


@dataclass(frozen=True, slots=True)
class Advice:
    """Why an expression may have been misread. `taken_for` is what it was read as; `saw` the region it looked at most.

    SHOW_...: the telling region was overlooked (hair, glasses, a hand, a microphone). LOOKED_BESIDE_FACE: it looked at
    neither (light, background). STRONGER: it did look where the expression shows, at `saw` most of all that tells; do it
    more clearly, or another network fits better.
    """

    code: AdviceCode
    taken_for: Emotion
    saw: Region


TELLING: Mapping[Emotion, tuple[Region, ...]] = {
    Emotion.HAPPY: (Region.MOUTH,),
    Emotion.NEUTRAL: (Region.MOUTH, Region.BROWS),
    Emotion.STRESS: (Region.BROWS, Region.MOUTH),
    Emotion.SURPRISE: (Region.EYES, Region.BROWS),
}
"""Where each emotion shows first."""

TELLING_OF_ONE: Mapping[str, tuple[Region, ...]] = {
    "frown": (Region.BROWS,),
    "full_surprise": (Region.EYES, Region.BROWS, Region.MOUTH),
}
"""By expression, where it shows elsewhere than its emotion: a frown's mouth is closed, full surprise opens it."""

_SHOW = {Region.BROWS: AdviceCode.SHOW_BROWS, Region.EYES: AdviceCode.SHOW_EYES, Region.MOUTH: AdviceCode.SHOW_MOUTH}


def advise(expression: Expression, taken_for: Emotion, densities: Mapping[Region, float]) -> Advice:
    """Advice for an expression read as `taken_for`, from the `region_densities` of the mean saliency of its frames."""
    saw = max(_SHOW, key=lambda region: densities[region])
    if densities[saw] < LOOKED:
        return Advice(AdviceCode.LOOKED_BESIDE_FACE, taken_for, saw)
    telling = TELLING_OF_ONE.get(expression.id, TELLING[expression.emotion])
    overlooked = [region for region in telling if densities[region] < OVERLOOKED]
    if overlooked:
        return Advice(_SHOW[overlooked[0]], taken_for, saw)
    return Advice(AdviceCode.STRONGER, taken_for, max(telling, key=lambda region: densities[region]))
