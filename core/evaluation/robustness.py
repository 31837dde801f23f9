"""What a webcam does to a face: box off, head tilted, light from one side, blocks and blur (issue: must hold 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

ZOOM, SHIFT, ROLL = 0.12, 0.08, 12.0
DARK, BRIGHT = 1.6, 0.6
SIDE_LIGHT = 2.5
JPEG_QUALITY = 40
SMALL_SIDE = 56


def moved(
    picture: Picture, *, zoom: float = 1.0, shift: tuple[float, float] = (0.0, 0.0), roll: float = 0.0
) -> Picture:
    """As a box of another size or place, or a tilted head, would have cut it; what lies outside is the nearest pixel.

    `zoom` over 1: the face is larger in the crop (a tighter box); `shift` in shares of the side; `roll` in degrees.
    """
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), roll, zoom)
    matrix[:, 2] += (shift[0] * width, shift[1] * height)
    warped = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)


def with_gamma(picture: Picture, gamma: float) -> Picture:
    """Brightness (0..1) to the power of `gamma`: over 1 darker, under 1 brighter."""
    return np.asarray((picture / 255.0) ** gamma * 255.0 + 0.5, dtype=np.uint8)


def side_lit(picture: Picture, ratio: float, *, from_left: bool) -> Picture:
    """Light falling off evenly to one side until it is 1 : `ratio`; the middle keeps its brightness."""
    ramp = np.geomspace(np.sqrt(ratio), 1 / np.sqrt(ratio), picture.shape[1])
    ramp = ramp if from_left else ramp[::-1]
    return np.asarray(np.clip(picture * ramp[None, :, None], 0, 255), dtype=np.uint8)


def as_jpeg(picture: Picture, quality: int) -> Picture:
    """Saved as JPEG and read again, in memory."""
    _done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, dtype=np.uint8)


def small(picture: Picture, side: int) -> Picture:
    """A face that is `side` pixels large in the frame, enlarged by the crop function."""
    height, width = picture.shape[:2]
    shrunk = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (width, height)), dtype=np.uint8)


CHANGES: Mapping[str, Callable[[Picture], Picture]] = {
    "box 12 % smaller": lambda picture: moved(picture, zoom=1 / (1 - ZOOM)),
    "box 12 % larger": lambda picture: moved(picture, zoom=1 / (1 + ZOOM)),
    "8 % left": lambda picture: moved(picture, shift=(-SHIFT, 0.0)),
    "8 % right": lambda picture: moved(picture, shift=(SHIFT, 0.0)),
    "8 % up": lambda picture: moved(picture, shift=(0.0, -SHIFT)),
    "8 % down": lambda picture: moved(picture, shift=(0.0, SHIFT)),
    "12 degrees left": lambda picture: moved(picture, roll=ROLL),
    "12 degrees right": lambda picture: moved(picture, roll=-ROLL),
    "gamma 0.6": lambda picture: with_gamma(picture, BRIGHT),
    "gamma 1.6": lambda picture: with_gamma(picture, DARK),
    "light from the left": lambda picture: side_lit(picture, SIDE_LIGHT, from_left=True),
    "light from the right": lambda picture: side_lit(picture, SIDE_LIGHT, from_left=False),
    "JPEG 40": lambda picture: as_jpeg(picture, JPEG_QUALITY),
    "56 px": lambda picture: small(picture, SMALL_SIDE),
}
"""Each change by its name in the table."""


def changed(pictures: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """All pictures (n, height, width, 3) under one of `CHANGES`."""
    return np.stack([CHANGES[name](picture) for picture in pictures])
