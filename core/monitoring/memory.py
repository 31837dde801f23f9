"""The memory of a reading: what was read in the last second counts as well."""

from __future__ import annotations

from collections import deque

from core.method.emotion import Probabilities
from core.method.reading import read_in_call

_ROUNDING = 1e-6
"""Frames a tick apart are no further apart than this for being written as binary fractions."""


class ReadingMemory:
    """Keeps what was read in the last `seconds`; with 0 seconds each reading stands for itself."""

    def __init__(self, seconds: float) -> None:
        """Remembers nothing yet."""
        self.seconds = seconds
        self._kept: deque[tuple[float, Probabilities]] = deque()

    def mean_with(self, at: float, read: Probabilities) -> Probabilities:
        """What `read`, in a frame of the moment `at`, and all else that is not forgotten come to (`read_in_call`).

        A frame from before the last one belongs to a source that was opened anew: nothing of before counts any more.
        """
        if not self.seconds:
            return read
        if self._kept and at < self._kept[-1][0]:
            self._kept.clear()
        self._kept.append((at, read))
        while len(self._kept) > 1 and at - self._kept[0][0] > self.seconds - _ROUNDING:
            self._kept.popleft()
        return read_in_call([one for _, one in self._kept])
