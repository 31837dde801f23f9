"""From a path to a sound, current database: rights, damage, foreign and newer files."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.store.calls import close_open_calls
from core.store.cipher import PLAIN_HEADER, Key, is_encrypted
from core.store.connection import connect, connect_to_check, file_of, rows
from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode, from_sqlite, nonsense_refused
from core.store.files import as_store_errors, make_private_file, make_private_folder, mend_rights, require_own
from core.store.people import ended_well, ensure_counsellor
from core.store.schema import applied_names, is_current, migrations, require_own_schema, version_needed
from core.system.files import FileError, erase_file, part_file, read_beginning

if TYPE_CHECKING:
    from sqlite_utils import Database

SIDECAR_SUFFIXES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database while it is open, and leaves there after a crash."""

CHECK_UP_TO_BYTES = 8 * 1024 * 1024
"""A database larger than this is checked for damage only after a run that did not end well: the check reads it all."""


def prepare(path: Path) -> list[Notice]:
    """Make the folder and the file where they are missing, and mend the rights of files that are there.

    Raises:
        StoreError: one of them cannot be made, or is a folder, a link, a pipe or another user's.
    """
    make_private_folder(path.parent)
    beside = [path.with_name(path.name + companion) for companion in (*SIDECAR_SUFFIXES, ".lock")]
    for one in (path, *beside):
        require_own(one)
    make_private_file(path)
    return [notice for notice in map(mend_rights, (path, *beside)) if notice is not None]


def open_for_writing(
    path: Path, now: datetime, key: Key | None = None, *, to_erase: bool = False
) -> tuple[Database, list[Notice]]:
    """A writing connection to a sound and current database; a damaged one is set aside and a new one begun.

    With a `key` the one that is there is encrypted, and so is the new one. `to_erase`: everything is going to be erased,
    so one that holds what is not ours is set aside, too, and goes with the rest.

    Raises:
        StoreError: it comes from a newer program, is another program's database, holds what is not ours, or cannot be
            written.
    """
    try:
        return _open_sound(path, now, key)
    except StoreError as error:
        if error.code is not StoreErrorCode.CORRUPT and not (to_erase and error.code is StoreErrorCode.FOREIGN_SCHEMA):
            raise
    aside = set_aside(path, now)
    db, notices = _open_sound(path, now, key)
    return db, [Notice(NoticeCode.SET_ASIDE, str(aside)), *notices]


def refuse_foreign(path: Path) -> None:
    """Leave alone what is no database and was never ours: a damaged record is set aside, somebody's letter is not.

    Raises:
        StoreError: NOT_OURS, or it cannot be read.
    """
    begins = beginning_of(path)
    if begins and begins != PLAIN_HEADER and not is_encrypted(path):
        raise StoreError(StoreErrorCode.NOT_OURS, str(path))


def beginning_of(path: Path) -> bytes:
    """What a file begins with, as many bytes as `PLAIN_HEADER`.

    Raises:
        StoreError: UNREADABLE.
    """
    try:
        return read_beginning(path, len(PLAIN_HEADER))
    except FileError as error:
        raise StoreError(StoreErrorCode.UNREADABLE, str(path)) from error


def open_shared(path: Path, key: Key | None = None) -> Database:
    """A writing connection beside a running program: nothing is migrated, mended or closed.

    Raises:
        StoreError: missing, damaged, or of another schema.
    """
    with closing(connect_to_check(path, key)) as db:
        check_current(db)
    return connect(path, key=key)


def check_current(db: Database) -> None:
    """Make sure that the schema is exactly the one of this program.

    Raises:
        StoreError: newer, older or none, or FOREIGN_SCHEMA.
    """
    applied = _applied(db)
    require_own_schema(db)
    if not is_current(applied):
        raise StoreError(StoreErrorCode.OLDER_SCHEMA)


def check_ours(db: Database) -> None:
    """Make sure that a database is a sound record, of this program or an older one.

    Raises:
        StoreError: NEWER_SCHEMA, NOT_OURS, FOREIGN_SCHEMA or CORRUPT.
    """
    if not _applied(db):
        raise StoreError(StoreErrorCode.NOT_OURS)
    require_own_schema(db)
    complaints = integrity(db)
    if complaints:
        raise StoreError(StoreErrorCode.CORRUPT, complaints[0])


def read_alone(db: Database) -> None:
    """Move the log into the database and say in its header that it needs none: the file is complete by itself.

    Nothing happens while another program has it open.
    """
    with suppress(sqlite3.Error):
        db.conn.execute("PRAGMA busy_timeout = 0")
        db.conn.execute("PRAGMA journal_mode = DELETE").fetchall()


