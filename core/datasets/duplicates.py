"""The same picture twice, in whatever encoding: once is enough, and with two labels it teaches nothing."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

NEARLY = 2.0
"""Crops whose small copies differ by less than this much on average (of 255) are one picture, saved differently.

Saving as JPEG again changes a small copy by about 0.5; two takes of one face differ by 5 and more.
"""

_SMALL, _TINY = 32, 8
_SAME_BRIGHTNESS = 1.0


def small_copy(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What two copies of a crop share however they were saved: (32, 32, 3) uint8."""
    return cv2.resize(crop, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).astype(np.uint8)


def duplicate_groups(copies: Sequence[NDArray[np.uint8]]) -> list[list[int]]:
    """The numbers of pictures that are the same one, ascending, for each picture that is there more than once.

    Only pictures of about the same brightness are compared, so sixty thousand take seconds.
    """
    if not copies:
        return []
    tiny = np.stack([_tiny(copy) for copy in copies])
    brightness = tiny.mean(axis=1)
    order = np.argsort(brightness, kind="stable")
    ends = np.searchsorted(brightness[order], brightness[order] + _SAME_BRIGHTNESS, side="right")
    first = np.arange(len(copies))
    for place, number in enumerate(order):
        others = order[place + 1 : ends[place]]
        near = others[np.abs(tiny[others] - tiny[number]).mean(axis=1) < NEARLY]
        for other in near:
            if np.abs(copies[other].astype(np.int16) - copies[number]).mean() < NEARLY:
                low, high = sorted((int(first[other]), int(first[number])))
                first[first == high] = low
    groups: dict[int, list[int]] = {}
    for number, own in enumerate(first):
        groups.setdefault(int(own), []).append(number)
    return [group for group in groups.values() if len(group) > 1]


def _tiny(copy: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (_TINY, _TINY), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
