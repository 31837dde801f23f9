"""The one place that opens OpenCV's VideoCapture, for a camera or for a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Protocol

from core.sources.source import Pixels

FORMATS = ("mov", "mp4", "avi", "matroska", "webm", "mpeg", "mpegts", "mpegvideo", "asf", "flv", "ogg", "gif")
"""FFmpeg's names of the kinds of files that hold their pictures themselves."""


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the device or file is open (cameras may lie; pixels are judged)."""
        ...

    def read(self) -> tuple[bool, Pixels | None]:
        """The next frame, BGR: `grab` and `retrieve` in one."""
        ...

    def grab(self) -> bool:
        """Go on to the next frame without making pixels of it. Returns whether there is one."""
        ...

    def retrieve(self) -> tuple[bool, Pixels | None]:
        """The frame last grabbed, BGR."""
        ...

    def get(self, prop: int) -> float:
        """A property of the capture, by OpenCV's number."""
        ...

    def release(self) -> None:
        """Let go of the device or file."""
        ...


def open_camera_capture(index: int, backend: int) -> Capture:
    """Open camera `index` with one of OpenCV's backends."""
    import cv2

    return _capture(cv2.VideoCapture(index, backend))


def open_file_capture(path: Path, *, turn: bool = True) -> Capture:
    """Open a video file: this file and nothing else, whatever it says.

    A file may be a list of other files or of addresses (a playlist); FFmpeg is told to follow none. OpenCV reads the
    variable each time. `turn`: turn the pictures as the file says (OpenCV knows no mirrored ones).
    """
    import cv2

    if not _utf8(path):
        with path.open("rb") as file:  # such a name would end the process: OpenCV is given the file by its number
            return open_file_capture(Path(f"/dev/fd/{file.fileno()}"), turn=turn)
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "protocol_whitelist;file|format_whitelist;" + ",".join(FORMATS)
    # One decoding thread: what more of them cost in waking each other up is more than a call may cost in all.
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, int(turn))
    return _capture(capture)


def camera_backends() -> tuple[int, ...]:
    """The backends worth trying on this system, in order (platform.md 9)."""
    import cv2

    if sys.platform == "win32":
        return (int(cv2.CAP_MSMF), int(cv2.CAP_DSHOW))
    if sys.platform == "darwin":
        return (int(cv2.CAP_AVFOUNDATION),)
    return (int(cv2.CAP_V4L2), int(cv2.CAP_ANY))


def _utf8(path: Path) -> bool:
    try:
        return bool(str(path).encode())
    except UnicodeEncodeError:
        return False


def _capture(capture: Any) -> Capture:
    return capture  # type: ignore[no-any-return]  # OpenCV's class has these methods
