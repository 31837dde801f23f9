"""A clip to measure on: the demo actor's own JPEG files one after the other, byte for byte, as Motion-JPEG in an AVI.

Motion-JPEG at 640x480 is what most webcams send, so decoding it costs what a webcam costs. No picture is encoded here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from core.sources.source import SourceError, SourceProblem

WIDTH, HEIGHT = 640, 480
FRAMES_PER_SECOND = 30

_POSES = ("open_smile", "frown", "rage", "full_surprise")
_RISE = (25, 50, 75, 100)
_TALK = ("talk_a", "talk_m", "neutral", "talk_e", "talk_o", "talk_m")
_REST_STEPS, _HOLD_STEPS = 30, 15
_STEPS_PER_SECOND = 10


def write_clip(actor: Path, target: Path, *, seconds: float, rate: int = FRAMES_PER_SECOND) -> Path:
    """Write a clip of the actor (a folder of `assets/actor`): talking, and now and then an expression.

    Args:
        actor: the folder with the JPEG files, 640 x 480.
        target: the AVI file to write.
        seconds: how long the clip is.
        rate: frames a second.

    Returns:
        `target`.

    Raises:
        SourceError: the folder lacks a frame.
    """
    names = _steps()
    shown = [names[int(number * _STEPS_PER_SECOND / rate) % len(names)] for number in range(round(seconds * rate))]
    try:
        jpegs = {name: (actor / f"{name}.jpg").read_bytes() for name in set(shown)}
    except OSError as error:
        raise SourceError(SourceProblem.UNREADABLE, str(error.filename)) from error
    _write_avi(target, [jpegs[name] for name in shown], rate)
    return target


def _steps() -> list[str]:
    """What the face does, in tenths of seconds."""
    steps: list[str] = []
    for pose in _POSES:
        steps += [_TALK[number // 2 % len(_TALK)] for number in range(_REST_STEPS)]
        steps += [f"{pose}_{strength:03d}" for strength in _RISE]
        steps += [f"{pose}_100"] * _HOLD_STEPS
        steps += [f"{pose}_{strength:03d}" for strength in reversed(_RISE)]
    return steps


def _write_avi(target: Path, frames: Sequence[bytes], rate: int) -> None:
    """A RIFF AVI with one stream of Motion-JPEG and an index (Microsoft's AVI 1.0)."""
    largest = max(len(frame) for frame in frames)
    main = struct.pack(
        "<14I", 1_000_000 // rate, largest * rate, 0, 0x10, len(frames), 0, 1, largest, WIDTH, HEIGHT, 0, 0, 0, 0
    )
    stream = struct.pack(
        "<4s4sIHHIIIIIIII4H", b"vids", b"MJPG", 0, 0, 0, 0, 1, rate, 0, len(frames), largest, 0, 0, 0, 0, WIDTH, HEIGHT
    )
    pixels = struct.pack("<IiiHH4sIiiII", 40, WIDTH, HEIGHT, 1, 24, b"MJPG", WIDTH * HEIGHT * 3, 0, 0, 0, 0)
    described = _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", pixels))
    header = _list(b"hdrl", _chunk(b"avih", main) + described)
    index, position = bytearray(), 4
    with target.open("wb") as file:
        movie_size = 4 + sum(8 + len(frame) + len(frame) % 2 for frame in frames)
        whole = 4 + len(header) + 8 + movie_size + 8 + 16 * len(frames)
        file.write(b"RIFF" + struct.pack("<I", whole) + b"AVI " + header)
        file.write(b"LIST" + struct.pack("<I", movie_size) + b"movi")
        for frame in frames:
            index += struct.pack("<4sIII", b"00dc", 0x10, position, len(frame))
            position += file.write(_chunk(b"00dc", frame))
        file.write(_chunk(b"idx1", bytes(index)))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _list(name: bytes, content: bytes) -> bytes:
    return _chunk(b"LIST", name + content)
