"""Files and folders that only their owner may enter: 0700 and 0600, wider rights mended and told."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode

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


def make_private_folder(folder: Path) -> bool:
    """Make `folder` and what is missing above it, all 0700. Returns whether it was missing.

    Raises:
        StoreError: it cannot be made, or something that is no folder is in the way.
    """
    if folder.is_dir():
        return False
    try:
        make_private_folder(folder.parent)
        folder.mkdir(mode=FOLDER_MODE)
        folder.chmod(FOLDER_MODE)  # whatever the umask left
    except FileExistsError as error:
        if folder.is_dir():
            return False  # another program made it in this moment
        raise StoreError(StoreErrorCode.UNREADABLE, str(folder)) from error
    except OSError as error:
        raise from_os_error(error, folder) from error
    return True


def make_private_file(path: Path) -> None:
    """Make an empty file with 0600 where there is none, never through a link.

    Raises:
        StoreError: it cannot be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    except FileExistsError:
        return
    except OSError as error:
        raise from_os_error(error, path) from error


def open_to_others(path: Path) -> bool:
    """Whether group or others may do anything with `path`; False where it is missing.

    On Windows always False: there the folder inherits the rights of the person's own profile, which keep others out.
    """
    if sys.platform == "win32" or not path.exists():
        return False
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def mend_rights(path: Path) -> Notice | None:
    """Take from group and others what they may do with `path`; None where there was nothing to mend."""
    if not open_to_others(path):
        return None
    try:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    except OSError:
        return Notice(NoticeCode.RIGHTS_NOT_MENDED, str(path))
    return Notice(NoticeCode.RIGHTS_MENDED, str(path))
