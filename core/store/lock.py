"""One running program to a database: a lock that the system drops when the program ends, however it ends."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

from core.store.errors import LockHolder, StoreError, StoreErrorCode
from core.store.files import from_os_error
from core.store.moments import from_text, to_text
from core.system.files import FileError, read_plain_file

MAX_LOCK_BYTES = 4096
"""What the holder writes is a line."""

_WINDOWS_LOCK_OFFSET = 1 << 20
"""Windows forbids others to read a locked byte: lock one far behind the text that they are to read."""

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _WINDOWS_LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _write_holder(descriptor: int, now: datetime) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, json.dumps({"pid": os.getpid(), "since": to_text(now)}).encode())


class InstanceLock:
    """Held from `acquire` to `release`. The file stays: removing it would let two programs lock two files."""

    def __init__(self, path: Path) -> None:
        """`path` is the lock file, beside the database."""
        self._path = path
        self._descriptor: int | None = None

    @property
    def is_there(self) -> bool:
        """Whether this lock was ever taken: the file stays."""
        return self._path.exists()

    def acquire(self, now: datetime) -> None:
        """Take the lock and write down who has it since when.

        Raises:
            StoreError: IN_USE with the holder, or the file cannot be made.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise from_os_error(error, self._path) from error
        if not _lock(descriptor):
            os.close(descriptor)
            raise StoreError(StoreErrorCode.IN_USE, str(self._path), self._holder())
        self._descriptor = descriptor
        try:
            _write_holder(descriptor, now)
        except OSError as error:
            self.release()
            raise from_os_error(error, self._path) from error

    def release(self) -> None:
        """Let go. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _holder(self) -> LockHolder | None:
        try:
            data = json.loads(read_plain_file(self._path, MAX_LOCK_BYTES).decode("utf-8"))
            return LockHolder(int(data["pid"]), from_text(data["since"]))
        except (FileError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None  # the holder is just writing it, or the file was tampered with: the lock itself is what counts
