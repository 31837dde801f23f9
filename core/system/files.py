"""Reading a file that anybody may have put there: only a real file, and only so much of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class FileError(Exception):
    """A file cannot be read; the text says why."""


def read_plain_file(path: Path, limit: int) -> bytes:
    """The content of a file of at most `limit` bytes.

    Raises:
        FileError: missing, a folder, a device or a pipe, not allowed to be read, no possible name, or too large.
    """
    try:
        # Not waiting: somebody who puts a pipe in the place of a file would otherwise keep us for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileError(f"{path.name} is not a file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(limit + 1)
        finally:
            os.close(descriptor)  # by ourselves: of a folder `fdopen` makes no file, and leaves the descriptor open
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a zero in the name
        raise FileError(f"{path.name!r} is no name of a file") from error
    if len(content) > limit:
        raise FileError(f"{path.name} is larger than {limit} bytes")
    return content


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
