"""Mouths as they look while somebody speaks, made on still faces: lips and jaw warped along their landmarks.

Networks that have seen only posed faces take a talking mouth for an expression. What a face shows elsewhere stays as it
is, and so do its label and how far the corners of its mouth are raised: a smile stays a smile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet, data_hash
from core.evaluation.predictions import kept_array
from core.face.box import FaceBox
from core.face.landmarks import LANDMARKS, LEFT_EYE, RIGHT_EYE, FaceLandmarker
from core.training.augmentation import Picture

Plane = NDArray[np.float64]
"""Points (n, 2), or one number for each pixel (height, width)."""

UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""The edges of the lips from corner to corner, left to right in the picture."""

JAW = (172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397)
STILL = (
    *(33, 133, 159, 145, 362, 263, 386, 374, 70, 105, 107, 336, 334, 300),  # eyes, brows
    *(1, 2, 98, 327, 168, 6, 10, 127, 356, 234, 454, 93, 323),  # nose, forehead, temples, ears
)
"""What does not move when somebody speaks."""

GRID = 4
"""Every so many pixels the warp is computed; between them it is interpolated."""

HIDDEN = 0.15
"""In this share of the pictures that speak the lower face is hidden instead: brows and eyes have to do."""

LONGEST_TEETH = 0.16
"""How far the upper teeth are seen at most, in units."""

LEAST_PRESENCE = 0.5
"""How surely there must be a face for its mouth to be moved."""

OPEN_ALREADY = 0.06
"""From this gap on (in units, see `_Face`) a mouth shows its own inside; below it one is painted."""


@dataclass(frozen=True, slots=True)
class Mouth:
    """One moment of speech.

    `gap` between the lips in units (see `_Face`); `width` of the mouth and `thickness` of the lips as factors; `teeth`:
    share of the gap that the upper teeth fill, 0 where it is dark.
    """

    gap: float
    width: float = 1.0
    thickness: float = 1.0
    teeth: float = 0.0


@dataclass(frozen=True, slots=True)
class _Face:
    """Landmarks in the face's own frame.

    (0, 0) is the middle between the corners of the mouth, x runs along the line of the eyes, y down; 1 is about the
    distance of the eyes. `to_picture` (2, 2) and `origin` lead back.
    """

    points: Plane
    origin: Plane
    to_picture: Plane


def speak(picture: Picture, points: NDArray[np.floating], rng: np.random.Generator) -> Picture:
    """A picture (RGB) as a moment of speech, drawn by `rng`, or with its mouth hidden (`HIDDEN`).

    `points`: see `kept_landmarks`; a picture without a face comes back as it is.
    """
    if np.isnan(points).any():
        return picture
    return hide_mouth(picture, points, rng) if rng.random() < HIDDEN else move_mouth(picture, points, draw_mouth(rng))


def kept_landmarks(labelled: LabelledSet, folder: Path) -> NDArray[np.float16]:
    """The landmarks of every picture, (n, 478, 2) in pixels, kept in `folder` between runs; NaN where there is no face.

    Half precision is a sixteenth of a pixel.
    """
    place = folder / f"landmarks.{labelled.name}.{data_hash([labelled])}.npy"
    return kept_array(place, lambda: find_landmarks(labelled))


def find_landmarks(labelled: LabelledSet) -> NDArray[np.float16]:
    """The same, found now."""
    landmarker = FaceLandmarker()
    box = FaceBox(8, 8, 84, 84)  # of 100: crops are about as tight as the detector's
    found = np.full((len(labelled), LANDMARKS, 2), np.nan, dtype=np.float16)
    for number, picture in enumerate(labelled.pictures):
        face = landmarker.find(np.ascontiguousarray(picture[..., ::-1]), box)
        if face.presence >= LEAST_PRESENCE:
            found[number] = face.points[:, :2]
    return found


def draw_mouth(rng: np.random.Generator) -> Mouth:
    """A random moment of speech: pressed (m, b), half-open, open (a), round (o, u) or wide (e, i)."""
    kind = rng.choice(5, p=(0.15, 0.3, 0.2, 0.2, 0.15))
    teeth = float(rng.uniform(0.25, 0.8)) if rng.random() < 0.5 else 0.0
    if kind == 0:
        return Mouth(0.0, rng.uniform(0.95, 1.04), rng.uniform(0.45, 0.85))
    if kind == 1:
        return Mouth(rng.uniform(0.04, 0.16), rng.uniform(0.92, 1.04), rng.uniform(0.85, 1.05), teeth)
    if kind == 2:
        return Mouth(rng.uniform(0.16, 0.42), rng.uniform(0.86, 1.0), rng.uniform(0.8, 1.0), teeth)
    if kind == 3:
        return Mouth(rng.uniform(0.03, 0.22), rng.uniform(0.62, 0.86), rng.uniform(1.0, 1.2))
    return Mouth(rng.uniform(0.03, 0.14), rng.uniform(1.03, 1.14), rng.uniform(0.75, 0.95), max(teeth, 0.4))


