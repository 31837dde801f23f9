"""One running program to a database: a lock that the system drops when the program ends, however it ends."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from core.store.errors import LockHolder, StoreError, StoreErrorCode
from core.store.files import from_os_error
from core.store.moments import from_text, to_text
from core.system.files import FileError, read_plain_file
from core.system.json_records import decode_json
from core.system.locks import try_lock

MAX_LOCK_BYTES = 4096
"""What the holder writes is a line."""


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
            StoreError: IN_USE with the holder, NO_LOCKS, or the file cannot be made.
        """
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            locked = self._locked(self._descriptor)
            if locked:
                _write_holder(self._descriptor, now)
        except OSError as error:
            self.release()
            raise from_os_error(error, self._path) from error
        except StoreError:
            self.release()
            raise
        if not locked:
            self.release()
            raise StoreError(StoreErrorCode.IN_USE, str(self._path), self._holder())

    def release(self) -> None:
        """Let go. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _locked(self, descriptor: int) -> bool:
        try:
            return try_lock(descriptor)
        except OSError as error:
            raise StoreError(StoreErrorCode.NO_LOCKS, str(self._path.parent)) from error

    def _holder(self) -> LockHolder | None:
        try:
            data = decode_json(read_plain_file(self._path, MAX_LOCK_BYTES), dict[str, Any])
            return LockHolder(int(data["pid"]), from_text(data["since"]))
        except (FileError, ValueError, KeyError, TypeError, OverflowError):
            return None  # the holder is just writing it, or the file was tampered with: the lock itself is what counts
