"""Encryption at rest: SQLCipher connections that behave like those of `sqlite3`, and the key that opens them.

The extra `encrypt` (sqlcipher3) is imported only where a record is encrypted or is about to be.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from core.store.errors import StoreError, StoreErrorCode
from core.system.files import FileError, read_beginning

PLAIN_HEADER = b"SQLite format 3\0"
PAGE_BYTES = 4096
SALT_BYTES = 16
KEY_ITERATIONS = 256_000
"""SQLCipher 4's own derivation (PBKDF2-HMAC-SHA512), so that any SQLCipher tool opens the file with the passphrase."""

NOISE_BITS = 7.5
"""A page of ciphertext has about 7.95 bits of entropy a byte; text, zeros and pages of a plain database have under 7."""

PART_OF_NOISE = 0.85
"""What a page that was cut off has of the most bits a byte that so many bytes can have: ciphertext 0.87 or more, base64
and Hangul up to 0.83."""

SHORTEST_NOISE = 128
"""Of fewer bytes nobody can tell whether they are ciphertext."""

SHORTEST_PASSPHRASE = 8

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Key:
    """What opens one encrypted file: the derived key and the file's salt as 96 hex digits; never shown."""

    digits: str = field(repr=False)

    @property
    def literal(self) -> str:
        """As a literal of SQL; hex digits need no quoting."""
        return f"\"x'{self.digits}'\""


def is_encrypted(path: Path) -> bool:
    """Whether the file looks encrypted: no plain database, and all of its first page noise, or of what is left of it.

    One that was cut off within its first page still is: taken for a damaged plain one it would be set aside, and what
    comes after it would be kept unlocked. A plain database with flipped bytes, a text or an empty file is not. Nobody can tell an encrypted page from one of
    random bytes, so such a file counts as encrypted and is never set aside as damaged. To be asked before the file is
    opened as a database: closing a file ends every lock that this process has on it.
    """
    try:
        page = read_beginning(path, PAGE_BYTES)
    except FileError:
        return False  # opening it will say why
    if len(page) < SHORTEST_NOISE or page.startswith(PLAIN_HEADER):
        return False
    shares = [count / len(page) for count in Counter(page).values()]
    bits = -sum(share * math.log2(share) for share in shares)
    return bits > (NOISE_BITS if len(page) == PAGE_BYTES else PART_OF_NOISE * min(8.0, math.log2(len(page))))


def is_too_short(passphrase: str) -> bool:
    """Whether a new passphrase is none: fewer characters than `SHORTEST_PASSPHRASE`, spaces not counted."""
    return len("".join(passphrase.split())) < SHORTEST_PASSPHRASE


def new_key(passphrase: str) -> Key:
    """A key for a file that is not there yet, with a salt of its own.

    Raises:
        StoreError: PASSPHRASE_NO_TEXT.
    """
    return _derived(passphrase, secrets.token_bytes(SALT_BYTES))


def key_of(path: Path, passphrase: str | None) -> Key | None:
    """The key of the file at `path`; None where it is not encrypted, whatever the passphrase.

    Raises:
        StoreError: ENCRYPTED without a passphrase, NO_CIPHER without the extra, PASSPHRASE_NO_TEXT.
    """
    if not is_encrypted(path):
        return None
    if passphrase is None:
        raise StoreError(StoreErrorCode.ENCRYPTED, str(path))
    require_cipher()
    return _derived(passphrase, read_beginning(path, SALT_BYTES))


def require_cipher() -> None:
    """Make sure that the extra is installed.

    Raises:
        StoreError: NO_CIPHER.
    """
    try:
        import sqlcipher3  # noqa: F401
    except ImportError as error:
        raise StoreError(StoreErrorCode.NO_CIPHER) from error


def connect(uri: str, key: Key | None, timeout: float) -> sqlite3.Connection:
    """A SQLCipher connection that raises the errors of `sqlite3`; without a key it serves a plain file.

    Raises:
        StoreError: NO_CIPHER.
        sqlite3.Error: it cannot be opened. A wrong key shows at the first statement, as SQLITE_NOTADB.
    """
    require_cipher()
    with _as_sqlite3():
        connection: sqlite3.Connection = _connection_class()(uri, uri=True, timeout=timeout, check_same_thread=False)
    connection.execute("PRAGMA cipher_log_level = NONE")  # or it writes to standard error, over the screens
    if key is not None:
        connection.execute(f"PRAGMA key = {key.literal}")
    return connection


def _derived(passphrase: str, salt: bytes) -> Key:
    # One form for one text: keyboards of different systems compose Hangul and accents differently.
    try:
        typed = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError as error:
        raise StoreError(StoreErrorCode.PASSPHRASE_NO_TEXT) from error
    return Key((hashlib.pbkdf2_hmac("sha512", typed, salt, KEY_ITERATIONS, 32) + salt).hex())


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    """SQLCipher's errors are a family of their own; everything here expects those of `sqlite3`."""
    from sqlcipher3 import dbapi2

    try:
        yield
    except dbapi2.Error as error:
        same = getattr(sqlite3, type(error).__name__, sqlite3.DatabaseError)(*error.args)
        same.sqlite_errorname = getattr(error, "sqlite_errorname", None)
        same.sqlite_errorcode = getattr(error, "sqlite_errorcode", None)
        raise same from error


def _translated(method: Callable[..., Result]) -> Callable[..., Result]:
    def call(*arguments: Any, **options: Any) -> Result:
        with _as_sqlite3():
            return method(*arguments, **options)

    return call


@cache
def _connection_class() -> Any:
    from sqlcipher3 import dbapi2

    class Cursor(dbapi2.Cursor):  # type: ignore[misc]  # the extra has no types
        execute = _translated(dbapi2.Cursor.execute)
        executemany = _translated(dbapi2.Cursor.executemany)
        executescript = _translated(dbapi2.Cursor.executescript)
        fetchone = _translated(dbapi2.Cursor.fetchone)
        fetchmany = _translated(dbapi2.Cursor.fetchmany)
        fetchall = _translated(dbapi2.Cursor.fetchall)
        __next__ = _translated(dbapi2.Cursor.__next__)

    class Connection(dbapi2.Connection):  # type: ignore[misc]
        def cursor(self, *_: Any) -> Cursor:
            with _as_sqlite3():
                return super().cursor(Cursor)  # type: ignore[no-any-return]

        commit = _translated(dbapi2.Connection.commit)
        rollback = _translated(dbapi2.Connection.rollback)

    return Connection
