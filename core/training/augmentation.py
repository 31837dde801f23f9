"""Augmentation: the thesis's geometry (method.md 3) and what our data's traps ask for (shared README, "Traps").

Works on one uint8 RGB crop at a time with NumPy and OpenCV, so it is the same under every Keras backend and can run in
worker processes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.evaluation.robustness import as_jpeg, small

Picture = NDArray[np.uint8]
"""One crop: height x width x 3 uint8 RGB."""


@dataclass(frozen=True, slots=True)
class AugmentationRanges:
    """How far each change may go, and how likely it is (probabilities 0 to 1).

    With `as_keras` the geometry is that of Keras's `ImageDataGenerator`: `shear` in degrees, both sides zoomed by
    1 - `zoom` to 1 + `zoom` independently. Without it `shear` is a share of the height, and both sides zoom nearly alike.
    """

    rotation_degrees: float = 30.0
    shift: float = 0.2
    shear: float = 0.2
    zoom: float = 0.2
    flip: float = 0.5
    grey: float = 0.0
    blur: float = 0.0
    downscale: float = 0.0
    jpeg: float = 0.0
    oval: float = 0.0
    occlusion: float = 0.0
    light: float = 0.0
    as_keras: bool = False


THESIS = AugmentationRanges(as_keras=True)
"""Method.md 3 (code 1): rotation 30 degrees, shift 0.2, shear 0.2 degrees, zoom 0.2, horizontal flip, fill nearest."""

PAPER = AugmentationRanges(rotation_degrees=15.0, shift=0.1, shear=0.0, zoom=0.1, flip=0.0)
"""[I] in method.md 3: crop and rotation; how far is our reading."""

MIXED_SETS = AugmentationRanges(
    rotation_degrees=15.0,
    shift=0.09,
    shear=0.08,
    zoom=0.22,
    grey=0.3,
    blur=0.15,
    downscale=0.25,
    jpeg=0.2,
    oval=0.12,
    occlusion=0.2,
    light=0.6,
)
"""Gentler geometry (shift 0.2 cuts brows and mouths off tight crops) and everything that makes the sets alike."""

WIDE = replace(MIXED_SETS, rotation_degrees=18.0, shift=0.10)
"""The same a little wider, for runs of many epochs."""


def augment(picture: Picture, ranges: AugmentationRanges, rng: np.random.Generator) -> Picture:
    """A changed copy of `picture`, same shape and dtype."""
    changed = _warp(picture, ranges, rng)
    if rng.random() < ranges.flip:
        changed = np.ascontiguousarray(changed[:, ::-1])
    if rng.random() < ranges.grey:
        changed = np.repeat(cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    if rng.random() < ranges.light:
        changed = _relight(changed, rng)
    if rng.random() < ranges.downscale:
        changed = small(changed, int(rng.integers(36, 71)))  # as ferplus (48) or a small face in a webcam
    if rng.random() < ranges.blur:
        changed = cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.4, 1.6)).astype(np.uint8)
    if rng.random() < ranges.oval:
        changed = _oval(changed, rng)
    if rng.random() < ranges.occlusion:
        changed = _occlude(changed, rng)
    if rng.random() < ranges.jpeg:
        changed = as_jpeg(changed, int(rng.integers(25, 76)))
    return np.ascontiguousarray(changed, dtype=np.uint8)


def _warp(picture: Picture, ranges: AugmentationRanges, rng: np.random.Generator) -> Picture:
    """Rotation, shear, zoom and shift in one affine map; the border is filled with the nearest pixel."""
    height, width = picture.shape[:2]
    flags = cv2.INTER_LINEAR
    if ranges.as_keras:
        matrix = keras_matrix(draw_keras_transform(ranges, height, width, rng), height, width)
        flags |= cv2.WARP_INVERSE_MAP
    else:
        matrix = _mixed_matrix(ranges, height, width, rng)
    warped = cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)


def _mixed_matrix(ranges: AugmentationRanges, height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Where a point of the picture comes to lie, (2, 3)."""
    angle = np.deg2rad(rng.uniform(-1, 1) * ranges.rotation_degrees)
    shear = rng.uniform(-1, 1) * ranges.shear
    zoom_x, zoom_y = _zoom(ranges.zoom, rng)
    linear = _rotation(angle) @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag([zoom_x, zoom_y])
    centre = np.array([width / 2, height / 2])
    shift = rng.uniform(-1, 1, size=2) * ranges.shift * np.array([width, height])
    return np.hstack([linear, (centre + shift - linear @ centre)[:, None]])


