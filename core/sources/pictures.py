"""Pictures from a file, a folder or a zip: for `classify` and `grade`, and as a source that plays them in order.

What cannot be read is named with the reason; sizes are limited before anything is decoded (see `core`'s own module).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.sources.entries import MAX_ENTRY_BYTES, Entry, iter_entries, too_large
from core.sources.source import Frame, Pixels, SourceError, SourceProblem
from core.system.errors import TranslatableError
from core.system.files import FileError, is_file, is_folder

SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif"
)  # fmt: skip
OTHER_SUFFIXES = (
    ".heic", ".heif", ".hif", ".jxl", ".jp2", ".psd", ".svg", ".ico", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2",
    ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".dds", ".exr", ".hdr", ".pcx", ".xcf"
)  # fmt: skip
"""Pictures that are not read, and named where they are left out."""

VIDEO_SUFFIXES = (
    ".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".3gp", ".flv", ".mts", ".m2ts", ".ogv"
)  # fmt: skip
"""Named where pictures are asked for."""

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".alz", ".egg")
"""What may hold pictures and is not looked into, within a zip a second one."""

SECONDS_PER_PICTURE = 0.2
"""One picture a tick of the level's clock."""

_BEGINNINGS = (b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"GIF8")
"""JPEG, PNG, BMP, TIFF (twice), GIF: what OpenCV is given to decode, WebP and AVIF besides, whatever a file is called."""

_GIF_DELAY = re.compile(rb"\x21\xf9\x04.{4}\x00[\x21\x2c]", re.DOTALL)
"""How long one picture of a GIF stays, before each of them."""

_AVIF_BRANDS = (b"avif", b"avis")
_AVIF_TURN = re.compile(rb"\x00\x00\x00\x09(irot|imir)(.)", re.DOTALL)
"""How an AVIF says that it is shown turned (anticlockwise, in quarters) and mirrored (ISO/IEC 23008-12)."""

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """A picture as `pixels` (BGR uint8), or None with the reason in `problem`; with pixels, what of it was not read."""

    name: str
    pixels: Pixels | None
    problem: TranslatableError | None = None


_NO_PICTURE = FileError("it is not a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF picture, or it is damaged")


def decode_picture(name: str, content: bytes) -> NamedPicture:
    """Decode a picture to BGR, turned as it says; grey and alpha become three channels, the first of several."""
    import cv2
    import numpy as np

    if not content:
        return NamedPicture(name, None, FileError("the file is empty"))
    if len(content) > MAX_ENTRY_BYTES:
        return NamedPicture(name, None, too_large())
    brand = content[8:12] if content[4:8] == b"ftyp" or content[:4] == b"RIFF" else b""
    if not content.startswith(_BEGINNINGS) and brand not in (b"WEBP", *_AVIF_BRANDS):
        suffix = ".heic" if brand in _HEIC_BRANDS else f".{name.rsplit('.', 1)[-1].lower()}"
        return NamedPicture(name, None, _why_unread(suffix))
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # more pixels than `core` lets OpenCV take, or a header that lies
        return NamedPicture(name, None, FileError("the picture has too many pixels, or is damaged"))
    if pixels is None:
        return NamedPicture(name, None, _NO_PICTURE)
    if brand in _AVIF_BRANDS:  # OpenCV obeys what EXIF says in the other kinds, and leaves this out
        for kind, how in _AVIF_TURN.findall(content.partition(b"mdat")[0]):
            turned = np.rot90(pixels, how[0]) if kind == b"irot" else np.flip(pixels, how[0] & 1)
            pixels = np.ascontiguousarray(turned)
    several = FileError("it is animated, and only its first picture was read") if _is_animated(content, brand) else None
    return NamedPicture(name, pixels.astype(np.uint8, copy=False), several)


