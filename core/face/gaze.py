"""Which way a face looks: the turn of the head and that of the eyes together, from its landmarks. Numbers only."""

from __future__ import annotations

import numpy as np

from core.face.box import FaceBox
from core.face.checked import FACE_ABOVE
from core.face.landmarks import LEFT_EYE, RIGHT_EYE, FaceLandmarker, LandmarkError, Points
from core.method.gaze import Gaze
from core.sources.source import Pixels

SMALLEST_FACE = 80
"""Side in pixels of the smallest face whose gaze is read: in a smaller one an iris is a few pixels wide."""

_CHEEKS, _HEIGHT = (234, 454), (10, 152)
_IRISES = ((468, LEFT_EYE), (473, RIGHT_EYE))
_DEGREES_AN_EYE = 143.0
"""Degrees that an eye has turned when its iris has moved by a whole eye's width: 30 mm on a ball of 12 mm radius."""


def gaze_of(points: Points) -> Gaze:
    """The gaze of a face's landmarks (478, 3)."""
    cheeks, height = points[_CHEEKS[1]] - points[_CHEEKS[0]], points[_HEIGHT[1]] - points[_HEIGHT[0]]
    turns = [np.degrees(np.arctan2(one[2], np.hypot(one[0], one[1]))) for one in (cheeks, height)]
    eyes = np.mean([_iris_in_eye(points, iris, corners) for iris, corners in _IRISES], axis=0)
    across, down = turns + _DEGREES_AN_EYE * eyes
    return Gaze(float(across), float(down))


def _iris_in_eye(points: Points, iris: int, corners: tuple[int, int]) -> tuple[float, float]:
    """How far along and below the line of its corners an iris lies from their middle, in widths of the eye."""
    first, second = points[corners[0], :2], points[corners[1], :2]
    along = (second - first) / np.linalg.norm(second - first)
    moved = (points[iris, :2] - (first + second) / 2) / np.linalg.norm(second - first)
    return float(moved @ along), float(moved @ (-along[1], along[0]))


class GazeReader:
    """Reads the gaze of faces whose boxes are known; where the landmark network is not there, of none."""

    def __init__(self) -> None:
        """Loads nothing before the first face."""
        self._landmarker: FaceLandmarker | None = None
        self._missing = False

    def read(self, pixels: Pixels, box: FaceBox) -> Gaze | None:
        """The gaze of the face in `box` of a BGR picture; None where it is small or none is seen surely."""
        if self._missing or box.width < SMALLEST_FACE:
            return None
        try:
            self._landmarker = self._landmarker or FaceLandmarker()
        except LandmarkError:
            self._missing = True
            return None
        found = self._landmarker.find(pixels, box, passes=1)  # a second one moves the gaze by a degree or two
        return gaze_of(found.points) if found.presence > FACE_ABOVE else None
