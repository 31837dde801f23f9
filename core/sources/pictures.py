"""Pictures from a file, a folder or a zip: for `classify` and `grade`, and as a source that plays them in order.

Nothing is ever unpacked to disk. Broken pictures are named and skipped; sizes are limited before anything is decoded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.sources.source import Frame, Pixels, SourceError, Trouble

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_PICTURE_BYTES = 64 * 1024 * 1024
MAX_PICTURE_PIXELS = 100_000_000
SECONDS_PER_PICTURE = 0.2
"""One picture a tick of the level's clock."""


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """A picture as `pixels` (BGR uint8), or None with the reason in `problem`."""

    name: str
    pixels: Pixels | None
    problem: str = ""


def decode_picture(name: str, content: bytes) -> NamedPicture:
    """Decode JPEG, PNG or WebP to BGR; EXIF orientation is obeyed, grey and alpha become three channels."""
    import cv2
    import numpy as np

    if not content:
        return NamedPicture(name, None, "the file is empty")
    if len(content) > MAX_PICTURE_BYTES:
        return NamedPicture(name, None, f"the file is larger than {MAX_PICTURE_BYTES // 2**20} MB")
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # more pixels than OpenCV takes, or a header that lies
        return NamedPicture(name, None, "the picture is too large or damaged")
    if pixels is None:
        return NamedPicture(name, None, "it is not a JPEG, PNG or WebP picture, or it is damaged")
    if pixels.shape[0] * pixels.shape[1] > MAX_PICTURE_PIXELS:
        return NamedPicture(name, None, "the picture has too many pixels")
    return NamedPicture(name, pixels.astype(np.uint8, copy=False))


def iter_pictures(path: Path) -> Iterator[NamedPicture]:
    """All pictures of a file, a folder (with what is below it) or a zip, sorted by name.

    Raises:
        SourceError: the path does not exist, is no picture, folder or zip, or cannot be read as a whole.
    """
    if path.is_dir():
        for file in sorted(place for place in path.rglob("*") if place.suffix.lower() in SUFFIXES and place.is_file()):
            yield _read_file(file, file.relative_to(path).as_posix())
    elif path.suffix.lower() == ".zip":
        yield from _iter_zip(path)
    elif path.is_file():
        yield _read_file(path, path.name)
    else:
        raise SourceError(Trouble.NOT_FOUND, str(path))


def read_zip_member(archive: zipfile.ZipFile, name: str) -> NamedPicture:
    """One picture of an open zip. The size that the zip declares is checked, and again what is really read."""
    try:
        if archive.getinfo(name).file_size > MAX_PICTURE_BYTES:
            return NamedPicture(name, None, f"the file is larger than {MAX_PICTURE_BYTES // 2**20} MB")
        with archive.open(name) as member:
            return decode_picture(name, member.read(MAX_PICTURE_BYTES + 1))
    except KeyError:
        return NamedPicture(name, None, "the zip holds no such file")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        return NamedPicture(name, None, f"it cannot be read from the zip: {error}")


def _iter_zip(path: Path) -> Iterator[NamedPicture]:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise SourceError(Trouble.NOT_FOUND, str(path)) from error
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise SourceError(Trouble.UNREADABLE, str(path)) from error
    with archive:
        for name in sorted(n for n in archive.namelist() if n.lower().endswith(SUFFIXES)):
            yield read_zip_member(archive, name)


def _read_file(path: Path, name: str) -> NamedPicture:
    try:
        if path.stat().st_size > MAX_PICTURE_BYTES:
            return NamedPicture(name, None, f"the file is larger than {MAX_PICTURE_BYTES // 2**20} MB")
        return decode_picture(name, path.read_bytes())
    except OSError as error:
        return NamedPicture(name, None, f"it cannot be read: {error.strerror}")


class PicturesSource:
    """Plays pictures in order, each for `seconds_each`."""

    def __init__(self, path: Path, seconds_each: float = SECONDS_PER_PICTURE) -> None:
        """Nothing is read here."""
        self._path, self._seconds_each = path, seconds_each
        self._pictures: Iterator[NamedPicture] = iter(())
        self._current: Pixels | None = None
        self._number = -1
        self._ended = False
        self.skipped: list[NamedPicture] = []

    @property
    def name(self) -> str:
        """The file's or folder's name."""
        return self._path.name

    @property
    def is_camera(self) -> bool:
        """Never."""
        return False

    @property
    def ended(self) -> bool:
        """Whether the last picture's time has passed."""
        return self._ended

    @property
    def trouble(self) -> Trouble | None:
        """None once open."""
        return None

    def open(self) -> None:
        """Begin with the first picture.

        Raises:
            SourceError: there is no readable picture.
        """
        self.close()
        self._pictures, self._number, self._ended = iter_pictures(self._path), -1, False
        self.skipped = []
        self._next()
        if self._current is None:
            raise SourceError(Trouble.UNREADABLE, str(self._path))

    def frame_at(self, seconds: float) -> Frame | None:
        """The picture shown at `seconds`; None after the last."""
        wanted = int(seconds / self._seconds_each + 1e-6)
        while self._current is not None and self._number < wanted:
            self._next()
        return None if self._current is None else Frame(self._current, self._number * self._seconds_each)

    def close(self) -> None:
        """Forget the pictures."""
        self._pictures, self._current = iter(()), None

    def _next(self) -> None:
        for picture in self._pictures:
            if picture.pixels is not None:
                self._current, self._number = picture.pixels, self._number + 1
                return
            self.skipped.append(picture)
        self._current, self._ended = None, True
