"""Which of a camera's frames become pixels, and what is said of a camera by the frames that do not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.sources.camera import FROZEN_SECONDS, LOST_SECONDS, CameraSource
from core.sources.source import Pixels, SourceProblem

STUCK_SECONDS = 20.0


class SteppedCamera:
    """A camera that has a frame only when the test says so, and counts those that were made into pixels."""

    def __init__(self) -> None:
        self._frames = threading.Semaphore(0)
        self._lock = threading.Condition()
        self.grabbed = self.decoded = 0
        self.picture: Callable[[int], int] = lambda number: 40 + number
        self.released = False

    def isOpened(self) -> bool:
        return True

    def get(self, prop: int) -> float:
        return 0.0

    def grab(self) -> bool:
        if not self._frames.acquire(timeout=0.005):
            return False
        with self._lock:
            self.grabbed += 1
            self._lock.notify_all()
        return True

    def retrieve(self) -> tuple[bool, Pixels | None]:
        with self._lock:
            self.decoded += 1
        return True, np.full((16, 16, 3), self.picture(self.grabbed), np.uint8)

    def read(self) -> tuple[bool, Pixels | None]:
        return self.retrieve() if self.grab() else (False, None)

    def release(self) -> None:
        self.released = True

    def send(self, count: int = 1) -> None:
        """Let this many frames come, and wait until the reader has had them."""
        with self._lock:
            wanted = self.grabbed + count
            for _ in range(count):
                self._frames.release()
            assert self._lock.wait_for(lambda: self.grabbed >= wanted, STUCK_SECONDS)


class HandClock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def camera() -> SteppedCamera:
    return SteppedCamera()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def source(camera: SteppedCamera, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraSource]:
    """An open camera whose first frame is there. A tick waits for its frame as long as the test takes to send it."""
    monkeypatch.setattr("core.sources.camera.NEXT_FRAME_SECONDS", STUCK_SECONDS)
    opened = CameraSource(0, lambda index, backend: camera, [0], clock)
    first = threading.Thread(target=camera.send, daemon=True)
    first.start()
    opened.open()
    first.join()
    yield opened
    opened.close()
    assert camera.released


def tick(source: CameraSource, camera: SteppedCamera) -> int | None:
    """The brightness of the frame that a tick gets, with frames coming until it has one."""
    answered = threading.Event()

    def send() -> None:
        while not answered.is_set():
            camera.send()

    sender = threading.Thread(target=send)
    sender.start()
    frame = source.frame_at(0.0)
    answered.set()
    sender.join()
    return None if frame is None else int(frame.pixels[0, 0, 0])


def test_only_frames_that_are_asked_for_are_made_into_pixels(source: CameraSource, camera: SteppedCamera) -> None:
    for _ in range(4):
        camera.send(5)
        tick(source, camera)
    assert camera.grabbed >= 1 + 4 * 6
    assert camera.decoded == 1 + 4


def test_a_tick_gets_a_frame_from_after_it_asked(source: CameraSource, camera: SteppedCamera) -> None:
    camera.send(7)
    shown = tick(source, camera)
    assert shown is not None
    assert shown >= 40 + 8


def test_frames_that_are_passed_over_keep_a_camera_from_being_lost(
    source: CameraSource, camera: SteppedCamera, clock: HandClock
) -> None:
    clock.seconds += LOST_SECONDS - 0.1
    camera.send(2)
    clock.seconds += LOST_SECONDS - 0.1
    assert source.trouble is None
    clock.seconds += 0.2
    assert source.trouble is SourceProblem.LOST


def test_a_picture_that_stands_still_is_frozen_and_comes_right_again(
    source: CameraSource, camera: SteppedCamera, clock: HandClock
) -> None:
    camera.picture = lambda number: 77
    for _ in range(2):
        tick(source, camera)
        clock.seconds += 0.2
    for _ in range(20):
        clock.seconds += FROZEN_SECONDS / 20
        tick(source, camera)
    assert source.trouble is SourceProblem.FROZEN
    assert tick(source, camera) is None
    camera.picture = lambda number: 40 + number
    again = [tick(source, camera) for _ in range(2)]  # the first may have been made into pixels before
    assert again[-1] is not None
    assert source.trouble is None


def test_a_tick_that_waits_ends_at_once_when_the_camera_is_closed(source: CameraSource) -> None:
    closer = threading.Timer(0.01, source.close)
    closer.start()
    assert source.frame_at(0.0) is None
    closer.join()
