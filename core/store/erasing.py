"""Erasing that really removes, and the limits of keeping."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.store.connection import file_of, rows, sqlite_uri
from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.files import as_store_errors
from core.store.moments import from_text, to_text
from core.store.people import ensure_counsellor
from core.store.schema import require_own_schema
from core.system.files import overwrite, part_file

if TYPE_CHECKING:
    from sqlite_utils import Database

QUIET = timedelta(days=30)
"""A record that was not used for longer than this may lie on a computer whose clock has been set ahead."""

SETTLED = timedelta(days=7)
"""After so much time in use behind a long quiet the clock is believed again."""

_EVERYTHING = (
    "call",
    "calibration",
    "session",
    "release",
    "consent",
    "export_log",
    "setting",
    "counsellor",
)
"""The tables that hold something by themselves; the others follow by their foreign keys."""

_OF_A_CALL = ("call_summary", "sample", "call_note", "release_call")


def erase_call(db: Database, call_id: int) -> None:
    """Remove one closed call with everything that belongs to it.

    Raises:
        StoreError: there is no such call, or it is running.
    """
    found = rows(db, "SELECT state FROM call WHERE id = ?", call_id)
    if not found:
        raise StoreError(StoreErrorCode.UNKNOWN_CALL, str(call_id))
    if found[0]["state"] == "open":
        raise StoreError(StoreErrorCode.CALL_OPEN, str(call_id))
    require_own_schema(db)
    db.conn.execute("DELETE FROM call WHERE id = ?", (call_id,))
    _require_gone(db, "call", "id = ?", call_id)
    for table in _OF_A_CALL:
        _require_gone(db, table, "call_id = ?", call_id)


def erase_calls_between(db: Database, since: date, until: date) -> int:
    """Remove the closed calls of the local days from `since` to `until` (both in it); returns how many."""
    require_own_schema(db)
    which, days = "state <> 'open' AND local_day BETWEEN ? AND ?", (since.isoformat(), until.isoformat())
    count = db.table("call").count_where(which, days)
    db.table("call").delete_where(which, days)
    _require_gone(db, "call", which, *days)
    for table in _OF_A_CALL:
        _require_gone(db, table, "call_id NOT IN (SELECT id FROM call)")
    return int(count)


def erase_everything(db: Database, now: datetime, language: str) -> None:
    """Remove every row about the person, and begin with a new pseudonym.

    Raises:
        StoreError: a call is running.
    """
    running = rows(db, "SELECT id FROM call WHERE state = 'open'")
    if running:
        raise StoreError(StoreErrorCode.CALL_OPEN, str(running[0]["id"]))
    require_own_schema(db)
    for table in _EVERYTHING:
        db.table(table).delete_where()
    db.conn.execute("DELETE FROM sqlite_sequence")  # it tells how many calls, answers and exports there have been
    for table in db.table_names():
        if table != "_sqlite_migrations":
            _require_gone(db, table, "1")
    ensure_counsellor(db, now, language)


def _require_gone(db: Database, table: str, which: str, *parameters: object) -> None:
    """Make sure that what was to be erased is, whatever ran with it. The whole transaction is taken back where not.

    Raises:
        StoreError: NOT_ERASED.
    """
    if db.table(table).count_where(which, parameters):
        raise StoreError(StoreErrorCode.NOT_ERASED, table)


@dataclass(frozen=True, slots=True)
class Retired:
    """How many samples and calls were too old and are gone, and whether others were held back (`trusted_now`)."""

    samples: int
    calls: int
    held_back: bool = False

    @property
    def notice(self) -> Notice | None:
        """What the person should know of it."""
        return Notice(NoticeCode.OLD_CALLS_HELD, "") if self.held_back else None


def trusted_now(now: datetime, used: Iterable[datetime]) -> datetime:
    """The moment by which the age of calls may be told: `now`, or an earlier one where the clock may be set ahead.

    Nobody can tell a computer whose clock was set ahead by years from one that was put away for years. So after
    `QUIET` without any use, age is counted by the last use before it, until the program has been used for `SETTLED`.

    Args:
        now: what the clock says.
        used: when the program was in use, up to `now`, newest first.
    """
    begun = now
    for moment in used:
        if begun - moment > QUIET:
            return moment + QUIET
        begun = moment
        if now - begun >= SETTLED:
            break
    return now


def retire(db: Database, now: datetime, sample_days: int, call_days: int) -> Retired:
    """Remove samples and notes of calls older than `sample_days`, and calls older than `call_days`.

    The summaries of calls stay when their samples go.
    """
    trusted = trusted_now(now, _moments_of_use(db, now))
    removed = []
    for table, which, before in _too_old(trusted, sample_days, call_days):
        removed.append(db.table(table).count_where(which, [before]))
        db.table(table).delete_where(which, [before])
    held_back = trusted < now and any(
        db.table(table).count_where(which, [before]) for table, which, before in _too_old(now, sample_days, call_days)
    )
    return Retired(removed[1], removed[2], held_back)


def _too_old(now: datetime, sample_days: int, call_days: int) -> tuple[tuple[str, str, str], ...]:
    """For each table which of its rows are too old at `now`, and the parameter of that condition."""
    samples_before, calls_before = (to_text(now - timedelta(days=days)) for days in (sample_days, call_days))
    old_call = "started_at < ? AND state <> 'open'"
    with_old_call = "call_id IN (SELECT id FROM call WHERE started_at < ? AND state <> 'open')"
    return (
        ("call_note", with_old_call, samples_before),
        ("sample", with_old_call, samples_before),
        ("call", old_call, calls_before),
    )


def _moments_of_use(db: Database, now: datetime) -> Iterator[datetime]:
    """When calls and runs of the program began and ended, up to `now`, newest first."""
    found = db.conn.execute(
        "SELECT at FROM (SELECT started_at AS at FROM call UNION ALL SELECT started_at FROM session"
        " UNION ALL SELECT ended_at FROM session) WHERE at <= ? ORDER BY at DESC",
        (to_text(now),),
    )
    return (from_text(at) for (at,) in found)


def sweep(db: Database, open_copy: Callable[[Path], Database]) -> None:
    """Leave no byte of what was removed in the files: rebuild the database and empty its log.

    SQLite zeroes what it deletes (secure_delete), but copies of rows that it moved between pages may stay in the free
    space of a page; only a rebuild takes those. It is made in a file beside the database, which needs little memory
    however large that is, and is copied back. The end of the old file, where such copies may lie, too, is filled with zeros
    before it is given back to the disk. Runs outside of a transaction.

    Args:
        db: the writing connection.
        open_copy: opens a file with the same key, only to read.

    Raises:
        StoreError: another program is reading, so the log cannot be emptied now; or there is no room for the copy.
    """
    _empty_log(db)
    file, pages = file_of(db), _count_pages(db)
    with as_store_errors(file), part_file(file.parent) as rebuilt:
        db.conn.execute("VACUUM INTO ?", (sqlite_uri(rebuilt.absolute()),))
        with closing(open_copy(rebuilt)) as copy:
            copy.conn.backup(db.conn)
            if _count_pages(db) < pages:
                _add_empty_pages(db, pages - _count_pages(db))
                _empty_log(db)
                copy.conn.backup(db.conn)
    _empty_log(db)


def _empty_log(db: Database) -> None:
    if not empty_log(db):
        raise StoreError(StoreErrorCode.LOCKED, "wal_checkpoint")


def _count_pages(db: Database) -> int:
    return int(db.conn.execute("PRAGMA page_count").fetchone()[0])


def _add_empty_pages(db: Database, count: int) -> None:
    """Make the database longer by pages that belong to nothing; secure_delete has filled them with zeros."""
    with db.atomic():
        db.conn.execute("CREATE TABLE zeros (page)")
        db.conn.execute(
            "INSERT INTO zeros WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " SELECT zeroblob((SELECT page_size FROM pragma_page_size)) FROM n",
            (count,),
        )
        db.conn.execute("DROP TABLE zeros")


def empty_log(db: Database) -> bool:
    """Move what the log holds into the database, fill it with zeros and cut it off; False while another program reads.

    Cut off only, its blocks would lie on the disk as they were, with every note in them. That of an encrypted database is
    encrypted. Runs outside of a transaction.
    """
    connection, log = db.conn, Path(f"{file_of(db)}-wal")
    if _is_plain(db) and log.exists():
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        if busy:
            return False
        connection.execute("BEGIN IMMEDIATE")  # nobody writes into it from here on, and whoever reads does not need it
        try:
            if connection.execute("PRAGMA data_version").fetchone() == (version,):
                overwrite(log)
        finally:
            connection.execute("ROLLBACK")
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _is_plain(db: Database) -> bool:
    """Whether a database is not encrypted; asking its file would end the locks that this process has on it."""
    return isinstance(db.conn, sqlite3.Connection)
