"""What closing does to a camera that is slow or hangs (the rest of the camera is tested beside its own module)."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from core.sources.camera import FIRST_FRAME_SECONDS, CameraSource
from core.sources.loop import AnalysisLoop, LoopEnd, Tick
from core.sources.source import Pixels, SourceError
from core.system.clock import SystemClock


class FakeCapture:
    """OpenCV's capture: gives frames once `gives` is set; with `runs` cleared a read blocks in the driver."""

    def __init__(self, *, gives: bool) -> None:
        self.gives = gives
        self.runs, self.reading, self.held = threading.Event(), threading.Event(), threading.Event()
        self.runs.set()
        self.released = False
        self.pixels_held = False
        self._noise = np.random.default_rng(5)

    def isOpened(self) -> bool:
        return True

    def get(self, property_id: int) -> float:
        return 0.0

    def grab(self) -> bool:
        self.reading.set()
        if not self.runs.is_set():
            self.held.set()
        assert self.runs.wait(30)
        return self.gives

    def read(self) -> tuple[bool, Pixels | None]:
        return self.retrieve() if self.grab() else (False, None)

    def retrieve(self) -> tuple[bool, Pixels | None]:
        if self.pixels_held:
            self.held.set()
            assert self.runs.wait(30)
        return True, self._noise.integers(50, 200, (48, 64, 3), dtype=np.uint8)

    def release(self) -> None:
        self.released = True


def test_a_loop_on_a_camera_that_gives_no_frame_stops_at_once() -> None:
    capture, ends, ticks = FakeCapture(gives=False), list[LoopEnd](), list[Tick]()
    source = CameraSource(0, lambda index, backend: capture, [0])
    loop = AnalysisLoop(source, ticks.append, SystemClock(), rate=5, on_end=ends.append)
    loop.start()
    assert capture.reading.wait(10)
    began = time.monotonic()
    assert loop.stop() is True
    assert time.monotonic() - began < FIRST_FRAME_SECONDS / 2
    assert (ends, ticks, capture.released) == ([LoopEnd()], [], True)


def test_closing_from_another_thread_ends_an_open_that_waits() -> None:
    capture, errors = FakeCapture(gives=False), list[SourceError]()
    source = CameraSource(0, lambda index, backend: capture, [0])

    def open_it() -> None:
        with pytest.raises(SourceError) as raised:
            source.open()
        errors.append(raised.value)

    opener = threading.Thread(target=open_it)
    opener.start()
    assert capture.reading.wait(10)
    source.close()
    opener.join(10)
    assert len(errors) == 1
    assert capture.released


def test_a_reader_that_a_driver_held_does_not_come_back_when_the_camera_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.sources.camera.JOIN_SECONDS", 0.05)
    held, fresh = FakeCapture(gives=True), FakeCapture(gives=True)
    captures = iter([held, fresh])
    source = CameraSource(0, lambda index, backend: next(captures), [0])
    source.open()
    held.runs.clear()
    assert held.held.wait(10)
    [stuck] = [thread for thread in threading.enumerate() if thread.name == "calmline-camera-0"]
    source.close()
    source.open()
    held.runs.set()
    stuck.join(10)
    assert not stuck.is_alive()
    assert held.released
    assert source.frame_at(0.0) is not None
    source.close()
    assert fresh.released


def test_pixels_that_a_driver_held_back_are_not_taken_for_a_frame_of_the_camera_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.sources.camera.JOIN_SECONDS", 0.05)
    monkeypatch.setattr("core.sources.camera.FIRST_FRAME_SECONDS", 0.05)
    held, silent = FakeCapture(gives=True), FakeCapture(gives=False)
    captures = iter([held, silent])
    source = CameraSource(0, lambda index, backend: next(captures), [0])
    source.open()
    held.runs.clear()
    held.pixels_held = True
    monkeypatch.setattr(held, "grab", lambda: True)
    source._wanted = True
    assert held.held.wait(10)
    [stuck] = [thread for thread in threading.enumerate() if thread.name == "calmline-camera-0"]
    source.close()
    taken = list[object]()
    monkeypatch.setattr(source, "_publish", lambda *arguments, **_: taken.append(arguments))
    held.runs.set()
    stuck.join(10)
    assert not stuck.is_alive()
    assert taken == []
    assert held.released
