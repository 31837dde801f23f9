"""The light on the face (method.md 6, "Light"): plain numbers from a frame, and what to do about them.

The cascade sees differences of brightness between regions of a face, so these are measured inside the face box and
relative to each other: a dark skin in good light passes, a light skin in bad light does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np

from core.face.box import FaceBox, choose_face
from core.face.crop import crop_face
from core.sources.source import Pixels

WINDOW_SECONDS = 2.0
"""The check looks at this many last seconds, and is not ready before they have passed."""

FOUND_SHARE = 0.8
"""A face must be seen, and each meter be good, in this share of the window's frames."""

SMALLEST, LARGEST = 0.22, 0.75
"""Height of the face box as a share of the frame's: smaller is blurred by resizing, larger loses the chin."""

OFF_CENTRE = 0.25
"""How far the middle of the box may lie from the middle of the frame, as a share of the frame's width or height."""

DARK, GLARE = 45.0, 215.0
"""The bright parts of the face (90 % quantile) must reach the first; its median must stay under the second."""

FLAT = 0.09
"""Contrast inside the face: the spread of region means over their mean."""

UNEVEN = 1.45
"""The brighter half of the face may have this many times the brightness of the darker one."""

BACKLIT = 3.2
"""What lies around the face may be this many times brighter than the face's bright parts."""

BLURRED = 12.0
"""Variance of the Laplacian on the 100-pixel crop, over the crop's mean brightness squared, times 10,000."""

NOISY = 9.0
"""Noise in grey values (0 to 255), estimated from the finest details of the crop."""


class MeterKind(StrEnum):
    """What a meter of the light check measures."""

    FACE = "face"
    SIZE = "size"
    POSITION = "position"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    BALANCE = "balance"
    BACKLIGHT = "backlight"
    SHARPNESS = "sharpness"
    NOISE = "noise"


class Advice(StrEnum):
    """What would help; the app has a sentence for each."""

    LOOK_AT_CAMERA = "look_at_camera"
    ONE_PERSON = "one_person"
    CLOSER = "closer"
    FARTHER = "farther"
    TO_YOUR_LEFT = "to_your_left"
    TO_YOUR_RIGHT = "to_your_right"
    HIGHER = "higher"
    LOWER = "lower"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    LIGHT_FROM_FRONT = "light_from_front"
    LAMP_ON_LEFT = "lamp_on_left"
    LAMP_ON_RIGHT = "lamp_on_right"
    LIGHT_BEHIND = "light_behind"
    SHARPER = "sharper"


@dataclass(frozen=True, slots=True)
class LightMeasure:
    """The numbers of one frame. `box` is relative (x, y, width, height as shares of the frame), None without a face.

    Positions are the frame's, not mirrored. Brightness 0 to 255; `balance` is left half over right half of the face
    as the camera sees it; `backlight` surroundings over face.
    """

    faces: int
    box: tuple[float, float, float, float] | None
    bright_parts: float = 0.0
    median: float = 0.0
    contrast: float = 0.0
    balance: float = 1.0
    backlight: float = 1.0
    sharpness: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Meter:
    """One line of the light check."""

    kind: MeterKind
    good: bool
    advice: Advice | None


def measure_light(pixels: Pixels, boxes: Sequence[FaceBox]) -> LightMeasure:
    """Measure one BGR frame in which the finder saw `boxes`."""
    box = choose_face(boxes, None)
    height, width = pixels.shape[:2]
    if box is None:
        return LightMeasure(0, None)
    crop = cv2.cvtColor(crop_face(pixels, box), cv2.COLOR_BGR2GRAY).astype(np.float32)
    face = crop[18:92, 20:80]  # without hair and background at the corners of the box
    mean = float(face.mean()) + 1e-3
    bright = float(np.quantile(face, 0.9))
    regions = cv2.resize(face, (4, 6), interpolation=cv2.INTER_AREA)
    left, right = float(face[:, :30].mean()) + 1.0, float(face[:, 30:].mean()) + 1.0
    return LightMeasure(
        faces=_count_faces(boxes),
        box=(box.x / width, box.y / height, box.width / width, box.height / height),
        bright_parts=bright,
        median=float(np.median(face)),
        contrast=float(regions.std()) / mean,
        balance=left / right,
        backlight=_surroundings(pixels, box) / (bright + 1.0),
        sharpness=float(cv2.Laplacian(crop, cv2.CV_32F).var()) / mean**2 * 1e4,
        noise=_noise(crop),
    )


def meters_of(measure: LightMeasure, found_share: float = 1.0) -> tuple[Meter, ...]:
    """What the numbers mean, one meter for each kind; without a face only that is known, and the rest is not good."""
    if measure.box is None or found_share < FOUND_SHARE:
        return tuple(
            Meter(kind, good=False, advice=Advice.LOOK_AT_CAMERA if kind is MeterKind.FACE else None)
            for kind in MeterKind
        )
    advice = {
        MeterKind.FACE: Advice.ONE_PERSON if measure.faces > 1 else None,
        MeterKind.SIZE: _size_advice(measure.box),
        MeterKind.POSITION: _position_advice(measure.box),
        MeterKind.BRIGHTNESS: _brightness_advice(measure),
        MeterKind.CONTRAST: Advice.LIGHT_FROM_FRONT if measure.contrast < FLAT else None,
        MeterKind.BALANCE: _balance_advice(measure.balance),
        MeterKind.BACKLIGHT: Advice.LIGHT_BEHIND if measure.backlight > BACKLIT else None,
        MeterKind.SHARPNESS: Advice.SHARPER if measure.sharpness < BLURRED else None,
        MeterKind.NOISE: Advice.MORE_LIGHT if measure.noise > NOISY else None,
    }
    return tuple(Meter(kind, good=found is None, advice=found) for kind, found in advice.items())


