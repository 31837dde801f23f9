"""The face box and the choice among several (method.md 2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.method.emotion import GapReason
from core.sources.source import Pixels


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face box in pixels of the frame: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def area(self) -> int:
        """Width times height, in pixels."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.x + self.width / 2, self.y + self.height / 2)

    def distance(self, other: FaceBox) -> float:
        """How far apart two boxes are: between centres plus the difference in width, in pixels."""
        (ax, ay), (bx, by) = self.centre, other.centre
        return math.hypot(ax - bx, ay - by) + abs(self.width - other.width)


class FaceFinder(Protocol):
    """The seam for finding faces in a frame."""

    gap: GapReason | None
    """Why the last `find` gave no face; None where it gave one."""

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        """The face box in `pixels` (BGR), the largest near `last` where there are several; None without a face."""
        ...

    def all_faces(self, pixels: Pixels, smallest: int = 0) -> list[FaceBox]:
        """Every box found in `pixels` (BGR); one face may be found twice. The light check counts people by it.

        Boxes under `smallest` pixels of width are looked for only where there is no larger one.
        """
        ...


def choose_face(boxes: Sequence[FaceBox], last: FaceBox | None) -> FaceBox | None:
    """The box to follow: two concentric boxes are one face, the largest face near the last one wins.

    Boxes whose centre lies inside another are one face (the detector often returns a face twice); of these the one
    nearest `last` in place and size is kept, or the largest where there is no `last`. Among faces that touch the
    last box's neighbourhood (its own width away) the largest is taken; without such a face the largest of all.
    """
    faces = _merge_concentric(boxes, last)
    if not faces:
        return None
    near = [box for box in faces if last is not None and _is_near(box, last)]
    return max(near or faces, key=lambda box: (box.area, -box.x, -box.y))


def _is_near(box: FaceBox, last: FaceBox) -> bool:
    (ax, ay), (bx, by) = box.centre, last.centre
    return math.hypot(ax - bx, ay - by) <= last.width


def _merge_concentric(boxes: Sequence[FaceBox], last: FaceBox | None) -> list[FaceBox]:
    faces: list[list[FaceBox]] = []
    for box in sorted(boxes, key=lambda box: -box.area):
        for face in faces:
            if _contains(face[0], box.centre):
                face.append(box)
                break
        else:
            faces.append([box])
    if last is None:
        return [face[0] for face in faces]
    return [min(face, key=last.distance) for face in faces]


def _contains(box: FaceBox, point: tuple[float, float]) -> bool:
    return box.x <= point[0] <= box.x + box.width and box.y <= point[1] <= box.y + box.height