def foreign_log(path: Path, key: Key | None) -> Path | None:
    """A log beside a record that belongs to another file: SQLite would mix the two.

    A record that was closed, and every backup, says in its header (bytes 18 and 19) that it needs no log; one that is in
    use says so before anything is in its log. So a log beside the former was there before: the file was laid there by
    hand.

    Raises:
        OSError: the record is encrypted, and there is no room to look into a copy of it.
    """
    log = path.with_name(path.name + "-wal")
    with suppress(FileNotFoundError, FileError):
        return log if log.stat().st_size and _needs_no_log(path, key) else None
    return None


def set_foreign_log_aside(path: Path, now: datetime, key: Key | None) -> list[Notice]:
    """Take away a log that belongs to another file.

    Raises:
        StoreError: it cannot be renamed.
    """
    with as_store_errors(path):
        log = foreign_log(path, key)
        if log is None:
            return []
        aside = log.with_name(f"{path.stem}.damaged-{now:%Y%m%d-%H%M%S}.log")
        log.replace(aside)
        path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return [Notice(NoticeCode.LOG_SET_ASIDE, str(aside))]


def _needs_no_log(path: Path, key: Key | None) -> bool:
    header = read_beginning(path, 20)
    if key is None:
        return header[:16] == PLAIN_HEADER and header[18:20] == b"\x01\x01"
    # Its header cannot be read but by SQLCipher, and that would take the log in: a copy has none beside it.
    with part_file(path.parent) as copy:
        shutil.copyfile(path, copy)
        with suppress(StoreError), closing(connect_to_check(copy, key)) as db:  # opening the record itself says it
            return bool(db.conn.execute("PRAGMA journal_mode").fetchone()[0] == "delete")
    return False


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged database and what SQLite keeps beside it, to a dated name that is free.

    Raises:
        StoreError: it cannot be renamed.
    """
    stem = f"{path.stem}.damaged-{now:%Y%m%d-%H%M%S}"
    target = path.with_name(stem + path.suffix)
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{stem}-{number}{path.suffix}")
    with as_store_errors(path):
        path.rename(target)
        for companion in SIDECAR_SUFFIXES:
            beside = path.with_name(path.name + companion)
            if beside.exists():
                beside.rename(target.with_name(target.name + companion))
    make_private_file(path)
    return target


def set_aside_files(path: Path) -> list[Path]:
    """What `set_aside` has put beside this database so far."""
    return sorted(path.parent.glob(f"{path.stem}.damaged-*"))


def remove_set_aside(path: Path) -> None:
    """Remove what `set_aside` has put beside this database, overwritten first: it is as personal as the record.

    Raises:
        StoreError: one of them cannot be removed.
    """
    for damaged in set_aside_files(path):
        with as_store_errors(damaged):
            erase_file(damaged)


def _open_sound(path: Path, now: datetime, key: Key | None) -> tuple[Database, list[Notice]]:
    with closing(connect_to_check(path, key)) as look:
        applied = _checked(look, path)
    db = connect(path, key=key)
    try:
        with as_store_errors(path), nonsense_refused(), db.atomic():  # one wait for the disk, however many steps
            if not is_current(applied):
                migrations().apply(db)
            ensure_counsellor(db, now)
            interrupted = close_open_calls(db)
    except StoreError:
        db.close()
        raise
    return db, [Notice(NoticeCode.CALLS_INTERRUPTED, str(interrupted))] if interrupted else []


def _checked(db: Database, path: Path) -> tuple[str, ...]:
    """The steps that a sound record of ours has had."""
    with as_store_errors(path), nonsense_refused():
        applied = _applied(db)
        _check_for_damage(db, path, applied)
        require_own_schema(db)
    return applied


def _applied(db: Database) -> tuple[str, ...]:
    try:
        applied = applied_names(db)
        tables = rows(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    except sqlite3.Error as error:
        raise from_sqlite(error) from error
    needed = version_needed(applied)
    if needed is not None:
        raise StoreError(StoreErrorCode.NEWER_SCHEMA, needed)
    if not applied and any(table["name"] != "_sqlite_migrations" for table in tables):
        raise StoreError(StoreErrorCode.NOT_OURS, str(file_of(db)))
    return applied


def _check_for_damage(db: Database, path: Path, applied: tuple[str, ...]) -> None:
    if not applied or (path.stat().st_size > CHECK_UP_TO_BYTES and ended_well(db)):
        return
    (verdict,) = db.conn.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreError(StoreErrorCode.CORRUPT, str(verdict))


def integrity(db: Database) -> list[str]:
    """What SQLite's own checks complain about; empty for a sound database."""
    complaints = [str(row[0]) for row in db.conn.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
    broken = [f"{row[0]}: row {row[1]} points nowhere" for row in db.conn.execute("PRAGMA foreign_key_check")]
    return complaints + broken
