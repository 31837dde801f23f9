"""The webcam: a reader thread that goes through all its frames and makes pixels of those that are asked for.

Frames are judged by their pixels, and a camera that went away is tried again. A webcam sends 30 frames a second, of
which a call looks at five: decoding the others would cost more than everything else that Calmline does.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core.sources.devices import Permission, camera_permission, index_by, list_cameras
from core.sources.source import Frame, Pixels, SourceError, SourceProblem
from core.sources.video_capture import Capture, camera_backends, open_camera_capture

FIRST_FRAME_SECONDS = 10.0
"""A camera that is open and gives no frame for this long gives none by this backend; some need seven seconds."""

LONGEST_OPENING = 45.0
"""Seconds after which opening is given up where a driver does not come back; Media Foundation alone may take twenty."""

LOST_SECONDS = 2.0
"""A camera without a new frame for this long has gone away."""

FROZEN_SECONDS = 3.0
"""A picture that does not change at all for this long is no live picture: sensors always have some noise."""

BLACK_BELOW = 6.0
"""A frame with a mean brightness (0 to 255) under this is black: a shutter, or a camera used by another program."""

DARK_SECONDS = 3.0
"""A backend that gives nothing but black from its start for this long makes room for the next, which may give a picture."""

NEXT_FRAME_SECONDS = 0.1
"""A tick waits this long for the frame that comes next; a camera that is slower in the dark is asked again."""

QUICK_SECONDS, PAUSE_SECONDS = 0.002, 0.01
"""DirectShow says at once that there is a frame and waits only where pixels are asked for: then the reader rests a bit."""

RETRY_SECONDS = 2.0
JOIN_SECONDS = 1.5

_ANSWERED_BY: dict[int, int] = {}
"""The backend that last gave a frame of each camera: tried first from then on."""

OpenCapture = Callable[[int, int], Capture]


class CameraSource:
    """A webcam by its index. `open` returns once a frame is there; a lost camera is reopened until `close`."""

    is_camera = True
    ended = False

    def __init__(
        self,
        index: int,
        open_capture: OpenCapture = open_camera_capture,
        backends: Sequence[int] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_capture` and `now` are replaced in tests; nothing is opened here."""
        self._index, self._open_capture, self._now = index, open_capture, now
        self.name = f"camera {index}"
        self._backends = backends
        self._lock = threading.Lock()
        self._fresh = threading.Condition(self._lock)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._frame: Frame | None = None
        self._failure: SourceProblem | None = None
        self._opened_at = self._grabbed_at = 0.0
        self._same_since: float | None = None
        self._dark = False
        self._wanted = True

    @property
    def trouble(self) -> SourceProblem | None:
        """Lost, frozen or black at the moment, or None."""
        with self._lock:
            now = self._now()
            if self._failure is not None:
                return self._failure
            if now - self._grabbed_at > LOST_SECONDS:
                return SourceProblem.LOST
            if self._same_since is not None and now - self._same_since > FROZEN_SECONDS:
                return SourceProblem.FROZEN
            return SourceProblem.BLACK if self._dark else None

    def open(self) -> None:
        """Start the reader and wait for its first frame.

        Raises:
            SourceError: no camera has this index, or none of its backends gives a frame.
        """
        self.close()
        self._stop = threading.Event()  # a new one: a reader that a hung driver still holds must not wake up to it
        self._frame, self._failure, self._same_since, self._wanted = None, None, None, True
        self._opened_at = self._grabbed_at = self._now()
        self._thread = threading.Thread(
            target=self._read, args=(self._stop,), name=f"calmline-camera-{self._index}", daemon=True
        )
        self._thread.start()
        with self._fresh:
            self._fresh.wait_for(self._opening_is_over, LONGEST_OPENING)
            failure = self._first_failure()
        if failure is not None:
            self.close()
            raise SourceError(failure, self.name)

    def frame_at(self, seconds: float) -> Frame | None:  # noqa: ARG002 - a camera has only now
        """The frame that comes next, or None while the camera is lost, frozen or black."""
        with self._fresh:
            before, self._wanted = self._frame, True  # in trouble as well, to see whether it is over
            if self._failure is None and not self._stop.is_set():
                self._fresh.wait_for(lambda: self._frame is not before or self._stop.is_set(), NEXT_FRAME_SECONDS)
            frame = None if self._stop.is_set() else self._frame
        return frame if self.trouble is None else None

    def close(self) -> None:
        """Release the camera and wait for the reader. From another thread it also ends an `open` that waits."""
        self._stop.set()
        with self._fresh:
            self._fresh.notify_all()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=JOIN_SECONDS)
        with self._lock:
            self._frame = None

    def _opening_is_over(self) -> bool:
        return self._frame is not None or self._failure is not None or self._stop.is_set()

    def _first_failure(self) -> SourceProblem | None:
        """What the reader has come to: its own word, or silence, which is what a camera in use by another gives."""
        return self._failure or (SourceProblem.BUSY if self._frame is None else None)

    def _read(self, stop: threading.Event) -> None:
        answered = False
        while not stop.is_set():
            opened, gave = self._read_by_any_backend(stop)
            answered = answered or gave
            if not answered:
                self._fail(why_no_frame(self._index, opened=opened), stop)
                return
            self._fail(SourceProblem.LOST, stop)
            stop.wait(RETRY_SECONDS)

    def _read_by_any_backend(self, stop: threading.Event) -> tuple[bool, bool]:
        """Read by the first backend that gives a picture, until it gives no more: an open one may be silent for ever.

        Where all give black, as behind a shutter, the first of them is read all the same.

        Returns whether any opened, and whether any gave a frame.
        """
        backends = list(camera_backends() if self._backends is None else self._backends)
        backends.sort(key=lambda backend: backend != _ANSWERED_BY.get(self._index))
        any_opened = False
        waiting = [(backend, len(backends) == 1) for backend in backends]
        for backend, dark_too in waiting:  # those that give black come once more at its end
            if stop.is_set():
                break
            capture = self._open_capture(index_by(backend, self._index), backend)
            try:
                opened = capture.isOpened()
                any_opened = any_opened or opened
                gave = opened and self._read_frames(capture, stop, dark_too=dark_too)
                if gave:
                    _ANSWERED_BY[self._index] = backend
                    return True, True
                if gave is None:
                    waiting.append((backend, True))
            finally:
                capture.release()
        return any_opened, False

    def _read_frames(self, capture: Capture, stop: threading.Event, *, dark_too: bool) -> bool | None:
        """Read until the camera has nothing more, or the source is closed. Returns whether a frame came; None: only black."""
        last_good, patience = self._now(), FIRST_FRAME_SECONDS
        started, seen = last_good, dark_too
        previous: Pixels | None = None
        while not stop.is_set() and self._now() - last_good <= patience:
            began = self._now()
            got = capture.grab()
            if stop.is_set():
                break
            if got and not self._wanted:
                last_good, patience = self._passed_over(), LOST_SECONDS
                if last_good - began < QUICK_SECONDS:
                    stop.wait(PAUSE_SECONDS)
                continue
            pixels = capture.retrieve()[1] if got else None
            if stop.is_set():  # here too: with DirectShow it is the pixels that a hung driver holds back
                break
            if pixels is None or pixels.size == 0:
                stop.wait(0.05)
                continue
            last_good, patience = self._now(), LOST_SECONDS
            pixels = as_bgr(pixels)
            self._publish(pixels, last_good, changed=previous is None or not np.array_equal(pixels[::8], previous))
            seen = seen or not self._dark
            if not seen and last_good - started > DARK_SECONDS:
                return None
            previous = pixels[::8]  # a row of each block of a JPEG
        return patience == LOST_SECONDS

    def _passed_over(self) -> float:
        """A frame has come that nobody has asked for; returns when."""
        with self._fresh:
            self._failure, self._grabbed_at = None, self._now()
            return self._grabbed_at

    def _publish(self, pixels: Pixels, now: float, *, changed: bool) -> None:
        with self._fresh:
            before, self._failure = self._frame, None
            self._frame = Frame(pixels, now - self._opened_at)
            self._grabbed_at, self._wanted = now, False
            self._dark = float(pixels[::8, ::8].mean()) < BLACK_BELOW
            if changed:
                self._same_since = None
            elif self._same_since is None:
                self._same_since = now if before is None else before.at + self._opened_at
            self._fresh.notify_all()

    def _fail(self, trouble: SourceProblem, stop: threading.Event) -> None:
        if not stop.is_set():
            with self._fresh:
                self._failure = trouble
                self._fresh.notify_all()


def as_bgr(pixels: Pixels) -> Pixels:
    """A camera's picture as BGR uint8: infrared ones give grey or 16 bits, virtual ones a fourth channel."""
    import cv2

    if pixels.dtype != np.uint8:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 256).astype(np.uint8)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels == 3:
        return pixels
    return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR if channels == 1 else cv2.COLOR_BGRA2BGR).astype(np.uint8)


def why_no_frame(index: int, *, opened: bool) -> SourceProblem:
    """The likeliest reason why camera `index` gives no frame; `opened`: whether a backend has opened it all the same."""
    permission = camera_permission()
    if permission is Permission.DENIED:
        return SourceProblem.DENIED
    if opened:
        return SourceProblem.BUSY
    if sys.platform == "darwin" and permission is not Permission.GRANTED:
        return SourceProblem.SHUT
    if sys.platform == "win32" and any(number == index for number, _name in list_cameras()):
        return SourceProblem.NO_PERMISSION  # it is there and no backend opens it
    device = Path(f"/dev/video{index}")
    if not sys.platform.startswith("linux") or not device.exists():
        return SourceProblem.NOT_FOUND
    return SourceProblem.BUSY if os.access(device, os.R_OK | os.W_OK) else SourceProblem.NO_PERMISSION
