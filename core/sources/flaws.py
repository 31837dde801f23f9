"""Ways in which a demo actor can be seen badly."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from core.sources.source import Pixels


class Flaw(StrEnum):
    """Ways to play badly, to show what the light check says."""

    DIM = "dim"
    SIDE_LIGHT = "side-light"
    BACKLIGHT = "backlight"
    FACE_AWAY = "face-away"
    TWO_PEOPLE = "two-people"


def show_flaw(pixels: Pixels, flaw: Flaw | None) -> Pixels:
    """The picture with a flaw, or as it is."""
    if flaw is None:
        return pixels
    height, width = pixels.shape[:2]
    if flaw is Flaw.DIM:
        return np.asarray(cv2.convertScaleAbs(pixels, alpha=0.22), dtype=np.uint8)
    if flaw is Flaw.SIDE_LIGHT:
        across = np.linspace(-1, 1, width, dtype=np.float32)
        ramp = 0.22 + 0.95 / (1 + np.exp(-9 * across))
        return np.asarray(np.clip(pixels * ramp[None, :, None], 0, 255), dtype=np.uint8)
    if flaw is Flaw.BACKLIGHT:
        return _against_window(pixels)
    if flaw is Flaw.FACE_AWAY:
        return turn_away(pixels)
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    top = height // 4
    both = np.empty_like(pixels)
    both[:] = pixels[4, 4]
    both[top : top + height // 2, : width // 2] = half
    both[top : top + height // 2, width // 2 : width // 2 * 2] = half[:, ::-1]
    return both


def turn_away(pixels: Pixels) -> Pixels:
    """The head moved out of the picture, as when somebody turns to a colleague."""
    height, width = pixels.shape[:2]
    matrix = np.array([[1, 0, width * 0.62], [0, 1, height * 0.12]], dtype=np.float32)
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def _against_window(pixels: Pixels) -> Pixels:
    """Dark in the middle, glaring around: a window behind the head."""
    height, width = pixels.shape[:2]
    mask: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, int(height * 0.5)), (int(width * 0.24), int(height * 0.40)), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (int(width * 0.2), int(height * 0.82)), (int(width * 0.8), height), 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 9).astype(np.float32)[..., None] / 255
    dark = pixels.astype(np.float32) * 0.3
    glare = 215 + pixels.astype(np.float32) * 0.15
    return np.asarray(np.clip(dark * soft + glare * (1 - soft), 0, 255), dtype=np.uint8)
