"""Pictures from a file, a folder or a zip: for `classify` and `grade`, and as a source that plays them in order.

Nothing is ever unpacked to disk. Broken pictures are named and skipped; sizes are limited before anything is decoded.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.sources.picture_header import picture_size
from core.sources.source import Frame, Pixels, SourceError, Trouble
from core.system.files import FileError, is_file, is_folder, read_plain_file

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_PICTURE_BYTES = 64 * 1024 * 1024
MAX_PICTURE_PIXELS = 100_000_000
MAX_ZIP_GAIN = 100
"""No picture is packed to less than a hundredth by a zip, being packed already: what claims to be is a zip bomb."""

ZIP_GAIN_FROM_BYTES = 1024 * 1024
"""Members smaller than this do no harm, however much they were packed."""

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    RuntimeError,  # among them NotImplementedError, for a compression that it does not know
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
)
"""All that the standard library makes of a damaged, encrypted or unusual zip."""

SECONDS_PER_PICTURE = 0.2
"""One picture a tick of the level's clock."""


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """A picture as `pixels` (BGR uint8), or None with the reason in `problem`."""

    name: str
    pixels: Pixels | None
    problem: str = ""


_TOO_LARGE = f"the file is larger than {MAX_PICTURE_BYTES // 2**20} MB"
_NO_PICTURE = "it is not a JPEG, PNG or WebP picture, or it is damaged"


def decode_picture(name: str, content: bytes) -> NamedPicture:
    """Decode JPEG, PNG or WebP to BGR; EXIF orientation is obeyed, grey and alpha become three channels."""
    import cv2
    import numpy as np

    if not content:
        return NamedPicture(name, None, "the file is empty")
    if len(content) > MAX_PICTURE_BYTES:
        return NamedPicture(name, None, _TOO_LARGE)
    size = picture_size(content)
    if size is None:
        return NamedPicture(name, None, _NO_PICTURE)
    if size[0] * size[1] > MAX_PICTURE_PIXELS:
        return NamedPicture(name, None, "the picture has too many pixels")
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # more pixels than OpenCV takes, or a header that lies
        return NamedPicture(name, None, "the picture is too large or damaged")
    if pixels is None:
        return NamedPicture(name, None, _NO_PICTURE)
    return NamedPicture(name, pixels.astype(np.uint8, copy=False))


def iter_pictures(path: Path) -> Iterator[NamedPicture]:
    """All pictures of a file, a folder (with what is below it) or a zip, sorted by name.

    Raises:
        SourceError: the path does not exist, is no picture, folder or zip, or cannot be read as a whole.
    """
    if is_folder(path):
        for file in picture_files(path):
            yield read_picture(file, file.relative_to(path).as_posix())
    elif path.suffix.lower() == ".zip":
        yield from _iter_zip(path)
    elif is_file(path):
        yield read_picture(path, path.name)
    else:
        raise SourceError(Trouble.NOT_FOUND, str(path))


def picture_files(folder: Path) -> list[Path]:
    """Every file below `folder` that is named like a picture, sorted by name.

    Raises:
        SourceError: the folder cannot be read.
    """
    try:
        return sorted(place for place in folder.rglob("*") if place.suffix.lower() in SUFFIXES and is_file(place))
    except OSError as error:
        raise SourceError(Trouble.UNREADABLE, str(folder)) from error


def zip_members(archive: zipfile.ZipFile) -> dict[str, str]:
    """A zip's members by what a list may call them: the whole path, or the bare name (the last one of several)."""
    names = archive.namelist()
    return {Path(name).name: name for name in names} | {name: name for name in names}


def read_zip_member(archive: zipfile.ZipFile, name: str) -> NamedPicture:
    """One picture of an open zip. The size that the zip declares is checked, and again what is really read."""
    try:
        info = archive.getinfo(name)
        if info.file_size > MAX_PICTURE_BYTES:
            return NamedPicture(name, None, _TOO_LARGE)
        if info.file_size > max(ZIP_GAIN_FROM_BYTES, MAX_ZIP_GAIN * info.compress_size):
            return NamedPicture(name, None, "the zip packs it too tightly for a picture")
        with archive.open(name) as member:
            return decode_picture(name, member.read(MAX_PICTURE_BYTES + 1))
    except KeyError:
        return NamedPicture(name, None, "the zip holds no such file")
    except ZIP_ERRORS as error:
        return NamedPicture(name, None, f"it cannot be read from the zip: {error}")


def _iter_zip(path: Path) -> Iterator[NamedPicture]:
    if not is_file(path):
        raise SourceError(Trouble.NOT_FOUND, str(path))
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        raise SourceError(Trouble.UNREADABLE, str(path)) from error
    with archive:
        for name in sorted(n for n in archive.namelist() if n.lower().endswith(SUFFIXES)):
            yield read_zip_member(archive, name)


def read_picture(path: Path, name: str) -> NamedPicture:
    """The picture in a file, called `name`."""
    try:
        return decode_picture(name, read_plain_file(path, MAX_PICTURE_BYTES))
    except FileError as error:
        return NamedPicture(name, None, str(error))


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
        """False: these frames come from files."""
        return False

    @property
    def ended(self) -> bool:
        """Whether the last picture's time has passed."""
        return self._ended

    @property
    def trouble(self) -> Trouble | None:
        """None: once open, pictures do not fail."""
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
        """Let go of the pictures."""
        self._pictures, self._current = iter(()), None

    def _next(self) -> None:
        for picture in self._pictures:
            if picture.pixels is not None:
                self._current, self._number = picture.pixels, self._number + 1
                return
            self.skipped.append(picture)
        self._current, self._ended = None, True
