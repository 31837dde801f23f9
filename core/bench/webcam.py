"""A webcam to measure on: the demo actor's own JPEG files, 640 x 480, 30 a second, as most webcams send them.

What a webcam costs Calmline is decoding the pictures that are looked at, as OpenCV's backends for webcams do it; the
others are passed over. What the system itself needs for the device is not in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from core.sources.source import Frame, Pixels, SourceError, SourceProblem

FRAMES_PER_SECOND = 30

_POSES = ("open_smile", "frown", "rage", "full_surprise")
_RISE = (25, 50, 75, 100)
_TALK = ("talk_a", "talk_m", "neutral", "talk_e", "talk_o", "talk_m")
_REST_STEPS, _HOLD_STEPS = 30, 15
_STEPS_PER_SECOND = 10


class JpegSource:
    """The actor talks, and now and then shows an expression, again and again; after `seconds` it has ended.

    Each frame that is asked for is decoded.
    """

    is_camera = False
    trouble: SourceProblem | None = None

    def __init__(self, actor: Path, *, seconds: float | None = None) -> None:
        """Reads the JPEG files of an actor (a folder of `assets/actor`).

        Raises:
            SourceError: the folder lacks a frame.
        """
        self.name, self.ended, self._seconds = actor.name, False, seconds
        steps = _steps()
        try:
            jpegs = {name: np.frombuffer((actor / f"{name}.jpg").read_bytes(), np.uint8) for name in set(steps)}
        except OSError as error:
            raise SourceError(SourceProblem.UNREADABLE, str(error.filename)) from error
        self._jpegs = [jpegs[name] for name in steps]

    def open(self) -> None:
        """Begin again with the first frame."""
        self.ended = False

    def frame_at(self, seconds: float) -> Frame | None:
        """The frame of this moment, 480 x 640 BGR; None after the end."""
        self.ended = self._seconds is not None and seconds >= self._seconds
        return None if self.ended else Frame(self.decoded(seconds), seconds)

    def decoded(self, seconds: float) -> Pixels:
        """What the webcam shows at this moment."""
        jpeg = self._jpegs[int(seconds * _STEPS_PER_SECOND) % len(self._jpegs)]
        return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)

    def close(self) -> None:
        """Do nothing: no file is held."""


class Webcam:
    """The same as a `Capture` in real time: waits for each frame as a device does, and decodes what is retrieved."""

    def __init__(self, actor: Path) -> None:
        """Raises SourceError where the folder lacks a frame."""
        self._pictures, self._began, self._frame = JpegSource(actor), time.monotonic(), 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether it is open, which it always is."""
        return True

    def grab(self) -> bool:
        """Wait for the next frame; those that came meanwhile are gone, as with a device."""
        self._frame = max(self._frame, int((time.monotonic() - self._began) * FRAMES_PER_SECOND)) + 1
        time.sleep(max(0.0, self._began + self._frame / FRAMES_PER_SECOND - time.monotonic()))
        return True

    def retrieve(self) -> tuple[bool, Pixels | None]:
        """The frame last grabbed."""
        return True, self._pictures.decoded(self._frame / FRAMES_PER_SECOND)

    def read(self) -> tuple[bool, Pixels | None]:
        """`grab` and `retrieve` in one."""
        self.grab()
        return self.retrieve()

    def get(self, prop: int) -> float:  # noqa: ARG002 - a webcam is asked nothing
        """No property is known."""
        return 0.0

    def release(self) -> None:
        """Do nothing: no device is held."""


def measure_decoding(actor: Path, seconds: float) -> float:
    """Processor seconds a second that decoding every frame of the webcam takes, each when it comes.

    One that comes after a rest of 33 ms takes longer than one of many in a row, and a call's readings rest in between, too.
    To be measured in a process that has loaded networks, as a call's has: in a young one Linux takes back each frame's memory,
    and handing it out anew (12,000 pages a second) doubles the figure.

    Raises:
        SourceError: the folder lacks a frame.
    """
    webcam = Webcam(actor)
    began, used = time.monotonic(), time.thread_time()
    while time.monotonic() - began < seconds:
        webcam.read()
    return round((time.thread_time() - used) / (time.monotonic() - began), 4)


def _steps() -> Sequence[str]:
    """What the face does, in tenths of seconds."""
    steps: list[str] = []
    for pose in _POSES:
        steps += [_TALK[number // 2 % len(_TALK)] for number in range(_REST_STEPS)]
        steps += [f"{pose}_{strength:03d}" for strength in _RISE]
        steps += [f"{pose}_100"] * _HOLD_STEPS
        steps += [f"{pose}_{strength:03d}" for strength in reversed(_RISE)]
    return steps
