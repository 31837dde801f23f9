"""The Neutral trap (issue: must hold 3): what calm faces of every group are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import KOREAN, LabelledSet
from core.evaluation.detector_crops import NEUTRAL_WORDS

LONDON_GROUPS: Mapping[str, str] = {
    "london_006": "west Asian",
    "london_019": "white",
    "london_031": "white",
    "london_038": "west Asian",
    "london_044": "black",
    "london_067": "east Asian",
    "london_081": "white",
    "london_083": "white",
    "london_087": "east Asian",
    "london_100": "white",
    "london_101": "white",
    "london_103": "white",
    "london_104": "white",
    "london_118": "white",
    "london_142": "west Asian",
}
"""What the people of the Face Research Lab London Set said of themselves (DeBruine & Jones 2017, CC BY 4.0)."""

_ACTOR_GROUPS = {"easian": "east Asian", "wasian": "west Asian", "african": "black", "white": "white", "multi": "mixed"}

MIXED_LABEL = "hurt"
"""AI Hub's word for faces that may be neutral: as near as its set comes to a calm face."""


@dataclass(frozen=True, slots=True)
class NeutralFaces:
    """Calm faces of one group: pictures (n, 100, 100, 3) uint8 RGB, and of how many frames no face was found."""

    group: str
    pictures: NDArray[np.uint8]
    without_face: int = 0


def neutral_groups(london: LabelledSet | None, actors: LabelledSet) -> list[NeutralFaces]:
    """London's neutral faces and the actors' calm frames, each group by itself."""
    found: list[NeutralFaces] = []
    if london is not None:
        neutral = london.single == 1
        groups = np.array([LONDON_GROUPS.get(subject, "unknown") for subject in london.subjects])
        found += [
            NeutralFaces(f"london, {group}", london.pictures[neutral & (groups == group)])
            for group in sorted(set(groups[neutral]))
        ]
    neutral_faces = np.array([word in NEUTRAL_WORDS for word in actors.source_labels])
    groups = np.array([_actor_group(subject) for subject in actors.subjects])
    lost = [_actor_group(file.split("/")[0]) for file in actors.left_out if _is_calm(file)]
    found += [
        NeutralFaces(f"actors, {group}", actors.pictures[neutral_faces & (groups == group)], lost.count(group))
        for group in sorted(set(groups[neutral_faces]))
    ]
    return found


def without_strong_expression(sets: Sequence[LabelledSet]) -> NeutralFaces | None:
    """The korean validation faces that may be neutral (hurt); None where the set, or any such face of it, is not there."""
    korean = next((one for one in sets if one.name == KOREAN), None)
    if korean is None or MIXED_LABEL not in korean.source_labels:
        return None
    return NeutralFaces("korean, hurt", korean.pictures[np.array([w == MIXED_LABEL for w in korean.source_labels])])


def _actor_group(name: str) -> str:
    return _ACTOR_GROUPS.get(name.rsplit("_", maxsplit=1)[-1], "unknown")


def _is_calm(file: str) -> bool:
    return any(file.rsplit("/", 1)[-1].startswith(word) for word in NEUTRAL_WORDS)
