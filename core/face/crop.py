"""The one crop function, shared by the program and by training (method.md 2)."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from core.face.box import FaceBox
from core.sources.source import Pixels

CROP_SIZE = 100
"""Side of the crop in pixels (method.md 2)."""

ColourOrder = Literal["RGB", "BGR"]


def crop_face(pixels: Pixels, box: FaceBox) -> Pixels:
    """The face as 100 x 100 x 3 uint8 BGR: the box cut out of the frame (BGR) and resized (bilinear).

    A box that reaches outside the frame is cut at its edge.

    Raises:
        ValueError: the box lies wholly outside the frame.
    """
    height, width = pixels.shape[:2]
    left, top = max(0, box.x), max(0, box.y)
    right, bottom = min(width, box.x + box.width), min(height, box.y + box.height)
    if right <= left or bottom <= top:
        raise ValueError(f"{box} lies outside the {width}x{height} frame")
    return resize_crop(pixels[top:bottom, left:right])


def resize_crop(crop: Pixels, size: int = CROP_SIZE) -> Pixels:
    """A picture that is a face already, as `size` x `size` x 3 uint8, colour order kept (`cv2.resize`, bilinear)."""
    if crop.shape[:2] == (size, size):
        return np.ascontiguousarray(crop)
    return np.asarray(cv2.resize(crop, (size, size)), dtype=np.uint8)


def mirrored(crop: Pixels) -> Pixels:
    """The crop (height x width x 3 uint8) as in a mirror: left and right change places."""
    return np.ascontiguousarray(crop[:, ::-1])
