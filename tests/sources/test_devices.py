"""Cameras by name on all three systems, and macOS's permission; imitated, since no such computer is at hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from app.cli.context import Setup
from app.words.errors import terminal_name, trouble_sentence
from core.sources import camera, devices
from core.sources.camera import CameraSource, why_no_frame
from core.sources.devices import (
    Permission,
    ask_for_camera,
    camera_permission,
    camera_present,
    index_by,
    list_cameras,
    number_now,
)
from core.sources.source import SourceError, SourceProblem

MSMF, DSHOW, AVFOUNDATION = 1400, 700, 1200
FRONT = r"\\?\usb#vid_046d&pid_0825&mi_00#7&2d#{e5323777-f976-4f5b-9b55-b94699c46e44}\global"
FRONT_BY_DSHOW = r"\\?\USB#VID_046D&PID_0825&MI_00#7&2d#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"


@dataclass
class Listed:
    """A camera as cv2_enumerate_cameras tells of it."""

    index: int
    name: str
    path: str = ""


Enumerate = Callable[[int], list[Listed]]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Enumerate | None], None]:
    """Pretend to be on a system whose cameras are enumerated so; None: the package is not installed."""

    def pretend(system: str, enumerate_cameras: Enumerate | None) -> None:
        monkeypatch.setattr(sys, "platform", system)
        backends = (MSMF, DSHOW) if system == "win32" else (AVFOUNDATION,)
        monkeypatch.setattr(devices, "camera_backends", lambda: backends)
        module = ModuleType("cv2_enumerate_cameras")
        if enumerate_cameras is not None:
            module.__dict__["enumerate_cameras"] = enumerate_cameras
        monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", module if enumerate_cameras is not None else None)

    return pretend


Pretend = Callable[[str, Enumerate | None], None]


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_cameras_have_their_names(on: Pretend, system: str) -> None:
    on(system, lambda _backend: [Listed(0, "FaceTime HD"), Listed(1, "USB camera")])
    assert list_cameras() == [(0, "FaceTime HD"), (1, "USB camera")]
    assert camera_present() is True


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_without_a_webcam_an_actor_plays(on: Pretend, system: str, tmp_path: Path) -> None:
    on(system, lambda _backend: [])
    assert camera_present() is False
    assert Setup(database=tmp_path / "none.db").needs_actor()


def test_where_the_package_is_missing_numbers_are_offered_and_no_actor_is_forced(on: Pretend, tmp_path: Path) -> None:
    on("win32", None)
    assert camera_present() is None
    assert list_cameras() == [(0, ""), (1, ""), (2, ""), (3, "")]
    assert not Setup(database=tmp_path / "none.db").needs_actor()


def test_a_windows_without_media_foundation_is_asked_by_directshow(on: Pretend) -> None:
    def listed(backend: int) -> list[Listed]:
        if backend == MSMF:
            raise OSError("mfplat.dll is not there")
        return [Listed(0, "USB camera")]

    on("win32", listed)
    assert list_cameras() == [(0, "USB camera")]


def test_directshow_is_given_the_same_camera_though_it_counts_otherwise(on: Pretend) -> None:
    cameras = {
        MSMF: [Listed(0, "Front", FRONT)],
        DSHOW: [Listed(0, "OBS Virtual Camera"), Listed(1, "Front", FRONT_BY_DSHOW)],
    }
    on("win32", cameras.__getitem__)
    assert (index_by(MSMF, 0), index_by(DSHOW, 0)) == (0, 1)
    assert index_by(DSHOW, 5) == 5


def test_the_camera_is_opened_by_the_number_of_each_backend(on: Pretend) -> None:
    cameras = {MSMF: [Listed(0, "Front", FRONT)], DSHOW: [Listed(0, "OBS"), Listed(1, "Front", FRONT_BY_DSHOW)]}
    on("win32", cameras.__getitem__)
    asked: list[tuple[int, int]] = []

    def closed(index: int, backend: int) -> Any:
        asked.append((index, backend))
        return SimpleNamespace(isOpened=lambda: False, release=lambda: None)

    camera._ANSWERED_BY.clear()
    with pytest.raises(SourceError) as raised:
        CameraSource(0, closed, [MSMF, DSHOW]).open()
    assert asked == [(0, MSMF), (1, DSHOW)]
    assert raised.value.trouble is SourceProblem.NO_PERMISSION
    assert "Privacy & security > Camera" in trouble_sentence(raised.value.trouble, "camera 0")


class Mac:
    """AVFoundation as PyObjC shows it: an answer that is there, or comes while the run loop of the main thread runs."""

    def __init__(self, status: int, *, answers_after: int = 3) -> None:
        self.status = status
        self.answers_after = answers_after
        self.turns = self.asked = 0
        self._answer: Callable[[bool], None] | None = None
        self.AVMediaTypeVideo = "vide"
        self.AVCaptureDevice = SimpleNamespace(
            authorizationStatusForMediaType_=lambda _media: self.status,
            requestAccessForMediaType_completionHandler_=self._ask,
        )
        self.NSDate = SimpleNamespace(dateWithTimeIntervalSinceNow_=lambda seconds: seconds)
        self.NSRunLoop = SimpleNamespace(currentRunLoop=lambda: SimpleNamespace(runUntilDate_=self._turn))

    def _ask(self, _media: str, answer: Callable[[bool], None]) -> None:
        self.asked += 1
        self._answer = answer

    def _turn(self, _until: float) -> None:
        self.turns += 1
        if self.turns == self.answers_after and self._answer is not None:
            self.status = 3
            self._answer(True)


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mac]:
    def pretend(status: int, **how: int) -> Mac:
        made = Mac(status, **how)
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setitem(sys.modules, "AVFoundation", made)
        return made

    return pretend


@pytest.mark.parametrize(
    ("status", "permission"),
    [(0, Permission.UNASKED), (1, Permission.DENIED), (2, Permission.DENIED), (3, Permission.GRANTED)],
)
def test_the_answer_of_a_mac_is_understood(mac: Callable[..., Mac], status: int, permission: Permission) -> None:
    mac(status)
    assert camera_permission() is permission


def test_elsewhere_there_is_no_such_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert camera_permission() is None
    ask_for_camera()


def test_asking_keeps_the_run_loop_going_until_there_is_an_answer(mac: Callable[..., Mac]) -> None:
    asked = mac(0)
    ask_for_camera()
    assert (asked.asked, asked.turns) == (1, 3)
    assert camera_permission() is Permission.GRANTED


def test_a_question_that_stays_unanswered_does_not_hold_up_the_program(mac: Callable[..., Mac]) -> None:
    asked = mac(0, answers_after=10_000)
    ask_for_camera(longest=1.0)
    assert 10 <= asked.turns <= 11


@pytest.mark.parametrize(
    ("status", "opened", "trouble"),
    [
        (2, False, SourceProblem.DENIED),
        (2, True, SourceProblem.DENIED),
        (3, False, SourceProblem.NOT_FOUND),
        (3, True, SourceProblem.BUSY),
        (0, False, SourceProblem.SHUT),
    ],
)
def test_a_mac_says_why_there_is_no_picture(
    mac: Callable[..., Mac], status: int, opened: bool, trouble: SourceProblem
) -> None:
    mac(status)
    assert why_no_frame(0, opened=opened) is trouble


@pytest.mark.parametrize(
    ("variables", "called"),
    [
        ({"TERM_PROGRAM": "Apple_Terminal"}, "Terminal"),
        ({"TERM_PROGRAM": "tmux", "LC_TERMINAL": "iTerm2"}, "iTerm2"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM_PROGRAM": "unheard of"}, "your terminal"),
    ],
)
def test_a_refusal_names_the_terminal_that_needs_the_permission(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], called: str
) -> None:
    for name in ("TERM_PROGRAM", "LC_TERMINAL", "TERM"):
        monkeypatch.setenv(name, variables.get(name, ""))
    assert terminal_name() == called
    said = trouble_sentence(SourceProblem.DENIED, "camera 0")
    assert said.startswith(f"{called} may not use camera 0.")
    assert said.endswith(f"then start {called} again.")


@pytest.mark.parametrize(
    ("cameras", "number"),
    [
        ([(0, "front"), (2, "side")], "2"),
        ([(0, "side"), (2, "front")], "0"),
        ([(0, "front"), (4, "side")], "4"),
        ([(0, "side"), (2, "side")], "2"),
        ([(0, "front")], "2"),
        ([(0, ""), (1, "")], "2"),
        ([], "2"),
    ],
)
def test_a_camera_is_found_by_its_name_when_its_number_has_changed(
    cameras: list[tuple[int, str]], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sources.devices.list_cameras", lambda: cameras)
    assert number_now("2", "side") == number
    assert number_now("2", "") == "2"
