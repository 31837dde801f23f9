"""What the record can run into, as codes for the app's sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StoreErrorCode(StrEnum):
    """Why the record cannot do what was asked."""

    IN_USE = "in_use"
    NOT_FOUND = "not_found"
    NEWER_SCHEMA = "newer_schema"
    OLDER_SCHEMA = "older_schema"
    CORRUPT = "corrupt"
    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    NO_LOCKS = "no_locks"
    UNREADABLE = "unreadable"
    NO_HOME = "no_home"
    INVALID = "invalid"
    IO = "io"
    NOT_OURS = "not_ours"
    FOREIGN_OWNER = "foreign_owner"
    LINKED = "linked"
    FOREIGN_SCHEMA = "foreign_schema"
    NOT_ERASED = "not_erased"
    CLOSED = "closed"
    UNKNOWN_CALL = "unknown_call"
    CALL_OPEN = "call_open"
    UNKNOWN_CANDIDATE = "unknown_candidate"
    ENCRYPTED = "encrypted"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105 - a name, not a passphrase
    NO_CIPHER = "no_cipher"
    LOG_BESIDE = "log_beside"
    NOT_EMPTY = "not_empty"
    PASSPHRASE_NO_TEXT = "passphrase_no_text"  # noqa: S105 - the same


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who has the database: process id, and since when (aware; None where the lock file does not tell)."""

    pid: int
    since: datetime | None


class StoreError(Exception):
    """The record cannot do what was asked.

    `detail` names the thing: a path, a call's number, the version needed (NEWER_SCHEMA), or what SQLite said.
    `holder` is there for IN_USE where the lock file tells.
    """

    def __init__(self, code: StoreErrorCode, detail: str = "", holder: LockHolder | None = None) -> None:
        """Keeps the parts for the app's sentence."""
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail
        self.holder = holder


class NoticeCode(StrEnum):
    """What opening the record, or keeping it in its limits, had to do that the person should know."""

    SET_ASIDE = "set_aside"
    LOG_SET_ASIDE = "log_set_aside"
    CALLS_INTERRUPTED = "calls_interrupted"
    RIGHTS_MENDED = "rights_mended"
    RIGHTS_NOT_MENDED = "rights_not_mended"
    FOLDER_NOT_USED = "folder_not_used"
    OLD_CALLS_HELD = "old_calls_held"


@dataclass(frozen=True, slots=True)
class Notice:
    """A code and its detail: the path set aside or mended, or how many calls were closed; else ""."""

    code: NoticeCode
    detail: str


NONSENSE = (ValueError, TypeError, KeyError, OverflowError)
"""What reading a row runs into where the file was damaged inside of a value, which SQLite's own checks do not see."""


@contextmanager
def nonsense_refused() -> Iterator[None]:
    """Inside, a value that cannot be, such as a time that is none, is damage, however sound the pages are."""
    try:
        yield
    except NONSENSE as error:
        raise StoreError(StoreErrorCode.CORRUPT, str(error)) from error


_BY_PRIMARY_CODE = {
    "FULL": StoreErrorCode.DISK_FULL,
    "BUSY": StoreErrorCode.LOCKED,
    "LOCKED": StoreErrorCode.LOCKED,
    "READONLY": StoreErrorCode.READ_ONLY,
    "CORRUPT": StoreErrorCode.CORRUPT,
    "NOTADB": StoreErrorCode.CORRUPT,
    "CANTOPEN": StoreErrorCode.UNREADABLE,
    "PERM": StoreErrorCode.UNREADABLE,
    "AUTH": StoreErrorCode.UNREADABLE,
    "CONSTRAINT": StoreErrorCode.INVALID,
}


def from_sqlite(error: sqlite3.Error) -> StoreError:
    """The store's error for one of SQLite's; anything unknown is IO with SQLite's own words."""
    name = getattr(error, "sqlite_errorname", None) or ""
    primary = name.removeprefix("SQLITE_").split("_")[0]
    if name == "SQLITE_IOERR_SHMSIZE":  # no room for the file that readers and the writer share
        return StoreError(StoreErrorCode.DISK_FULL, str(error))
    if not primary and "decode" in str(error):  # Python's own complaint: a text that is no UTF-8
        return StoreError(StoreErrorCode.CORRUPT, str(error))
    if primary == "PROTOCOL" or (primary == "IOERR" and name.endswith("LOCK")):
        return StoreError(StoreErrorCode.NO_LOCKS, str(error))
    return StoreError(_BY_PRIMARY_CODE.get(primary, StoreErrorCode.IO), str(error))
