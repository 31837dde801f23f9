"""Cameras that behave as people report of Windows: open and silent, slow to begin, black out of one backend."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from app.words.errors import source_error_sentence
from core.sources import camera
from core.sources.camera import FIRST_FRAME_SECONDS, CameraSource
from core.sources.source import Pixels, SourceError, SourceProblem

MSMF, DSHOW = 1400, 700


class Reported:
    """A capture that opens or not, and gives its first frame after some grabs (None: never)."""

    def __init__(self, *, opens: bool = True, first_after: int | None = 0) -> None:
        self.opens, self.first_after = opens, first_after
        self.grabs = 0
        self.released = False
        self._noise = np.random.default_rng(3)

    def isOpened(self) -> bool:
        return self.opens

    def get(self, prop: int) -> float:
        return 0.0

    def grab(self) -> bool:
        self.grabs += 1
        return self.first_after is not None and self.grabs > self.first_after

    def retrieve(self) -> tuple[bool, Pixels | None]:
        return True, self._noise.integers(50, 200, (48, 64, 3), dtype=np.uint8)

    def read(self) -> tuple[bool, Pixels | None]:
        return self.retrieve() if self.grab() else (False, None)

    def release(self) -> None:
        self.released = True


@pytest.fixture(autouse=True)
def _quick_and_forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(camera, "FIRST_FRAME_SECONDS", 0.3)
    monkeypatch.setattr(camera, "DARK_SECONDS", 0.3)
    camera._ANSWERED_BY.clear()
    yield
    camera._ANSWERED_BY.clear()


class Windows:
    """Which captures are opened by which backend, in their order."""

    def __init__(self, **captures: Reported) -> None:
        self.captures = {MSMF: captures["msmf"], DSHOW: captures["dshow"]}
        self.asked: list[int] = []

    def __call__(self, _index: int, backend: int) -> Reported:
        self.asked.append(backend)
        return self.captures[backend]

    def source(self) -> CameraSource:
        return CameraSource(0, self, [MSMF, DSHOW])


def test_a_backend_that_opens_and_stays_silent_makes_room_for_the_next() -> None:
    windows = Windows(msmf=Reported(first_after=None), dshow=Reported())
    source = windows.source()
    source.open()
    assert source.frame_at(0.0) is not None
    assert windows.asked == [MSMF, DSHOW]
    assert windows.captures[MSMF].released
    source.close()


class Black(Reported):
    """As OBS's virtual camera by DirectShow, or a webcam behind its shutter."""

    def retrieve(self) -> tuple[bool, Pixels | None]:
        return True, self._noise.integers(0, 3, (48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("second", [Black(), Reported(opens=False)], ids=["black", "shut"])
def test_where_every_backend_is_black_the_camera_stays_and_says_so(second: Reported) -> None:
    first = Black()
    windows = Windows(msmf=first, dshow=second)
    source = windows.source()
    source.open()
    wait_until(lambda: windows.asked == [MSMF, DSHOW, MSMF] and first.grabs > 50, source)
    assert source.frame_at(0.0) is None
    assert source.trouble is SourceProblem.BLACK
    source.close()


def test_a_backend_that_gives_black_makes_room_for_one_that_gives_a_picture() -> None:
    windows = Windows(msmf=Black(), dshow=Reported())
    source = windows.source()
    source.open()
    wait_until(lambda: source.frame_at(0.0) is not None, source)
    assert windows.asked == [MSMF, DSHOW]
    source.close()
    assert camera._ANSWERED_BY == {0: DSHOW}


def wait_until(told: Callable[[], bool], source: CameraSource) -> None:
    deadline = time.monotonic() + 10
    while not told():
        assert time.monotonic() < deadline
        source.frame_at(0.0)


def test_the_backend_that_gave_frames_is_the_first_from_then_on() -> None:
    windows = Windows(msmf=Reported(first_after=None), dshow=Reported())
    for _ in range(2):
        source = windows.source()
        source.open()
        source.close()
    assert windows.asked == [MSMF, DSHOW, DSHOW]


def test_a_camera_that_is_slow_to_begin_is_waited_for() -> None:
    assert FIRST_FRAME_SECONDS > 7, "as long as people report of some"
    windows = Windows(msmf=Reported(first_after=3), dshow=Reported())
    source = windows.source()
    source.open()
    assert source.frame_at(0.0) is not None
    assert windows.asked == [MSMF]
    source.close()


def test_a_camera_that_is_open_and_silent_by_every_backend_is_used_by_another_program() -> None:
    windows = Windows(msmf=Reported(first_after=None), dshow=Reported(first_after=None))
    began = time.monotonic()
    with pytest.raises(SourceError) as raised:
        windows.source().open()
    assert raised.value.trouble is SourceProblem.BUSY
    assert time.monotonic() - began < 5
    assert all(capture.released for capture in windows.captures.values())


def test_a_camera_that_no_backend_opens_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sources.camera.why_no_frame", lambda _index, **_: SourceProblem.NOT_FOUND)
    windows = Windows(msmf=Reported(opens=False), dshow=Reported(opens=False))
    with pytest.raises(SourceError) as raised:
        windows.source().open()
    assert raised.value.trouble is SourceProblem.NOT_FOUND


@pytest.mark.parametrize(
    ("program", "called"),
    [("Apple_Terminal", "Terminal"), ("iTerm.app", "iTerm2"), ("rio", "Rio"), ("", "your terminal")],
)
def test_on_a_mac_the_terminal_that_needs_the_permission_is_named(
    program: str, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("TERM_PROGRAM", program)
    windows = Windows(msmf=Reported(opens=False), dshow=Reported(opens=False))
    with pytest.raises(SourceError) as raised:
        windows.source().open()
    said = source_error_sentence(raised.value)
    assert said.startswith("camera 0 does not open. Plug it in, or allow")
    assert f"allow {called} to use it: System Settings > Privacy & Security > Camera." in said
    assert said.endswith("Where it is not listed, start Calmline in Apple's Terminal.")


def test_opencvs_slow_transforms_are_off_before_opencv_is_imported() -> None:
    program = "import os, core, core.sources.camera as c; print(os.environ['OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS'])"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENCV_")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=kept)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize(
    "picture",
    [
        np.full((48, 64), 120, np.uint8),
        np.full((48, 64, 1), 120, np.uint8),
        np.full((48, 64, 4), 120, np.uint8),
        np.full((48, 64), 120 * 256, np.uint16),
    ],
    ids=["grey", "one channel", "four channels", "16 bits"],
)
def test_the_pictures_of_infrared_and_virtual_cameras_become_bgr(picture: Any) -> None:
    class Infrared(Reported):
        def retrieve(self) -> tuple[bool, Any]:
            return True, picture

    windows = Windows(msmf=Infrared(), dshow=Reported())
    source = windows.source()
    source.open()
    frame = source.frame_at(0.0)
    source.close()
    assert frame is not None
    assert frame.pixels.shape == (48, 64, 3)
    assert frame.pixels.dtype == np.uint8
    assert int(frame.pixels[0, 0, 0]) == 120
