"""The landmark networks as a candidate: what a face does, in 52 numbers, and nothing of what it means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Signature
from core.candidates.runner import NetworkError, Runner
from core.face.box import FaceBox
from core.face.landmarks import BLENDSHAPES, BLENDSHAPES_FILE, DETECTOR_FILE, FaceLandmarker, LandmarkError

FILES = (DETECTOR_FILE.name, BLENDSHAPES_FILE.name)


class LandmarkRunner(Runner):
    """Blendshapes as the features of a face, and no opinion: each class is as probable as any other."""

    max_batch = 1
    tells_map = True
    """It tells its features, as a map of a single cell."""

    def __init__(self, place: Path, signature: Signature, threads: int = 1) -> None:
        """Loads both networks from the folder `place`.

        Raises:
            NetworkError: one of them cannot be read or run.
        """
        self.signature, self._place, self._threads = signature, place, threads
        self._landmarker: FaceLandmarker | None = self._load()
        self._last = np.zeros((0, len(BLENDSHAPES)), np.float32)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Even probabilities of faces (n, h, w, 3) RGB 0..1 that fill their pictures; `maps` then has their blendshapes.

        What the landmark network wants to see around a face is made of the edge of the picture.

        Raises:
            NetworkError: the networks cannot be read any more.
        """
        self._landmarker = self._landmarker or self._load()
        pictures = np.ascontiguousarray(np.rint(batch[..., ::-1] * 255), np.uint8)
        whole = FaceBox(0, 0, pictures.shape[2], pictures.shape[1])
        points = [self._landmarker.find(picture, whole).points for picture in pictures]
        self._last = np.stack([self._landmarker.blendshapes(one) for one in points])
        labels = len(self.signature.labels)
        return np.full((len(batch), labels), 1 / labels)

    def maps(self, count: int) -> NDArray[np.float32]:
        """The blendshapes of the `count` faces that were read last, (n, 1, 1, 52)."""
        return self._last.reshape(count, 1, 1, -1)

    def release(self, reread: Callable[[], bytes] | None = None) -> None:  # noqa: ARG002 - the files lie in their folder
        """Let go of both networks until the next face."""
        self._landmarker = None

    def _load(self) -> FaceLandmarker:
        with NetworkError.of(LandmarkError):
            return FaceLandmarker(self._place / FILES[0], self._place / FILES[1], self._threads)
