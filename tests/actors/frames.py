"""The talking frames of one actor and their rows in frames.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.face.haar import HaarFaceFinder
from tests.actors.face import MANNERS, MOUTH_SHAPES, Face, Points, displacement, moves, read_face, talking
from tests.actors.rendering import Picture, bend, look_aside, mouth_inside, under_brows

JPEG_QUALITY = 89
HALF_OPEN = ("a", "o")
"""These mouth shapes are rendered at half strength, too: most of speech is not that wide open."""

GLANCE = 0.05
"""How far the eyes turn for look_left and look_right, in distances between them."""


@dataclass(frozen=True)
class NewFrame:
    """A frame to be rendered: its file is named after what it shows."""

    name: str
    expression: str
    strength: float
    shape: str | None = None
    """The mouth shape; None: a glance."""


def frames_to_render(rendered_elsewhere: frozenset[str]) -> Iterator[NewFrame]:
    """Every talking frame, then the glances, less those that came with the actor."""
    for expression in (None, *MANNERS):
        for shape in MOUTH_SHAPES:
            for strength in (1.0, 0.5) if shape in HALF_OPEN else (1.0,):
                middle = "" if expression is None else f"{expression}_"
                name = f"talk_{middle}{shape}" + ("" if strength == 1 else f"_{round(strength * 100):03d}")
                if name not in rendered_elsewhere:
                    yield NewFrame(name, expression or "neutral", strength, shape)
    for name in ("look_left", "look_right"):
        if name not in rendered_elsewhere:
            yield NewFrame(name, "neutral", 1.0)


class ActorRenderer:
    """Renders what an actor's folder lacks from what is in it."""

    def __init__(self, folder: Path) -> None:
        """Read the actor's frames that the others are made from."""
        self._folder = folder
        self._rest = self._picture("neutral")
        with (folder / "frames.csv").open(encoding="utf-8", newline="") as file:
            row = next(csv.DictReader(file))
        eyes = [[float(row[f"eye_{side}_{axis}"]) for axis in "xy"] for side in ("left", "right")]
        self.face: Face = read_face(folder.name, np.array(eyes, dtype=np.float64))
        opened = {pose: moves(self.face, displacement({pose: 1.0}), closed=False) for pose in ("laugh", "rage")}
        self._inside = mouth_inside(
            self._picture("laugh_100"), opened["laugh"], self._picture("rage_100"), opened["rage"]
        )

    def render(self, frame: NewFrame) -> Picture:
        """The frame: 480 x 640 BGR."""
        if frame.shape is None:
            return look_aside(self._rest, self.face, -GLANCE if frame.name == "look_left" else GLANCE)
        expression = frame.expression if frame.expression in MANNERS else None
        moved: Points = talking(frame.shape, frame.strength, expression)
        lower = bend(self._rest, self.face, moves(self.face, moved, closed=frame.shape == "m"), self._inside)
        if expression is None:
            return lower
        return under_brows(lower, self._picture(f"{expression}_100"), self.face)

    def _picture(self, name: str) -> Picture:
        pixels = cv2.imread(str(self._folder / f"{name}.jpg"))
        if pixels is None:
            raise SystemExit(f"{self._folder}/{name}.jpg is missing or no picture")
        return np.asarray(pixels, dtype=np.uint8)


def row_of(frame: NewFrame, pixels: Picture, eyes: dict[str, str], finder: HaarFaceFinder) -> dict[str, str]:
    """The frame's row in frames.csv; without a box where the detector finds no face."""
    boxes = finder.reference_faces(pixels)
    row = {"file": f"{frame.name}.jpg", "expression": frame.expression, "strength": str(frame.strength)}
    row |= {"haar_boxes": str(len(boxes)), "x": "", "y": "", "w": "", "h": ""}
    if boxes:
        largest = max(boxes, key=lambda box: box.width)
        row |= {"x": str(largest.x), "y": str(largest.y), "w": str(largest.width), "h": str(largest.height)}
    return row | eyes
