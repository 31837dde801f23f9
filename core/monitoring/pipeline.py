"""A frame becomes a reading (method.md 2): face box, crop, probabilities, emotion. Frames and crops end here."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.candidates.network import Network, SeriesNetwork
from core.face.box import FaceBox, FaceFinder
from core.face.crop import crop_face, mirrored
from core.method.emotion import GAP, UNSURE_BELOW, GapReason, Outcome, Probabilities, Reading
from core.monitoring.memory import ReadingMemory
from core.sources.source import Frame, Pixels

FORGET_FACE_AFTER = 2.0
"""Seconds without a face after which the last face box no longer decides which face is followed."""


class FaceTracker:
    """Follows one face from frame to frame: remembers the last face box for a while."""

    def __init__(self, finder: FaceFinder) -> None:
        """Uses `finder` on every frame."""
        self._finder = finder
        self.box: FaceBox | None = None
        """The face box in the last frame, where it had one."""
        self._last: FaceBox | None = None
        self._seen_at = 0.0

    def locate(self, frame: Frame) -> FaceBox | None:
        """The face box in this frame, or None.

        A frame from before the last face belongs to a source that was opened anew: the face is looked for anew, too.
        """
        if self._last is not None and not 0 <= frame.at - self._seen_at <= FORGET_FACE_AFTER:
            self._last = None
        self.box = self._finder.find(frame.pixels, self._last)
        if self.box is not None:
            self._last, self._seen_at = self.box, frame.at
        return self.box

    @property
    def gap(self) -> GapReason | None:
        """Why the last frame gave no face; None where it gave one."""
        return self._finder.gap

    def crop(self, frame: Frame) -> Pixels | None:
        """The crop of the followed face (100 x 100 x 3 uint8 BGR), or None without a face."""
        box = self.locate(frame)
        return None if box is None else crop_face(frame.pixels, box)


@dataclass(slots=True)
class Pipeline:
    """Frame in, reading out. One thread at a time.

    With `memory_seconds` > 0 a reading is the mean of what was read in the frames of so many last seconds, this one
    included, and a neutral face is expected (`read_in_call`); 0 reads single frames, as the thesis does. A gap is still a
    gap, and adds nothing. With a memory every second face is read as in a mirror: what a network makes of one side of a mouth that speaks is averaged with
    what it makes of the other (docs/evidence/talking.md), unless it was fitted to one person's face alone.
    """

    tracker: FaceTracker
    network: Network
    unsure_below: float = UNSURE_BELOW
    memory_seconds: float = 0.0
    _memory: ReadingMemory = field(init=False)
    _in_mirror: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Begins without a memory of anything."""
        self._memory = ReadingMemory(self.memory_seconds)

    def read(self, frame: Frame | None) -> Reading:
        """The reading of one tick; no frame and no face are gaps."""
        if frame is None:
            return GAP
        crop = self.tracker.crop(frame)
        if crop is None:
            return Reading(Outcome.GAP, why=self.tracker.gap)
        probabilities = self._memory.mean_with(frame.at, self._read(crop, frame.at))
        return Reading(probabilities.outcome(self.unsure_below), probabilities)

    def _read(self, crop: Pixels, at: float) -> Probabilities:
        if not self.memory_seconds:
            return self.network.read([crop])[0]
        seen = mirrored(crop) if self._in_mirror else crop
        self._in_mirror = not (self._in_mirror or self.network.card.is_personal)
        if isinstance(self.network, SeriesNetwork):
            return self.network.read_next(seen, at)
        return self.network.read([seen])[0]
