"""From plain to encrypted, back, and from one passphrase to another: copy, compare, swap, wipe. Nothing is ever lost.

The copy is written beside the record and compared with it row by row; then one rename puts it in the record's place. A
crash leaves either the old record or the new one, whole, and what else lies there is removed at the next start.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.store import cipher
from core.store.cipher import Key, is_encrypted, key_of, new_key, require_cipher
from core.store.connection import BUSY_SECONDS, connect, sqlite_uri
from core.store.errors import StoreError, StoreErrorCode
from core.store.files import as_store_errors, make_private_file, require_own
from core.store.lock import InstanceLock
from core.store.schema import require_own_schema
from core.system.files import erase_file, put_in_place

if TYPE_CHECKING:
    from sqlite_utils import Database

COPY_SUFFIX = ".converting"
OLD_SUFFIX = ".converted"
_BESIDE = ("", "-journal", "-wal", "-shm")
_CHUNK_ROWS = 10_000


def opens(path: Path, passphrase: str) -> bool:
    """Whether this passphrase opens the encrypted record at `path`.

    Raises:
        StoreError: it cannot be read for another reason.
    """
    try:
        connect(path, read_only=True, key=key_of(path, passphrase)).close()
    except StoreError as error:
        if error.code is StoreErrorCode.WRONG_PASSPHRASE:
            return False
        raise
    return True


def convert(path: Path, now: datetime, *, before: str | None, after: str | None) -> None:
    """Encrypt, decrypt or change the passphrase of the record at `path`, while no other program has it.

    What the plain file held is overwritten on the disk after the swap, as far as the file system writes in place.

    Args:
        path: the database.
        now: for the lock.
        before: the passphrase that opens it now; None for a plain one.
        after: the passphrase that will open it; None for a plain one.

    Raises:
        StoreError: NOT_FOUND, IN_USE, LOCKED, WRONG_PASSPHRASE, ENCRYPTED, NO_CIPHER, DISK_FULL, READ_ONLY, CORRUPT or
            IO. The record is as it was.
    """
    require_cipher()
    path = Path(os.path.realpath(path))
    require_own(path)
    if not path.is_file():
        raise StoreError(StoreErrorCode.NOT_FOUND, str(path))
    lock = InstanceLock(path.with_name(path.name + ".lock"))
    lock.acquire(now)
    try:
        with as_store_errors(path):
            clear_leftovers(path)
            old_key = key_of(path, before)
            _copy(path, old_key, None if after is None else new_key(after))
    finally:
        with suppress(StoreError):  # what cannot be removed now is removed at the next start
            clear_leftovers(path)
        lock.release()


def is_being_converted(path: Path) -> bool:
    """Whether a conversion has its copy beside the record: what is written into the record now would be lost."""
    return path.with_name(path.name + COPY_SUFFIX).exists()


def clear_leftovers(path: Path) -> None:
    """Remove what a conversion that was broken off has left: its copy, and the old file after the swap.

    Both may hold plain rows, so they are overwritten first. A name that still leads to the record itself, because the
    swap has not happened, is only taken away.

    Raises:
        StoreError: it cannot be removed.
    """
    for suffix in (COPY_SUFFIX, OLD_SUFFIX):
        for companion in _BESIDE:
            left = path.with_name(path.name + suffix + companion)
            with as_store_errors(left):
                if left.is_file() or left.is_symlink():
                    _remove(left, record=path)


def _remove(left: Path, record: Path) -> None:
    if record.exists() and left.exists() and left.samefile(record):
        left.unlink()
    else:
        erase_file(left)


def _copy(path: Path, old_key: Key | None, key: Key | None) -> None:
    copy = path.with_name(path.name + COPY_SUFFIX)
    make_private_file(copy)
    with _alone(path, old_key) as source:
        literal = "''" if key is None else key.literal
        source.execute(f"ATTACH DATABASE ? AS copy KEY {literal}", (sqlite_uri(copy.absolute()),))
        source.execute("SELECT sqlcipher_export('copy')").fetchall()
        for mark in ("application_id", "user_version"):  # which the export leaves out
            (value,) = source.execute(f"PRAGMA main.{mark}").fetchone()
            source.execute(f"PRAGMA copy.{mark} = {value}")
        source.execute("DETACH DATABASE copy")
        _compare(source, copy, key)
    _swap(path, copy, wipe=old_key is None)


@contextmanager
def _alone(path: Path, key: Key | None) -> Iterator[sqlite3.Connection]:
    """The record with its log emptied and nobody else in it, on a connection that can read plain and encrypted files."""
    with closing(connect(path, key=key)) as db:  # a wrong passphrase is said here
        require_own_schema(db)
    source = cipher.connect(f"{sqlite_uri(path.absolute())}?mode=rw", key, BUSY_SECONDS)
    try:
        source.execute("PRAGMA temp_store = MEMORY")
        source.execute("PRAGMA trusted_schema = OFF")
        source.execute("PRAGMA locking_mode = EXCLUSIVE")
        # Leaving WAL needs the file for oneself: a program that still reads makes this fail, or come back unchanged.
        (mode,) = source.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise StoreError(StoreErrorCode.LOCKED, str(path))
        yield source
    finally:
        source.close()


def _compare(source: sqlite3.Connection, copy: Path, key: Key | None) -> None:
    """Make sure that the copy is sound and holds the same schema and the same rows.

    Raises:
        StoreError: it does not.
    """
    with _reading(copy, key) as db:
        sound = [row[0] for row in db.conn.execute("PRAGMA integrity_check(1)")]
        if sound != ["ok"]:
            raise StoreError(StoreErrorCode.IO, str(sound[0]))
        tables = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        schema = source.execute(tables).fetchall()
        if schema != db.conn.execute(tables).fetchall():
            raise StoreError(StoreErrorCode.IO, "sqlite_master")
        for kind, name, _table, _sql in schema:
            query = f'SELECT * FROM "{name}"'  # noqa: S608 - a name out of the schema itself
            if kind == "table" and not _same_rows(source, db.conn, query):
                raise StoreError(StoreErrorCode.IO, name)


def _same_rows(one: sqlite3.Connection, other: sqlite3.Connection, query: str) -> bool:
    first, second = one.execute(query), other.execute(query)
    while rows := first.fetchmany(_CHUNK_ROWS):
        if rows != second.fetchmany(_CHUNK_ROWS):
            return False
    return second.fetchone() is None


@contextmanager
def _reading(copy: Path, key: Key | None) -> Iterator[Database]:
    if is_encrypted(copy) != (key is not None):
        raise StoreError(StoreErrorCode.IO, str(copy))
    db = connect(copy, read_only=True, key=key)
    try:
        yield db
    finally:
        db.close()


def _swap(path: Path, copy: Path, *, wipe: bool) -> None:
    """Put the copy in the record's place by one rename, and overwrite what was there where that was plain.

    A second name keeps hold of the old file over the rename. Where the file system has no second names, the old file's
    blocks are only freed.
    """
    old = path.with_name(path.name + OLD_SUFFIX)
    if wipe:
        with suppress(OSError):
            os.link(path, old)
    put_in_place(copy, path)
    clear_leftovers(path)
