"""The thesis's face detector: OpenCV's Haar cascade (method.md 2)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import cv2

from core.face.box import FaceBox, choose_face
from core.method.emotion import GapReason
from core.sources.source import Pixels
from core.system.errors import TranslatableError
from core.system.resources import ASSETS_FOLDER

CASCADE_FILE = "haarcascade_frontalface_default.xml"
CASCADE_SHA256 = "0f7d4527844eb514d4a4948e822da90fbb16a34a0bbbbc6adc6498747a5aafb0"

SCALE_FACTOR = 1.4
"""Each search is by this factor coarser than the one before (method.md 2)."""

MIN_NEIGHBOURS = 5
"""This many overlapping hits make a face (method.md 2)."""


class CascadeError(TranslatableError):
    """The cascade file is missing or is not the one that the method names."""


NEAR_SMALLEST, NEAR_LARGEST = 0.7, 1.45
"""While a face is followed, faces of these multiples of its last size are searched: one step of the scale either way."""

THOROUGH_EVERY = 25
"""Every so many searches a followed face is searched in every larger size, too: at 5 Hz, every five seconds.

A face that is smaller than the followed one would not be chosen, so sizes begin there.
"""

FINE_SCALE_FACTOR = 1.1
FINE_SMALLEST = 1 / 6
"""Where the reference finds nothing, faces of at least this share of the frame's height are searched in finer steps.

Faces with little contrast, dark skin first of all, fall between the reference's coarse steps.
"""


class HaarFaceFinder:
    """Finds at least what `detectMultiScale(frame, 1.4, 5)` finds, the reference. One thread at a time.

    A followed face is searched near its last size only, by the reference's own steps, so that the box is the
    reference's box; what is lost is searched by the reference in all sizes, and then once more in finer steps.
    """

    def __init__(self, cascade: Path = ASSETS_FOLDER / CASCADE_FILE) -> None:
        """Loads the cascade.

        Raises:
            CascadeError: the file is missing or has another content than OpenCV's.
        """
        try:
            content = cascade.read_bytes()
        except OSError as error:
            raise CascadeError("{cascade} cannot be read: {reason}", cascade=cascade, reason=error.strerror) from error
        if hashlib.sha256(content).hexdigest() != CASCADE_SHA256:
            raise CascadeError("{cascade} is not OpenCV's {name}", cascade=cascade, name=CASCADE_FILE)
        storage = cv2.FileStorage(content.decode("ascii"), cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        self._cascade = cv2.CascadeClassifier()
        if not self._cascade.read(storage.getFirstTopLevelNode()):
            raise CascadeError("OpenCV cannot use {cascade}", cascade=cascade)
        self._searches = 0
        self.gap: GapReason | None = None

    def reference_faces(self, pixels: Any) -> list[FaceBox]:
        """Every box that `detectMultiScale(pixels, 1.4, 5)` finds in a BGR or grey uint8 frame."""
        return self._detect(pixels, SCALE_FACTOR)

    def all_faces(self, pixels: Pixels, smallest: int = 0) -> list[FaceBox]:
        """Every box found in a BGR frame; one face may be found twice.

        Boxes under `smallest` pixels of width are looked for only where there is no larger one: most of a search goes into
        the smallest.
        """
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        return (self._detect(grey, SCALE_FACTOR, smallest=smallest) if smallest else []) or self._all_faces(grey)

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        """The face to follow in a BGR frame, see `choose_face`."""
        self._searches += 1
        box, grey = None, cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        if last is not None:
            thorough = self._searches % THOROUGH_EVERY == 0
            box = choose_face(self._not_smaller(grey, last) if thorough else self._near(grey, last), last)
        if box is None:
            box = choose_face(self._all_faces(grey), last)
        self.gap = GapReason.NO_FACE if box is None else None
        return box

    def _all_faces(self, grey: Any) -> list[FaceBox]:
        return self.reference_faces(grey) or self._detect(
            grey, FINE_SCALE_FACTOR, smallest=round(grey.shape[0] * FINE_SMALLEST)
        )

    def _not_smaller(self, grey: Any, last: FaceBox) -> list[FaceBox]:
        """The faces that are about as large as the last one, or larger."""
        return self._detect(grey, SCALE_FACTOR, smallest=round(last.width * NEAR_SMALLEST))

    def _near(self, grey: Any, last: FaceBox) -> list[FaceBox]:
        """The faces that are about as large as the last one.

        In the whole frame all the same: a window around the last face would shift the search's grid, and with it the
        box (measured on the clips: another emotion in 6 to 9 of 100 frames).
        """
        smallest, largest = round(last.width * NEAR_SMALLEST), round(last.width * NEAR_LARGEST)
        return self._detect(grey, SCALE_FACTOR, smallest=smallest, largest=largest)

    def _detect(self, pixels: Any, factor: float, *, smallest: int = 0, largest: int = 0) -> list[FaceBox]:
        found = self._cascade.detectMultiScale(
            pixels, factor, MIN_NEIGHBOURS, minSize=(smallest, smallest), maxSize=(largest, largest)
        )
        return [FaceBox(int(x), int(y), int(width), int(height)) for x, y, width, height in found]
