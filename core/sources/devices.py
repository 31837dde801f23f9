"""Which cameras there are, without opening any; on a Mac, whether this program may."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from core.sources.video_capture import camera_backends

PROBED = 4
"""So many numbers are offered where the system tells nothing of its cameras."""

ASKING_SECONDS = 120.0
"""macOS's question may stay unanswered for this long; then the screens begin without an answer."""


class Permission(StrEnum):
    """What macOS has been told about the camera and the terminal that this program runs in."""

    UNASKED = "unasked"
    DENIED = "denied"
    GRANTED = "granted"


def camera_present() -> bool | None:
    """Whether a camera seems to be there, without opening one; None where the system does not tell."""
    if sys.platform.startswith("linux"):
        return any(Path("/dev").glob("video*"))
    found = _told(camera_backends())
    return None if found is None else bool(found)


def list_cameras() -> list[tuple[int, str]]:
    """Cameras as (index, name), without opening any; bare numbers where the system tells nothing."""
    if sys.platform.startswith("linux"):
        return list(_by_sysfs())
    found = _told(camera_backends())
    return [(index, "") for index in range(PROBED)] if found is None else [(one.index, one.name) for one in found]


def number_now(number: str, name: str) -> str:
    """The number that the camera has now which was chosen as `number` and called `name` then ("": it had no name).

    Numbers change when another camera is plugged in or out. Where none has that name any more, it is `number`.
    """
    if not name:
        return number
    cameras = [(str(index), its_name) for index, its_name in list_cameras()]
    if (number, name) in cameras:
        return number
    return next((index for index, its_name in cameras if its_name == name), number)


def index_by(backend: int, index: int) -> int:
    """The number that `backend` gives to the camera that is `index` by the usual one: on Windows each counts for itself."""
    usual = camera_backends()[0]
    if sys.platform != "win32" or backend == usual:
        return index
    listed, others = _told([usual]) or [], _told([backend]) or []
    wanted = next((_device(one.path) for one in listed if one.index == index), "")
    return next((one.index for one in others if wanted and _device(one.path) == wanted), index)


def camera_permission() -> Permission | None:
    """What a Mac's owner has answered for this terminal; None elsewhere, and where macOS does not say."""
    media = _avfoundation()
    if media is None:
        return None
    status = media.AVCaptureDevice.authorizationStatusForMediaType_(media.AVMediaTypeVideo)
    return {0: Permission.UNASKED, 3: Permission.GRANTED}.get(int(status), Permission.DENIED)


def ask_for_camera(longest: float = ASKING_SECONDS) -> None:
    """Have macOS ask for the camera, without opening one, and wait for the answer.

    To be called on the main thread while no screens are shown: the question needs its run loop.
    """
    media = _avfoundation()
    if media is None:
        return
    answered = threading.Event()
    media.AVCaptureDevice.requestAccessForMediaType_completionHandler_(
        media.AVMediaTypeVideo, lambda _granted: answered.set()
    )
    loop, waited = media.NSRunLoop.currentRunLoop(), 0.0
    while not answered.is_set() and waited < longest:
        loop.runUntilDate_(media.NSDate.dateWithTimeIntervalSinceNow_(0.1))
        waited += 0.1


def _by_sysfs() -> Iterator[tuple[int, str]]:
    for device in sorted(Path("/sys/class/video4linux").glob("video*")):
        try:
            name = (device / "name").read_text(encoding="utf-8").strip()
            number = int((device / "index").read_text(encoding="ascii"))
        except (OSError, ValueError):
            name, number = "", 0
        if number == 0:  # a camera shows up once more for its metadata, with a higher number
            yield int(device.name.removeprefix("video")), name


def _told(backends: Sequence[int]) -> list[Any] | None:
    """The cameras that the first of the backends tells of that can; None where none can."""
    try:
        enumerate_cameras: Callable[[int], list[Any]] = import_module("cv2_enumerate_cameras").enumerate_cameras
    except ImportError:  # somebody's own Python
        return None
    for backend in backends:
        try:
            return list(enumerate_cameras(backend))
        except (OSError, RuntimeError, NotImplementedError):  # a Windows without Media Foundation (the N editions)
            continue
    return None


def _device(path: str | None) -> str:
    """The part of a Windows device path that is the device's own: what follows says by which interface."""
    return (path or "").lower().partition("#{")[0]


def _avfoundation() -> Any | None:
    if sys.platform != "darwin":
        return None
    try:
        return import_module("AVFoundation")
    except ImportError:
        return None
