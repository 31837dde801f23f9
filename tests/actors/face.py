"""What moves when a face talks: an actor's landmarks, and how far each mouth shape and expression moves them.

Landmarks are those of the averaged faces' templates (189 points each, DeBruine 2016); displacements are those of the
face shapes of ICT-FaceKit at the 68 Multi-PIE points, in distances between the eyes.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 2): x to the right, y down, in pixels of a frame unless said otherwise."""

_HERE = Path(__file__).resolve().parent
_TEMPLATE_TO_FRAME = 0.8
"""The frames show the averaged faces at this scale, shifted, not turned."""

MOUTH_SHAPES: Mapping[str, Mapping[str, float]] = {
    "a": {"jawOpen": 0.26, "mouthLowerDown": 0.36, "mouthPucker": 0.25, "mouthRollUpper": 0.15, "mouthFrown": 0.15},
    "o": {"jawOpen": 0.23, "mouthFunnel": 0.36, "mouthPucker": 0.55, "mouthRollUpper": 0.15},
    "m": {"mouthRollLower": 0.31, "mouthRollUpper": 0.27, "mouthPress": 0.40},
    "e": {"jawOpen": 0.15, "mouthFunnel": 0.15, "mouthStretch": 0.24, "mouthLowerDown": 0.22, "mouthUpperUp": 0.05},
}
"""Weights of ICT-FaceKit's shapes, fitted to the four talking frames of f_multi and m_multi, which are older."""

MANNERS: Mapping[str, tuple[float, float]] = {"smile": (0.8, 1.0), "frown": (0.8, 1.0), "rage": (0.35, 0.75)}
"""What an expression leaves of itself, and of the mouth shape, on the mouth and jaw of somebody who talks."""

_UPPER_OUTER = (87, 88, 89, 90, 91, 92, 93)
_LOWER_OUTER = (87, 104, 105, 106, 107, 108, 93)
_UPPER_INNER = (87, 94, 95, 96, 97, 98, 93)
_LOWER_INNER = (87, 99, 100, 101, 102, 103, 93)
_JAW = (125, 126, 127, 128, 129, 130, 131, 132, 133)
_NOSE = {
    61: 31,
    62: 31,
    63: 31,
    64: 32,
    65: 32,
    66: 35,
    67: 35,
    68: 35,
    69: 34,
    70: 34,
    54: 30,
    60: 30,
    179: 32,
    182: 34,
}
_NOSE |= {180: 33, 181: 33, 170: 33, 172: 33}
_STILL = (*range(34, 50), *range(71, 87), *range(109, 125), 134, 144, 145, 157, 183, 184, 51, 57)


EYE_OUTLINES = ((18, 19, 20, 21, 22, 30, 29, 28), (23, 24, 25, 26, 27, 33, 32, 31))
_IRISES = (0, 1, *range(2, 18))
_LIDS = (*range(18, 34), *range(34, 50))


@dataclass(frozen=True)
class Face:
    """An actor's resting face."""

    points: Points
    """All 189 landmarks in pixels of the frame."""

    iod: float
    """Pixels between the pupils."""

    middle: Points
    """(2,): the point between the pupils."""


@dataclass(frozen=True)
class Moves:
    """Where landmarks go, and from where: one list for what belongs to the upper lip, one for the lower."""

    upper_from: Points
    upper_to: Points
    lower_from: Points
    lower_to: Points
    opening_upper: Points
    """The lower edge of the upper lip after the move, left corner to right."""

    opening_lower: Points
    """The upper edge of the lower lip after the move, left corner to right."""


def read_face(actor: str, eyes: Points) -> Face:
    """The landmarks of an actor, laid on its frames by the eyes (frames.csv says where they are)."""
    lines = (_HERE / "landmarks" / f"{actor}.tem").read_text(encoding="ascii").splitlines()
    points = np.array([[float(number) for number in line.split()] for line in lines[1 : 1 + int(lines[0])]])
    points = points * _TEMPLATE_TO_FRAME
    points += eyes.mean(axis=0) - points[:2].mean(axis=0)
    return Face(points, float(np.linalg.norm(eyes[1] - eyes[0])), eyes.mean(axis=0))


@lru_cache(maxsize=1)
def _shapes() -> tuple[Points, dict[str, Points]]:
    """The 68 points at rest, and the displacements of each shape, (68, 2) in distances between the eyes."""
    rest = np.zeros((68, 2))
    shapes: dict[str, Points] = {}
    with (_HERE / "displacements.csv").open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            point = int(row["point"])
            rest[point] = float(row["x0_iod"]), float(row["y0_iod"])
            name = row["shape"].removesuffix("_L").removesuffix("_R")
            shapes.setdefault(name, np.zeros((68, 2)))[point] += float(row["dx_iod"]), float(row["dy_iod"])
    return rest, shapes