class LightCheck:
    """The last two seconds of measures."""

    def __init__(self) -> None:
        """Begins empty."""
        self._measures: deque[tuple[float, LightMeasure]] = deque()
        self._began: float | None = None

    def add(self, measure: LightMeasure, at: float) -> None:
        """Take one measure at `at` seconds; older ones than the window fall out."""
        self._began = at if self._began is None else self._began
        self._measures.append((at, measure))
        while self._measures and at - self._measures[0][0] > WINDOW_SECONDS:
            self._measures.popleft()

    @property
    def found_share(self) -> float:
        """The share of the window's frames with a face; 0 without frames."""
        if not self._measures:
            return 0.0
        return sum(measure.box is not None for _, measure in self._measures) / len(self._measures)

    @property
    def latest(self) -> LightMeasure | None:
        """The newest measure with a face, else the newest, else None."""
        with_face = [measure for _, measure in self._measures if measure.box is not None]
        return with_face[-1] if with_face else (self._measures[-1][1] if self._measures else None)

    @property
    def meters(self) -> tuple[Meter, ...]:
        """One meter for each kind: good where it was so in eight of ten of the window's frames with a face.

        Where it was not, it carries the newest advice; a value is always the newest one's.
        """
        latest = meters_of(self.latest or LightMeasure(0, None), self.found_share)
        seen = [meters_of(measure, self.found_share) for _, measure in self._measures if measure.box is not None]
        return tuple(self._over_window(meter, [one[place] for one in seen]) for place, meter in enumerate(latest))

    @staticmethod
    def _over_window(newest: Meter, before: Sequence[Meter]) -> Meter:
        bad = [meter for meter in before if not meter.good]
        if not before:
            return newest
        if len(bad) <= (1 - FOUND_SHARE) * len(before):
            return replace(newest, good=True, advice=None)
        return newest if not newest.good else bad[-1]

    @property
    def well(self) -> bool:
        """Whether every meter is good at this moment."""
        return bool(self._measures) and all(meter.good for meter in self.meters)

    @property
    def ready(self) -> bool:
        """Whether every meter is good, and a whole window has been looked at."""
        return self.well and self._began is not None and self._measures[-1][0] - self._began >= WINDOW_SECONDS


def smallest_counted(boxes: Sequence[FaceBox]) -> int:
    """The width in pixels under which a box is no second person beside these; 0 where there is none."""
    return max((box.width for box in boxes), default=0) // 2


def _count_faces(boxes: Sequence[FaceBox]) -> int:
    """How many people: boxes whose centre lies in a larger one are the same face, and small ones are no person."""
    largest = max(boxes, key=lambda box: box.area)
    people = [largest]
    for box in boxes:
        x, y = box.centre
        inside = any(p.x <= x <= p.x + p.width and p.y <= y <= p.y + p.height for p in people)
        if not inside and box.width >= smallest_counted(boxes):
            people.append(box)
    return len(people)


def _surroundings(pixels: Pixels, box: FaceBox) -> float:
    """Mean brightness of what lies left, right and above of the face, up to a box's width away."""
    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    top, bottom = max(0, box.y - box.height // 3), min(height, box.y + box.height)
    left = grey[top:bottom, max(0, box.x - box.width) : max(0, box.x - box.width // 8)]
    right = grey[top:bottom, min(width, box.x + box.width + box.width // 8) : min(width, box.x + 2 * box.width)]
    parts = [part for part in (left, right) if part.size]
    return float(np.mean([part.mean() for part in parts])) if parts else 0.0


def _noise(crop: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Noise by the median of a fine Laplacian mask's answer, which edges hardly move."""
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    return float(np.median(np.abs(cv2.filter2D(crop, cv2.CV_32F, mask)))) / (6 * 0.6745)


def _size_advice(box: tuple[float, float, float, float]) -> Advice | None:
    if box[3] < SMALLEST:
        return Advice.CLOSER
    return Advice.FARTHER if box[3] > LARGEST else None


def _position_advice(box: tuple[float, float, float, float]) -> Advice | None:
    """Where to move: a face at the left of the (unmirrored) picture sits too far to its own right, so to its left."""
    across, down = box[0] + box[2] / 2 - 0.5, box[1] + box[3] / 2 - 0.5
    if abs(across) > OFF_CENTRE:
        return Advice.TO_YOUR_LEFT if across < 0 else Advice.TO_YOUR_RIGHT
    if abs(down) > OFF_CENTRE:
        return Advice.LOWER if down < 0 else Advice.HIGHER
    return None


def _brightness_advice(measure: LightMeasure) -> Advice | None:
    if measure.bright_parts < DARK:
        return Advice.MORE_LIGHT
    return Advice.LESS_LIGHT if measure.median > GLARE else None


def _balance_advice(balance: float) -> Advice | None:
    """`balance` is the camera's left over its right; the camera's left is the person's right."""
    if balance > UNEVEN:
        return Advice.LAMP_ON_RIGHT
    return Advice.LAMP_ON_LEFT if 1 / balance > UNEVEN else None
