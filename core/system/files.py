"""Files: reading one that anybody may have put there, and the one way in which the program writes a file whole."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from core.system.errors import TranslatableError
from core.system.locks import try_lock

_PART_PREFIX, _PART_SUFFIX = ".calmline-", ".part"
_CHUNK_BYTES = 1 << 20


class FileError(TranslatableError):
    """A file cannot be read; the text says why."""


def read_plain_file(path: Path, limit: int) -> bytes:
    """The content of a file of at most `limit` bytes.

    Raises:
        FileError: missing, a folder, a device or a pipe, not allowed to be read, no possible name, or too large.
    """
    content = read_beginning(path, limit + 1)
    if len(content) > limit:
        raise FileError("{file} is larger than {most} bytes", file=path.name, most=limit)
    return content


def read_beginning(path: Path, count: int) -> bytes:
    """The first `count` bytes of a file, fewer where it is shorter.

    Raises:
        FileError: missing, a folder, a device or a pipe, not allowed to be read, or no possible name.
    """
    try:
        # Not waiting: somebody who puts a pipe in the place of a file would otherwise keep us for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileError("{file} is not a file", file=path.name)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(count)
        finally:
            os.close(descriptor)  # by ourselves: of a folder `fdopen` makes no file, and leaves the descriptor open
    except FileError:
        raise
    except OSError as error:
        raise FileError("{file} cannot be read: {reason}", file=path.name, reason=error.strerror) from error
    except ValueError as error:  # a zero in the name
        raise FileError("{file!r} is no name of a file", file=path.name) from error


@contextmanager
def fresh_file(path: Path) -> Iterator[Path]:
    """A new file (0600) in the folder of `path` that takes its place when the block ends well; else nothing happened.

    A program that is killed inside the block leaves the new file behind: `remove_stale_parts` finds it. It is locked for
    that, so that what is written into it must not lock it, too (HDF5 does). Where `path` is a link, the link is replaced.

    Raises:
        OSError: it cannot be made, or put in place.
    """
    with _part(path.parent) as (fresh, lock):
        yield fresh
        if os.name == "nt":  # what is open cannot be renamed there; elsewhere the lock is kept until it is in place
            lock.close()
        put_in_place(fresh, path)


@contextmanager
def part_file(folder: Path) -> Iterator[Path]:
    """An empty file (0600) in `folder` for the length of the block, filled with zeros at its end; else as `fresh_file`.

    Raises:
        OSError: it cannot be made, or removed.
    """
    with _part(folder) as (part, _):
        yield part


@contextmanager
def _part(folder: Path) -> Iterator[tuple[Path, ExitStack]]:
    """A new file and what holds its lock. What is left of it at the end, because the block failed, is overwritten."""
    remove_stale_parts(folder)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=_PART_PREFIX, suffix=_PART_SUFFIX)
    part = Path(name)
    try:
        with ExitStack() as lock:
            lock.callback(os.close, descriptor)
            with suppress(OSError):  # where the file system has no locks, a part that is left behind stays there
                try_lock(descriptor)
            yield part, lock
    finally:
        erase_file(part)


def write_file(path: Path, content: bytes | str) -> None:
    """Write a file (0600) whole or not at all; a text as UTF-8.

    Raises:
        OSError: it cannot be written.
    """
    with fresh_file(path) as fresh:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)


def put_in_place(fresh: Path, path: Path) -> None:
    """Rename `fresh` to `path`, in the same folder, so that a power cut leaves the old file or the whole new one.

    Raises:
        OSError: it cannot be written out or renamed.
    """
    with fresh.open("r+b") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_stale_parts(folder: Path) -> bool:
    """Remove what a killed program has left of `fresh_file` in a folder; what a living one is writing stays.

    Returns:
        Whether none is left there.
    """
    try:
        found = [Path(entry.path) for entry in os.scandir(folder)]
    except (FileNotFoundError, ValueError):  # it is gone, or its name is none
        return True
    except OSError:
        return False
    parts = [one for one in found if one.name.startswith(_PART_PREFIX) and one.name.endswith(_PART_SUFFIX)]
    for part in parts:
        with suppress(OSError):  # gone meanwhile, or somebody else's
            descriptor = os.open(part, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            try:
                abandoned = stat.S_ISREG(os.fstat(descriptor).st_mode) and try_lock(descriptor)
            finally:
                os.close(descriptor)
            if abandoned:
                erase_file(part)
    return not any(os.path.lexists(part) for part in parts)


def erase_file(path: Path) -> None:
    """Remove a file, filled with zeros before, as far as the file system writes in place; a link is only taken away.

    Raises:
        OSError: it cannot be written or removed.
    """
    if path.is_file() and not path.is_symlink():
        overwrite(path)
    path.unlink(missing_ok=True)


def overwrite(path: Path) -> None:
    """Fill a file with zeros and keep it, as far as the file system writes in place; never what a link leads to.

    Raises:
        OSError: it cannot be written, or is a link.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, _CHUNK_BYTES)))
        file.flush()
        os.fsync(file.fileno())


def is_file(path: Path) -> bool:
    """Whether there is a file; a name that cannot be one (too long, a zero in it) is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a name that cannot be one (too long, a zero in it) is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def own_path(path: Path) -> Path:
    """`path` with ~ replaced by the home folder; where there is no such user, as it is."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path
