"""478 landmarks and 52 blendshapes of a face, by the two networks of MediaPipe's Face Landmarker (see NOTICE).

Numbers only: nothing here knows a person or an emotion.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.face.box import FaceBox
from core.sources.source import Pixels
from core.system.errors import TranslatableError
from core.system.resources import LANDMARKS_FOLDER

DETECTOR_FILE = LANDMARKS_FOLDER / "face_landmarks_detector.tflite"
BLENDSHAPES_FILE = LANDMARKS_FOLDER / "face_blendshapes.tflite"

Points = NDArray[np.float32]
"""(478, 3): x and y in pixels of the picture they were found in, z (towards the camera negative) at the same scale."""

LANDMARKS = 478

BLENDSHAPES = tuple(
    """
    _neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
    cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight
    eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight
    jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight
    mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker
    mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight
    mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight
    """.split()
)
"""What the 52 coefficients are called, in their order."""

INSIDE = 256
"""Side of the square that the detector sees, in pixels."""

MARGIN = 1.5
"""The square's side in sides of the face: a quarter of margin on each side."""

LEFT_EYE, RIGHT_EYE = (33, 133), (362, 263)
"""Outer and inner corner of the eye on the left of the picture, inner and outer corner of the one on the right."""

_BLENDSHAPE_POINTS = np.array(
    """
    0 1 4 5 6 7 8 10 13 14 17 21 33 37 39 40 46 52 53 54 55 58 61 63 65 66 67 70 78 80 81 82 84 87 88 91 93 95 103
    105 107 109 127 132 133 136 144 145 146 148 149 150 152 153 154 155 157 158 159 160 161 162 163 168 172 173 176
    178 181 185 191 195 197 234 246 249 251 263 267 269 270 276 282 283 284 285 288 291 293 295 296 297 300 308 310
    311 312 314 317 318 321 323 324 332 334 336 338 356 361 362 365 373 374 375 377 378 379 380 381 382 384 385 386
    387 388 389 390 397 398 400 402 405 409 415 454 466 468 469 470 471 472 473 474 475 476 477
    """.split(),
    dtype=np.intp,
)


class LandmarkError(TranslatableError):
    """A landmark network cannot be read or run; the message names the file."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What was found in a picture. `presence` (0 to 1): how surely the square held a face."""

    points: Points
    presence: float


class FaceLandmarker:
    """Finds the landmarks of a face whose box is known. One thread at a time."""

    def __init__(self, detector: Path = DETECTOR_FILE, blendshapes: Path = BLENDSHAPES_FILE, threads: int = 1) -> None:
        """Loads both networks.

        Raises:
            LandmarkError: one of them cannot be read, or is no LiteRT file.
        """
        self._detector, self._blendshapes = _load(detector, threads), _load(blendshapes, threads)
        outputs = self._detector.get_output_details()
        points = [int(one["index"]) for one in outputs if int(one["shape"][-1]) == LANDMARKS * 3]
        presence = [int(one["index"]) for one in outputs if tuple(one["shape"]) == (1, 1, 1, 1)]
        if len(points) != 1 or len(presence) != 1:
            raise LandmarkError("{path} gives no {count} landmarks and their presence", path=detector, count=LANDMARKS)
        self._points, self._presence = points[0], presence[0]

    def find(self, pixels: Pixels, box: FaceBox, passes: int = 2) -> Landmarks:
        """The landmarks of the face in `box` of a BGR picture.

        The second pass sees the face upright and centred, as the first one found it. Without a face the points mean
        nothing and `presence` is low: the caller says what is enough.
        """
        (x, y), side, angle = box.centre, MARGIN * max(box.width, box.height), 0.0
        for number in range(passes):
            found = self._see(pixels, (x, y), side, angle)
            if number < passes - 1:
                low, high = found.points[:, :2].min(axis=0), found.points[:, :2].max(axis=0)
                (x, y), side, angle = (low + high) / 2, MARGIN * float((high - low).max()), eye_angle(found.points)
        return found

    def presence(self, pixels: Pixels, box: FaceBox, angle: float = 0.0) -> float:
        """How surely (0 to 1) the face in `box` of a BGR picture is one that is turned by `angle` (radians)."""
        return self._see(pixels, box.centre, MARGIN * max(box.width, box.height), angle).presence

    def blendshapes(self, points: Points) -> NDArray[np.float32]:
        """The 52 coefficients (0 to 1) of `BLENDSHAPES` for landmarks (478, 3)."""
        entry = self._blendshapes.get_input_details()[0]["index"]
        self._blendshapes.set_tensor(entry, np.ascontiguousarray(points[None, _BLENDSHAPE_POINTS, :2], np.float32))
        self._blendshapes.invoke()
        said = self._blendshapes.get_tensor(self._blendshapes.get_output_details()[0]["index"])
        return np.asarray(said, dtype=np.float32).reshape(len(BLENDSHAPES))

    def _see(self, pixels: Pixels, centre: tuple[float, float], side: float, angle: float) -> Landmarks:
        """One pass over the square around `centre` that is turned by `angle` (radians)."""
        scale = side / INSIDE
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        to_picture = np.hstack([turn, (np.asarray(centre) - turn @ (INSIDE / 2, INSIDE / 2))[:, None]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        square = cv2.warpAffine(pixels, to_picture, (INSIDE, INSIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        entry = self._detector.get_input_details()[0]["index"]
        self._detector.set_tensor(entry, square[None, ..., ::-1].astype(np.float32) / 255.0)
        self._detector.invoke()
        points = np.asarray(self._detector.get_tensor(self._points), dtype=np.float64).reshape(LANDMARKS, 3)
        placed = np.column_stack([points[:, :2] @ turn.T + to_picture[:, 2], points[:, 2] * scale])
        logit = float(self._detector.get_tensor(self._presence).item())
        return Landmarks(placed.astype(np.float32), float(1 / (1 + np.exp(-logit))))


def eye_angle(points: Points) -> float:
    """By how much the line of the eyes is turned, in radians: 0 when level, more when the right one in the picture is lower."""
    across = points[list(RIGHT_EYE), :2].mean(axis=0) - points[list(LEFT_EYE), :2].mean(axis=0)
    return float(np.arctan2(across[1], across[0]))


def _load(path: Path, threads: int) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=path.read_bytes(), num_threads=threads)
        interpreter.allocate_tensors()
    except OSError as error:
        raise LandmarkError("{path} cannot be read: {reason}", path=path, reason=error.strerror) from error
    except (ValueError, RuntimeError) as error:
        raise LandmarkError("LiteRT cannot run {path}: {reason}", path=path, reason=error) from error
    return interpreter
