"""The thesis's face detector: OpenCV's Haar cascade (method.md 2)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2

from core.face.box import FaceBox, choose_face
from core.resources import ASSETS_FOLDER
from core.sources.source import Pixels

CASCADE_FILE = "haarcascade_frontalface_default.xml"
CASCADE_SHA256 = "0f7d4527844eb514d4a4948e822da90fbb16a34a0bbbbc6adc6498747a5aafb0"

SCALE_FACTOR = 1.4
"""Each search is by this factor coarser than the one before (method.md 2)."""

MIN_NEIGHBOURS = 5
"""This many overlapping hits make a face (method.md 2)."""


class CascadeError(Exception):
    """The cascade file is missing or is not the one that the method names."""


class HaarFaceFinder:
    """`detectMultiScale(frame, 1.4, 5)` on the whole frame: the reference. One thread at a time."""

    def __init__(self, cascade: Path = ASSETS_FOLDER / CASCADE_FILE) -> None:
        """Loads the cascade.

        Raises:
            CascadeError: the file is missing or has another content than OpenCV's.
        """
        try:
            content = cascade.read_bytes()
        except OSError as error:
            raise CascadeError(f"{cascade} cannot be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != CASCADE_SHA256:
            raise CascadeError(f"{cascade} is not OpenCV's {CASCADE_FILE}")
        storage = cv2.FileStorage(content.decode("ascii"), cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        self._cascade = cv2.CascadeClassifier()
        if not self._cascade.read(storage.getFirstTopLevelNode()):
            raise CascadeError(f"OpenCV cannot use {cascade}")

    def all_faces(self, pixels: Pixels) -> list[FaceBox]:
        """Every box that the cascade finds in a BGR frame; one face may be found twice."""
        return [
            FaceBox(int(x), int(y), int(width), int(height))
            for x, y, width, height in self._cascade.detectMultiScale(pixels, SCALE_FACTOR, MIN_NEIGHBOURS)
        ]

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        """The face to follow in a BGR frame, see `choose_face`."""
        return choose_face(self.all_faces(pixels), last)
