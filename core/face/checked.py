"""A face finder that looks twice: is what Haar found a face, does it stand upright, is it large enough to be read?

Haar finds faces that lie on their side or stand on their head, and folds in curtains; every network has an opinion on
those, too, often at 90 %.
"""

from __future__ import annotations

import math

from core.face.box import FaceBox
from core.face.haar import HaarFaceFinder
from core.face.landmarks import FaceLandmarker
from core.method.emotion import GapReason
from core.sources.source import Pixels

SMALLEST_FACE = 40
"""Side in pixels of the smallest face that is read: the networks see 100 x 100, and made of less it is mostly guessed."""

FACE_ABOVE = 0.5
"""The landmark network's presence over which a square holds an upright face."""

CHECK_AGAIN_AFTER = 25
"""A followed face that was lost in between is checked again, at the earliest after so many frames: five seconds at 5 Hz."""

QUARTER_TURNS = tuple(turn * math.pi / 2 for turn in (1, 2, 3))


class CheckedFaceFinder(HaarFaceFinder):
    """Finds faces that can be read; `gap` says why there was none. One thread at a time.

    A new face is seen by the landmark network as it stands and in three quarter turns: it is one where the network is
    sure of it and no turn makes it surer. A face that is followed has been checked already, and is checked again where
    it was lost in between: none turns on its side without Haar losing it on the way.
    """

    def __init__(self) -> None:
        """Loads the cascade; the landmark network is loaded for the first face.

        Raises:
            CascadeError: the cascade's file is missing or another one.
        """
        super().__init__()
        self._landmarker: FaceLandmarker | None = None
        self._unchecked = 0
        self._was_lost = True

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        """The face to follow in a BGR frame, see `choose_face`; None without one that can be read.

        Raises:
            LandmarkError: the landmark network cannot be read.
        """
        box = super().find(pixels, last)
        if box is not None:
            self.gap = self._problem(pixels, box, last)
        self._was_lost = self._was_lost or self.gap is not None
        return box if self.gap is None else None

    def _problem(self, pixels: Pixels, box: FaceBox, last: FaceBox | None) -> GapReason | None:
        if box.width < SMALLEST_FACE:
            return GapReason.TOO_FAR
        followed = last is not None and box.distance(last) <= last.width / 2
        self._unchecked = self._unchecked + 1 if followed else CHECK_AGAIN_AFTER
        if followed and (self._unchecked < CHECK_AGAIN_AFTER or not self._was_lost):
            return None
        if not self._is_upright(pixels, box):
            return GapReason.TURNED_AWAY  # and looked at again in the next frame
        self._unchecked, self._was_lost = 0, False
        return None

    def _is_upright(self, pixels: Pixels, box: FaceBox) -> bool:
        self._landmarker = self._landmarker or FaceLandmarker()
        presence = self._landmarker.presence(pixels, box)
        return presence > FACE_ABOVE and all(
            self._landmarker.presence(pixels, box, turn) <= presence for turn in QUARTER_TURNS
        )