@dataclass(frozen=True, slots=True)
class KerasTransform:
    """What `ImageDataGenerator.get_random_transform` draws: degrees, pixels and factors, by its own names."""

    theta: float
    tx: float
    ty: float
    shear: float
    zx: float
    zy: float


def draw_keras_transform(
    ranges: AugmentationRanges, height: int, width: int, rng: np.random.Generator
) -> KerasTransform:
    """One transform within the ranges, drawn as Keras draws it for a picture of this size."""
    turned, along, across, sheared = rng.uniform(-1, 1, size=4)
    zoom_x, zoom_y = rng.uniform(1 - ranges.zoom, 1 + ranges.zoom, size=2)
    return KerasTransform(
        turned * ranges.rotation_degrees,
        along * ranges.shift * height,
        across * ranges.shift * width,
        sheared * ranges.shear,
        zoom_x,
        zoom_y,
    )


def keras_matrix(drawn: KerasTransform, height: int, width: int) -> NDArray[np.float64]:
    """From which point of the picture each pixel comes, (2, 3): Keras's rotation, shift, shear and zoom, in this order."""
    shear = np.deg2rad(drawn.shear)
    rotation = _rotation(np.deg2rad(drawn.theta))
    linear = rotation @ np.array([[1.0, -np.sin(shear)], [0.0, np.cos(shear)]]) @ np.diag([drawn.zx, drawn.zy])
    centre = np.array([width - 1, height - 1]) / 2
    return np.hstack([linear, (rotation @ (drawn.tx, drawn.ty) + centre - linear @ centre)[:, None]])


def _rotation(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _zoom(reach: float, rng: np.random.Generator) -> tuple[float, float]:
    """One zoom for both sides, a little uneven."""
    zoom = float(np.exp(rng.uniform(-1, 1) * np.log1p(reach)))
    uneven = float(np.exp(rng.uniform(-1, 1) * 0.05)) if reach else 1.0
    return zoom * uneven, zoom / uneven


def _relight(picture: Picture, rng: np.random.Generator) -> Picture:
    """Gamma, contrast, a lamp on one side, and a slight colour cast."""
    height, width = picture.shape[:2]
    light: NDArray[np.float32] = picture.astype(np.float32) / 255.0
    light = light ** np.float32(np.exp(rng.uniform(-0.55, 0.55)))
    light = (light - light.mean()) * np.float32(rng.uniform(0.7, 1.25)) + light.mean()
    if rng.random() < 0.4:
        direction = rng.uniform(0, 2 * np.pi)
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        ramp = (np.cos(direction) * (xs / width - 0.5) + np.sin(direction) * (ys / height - 0.5)) * 2
        light = light * np.exp(ramp * np.float32(rng.uniform(0.0, 0.5)))[..., None]
    if rng.random() < 0.3:
        light = light * rng.uniform(0.85, 1.15, size=3).astype(np.float32)
    light = light + np.float32(rng.uniform(-0.08, 0.08))
    return (np.clip(light, 0, 1) * 255).astype(np.uint8)


def _oval(picture: Picture, rng: np.random.Generator) -> Picture:
    """An oval on black, as affectnet_oval is cut."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    axes = (int(width * rng.uniform(0.38, 0.5)), int(height * rng.uniform(0.46, 0.56)))
    cv2.ellipse(mask, (width // 2, height // 2), axes, 0, 0, 360, 1, -1)
    return picture * mask[..., None]


def _occlude(picture: Picture, rng: np.random.Generator) -> Picture:
    """A rectangle of one colour or of noise: a hand, hair, a headset's microphone."""
    height, width = picture.shape[:2]
    h, w = int(height * rng.uniform(0.08, 0.28)), int(width * rng.uniform(0.08, 0.28))
    top, left = int(rng.integers(0, height - h)), int(rng.integers(0, width - w))
    covered = picture.copy()
    if rng.random() < 0.5:
        covered[top : top + h, left : left + w] = rng.integers(0, 256, size=3, dtype=np.uint8)
    else:
        covered[top : top + h, left : left + w] = rng.integers(0, 256, size=(h, w, 3), dtype=np.uint8)
    return covered