def move_mouth(picture: Picture, points: NDArray[np.floating], mouth: Mouth) -> Picture:
    """The picture (RGB) with its mouth in another shape, same shape and dtype.

    `points`: the landmarks (478, 2) in pixels of `picture`. A mouth that is open beyond `OPEN_ALREADY` stays open: its
    gap goes half way to that of `mouth`, and keeps the inside that it has.
    """
    face = _face_of(points)
    before = float(face.points[14, 1] - face.points[13, 1])
    own_inside = float(np.clip(before / OPEN_ALREADY - 0.5, 0, 1))
    gap = mouth.gap + own_inside * (before - mouth.gap) / 2
    moved = _moved(face, gap - before, _width(face, mouth.width), mouth.thickness)
    height, width = picture.shape[:2]
    upper = _warp(face, moved, (*UPPER_INNER, *UPPER_OUTER), (height, width))
    lower = _warp(face, moved, (*LOWER_INNER, *LOWER_OUTER), (height, width))
    down, inside = _between_lips(face, moved, (height, width))
    source = (upper * (1 - down[..., None]) + lower * down[..., None]).astype(np.float32)
    warped = np.asarray(
        cv2.remap(picture, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    if own_inside < 1 and gap > 0:
        teeth = min(mouth.teeth, LONGEST_TEETH / gap)
        warped = _paint_inside(warped, down, inside * (1 - own_inside), teeth, _colours(picture, points))
    return warped


def _face_of(points: NDArray[np.floating]) -> _Face:
    left, right = (points[list(eye)].astype(np.float64).mean(axis=0) for eye in (LEFT_EYE, RIGHT_EYE))
    origin = points[[61, 291]].astype(np.float64).mean(axis=0)
    across, down = right - left, origin - (left + right) / 2
    unit = max(float(np.hypot(*across)), float(np.hypot(*down)) / 1.15, 1.0)  # a head that is turned away is narrower
    x = across / max(float(np.hypot(*across)), 1e-6)
    to_picture = unit * np.array([[x[0], -x[1]], [x[1], x[0]]])
    own = (points.astype(np.float64) - origin) @ np.linalg.inv(to_picture).T
    return _Face(own, origin, to_picture)


def _width(face: _Face, width: float) -> float:
    """The factor of the width: a mouth with raised corners is narrowed less, since a pout takes a smile away."""
    middle = (face.points[13, 1] + face.points[14, 1]) / 2
    raised = np.clip((middle - 0.02) / 0.1, 0, 1)
    return float(width if width >= 1 else width + raised * (1 - width) * 0.6)


def _moved(face: _Face, opening: float, width: float, thickness: float) -> Plane:
    """All landmarks (478, 2) in the face's frame, lips and jaw where they are to be."""
    points, moved = face.points, face.points.copy()
    half = max(float(np.abs(points[[61, 291], 0]).max()), 0.1)
    sag = 0.25 * opening  # the corners go down with the jaw
    for inner, outer, share in ((UPPER_INNER, UPPER_OUTER, -0.15), (LOWER_INNER, LOWER_OUTER, 0.85)):
        edge, rim = list(inner), list(outer)
        along = np.clip(1 - (points[edge, 0] / half) ** 2, 0, 1) ** 0.7
        moved[edge, 0], moved[rim, 0] = points[edge, 0] * width, points[rim, 0] * width
        moved[edge, 1] = points[edge, 1] + sag * (1 - along) + share * opening * along
        moved[rim, 1] = moved[edge, 1] + (points[rim, 1] - points[edge, 1]) * thickness
    jaw = list(JAW)
    moved[jaw, 1] += 0.8 * opening * np.exp(-((points[jaw, 0] / 0.8) ** 2))
    return moved


def _warp(face: _Face, moved: Plane, lips: tuple[int, ...], size: tuple[int, int]) -> Plane:
    """For each pixel where it comes from, (height, width, 2) x, y: a thin-plate spline through lips, jaw and the rest."""
    from scipy.interpolate import RBFInterpolator

    chosen = [*lips, *JAW, *STILL]
    spline = RBFInterpolator(moved[chosen], (face.points - moved)[chosen], smoothing=1e-3)
    own = _own_pixels(face, size, GRID)
    source = (own + spline(own)) @ face.to_picture.T + face.origin
    coarse = source.reshape(-(-size[0] // GRID), -(-size[1] // GRID), 2).astype(np.float32)
    scale = np.array([[GRID, 0, 0], [0, GRID, 0]], dtype=np.float64)
    fine = cv2.warpAffine(coarse, scale, size[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(fine, dtype=np.float64)


def _own_pixels(face: _Face, size: tuple[int, int], step: int = 1) -> Plane:
    """Every pixel (or every `step`th each way) in the face's frame, (n, 2), row by row."""
    pixels = np.stack(np.meshgrid(np.arange(0, size[1], step), np.arange(0, size[0], step)), axis=-1).reshape(-1, 2)
    return np.asarray((pixels - face.origin) @ np.linalg.inv(face.to_picture).T)


def _between_lips(face: _Face, moved: Plane, size: tuple[int, int]) -> tuple[Plane, Plane]:
    """For each pixel how far it lies from the upper towards the lower lip (0 to 1), and how much of it lies between."""
    own = _own_pixels(face, size)
    top, bottom = (
        np.interp(own[:, 0], moved[list(edge), 0], moved[list(edge), 1]) for edge in (UPPER_INNER, LOWER_INNER)
    )
    pixel = 1 / float(np.hypot(*face.to_picture[0]))
    beside = np.maximum(np.abs(own[:, 0]) - np.abs(moved[[78, 308], 0]).min(), 0)
    soft = 0.5 * pixel + 0.3 * beside
    down = np.clip((own[:, 1] - top + soft) / (bottom - top + 2 * soft), 0, 1)
    edge = np.minimum(own[:, 1] - top, bottom - own[:, 1]) / pixel
    inside = np.clip(edge * 0.7 + 0.3, 0, 1) * (beside == 0) * (bottom - top > 0.5 * pixel)
    return down.reshape(size), inside.reshape(size)


def _colours(picture: Picture, points: NDArray[np.floating]) -> tuple[Plane, Plane]:
    """The colours of lips and of the brightest skin, (3,) RGB each."""
    height, width = picture.shape[:2]
    places = np.clip(points.astype(np.float64), 0, (width - 1, height - 1)).astype(np.int64)
    lips = picture[places[[0, 17, 37, 267, 84, 314], 1], places[[0, 17, 37, 267, 84, 314], 0]]
    skin = picture[places[:, 1], places[:, 0]]
    return lips.mean(axis=0), np.quantile(skin, 0.9, axis=0)


def _paint_inside(picture: Picture, down: Plane, inside: Plane, teeth: float, colours: tuple[Plane, Plane]) -> Picture:
    """Darkness between the lips, a tongue's shimmer below, teeth above."""
    lips, bright = colours
    dark = lips * 0.22
    colour = dark + (lips * 0.55 - dark) * np.clip((down - 0.6) / 0.4, 0, 1)[..., None] * 0.6
    if teeth > 0:
        enamel = (bright * 0.4 + bright.mean() * 0.6) * 0.85
        shown = np.clip((teeth - down) * 6 + 0.5, 0, 1)[..., None]
        colour = colour * (1 - shown) + enamel * shown
    mixed = picture * (1 - inside[..., None]) + colour * inside[..., None]
    return np.clip(mixed, 0, 255).astype(np.uint8)


def hide_mouth(picture: Picture, points: NDArray[np.floating], rng: np.random.Generator) -> Picture:
    """The picture with everything below the nose covered: one colour, noise, or blurred beyond recognition."""
    face = _face_of(points)
    height, width = picture.shape[:2]
    border = float(face.points[2, 1]) * rng.uniform(0.4, 0.9)
    below = (_own_pixels(face, (height, width))[:, 1] > border).reshape(height, width, 1)
    kind = rng.integers(3)
    if kind == 0:
        cover = np.broadcast_to(rng.integers(0, 256, size=3, dtype=np.uint8), picture.shape)
    elif kind == 1:
        cover = rng.integers(0, 256, size=picture.shape, dtype=np.uint8)
    else:
        cover = cv2.GaussianBlur(picture, (0, 0), width * rng.uniform(0.06, 0.12)).astype(np.uint8)
    return np.where(below, cover, picture).astype(np.uint8)
