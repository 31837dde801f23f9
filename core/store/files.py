"""Files and folders that only their owner may enter: 0700 and 0600, wider rights mended and told."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode, from_sqlite
from core.system.files import is_folder

DATABASE_FILE = "calmline.db"
"""What the record is called unless the person names another."""

FOLDER_MODE = 0o700
FILE_MODE = 0o600

_BY_ERRNO = {
    errno.ENOSPC: StoreErrorCode.DISK_FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): StoreErrorCode.DISK_FULL,
    errno.EROFS: StoreErrorCode.READ_ONLY,
    errno.EACCES: StoreErrorCode.READ_ONLY,
    errno.EPERM: StoreErrorCode.READ_ONLY,
    errno.ENOENT: StoreErrorCode.NOT_FOUND,
}


def from_os_error(error: OSError, path: Path) -> StoreError:
    """The store's error for one of the system's, about `path`."""
    return StoreError(_BY_ERRNO.get(error.errno or 0, StoreErrorCode.UNREADABLE), str(path))


@contextmanager
def as_store_errors(path: Path) -> Iterator[None]:
    """What SQLite or the system runs into inside is the record's error, about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise from_sqlite(error) from error
    except OSError as error:
        raise from_os_error(error, path) from error


def make_private_folder(folder: Path) -> bool:
    """Make `folder` and what is missing above it, all 0700. Returns whether it was missing.

    Raises:
        StoreError: it cannot be made, or something that is no folder is in the way.
    """
    if is_folder(folder):
        return False
    try:
        make_private_folder(folder.parent)
        folder.mkdir(mode=FOLDER_MODE)
        with suppress(PermissionError):  # some file systems know no rights; `mend_rights` says so
            folder.chmod(FOLDER_MODE)  # whatever the umask left
    except FileExistsError as error:
        if is_folder(folder):
            return False  # another program made it in this moment
        raise StoreError(StoreErrorCode.UNREADABLE, str(folder)) from error
    except OSError as error:
        raise from_os_error(error, folder) from error
    return True


def require_own(path: Path) -> None:
    """Make sure that a file of the record is one: no link, no device or pipe, and not another user's.

    Nothing is said of one that is missing.

    Raises:
        StoreError: LINKED, UNREADABLE or FOREIGN_OWNER.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise from_os_error(error, path) from error
    if stat.S_ISLNK(found.st_mode):
        raise StoreError(StoreErrorCode.LINKED, str(path))
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(StoreErrorCode.UNREADABLE, str(path))
    require_owner(path)


def require_one_name(path: Path) -> None:
    """Make sure that a database has no second name, under which it would have another lock and another log beside it.

    Raises:
        StoreError: LINKED.
    """
    if path.stat().st_nlink > 1:
        raise StoreError(StoreErrorCode.LINKED, str(path))


def require_owner(path: Path) -> None:
    """Make sure that a file or folder that is there is not another user's.

    Raises:
        StoreError: FOREIGN_OWNER, or it cannot be looked at.
    """
    with as_store_errors(path):
        if sys.platform != "win32" and path.stat().st_uid != os.geteuid():
            raise StoreError(StoreErrorCode.FOREIGN_OWNER, str(path))


def make_private_file(path: Path) -> None:
    """Make an empty file with 0600 where there is none, never through a link.

    Raises:
        StoreError: it cannot be made.
    """
    with as_store_errors(path), suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))


def open_to_others(path: Path) -> bool:
    """Whether group or others may do anything with `path`; False where it is missing or cannot be looked at.

    On Windows always False: there the folder inherits the rights of the person's own profile, which keep others out.
    """
    try:
        return sys.platform != "win32" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


def mend_rights(path: Path) -> Notice | None:
    """Take from group and others what they may do with `path`; None where there was nothing to mend."""
    if not open_to_others(path):
        return None
    with suppress(OSError):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    # Asked again: some file systems take the call and change nothing.
    mended = NoticeCode.RIGHTS_NOT_MENDED if open_to_others(path) else NoticeCode.RIGHTS_MENDED
    return Notice(mended, str(path))
