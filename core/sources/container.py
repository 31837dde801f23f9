"""What a video file says about showing it that OpenCV does not tell: mirrored pictures, and where its clock begins.

OpenCV turns pictures, but it takes a mirrored one (front cameras of phones) for one that stands on its head. Read from
the boxes of an MP4 or MOV file (ISO/IEC 14496-12, 8.3.2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.sources.source import Pixels

MAX_BOXES = 10_000
"""Films have a few hundred outside their pictures; what has more is made to keep us busy."""

_EBML = b"\x1a\x45\xdf\xa3"  # Matroska and WebM
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_MATRIX_AT = {0: 40, 1: 52}  # by the version of a tkhd box
Matrix = tuple[float, float, float, float]
UNTURNED: Matrix = (1.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Display:
    """How a file wants to be shown.

    `matrix` (a, b, c, d) of the first picture track: x' = ax + cy, y' = bx + dy. `counts_from_zero`: the file's times
    begin at 0, so that a first picture at 1.5 s is 1.5 s late (a broadcast's clock begins anywhere).
    """

    matrix: Matrix = UNTURNED
    counts_from_zero: bool = False

    @property
    def mirrored(self) -> bool:
        """Whether the picture is turned over, which no rotation can undo."""
        a, b, c, d = self.matrix
        return a * d - b * c < 0

    def applied(self, pixels: Pixels, pixel_aspect: float = 1.0) -> Pixels:
        """Square pixels, and where it is `mirrored` the matrix applied, too; else `pixels` themselves.

        `pixel_aspect`: width over height of one pixel. Pictures are only ever made larger by it.
        """
        import cv2

        if abs(pixel_aspect - 1) > 0.01:
            across, down = max(1.0, pixel_aspect), max(1.0, 1 / pixel_aspect)
            pixels = cv2.resize(pixels, None, fx=across, fy=down).astype("uint8", copy=False)
        if not self.mirrored:
            return pixels
        a, b, c, d = self.matrix
        across, down = a, d
        if abs(b) > abs(a):  # rows become columns first
            pixels, across, down = cv2.transpose(pixels).astype("uint8", copy=False), c, b
        if across < 0:
            pixels = pixels[:, ::-1]
        return pixels[::-1].copy() if down < 0 else pixels.copy()


def read_display(path: Path) -> Display:
    """What the file at `path` says; what cannot be read or is another kind of file says nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            if head.startswith(_EBML):
                return Display(counts_from_zero=True)
            if head[4:8] not in _FIRST_BOXES:
                return Display()
            return Display(_matrix_of(file, file.seek(0, 2)) or UNTURNED, counts_from_zero=True)
    except (OSError, struct.error):
        return Display()


def _matrix_of(file: BinaryIO, end: int) -> Matrix | None:
    """The matrix of the first track that holds pictures."""
    film = dict(_boxes(file, 0, end)).get(b"moov", (0, 0))
    for kind, place in _boxes(file, *film):
        track = dict(_boxes(file, *place)) if kind == b"trak" else {}
        handler = dict(_boxes(file, *track.get(b"mdia", (0, 0)))).get(b"hdlr")
        header = track.get(b"tkhd")
        if handler is None or header is None or _at(file, handler[0] + 8, 4) != b"vide":
            continue
        version = _at(file, header[0], 1)[0]
        matrix = struct.unpack(">9i", _at(file, header[0] + _MATRIX_AT.get(version, 40), 36))
        a, b, c, d = (matrix[place] / 65536 for place in (0, 1, 3, 4))
        return a, b, c, d
    return None


def _boxes(file: BinaryIO, begin: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The boxes between two places of a file: kind, and where the content begins and ends."""
    for _number in range(MAX_BOXES):
        if begin + 8 > end:
            return
        size, kind = struct.unpack(">I4s", _at(file, begin, 8))
        content = begin + 8
        if size == 1:
            (size,) = struct.unpack(">Q", _at(file, content, 8))
            content += 8
        after = end if size == 0 else min(end, begin + size)
        if after < content:
            return
        yield kind, (content, after)
        begin = after


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    content = file.read(count)
    if len(content) < count:
        raise struct.error("the file ends too early")
    return content
