"""The files of a data set as they lie on disk: a folder, a zip, or a folder with zips in it (as AI Hub sends them)."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.datasets.labelled import DataSetError
from core.sources.pictures import MAX_PICTURE_BYTES, ZIP_ERRORS

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
OTHER_PICTURES = (".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".psd", ".raw", ".cr2", ".nef")
"""What may be a picture, and is named where it is left out."""

_UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the set (with /, composed letters), and a way to its bytes (may raise OSError)."""

    name: str
    read: Callable[[], bytes]

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders above it, outermost first."""
        return tuple(self.name.split("/")[:-1])

    @property
    def stem(self) -> str:
        """Its name without folders and ending."""
        return self.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]

    @property
    def suffix(self) -> str:
        """Its ending in small letters, with the dot."""
        last = self.name.rsplit("/", 1)[-1]
        return f".{last.rsplit('.', 1)[1].lower()}" if "." in last else ""


def iter_entries(place: Path, broken: list[tuple[str, str]]) -> Iterator[Entry]:
    """All files below a folder or in a zip, by name. A zip that cannot be read is put into `broken` with the reason.

    Raises:
        DataSetError: the place is neither.
    """
    if place.is_dir():
        for path in sorted(path for path in place.rglob("*") if path.is_file()):
            name = unicodedata.normalize("NFC", _as_text(path.relative_to(place).as_posix()))
            if path.suffix.lower() == ".zip":
                yield from _in_zip(path, f"{name[:-4]}/", broken)
            else:
                yield Entry(name, _reader(path))
    elif place.is_file() and place.suffix.lower() == ".zip":
        yield from _in_zip(place, "", broken)
    else:
        raise DataSetError(f"{place} is neither a folder nor a zip")


def _as_text(name: str) -> str:
    """A path as text that can be written down: what Linux has in another encoding is CP949 here, or escaped."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("cp949")
        except UnicodeDecodeError:
            return raw.decode(errors="backslashreplace")
    return name


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(MAX_PICTURE_BYTES + 1)

    return read


def _in_zip(path: Path, prefix: str, broken: list[tuple[str, str]]) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        broken.append((path.name, f"the zip cannot be read: {error}"))
        return
    # It stays open as long as an entry's reader knows it: members are read one by one, much later.
    for info in sorted(archive.infolist(), key=lambda one: one.filename):
        if not info.is_dir():
            yield Entry(prefix + zip_name(info), _member_reader(archive, info))


def _member_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(info) as member:
                return member.read(MAX_PICTURE_BYTES + 1)
        except ZIP_ERRORS as error:
            raise OSError(0, str(error)) from error

    return read


def zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name. Korean zips often keep it in CP949 without saying so; Python then reads it as CP437."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            name = name.encode("cp437").decode("cp949")
        except UnicodeError:
            name = info.filename
    return unicodedata.normalize("NFC", name).replace("\\", "/")
