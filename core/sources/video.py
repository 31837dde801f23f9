"""A video file as a source: at each moment the frame that every player shows then, the way round that it shows it."""

from __future__ import annotations

from pathlib import Path

from core.sources.container import Display, read_display
from core.sources.source import Frame, Pixels, SourceError, SourceProblem
from core.sources.video_capture import Capture, open_file_capture

# cv2.CAP_PROP_...; cv2 itself is imported only when a file is opened
_POS_MSEC, _FPS, _SAR_NUM, _SAR_DEN, _ORIENTATION_META, _PTS = 0, 5, 40, 41, 48, 71

FALLBACK_RATE = 25.0
"""Frames a second where a file tells neither a rate nor times."""

TOLERANCE = 0.001
"""Seconds: Matroska and WebM keep times in whole milliseconds."""

LONGEST_FRAME = 600.0
"""Seconds that a frame may stay; a longer jump, or one backwards, is a broken time, and the rate is believed instead."""

LONGEST_LAST = 1.0
"""The last frame stays as long as the one before it, and no longer than this or one frame at the file's rate."""

ENCODER_DELAY = 0.25
"""A picture that begins this much after the file does is not late: encoders need it, and players cut it off."""

MOST_BLACK = 250
"""Pictures without a spot of light at the beginning of a file; behind more, nothing else is expected."""

WIDEST_PIXEL = 8.0
"""A pixel that claims to be more times as wide as it is high (or the reverse) is a broken claim."""


class VideoSource:
    """Plays a file forward; asked for an earlier moment it gives the frame it has.

    Times are the frames' own: rates may vary, and a picture may begin after the sound.
    """

    is_camera = False
    trouble: SourceProblem | None = None

    def __init__(self, path: Path) -> None:
        """Nothing is opened here."""
        self._path, self.name = path, path.name
        self._capture: Capture | None = None
        self._display = Display()
        self._rate = FALLBACK_RATE
        self._shown: Frame | None = None
        self._next: Frame | None = None
        self._origin = self._last_interval = self._shift = 0.0
        self.ended = False

    def open(self) -> None:
        """Open the file from its beginning.

        Raises:
            SourceError: it is missing, empty, or no video that OpenCV can read; or one whose pictures it does not convert.
        """
        self.close()
        if not self._path.is_file():
            raise SourceError(SourceProblem.MISSING, str(self._path))
        self._display = read_display(self._path)
        (other, expected), (capture, pixels) = self._begin(), self._begin()
        following = (other.read()[1] for _number in range(MOST_BLACK))
        if (pixels != expected).any() or not (pixels.any() or any(one is not None and one.any() for one in following)):
            raise SourceError(SourceProblem.NOT_CONVERTED, str(self._path))
        rate = capture.get(_FPS)
        self._rate = rate if rate > 1 / LONGEST_FRAME else FALLBACK_RATE
        begins = capture.get(_PTS) / self._rate if self._display.counts_from_zero else 0.0
        self._origin = begins if ENCODER_DELAY < begins <= LONGEST_FRAME else 0.0
        self._last_interval, self._shift, self.ended = 1 / self._rate, 0.0, False
        self._capture, self._shown = capture, None
        self._next = Frame(self._upright(capture, pixels), self._origin)

    def _begin(self) -> tuple[Capture, Pixels]:
        """The file, opened, and its first picture. What is not converted is black, or what lay in memory: never twice the same."""
        capture = open_file_capture(self._path, turn=not self._display.mirrored)
        got, pixels = capture.read() if capture.isOpened() else (False, None)
        if not got or pixels is None:
            capture.release()
            raise SourceError(SourceProblem.UNREADABLE, str(self._path))
        return capture, pixels

    def frame_at(self, seconds: float) -> Frame | None:
        """The frame shown at `seconds`; None before the first, which may begin late, and after the end."""
        while self._capture is not None and self._next is not None and self._next.at <= seconds + TOLERANCE:
            self._shown, self._next = self._next, self._following(self._capture, self._next.at)
        if self._shown is not None and self._next is None and not self.ended:
            lasts = min(self._last_interval, max(LONGEST_LAST, 1 / self._rate))
            self.ended = self._shown.at + lasts <= seconds + TOLERANCE
        return None if self.ended else self._shown

    def _following(self, capture: Capture, before: float) -> Frame | None:
        """The frame after the one at `before`, None after the last."""
        got, pixels = capture.read()
        if not got or pixels is None:
            return None
        at = self._origin + self._shift + capture.get(_POS_MSEC) / 1000
        if not 0 < at - before <= LONGEST_FRAME:
            expected = before + 1 / self._rate
            self._shift, at = self._shift + expected - at, expected
        self._last_interval = at - before
        return Frame(self._upright(capture, pixels), at)

    def _upright(self, capture: Capture, pixels: Pixels) -> Pixels:
        """The pixels as they are meant to be seen: square, and turned or mirrored as the file says."""
        tall, wide = capture.get(_SAR_DEN), capture.get(_SAR_NUM)
        aspect = wide / tall if tall > 0 and 1 / WIDEST_PIXEL <= wide / tall <= WIDEST_PIXEL else 1.0
        turned = not self._display.mirrored and capture.get(_ORIENTATION_META) % 180 == 90  # OpenCV has done it
        return self._display.applied(pixels, 1 / aspect if turned else aspect)

    def close(self) -> None:
        """Close the file; it may be opened again."""
        if self._capture is not None:
            self._capture.release()
        self._capture, self._shown, self._next = None, None, None
