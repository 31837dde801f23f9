"""Searching files for pictures: the signatures of picture formats, and the very bytes of crops that were seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.privacy.hook import STRIP_BYTES
from core.system.files import FileError, read_plain_file

MAX_FILE_BYTES = 2 * 1024**3

RANGES = ((0.0, 1.0), (-1.0, 1.0), (-0.5, 0.5), (0.0, 255.0))
"""How networks take pixels; a card names one of them (`core.candidates.card`)."""

_SIGNATURES = {
    # Three bytes alone come up by chance in a megabyte of numbers: the first segment's marker and length make it sure.
    "JPEG": re.compile(rb"\xff\xd8\xff[\xe0-\xef\xdb\xc0-\xc2\xc4\xfe][\x00-\x44]", re.DOTALL),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WebP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "PNG in base64": re.compile(rb"iVBORw0KGgo"),
    "JPEG in base64": re.compile(rb"/9j/[2-4][A-Za-z0-9+/]{8}"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Something of a picture in a file: its format, or "crop"."""

    path: Path
    what: str


@dataclass(frozen=True, slots=True)
class Searched:
    """How many files and bytes were searched, for how many strips of crops, and what was found or could not be read."""

    files: int
    size: int
    strips: int
    found: tuple[Found, ...]
    unread: tuple[str, ...]


def search(paths: Iterable[Path], strips: Iterable[bytes]) -> Searched:
    """Search files for signatures and for strips of crops (`STRIP_BYTES` bytes each, BGR) in every usual form.

    The forms: bytes in the order BGR and RGB, and float32 in both orders and every one of `RANGES`.
    """
    wanted = set(strips)
    forms = _forms(wanted)
    files, size = 0, 0
    found: list[Found] = []
    unread: list[str] = []
    for path in paths:
        try:
            content = read_plain_file(path, MAX_FILE_BYTES)
        except FileError as error:
            unread.append(str(error))
            continue
        files, size = files + 1, size + len(content)
        found += [Found(path, name) for name, signature in _SIGNATURES.items() if signature.search(content)]
        found += [Found(path, "crop")] if any(_holds(content, width, form) for width, form in forms.items()) else []
    return Searched(files, size, len(wanted), tuple(found), tuple(unread))


def _forms(strips: set[bytes]) -> dict[int, set[bytes]]:
    """Strips in every form, by their length in bytes."""
    forms: dict[int, set[bytes]] = {STRIP_BYTES: set(), STRIP_BYTES * 4: set()}
    for strip in strips:
        pixels = np.frombuffer(strip, np.uint8).reshape(-1, 3)
        for order in (pixels, pixels[:, ::-1]):
            forms[STRIP_BYTES].add(order.tobytes())
            unit = order.astype(np.float32) / 255.0
            for low, high in RANGES:  # computed as networks are given it, so that every bit agrees
                scaled = unit * np.float32(high - low) + np.float32(low)
                forms[STRIP_BYTES * 4].add((unit if (low, high) == (0, 1) else scaled).tobytes())
            forms[STRIP_BYTES * 4].add(order.astype(np.float32).tobytes())
    return forms


def _holds(content: bytes, width: int, wanted: set[bytes]) -> bool:
    """Whether any of many strips of one length is somewhere in `content`: each window is looked up, not each strip."""
    view = memoryview(content)
    return (
        any(bytes(view[place : place + width]) in wanted for place in range(len(content) - width + 1))
        if wanted
        else False
    )
