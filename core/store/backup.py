"""The whole record in one file, and the way back: a backup to move with, or a complete copy that anybody can read.

A backup is the database itself, as it was at one moment, also while the program runs. A complete copy is one JSON object
a line: first which steps of the schema it has (`docs/data-dictionary.md` describes the tables), then every row.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from core.store.cipher import PLAIN_HEADER, is_encrypted, key_of
from core.store.connection import connect, rows
from core.store.errors import NONSENSE, StoreError, StoreErrorCode
from core.store.files import as_store_errors, make_private_folder
from core.store.lock import InstanceLock
from core.store.opening import SIDECAR_SUFFIXES, beginning_of, check_ours, read_alone
from core.store.schema import MIGRATIONS, applied_names, migrations
from core.system.files import fresh_file, is_file
from core.system.json_records import decode_json

if TYPE_CHECKING:
    from sqlite_utils import Database

_KIND = "complete copy"
_OWN = ("counsellor", "setting", "session")
"""What is in a record that nobody has used yet."""


def back_up(path: Path, target: Path, passphrase: str | None) -> None:
    """Write the record at `path` to the file `target` (0600), encrypted like itself. Another program may be using it.

    Raises:
        StoreError: there is none, it cannot be read, LOG_BESIDE where an old log lies beside `target`, or what writing
            runs into.
    """
    if not is_file(path):
        raise StoreError(StoreErrorCode.NOT_FOUND, str(path))
    _refuse_log_beside(target)
    key = key_of(path, passphrase)
    with (
        as_store_errors(target),
        closing(connect(path, read_only=True, key=key)) as source,
        fresh_file(target) as fresh,
        closing(connect(fresh, key=key)) as copy,
    ):
        source.conn.backup(copy.conn)
        read_alone(copy)


def write_complete_copy(db: Database, stream: TextIO) -> int:
    """Write every row of every table; returns how many."""
    db.conn.execute("BEGIN")  # one moment for all tables
    try:
        _write_line(stream, {"calmline": _KIND, "steps": applied_names(db)})
        count = 0
        for table in _tables(db):
            for row in db.query(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name out of the schema itself
                _write_line(stream, {"table": table, "row": row})
                count += 1
        return count
    finally:
        db.conn.execute("ROLLBACK")


def restore(source: Path, path: Path, now: datetime, passphrase: str | None) -> None:
    """Make the record at `path` out of a backup or a complete copy. One that holds anything is never replaced.

    Raises:
        StoreError: LOG_BESIDE where `source` was copied while it was in use, NOT_EMPTY where there is a record already,
            NOT_OURS, CORRUPT, NEWER_SCHEMA or FOREIGN_SCHEMA for what is no sound copy, IN_USE, or what writing runs into.
    """
    _refuse_log_beside(source)
    make_private_folder(path.parent)
    lock = InstanceLock(path.with_name(path.name + ".lock"))
    lock.acquire(now)
    try:
        with as_store_errors(path):
            if is_file(path):
                _refuse_used(path, passphrase)
            is_database = beginning_of(source) == PLAIN_HEADER or is_encrypted(source)
            with fresh_file(path) as fresh:
                (shutil.copyfile if is_database else _read_complete_copy)(source, fresh)
                with closing(connect(fresh, key=key_of(fresh, passphrase))) as db:
                    check_ours(db)
                    read_alone(db)
    finally:
        lock.release()


def _refuse_log_beside(path: Path) -> None:
    for companion in SIDECAR_SUFFIXES:
        beside = path.with_name(path.name + companion)
        if beside.exists():
            raise StoreError(StoreErrorCode.LOG_BESIDE, str(beside))


def _refuse_used(path: Path, passphrase: str | None) -> None:
    with closing(connect(path, key=key_of(path, passphrase))) as db:
        used = [table for table in _tables(db) if table not in _OWN and db.table(table).count]
        if used:
            raise StoreError(StoreErrorCode.NOT_EMPTY, str(path))
        read_alone(db)  # nothing of it is left beside the file that takes its place


def _tables(db: Database) -> list[str]:
    found = rows(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [row["name"] for row in found if not row["name"].startswith(("sqlite_", "_sqlite_"))]


def _write_line(stream: TextIO, line: dict[str, Any]) -> None:
    json.dump(line, stream, ensure_ascii=False, allow_nan=False)
    stream.write("\n")


def _read_complete_copy(source: Path, target: Path) -> None:
    number = 0
    try:
        with source.open(encoding="utf-8") as stream, closing(connect(target)) as db:
            for number, line in enumerate(stream, 1):
                data = decode_json(line, dict[str, Any])
                if number == 1:
                    _begin(db, data)
                else:
                    db.table(_known(db, data["table"])).insert(data["row"])
            if number == 0:
                raise ValueError("empty")
            db.conn.execute("COMMIT")
    except (*NONSENSE, AttributeError) as error:
        raise StoreError(StoreErrorCode.NOT_OURS, f"{source}:{number}") from error


def _begin(db: Database, head: dict[str, Any]) -> None:
    """The schema that the copy was made of, and a transaction in which its rows may come in any order."""
    known = {step.name: step for step in MIGRATIONS}
    if head["calmline"] != _KIND:
        raise ValueError(head["calmline"])
    newer = [name for name in head["steps"] if name not in known]
    if newer:
        raise StoreError(StoreErrorCode.NEWER_SCHEMA, str(newer[-1]).split("/")[0])
    migrations([known[name] for name in head["steps"]]).apply(db)
    db.conn.execute("BEGIN IMMEDIATE")
    db.conn.execute("PRAGMA defer_foreign_keys = ON")


def _known(db: Database, table: str) -> str:
    if table not in _tables(db):
        raise ValueError(table)
    return table
