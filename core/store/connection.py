"""Connections to the database: how they are opened, and the readers that threads borrow."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from core.store import cipher
from core.store.cipher import Key
from core.store.errors import StoreError, StoreErrorCode, from_sqlite
from core.store.library import sqlite_utils
from core.system.locks import has_no_locks

if TYPE_CHECKING:
    from sqlite_utils import Database

BUSY_SECONDS = 1.0
"""How long a statement waits for another program that holds the database, before it says so."""

_CACHE = "PRAGMA cache_size = -512"
"""Half a megabyte of pages for each connection: with SQLite's two, several of them grow all day with the record."""

_WRITING = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was committed survives a power cut, too
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # nothing of the record lands in the folder for temporary files
    "PRAGMA trusted_schema = OFF",
    _CACHE,
)
_READING = ("PRAGMA query_only = ON", "PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF", _CACHE)


def connect(path: Path, *, read_only: bool = False, key: Key | None = None) -> Database:
    """Open an existing database file. The connection may move between threads, but serves one at a time.

    Args:
        path: the file.
        read_only: nothing can be written.
        key: of an encrypted file (`core.store.cipher.key_of`); None for a plain one.

    Raises:
        StoreError: it cannot be opened, is no database, the key is wrong, another program holds it, or NO_LOCKS.
    """
    if not read_only:
        return _connect(path, "mode=rw", _WRITING, key)
    try:
        return _connect(path, "mode=ro", _READING, key)
    except StoreError as error:
        # In a folder that cannot be written, SQLite cannot make the shared-memory file that a WAL reader needs. With
        # no WAL beside it the file is complete by itself.
        if error.code is not StoreErrorCode.UNREADABLE or path.with_name(path.name + "-wal").exists():
            raise
        return _connect(path, "mode=ro&immutable=1", _READING, key)


def connect_to_check(path: Path, key: Key | None = None) -> Database:
    """Open a file only to look whether it is a record: nothing is written, its journal mode neither; see `connect`."""
    return _connect(path, "mode=rw", _READING, key)


def sqlite_uri(path: PurePath) -> str:
    """An absolute path as SQLite takes it; on a network share the computer is part of the path, which `as_uri` denies."""
    plain = quote(os.fsencode(path.as_posix()), safe="/:")  # a name need not be UTF-8
    return f"file://{plain}" if plain.startswith("/") else f"file:///{plain}"


def _connect(path: Path, mode: str, pragmas: tuple[str, ...], key: Key | None) -> Database:
    uri = f"{sqlite_uri(path.absolute())}?{mode}"
    make: Callable[..., Database] = sqlite_utils().Database
    try:
        if key is None:
            connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
        else:
            connection = cipher.connect(uri, key, BUSY_SECONDS)
    except sqlite3.Error as error:
        raise from_sqlite(error) from error
    try:
        for pragma in pragmas:
            connection.execute(pragma).fetchall()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        return make(connection, execute_plugins=False)
    except sqlite3.Error as error:
        connection.close()
        if key is not None and getattr(error, "sqlite_errorname", None) == "SQLITE_NOTADB":
            raise StoreError(StoreErrorCode.WRONG_PASSPHRASE) from error  # nothing that may be set aside as damaged
        found = from_sqlite(error)
        if found.code is StoreErrorCode.LOCKED and has_no_locks(path.parent):  # ENOLCK is "busy" to SQLite
            found = StoreError(StoreErrorCode.NO_LOCKS, str(path))
        raise found from error


def rows(db: Database, sql: str, *parameters: object) -> list[dict[str, Any]]:
    """All rows of a query, as {column: value}."""
    cursor = db.conn.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def file_of(db: Database) -> Path:
    """The file that is open, whatever letters its name is in."""
    (name,) = db.conn.execute("SELECT CAST(file AS BLOB) FROM pragma_database_list").fetchone()
    return Path(os.fsdecode(name))


def insert(db: Database, table: str, row: dict[str, Any]) -> int:
    """Insert one row; returns its id."""
    key = db.table(table).insert(row).last_pk
    assert isinstance(key, int)
    return key


class Readers:
    """Read-only connections that any thread may borrow for the time of one query."""

    def __init__(self, open_connection: Callable[[], Database]) -> None:
        """`open_connection` makes a new one when all others are lent."""
        self._open = open_connection
        self._idle: list[Database] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """A connection for the length of the block.

        Raises:
            StoreError: closed, or whatever SQLite runs into inside the block.
        """
        with self._lock:
            if self._closed:
                raise StoreError(StoreErrorCode.CLOSED)
            db = self._idle.pop() if self._idle else None
        db = db or self._open()
        try:
            yield db
        except sqlite3.Error as error:
            raise from_sqlite(error) from error
        finally:
            self._take_back(db)

    def close(self) -> None:
        """Close all; one that is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    def _take_back(self, db: Database) -> None:
        with self._lock:
            keep = not self._closed
            if keep:
                self._idle.append(db)
        if not keep:
            db.close()