def _why_unread(suffix: str) -> FileError:
    if suffix in OTHER_SUFFIXES:
        return FileError("{kind} is not read; save it as JPEG or PNG", kind=suffix[1:].upper())
    if suffix in VIDEO_SUFFIXES:
        return FileError("it is a video, not a picture")
    return FileError("it is packed; unpack it first") if suffix in _ARCHIVES else _NO_PICTURE


def _is_animated(content: bytes, brand: bytes) -> bool:
    if content.startswith(b"\x89PNG"):
        return b"acTL" in content.partition(b"IDAT")[0]
    if content.startswith(b"GIF8"):
        return len(_GIF_DELAY.findall(content)) > 1
    return brand == b"avis" or (brand == b"WEBP" and content[12:16] == b"VP8X" and bool(content[20] & 2))


def picture_entries(path: Path) -> list[Entry]:
    """What `path` holds that may be a picture by its name; of a single file, that one. What is not read is among it.

    Raises:
        SourceError: the path does not exist, or cannot be looked into.
    """
    broken: list[tuple[str, FileError]] = []
    entries = list(iter_entries(path, broken))
    if is_folder(path) or path.suffix.lower() == ".zip":
        kinds = ("", *SUFFIXES, *OTHER_SUFFIXES, *VIDEO_SUFFIXES, *_ARCHIVES)  # cameras and exports leave endings out
        entries = [entry for entry in entries if entry.suffix in kinds]
    for number, entry in enumerate(entries):
        if entry.suffix in VIDEO_SUFFIXES:  # not even read: it may be large
            entries[number] = Entry(entry.name, partial(_refuse, _why_unread(entry.suffix)))
    return entries + [Entry(name, partial(_refuse, reason)) for name, reason in broken]


def iter_pictures(path: Path) -> Iterator[NamedPicture]:
    """All pictures of a file, a folder (with what is below it) or a zip, sorted by name; see `picture_entries`."""
    yield from map(read_picture, picture_entries(path))


def read_picture(entry: Entry) -> NamedPicture:
    """The picture in a file."""
    try:
        return decode_picture(entry.name, entry.read())
    except FileError as error:
        return NamedPicture(entry.name, None, error)


def _refuse(reason: FileError) -> bytes:
    raise reason


class PicturesSource:
    """Plays pictures in order, each for `seconds_each`."""

    is_camera = False
    trouble: SourceProblem | None = None

    def __init__(self, path: Path, seconds_each: float = SECONDS_PER_PICTURE) -> None:
        """Nothing is read here."""
        self._path, self._seconds_each = path, seconds_each
        self.name = path.name
        self._pictures: Iterator[NamedPicture] = iter(())
        self._current: Pixels | None = None
        self._number = -1
        self.ended = False
        self.skipped: list[NamedPicture] = []

    def open(self) -> None:
        """Begin with the first picture.

        Raises:
            SourceError: there is no readable picture, or it is an animated one alone.
        """
        self.close()
        self._pictures, self._number, self.ended = iter_pictures(self._path), -1, False
        self.skipped = []
        self._next()
        if self.skipped and self._current is not None and is_file(self._path) and self._path.suffix.lower() != ".zip":
            raise SourceError(SourceProblem.ANIMATED, str(self._path))
        if self._current is None:
            raise SourceError(SourceProblem.UNREADABLE, str(self._path))

    def frame_at(self, seconds: float) -> Frame | None:
        """The picture shown at `seconds`; None after the last."""
        wanted = int(seconds / self._seconds_each + 1e-6)
        while self._current is not None and self._number < wanted:
            self._next()
        return None if self._current is None else Frame(self._current, self._number * self._seconds_each)

    def close(self) -> None:
        """Let go of the pictures."""
        self._pictures, self._current = iter(()), None

    def _next(self) -> None:
        for picture in self._pictures:
            if picture.problem is not None:
                self.skipped.append(picture)
            if picture.pixels is not None:
                self._current, self._number = picture.pixels, self._number + 1
                return
        self._current, self.ended = None, True
