"""The files that a person names: a folder, a zip, or a folder with zips in it. Nothing is ever unpacked to disk.

The one place that reads names: composed or not (macOS), with backslashes (Windows), in CP949 (Korean zips), or no text.
"""

from __future__ import annotations

import lzma
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from core.sources.source import SourceError, SourceProblem
from core.system.files import FileError, is_file, is_folder, read_plain_file

MAX_ENTRY_BYTES = 64 * 1024 * 1024
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

_LOCKED, _UTF8_NAME = 0x1, 0x800
_HANGUL = re.compile(rb"[\xa1-\xfe]{2}")
"""A syllable in CP949, but for rare ones."""

_OF_SYSTEMS = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")
"""What macOS and Windows leave beside files of one's own, in small letters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the folder or zip (with /, composed letters), and a way to its bytes (raises FileError)."""

    name: str
    read: Callable[[], bytes]

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders above it, outermost first."""
        return tuple(self.name.split("/")[:-1])

    @property
    def last(self) -> str:
        """Its name without folders."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        """Its name without folders and ending."""
        return self.last.rsplit(".", 1)[0]

    @property
    def suffix(self) -> str:
        """Its ending in small letters, with the dot."""
        return f".{self.last.rsplit('.', 1)[1].lower()}" if "." in self.last else ""


def iter_entries(place: Path, broken: list[tuple[str, FileError]]) -> Iterator[Entry]:
    """All files of a folder, a zip, or one file, by name; zips inside a folder are looked into.

    What macOS and Windows add of their own is passed over. What cannot be looked into (a damaged zip, a folder without
    the right, a link back to where one has been) is put into `broken`, with the reason.

    Raises:
        SourceError: the place is not there, or cannot be looked into as a whole.
    """
    if is_folder(place):
        for path in sorted(_walk(place, broken), key=lambda path: path.parts):
            name = clean_name(path.relative_to(place).as_posix())
            if path.suffix.lower() != ".zip":
                yield file_entry(path, name)
                continue
            try:
                yield from _in_zip(path, f"{name[:-4]}/")
            except SourceError as error:
                broken.append((name, FileError("the zip cannot be read: {reason}", reason=error.__cause__)))
    elif not is_file(place):
        raise SourceError(SourceProblem.MISSING, clean_name(str(place)))
    elif place.suffix.lower() == ".zip":
        yield from _in_zip(place, "")
    else:
        yield file_entry(place, clean_name(place.name))


class EntryIndex:
    """Finds what a list names, among entries."""

    def __init__(self, entries: Iterable[Entry], folder: Path | None = None) -> None:
        """`entries` are asked for when the first name is not simply a path below `folder`."""
        self._entries, self._folder = entries, folder
        self._by_name: dict[str, Entry] | None = None
        self._by_last: dict[str, list[Entry]] = {}

    def find(self, named: str) -> Entry | None:
        """The file that a list calls `named`: its path, in whatever writing, or its bare name where only one has it."""
        name = clean_name(named.strip()).replace("\\", "/").removeprefix("./")
        path = PurePosixPath(name)
        if self._folder is not None and name and not path.is_absolute() and ".." not in path.parts:
            place = self._folder / path
            if place.is_relative_to(self._folder) and is_file(place):
                return file_entry(place, name)
        if self._by_name is None:
            self._by_name = {}
            for entry in self._entries:
                self._by_name[entry.name.casefold()] = entry
                self._by_last.setdefault(entry.last.casefold(), []).append(entry)
        found = self._by_name.get(name.casefold())
        same = self._by_last.get(path.name.casefold(), [])
        return found or (same[0] if len(same) == 1 else None)


def entries_beside(path: Path) -> EntryIndex:
    """What a list at `path` may name: the files of the zip of the same name, else those beside it and below.

    Raises:
        SourceError: the zip cannot be read.
    """
    archive = path.with_suffix(".zip")
    if is_file(archive):
        return EntryIndex(list(iter_entries(archive, [])))
    return EntryIndex(iter_entries(path.parent, []), path.parent)


def clean_name(name: str) -> str:
    """A path as text that can be written down, in composed letters.

    What Linux has in another encoding than UTF-8 is read as CP949 (Korean Windows), else escaped.
    """
    raw = os.fsencode(name) if any("\udc80" <= letter <= "\udcff" for letter in name) else None
    if raw is not None:
        try:
            name = raw.decode("cp949")
        except UnicodeDecodeError:
            name = raw.decode(errors="backslashreplace")
    return unicodedata.normalize("NFC", name)


def file_entry(path: Path, name: str) -> Entry:
    """The file at `path`, called `name`."""
    return Entry(name, partial(read_plain_file, path, MAX_ENTRY_BYTES))


def _walk(folder: Path, broken: list[tuple[str, FileError]]) -> Iterator[Path]:
    """Every file below a folder; linked folders are followed, each folder once, real ones first."""

    def failed(error: OSError) -> None:
        if error.filename is None or Path(error.filename) == folder:
            raise SourceError(SourceProblem.UNREADABLE, clean_name(str(folder))) from error
        broken.append(
            (
                clean_name(Path(error.filename).relative_to(folder).as_posix()),
                FileError("{reason}", reason=error.strerror),
            )
        )

    been: set[str] = set()
    for place, folders, files in os.walk(folder, onerror=failed, followlinks=True):
        real = os.path.realpath(place)
        if real in been:
            folders.clear()
            name = clean_name(Path(place).relative_to(folder).as_posix())
            broken.append((f"{name}/", FileError("a link to a folder that is read already")))
            continue
        been.add(real)
        folders[:] = sorted(
            (name for name in folders if not _is_of_the_system(name)),
            key=lambda name: (Path(place, name).is_symlink(), name),
        )
        for path in (Path(place, name) for name in files if not _is_of_the_system(name)):
            if path.is_symlink() and not path.exists():
                name = clean_name(path.relative_to(folder).as_posix())
                broken.append((name, FileError("a link that leads nowhere")))
            else:
                yield path


def _is_of_the_system(name: str) -> bool:
    return name.startswith("._") or name.casefold() in _OF_SYSTEMS


def _in_zip(path: Path, prefix: str) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        raise SourceError(SourceProblem.UNREADABLE, clean_name(str(path))) from error
    # It stays open as long as an entry knows it: members are read one by one, much later.
    for info in sorted((one for one in archive.infolist() if not one.is_dir()), key=zip_name):
        name = zip_name(info)
        if not any(map(_is_of_the_system, name.split("/"))):
            yield Entry(prefix + name, partial(_read_member, archive, info))


def too_large() -> FileError:
    """What is said of a file over `MAX_ENTRY_BYTES`."""
    return FileError("the file is larger than {most} MB", most=MAX_ENTRY_BYTES // 2**20)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The size that the zip declares is checked, and again what is really read."""
    if info.flag_bits & _LOCKED:
        raise FileError("the zip is locked with a password")
    if info.file_size > MAX_ENTRY_BYTES:
        raise too_large()
    if info.file_size > max(ZIP_GAIN_FROM_BYTES, MAX_ZIP_GAIN * info.compress_size):
        raise FileError("the zip packs it too tightly for a picture")
    try:
        with archive.open(info) as member:
            return member.read(MAX_ENTRY_BYTES + 1)
    except ZIP_ERRORS as error:
        raise FileError("it cannot be read from the zip: {reason}", reason=error) from error


def zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name. Zips often keep it in UTF-8 or (Korean Windows) CP949 without saying so; Python reads CP437.

    That is what European Windows writes: its letters stand between ASCII, where those of Hangul come in pairs of bytes.
    """
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "cp949") if _HANGUL.search(raw) else ("utf-8",):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeError:
                continue
    return unicodedata.normalize("NFC", name).replace("\\", "/")
