"""Steps for the proof of privacy: one that behaves, and many that break a promise on purpose."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.face.box import FaceBox
from core.face.crop import crop_face
from core.sources.capture import open_camera_capture
from core.sources.loop import AnalysisLoop, Tick
from core.sources.source import Pixels
from core.store import Store
from core.system.clock import ManualClock, SystemClock
from tests.doubles import FakeSource

FACE = FaceBox(10, 10, 120, 120)


def as_floats(face: Pixels) -> NDArray[np.float32]:
    """A BGR face as a network takes it: (1, 100, 100, 3) float32 RGB in 0..1."""
    return np.ascontiguousarray(face[None, ..., ::-1], np.float32) / np.float32(255.0)


def crop() -> Pixels:
    """A face that was seen."""
    frame = np.random.default_rng(1).integers(0, 255, (160, 160, 3), np.uint8)
    return crop_face(frame, FACE)


def run(arguments: list[str]) -> int:
    """Do what is named, in the data folder; then behave, unless it is to do nothing at all."""
    data, *names = arguments
    if names == ["nothing"]:
        return 0
    for name in names:
        globals()[name](Path(data))
    sys.audit("calmline.watch_begin", "call")
    look("a call's")
    sys.audit("calmline.watch_end")
    crop()
    Store.open(Path(data) / "calmline.db", SystemClock()).close()
    return 3 if "end_badly" in names else 0


def wait(_arguments: list[str]) -> int:
    """Tell that it has begun, then never end by itself."""
    sys.audit("calmline.watch_begin", "call")
    threading.Event().wait()
    return 0


def look(name: str) -> None:
    """Look at a frame, whatever for."""
    source = FakeSource(name)
    source.on_frame = lambda number: loop.request_stop()
    loop = AnalysisLoop(source, lambda tick: None, ManualClock(), rate=5.0)
    loop.run()


def write_outside(data: Path) -> None:
    """Write a file into the home folder."""
    (Path.home() / "notes.txt").write_text("hello", encoding="utf-8")


def write_a_file_called_like_the_log(data: Path) -> None:
    """The log has its place; elsewhere its name allows nothing."""
    (Path.home() / "calmline.log").write_text("hello", encoding="utf-8")


def make_a_folder_outside(data: Path) -> None:
    """Make a folder in the folder that we were started in."""
    Path("cache").mkdir()


def rename_out(data: Path) -> None:
    """Write inside, then move it out."""
    inside = data / "inside.txt"
    inside.write_text("hello", encoding="utf-8")
    inside.rename(Path.home() / "outside.txt")


def write_outside_unseen_by_python(data: Path) -> None:
    """Write a picture by OpenCV, whose files Python does not see."""
    cv2.imwrite(str(Path.home() / "face.png"), crop())


def write_png(data: Path) -> None:
    """A picture inside a file of another name."""
    _, png = cv2.imencode(".png", crop())
    (data / "cache.bin").write_bytes(b"x" * 100 + png.tobytes())


def write_jpeg(data: Path) -> None:
    """A picture by OpenCV, inside."""
    cv2.imwrite(str(data / "face.jpg"), crop())


def write_raw(data: Path) -> None:
    """The bytes of a crop, in the middle of other bytes."""
    (data / "raw.txt").write_bytes(b"log\n" + crop().tobytes() + b"\n")


def write_raw_rgb(data: Path) -> None:
    """The bytes of a crop in the other order of colours."""
    (data / "rgb.txt").write_bytes(b"log" + crop()[..., ::-1].tobytes())


def write_input(data: Path) -> None:
    """What a network was given."""
    (data / "batch.bin").write_bytes(as_floats(crop()).tobytes())


def write_input_from_minus_one(data: Path) -> None:
    """What a network was given whose card says that pixels go from -1 to 1."""
    (data / "minus.bin").write_bytes((as_floats(crop()) * np.float32(2) + np.float32(-1)).tobytes())


def write_and_remove(data: Path) -> None:
    """A file that is gone again before anybody can look at it."""
    place = data / "passing.bin"
    place.write_bytes(crop().tobytes())
    place.unlink()


def connect(data: Path) -> None:
    """A connection to an address, here of this machine."""
    with socket.socket() as caller, contextlib.suppress(OSError):
        caller.settimeout(0.2)
        caller.connect(("127.0.0.1", 9))


def listen(data: Path) -> None:
    """A port that others can reach."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))


def look_up(data: Path) -> None:
    """Ask for the address of a machine."""
    with contextlib.suppress(OSError):
        socket.getaddrinfo("calmline.invalid", 443)


def another_socket(data: Path) -> None:
    """A local socket that is not the control channel."""
    place = str(data / "other.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
    os.unlink(place)  # noqa: PTH108 - as plain as can be


def start_a_program(data: Path) -> None:
    """A program of which the hook sees nothing."""
    subprocess.run([sys.executable, "-c", ""], check=True)


def open_a_camera(data: Path) -> None:
    """A camera, for no purpose."""
    open_camera_capture(63, 0).release()


def look_for_nothing(data: Path) -> None:
    """Frames outside of light check, calibration and calls."""
    look("nothing's")


def look_for_another_purpose(data: Path) -> None:
    """Frames for a purpose that nobody agreed to."""
    sys.audit("calmline.watch_begin", "advertising")
    look("advertising's")
    sys.audit("calmline.watch_end")


def leave_frames_open(data: Path) -> None:
    """A source that is not closed again."""
    started = threading.Event()

    def handle(tick: Tick) -> None:
        started.set()

    sys.audit("calmline.watch_begin", "call")
    AnalysisLoop(FakeSource("open"), handle, SystemClock(), rate=50.0).start()
    started.wait(10)


def keep_blobs(data: Path) -> None:
    """A column that could hold a picture."""
    _change_record(data, lambda db: db.execute("CREATE TABLE face (id INTEGER PRIMARY KEY, picture BLOB)"))


def hide_a_blob(data: Path) -> None:
    """A blob in a column of another type, in a table that is not strict."""

    def change(db: object) -> None:
        db.execute("CREATE TABLE hidden (id INTEGER PRIMARY KEY, picture TEXT)")  # type: ignore[attr-defined]
        db.execute("INSERT INTO hidden VALUES (1, x'0102')")  # type: ignore[attr-defined]

    _change_record(data, change)


def end_badly(data: Path) -> None:
    """The exit code is not 0."""


def _change_record(data: Path, change: Callable[..., object]) -> None:
    with Store.open(data / "calmline.db", SystemClock()) as store:
        store._write(change)
