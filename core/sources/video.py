"""A video file as a source: the frame that its own frame rate shows at each moment."""

from __future__ import annotations

from pathlib import Path

from core.sources.capture import Capture, open_file_capture
from core.sources.source import Frame, Pixels, SourceError, Trouble

_FRAME_RATE = 5  # cv2.CAP_PROP_FPS; cv2 itself is imported only when a file is opened
FALLBACK_RATE = 25.0
"""Frames a second where a file does not say."""


class VideoSource:
    """Plays a file forward; asked for an earlier moment it gives the frame it has."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened here."""
        self._path = path
        self._capture: Capture | None = None
        self._rate = FALLBACK_RATE
        self._pixels: Pixels | None = None
        self._number = -1
        self._ended = False

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    @property
    def is_camera(self) -> bool:
        """Never."""
        return False

    @property
    def ended(self) -> bool:
        """Whether the last frame's time has passed."""
        return self._ended

    @property
    def trouble(self) -> Trouble | None:
        """A file that opened has none."""
        return None

    def open(self) -> None:
        """Open the file from its beginning.

        Raises:
            SourceError: it is missing, empty, or no video that OpenCV can read.
        """
        self.close()
        if not self._path.is_file():
            raise SourceError(Trouble.NOT_FOUND, str(self._path))
        capture = open_file_capture(self._path)
        got, pixels = capture.read() if capture.isOpened() else (False, None)
        if not got or pixels is None:
            capture.release()
            raise SourceError(Trouble.UNREADABLE, str(self._path))
        rate = capture.get(_FRAME_RATE)
        self._rate = rate if 1 <= rate <= 240 else FALLBACK_RATE
        self._capture, self._pixels, self._number, self._ended = capture, pixels, 0, False

    def frame_at(self, seconds: float) -> Frame | None:
        """The frame shown at `seconds`; None after the end."""
        wanted = int(seconds * self._rate + 1e-6)
        if self._capture is not None and self._number < wanted:
            self._pixels = self._skip_to(self._capture, wanted)
            self._ended = self._pixels is None
        if self._pixels is None or self._ended:
            return None
        return Frame(self._pixels, self._number / self._rate)

    def _skip_to(self, capture: Capture, wanted: int) -> Pixels | None:
        """The frame of this number; those before it are decoded, but no pixels are made of what nobody looks at."""
        while self._number < wanted:
            if not capture.grab():
                return None
            self._number += 1
        got, pixels = capture.retrieve()
        return pixels if got else None

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
        self._capture, self._pixels = None, None
