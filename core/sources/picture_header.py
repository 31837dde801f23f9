"""How large a picture says it is, read from its first bytes: known before anything is decoded.

A picture of a few kilobytes can claim a billion pixels, and a decoder would fetch the memory for them at once.
"""

from __future__ import annotations

import re
import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_NO_FILLER = re.compile(rb"[^\xff]")
_NOT_FRAMES = (0xC4, 0xC8, 0xCC)
"""JPEG markers between 0xC0 and 0xCF that do not begin a frame."""

MAX_SEGMENTS = 10_000
"""A file of 64 MB has room for a thousand full ones; what has more before its first frame is made to keep us busy."""


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG, PNG or WebP picture; None where `content` is none of them or is cut off too early."""
    try:
        if content.startswith(_PNG):
            return _png_size(content)
        if content.startswith(_JPEG):
            return _jpeg_size(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp_size(content)
    except (struct.error, IndexError):
        return None
    return None


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walk over the segments to the first frame; searched for in C, since a file may be 64 MB of none."""
    place = 2
    for _number in range(MAX_SEGMENTS):
        place = content.find(b"\xff", place)  # decoders step over what lies between segments, so we do
        found = _NO_FILLER.search(content, place) if place >= 0 else None
        if found is None:
            return None
        marker, place = found[0][0], found.end()
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 3)
            return width, height
        if marker in (0x00, 0x01, 0xD8) or 0xD0 <= marker <= 0xD7:  # markers without a segment
            continue
        if marker in (0xD9, 0xDA):  # the end, or the pixels, before any frame
            return None
        (length,) = struct.unpack_from(">H", content, place)
        place += max(2, length)
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[place : place + 3], "little") + 1 for place in (24, 27))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 26))
    else:
        return None
    return (width, height) if len(content) >= 30 else None
