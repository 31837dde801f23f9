"""Locks on open files that the system drops when the program ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path

_WINDOWS_LOCK_OFFSET = 1 << 20
"""Windows forbids others to read a locked byte: lock one far behind the text that they are to read."""

if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this program, without waiting; False where another has it."""
        os.lseek(descriptor, _WINDOWS_LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def has_no_locks(folder: Path) -> bool:  # noqa: ARG001 - as elsewhere
        """Whether files in `folder` cannot be locked; on Windows that is not tried."""
        return False

else:
    import fcntl

    _HELD = (errno.EAGAIN, errno.EACCES)
    _NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this program, without waiting; False where another has it.

        Some network drives have no `flock`; POSIX's own lock takes its place there.

        Raises:
            OSError: the file system has no lock of either kind.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in _HELD:
                    return False
                raise
        return True

    def has_no_locks(folder: Path) -> bool:
        """Whether files in `folder` cannot be locked as SQLite does it; where nobody may write, that is not known."""
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno in _NO_LOCKS
        return False