def displacement(mixed: Mapping[str, float]) -> Points:
    """(68, 2): the sum of ICT-FaceKit's shapes by these weights, in distances between the eyes."""
    _, shapes = _shapes()
    return sum((weight * shapes[name] for name, weight in mixed.items()), start=np.zeros((68, 2)))


def talking(shape: str, strength: float, expression: str | None) -> Points:
    """(68, 2): a mouth shape under an expression's brows (None: a calm face), in distances between the eyes."""
    mouth = displacement(MOUTH_SHAPES[shape]) * strength
    if expression is None:
        return mouth
    own, shaped = MANNERS[expression]
    whole = displacement({expression: 1.0})
    lower = own * whole + shaped * mouth
    whole[:17], whole[48:] = lower[:17], lower[48:]
    return whole


def glance(face: Face, sideways: float) -> tuple[Points, Points]:
    """The irises moved by so many distances between the eyes (right is positive), the lids where they are."""
    irises, lids = face.points[list(_IRISES)], face.points[list(_LIDS)]
    return np.vstack([irises, lids]), np.vstack([irises + np.array([sideways * face.iod, 0.0]), lids])


def moves(face: Face, moved: Points, *, closed: bool) -> Moves:
    """What a displacement of the 68 points does to an actor's landmarks.

    Args:
        face: the resting face, its mouth closed.
        moved: (68, 2), in distances between the eyes.
        closed: the lips meet whatever the displacement says.
    """
    shift = moved * face.iod
    upper_outer = face.points[list(_UPPER_OUTER)] + shift[[48, 49, 50, 51, 52, 53, 54]]
    lower_outer = face.points[list(_LOWER_OUTER)] + shift[[48, 59, 58, 57, 56, 55, 54]]
    # Inner contours have corners of their own (60, 64) a little inside of 48 and 54: the slit ends at the outer ones.
    upper_shift = _spread(shift, (60, 61, 62, 63, 64))
    lower_shift = _spread(shift, (60, 67, 66, 65, 64))
    if closed:
        upper_shift = lower_shift = (upper_shift + lower_shift) / 2
    line = (face.points[list(_UPPER_INNER)] + face.points[list(_LOWER_INNER)]) / 2
    upper_inner, lower_inner = line + upper_shift, line + lower_shift
    crossed = upper_inner[:, 1] > lower_inner[:, 1]
    upper_inner[crossed] = lower_inner[crossed] = (upper_inner[crossed] + lower_inner[crossed]) / 2
    still_from, still_to = _around(face, shift)
    corner = slice(1, 6)
    return Moves(
        np.vstack([still_from, face.points[list(_UPPER_OUTER)], line[corner]]),
        np.vstack([still_to, upper_outer, upper_inner[corner]]),
        np.vstack([still_from, face.points[list(_LOWER_OUTER)], line[corner]]),
        np.vstack([still_to, lower_outer, lower_inner[corner]]),
        np.vstack([upper_outer[:1], upper_inner[corner], upper_outer[-1:]]),
        np.vstack([lower_outer[:1], lower_inner[corner], lower_outer[-1:]]),
    )


def _spread(shift: Points, inner: tuple[int, ...]) -> Points:
    """(7, 2): the displacement along a lip's inner edge at the seven places of the template, corner to corner."""
    at = np.linspace(0, 1, 7)
    known = np.array([0, *np.linspace(1 / 12, 11 / 12, 5), 1])
    values = shift[[48, *inner, 54]]
    return np.stack([np.interp(at, known, values[:, axis]) for axis in (0, 1)], axis=1)


def _around(face: Face, shift: Points) -> tuple[Points, Points]:
    """What is not lip: jaw and nose move along, eyes, brows, ears, neck and the frame's edge stay."""
    rest, _ = _shapes()
    jaw = face.points[list(_JAW)]
    bearing = _bearing((jaw - face.middle) / face.iod)
    known = _bearing(rest[:17])
    order = np.argsort(known)
    moved = [np.interp(bearing, known[order], shift[:17][order, axis]) for axis in (0, 1)]
    nose = face.points[list(_NOSE)]
    still = face.points[list(_STILL)]
    edge = np.array([(x, y) for x in (0, 160, 320, 480, 640) for y in (0, 470)], dtype=np.float64)
    edge = np.vstack([edge, [(0, 160), (0, 320), (640, 160), (640, 320), (320, 445), (250, 430), (390, 430)]])
    return (
        np.vstack([jaw, nose, still, edge]),
        np.vstack([jaw + np.stack(moved, axis=1), nose + shift[list(_NOSE.values())], still, edge]),
    )


def _bearing(points: Points) -> NDArray[np.float64]:
    """The direction from the middle of the face, for points in distances between the eyes."""
    angle: NDArray[np.float64] = np.arctan2(points[:, 0], points[:, 1] - 0.5)
    return angle
