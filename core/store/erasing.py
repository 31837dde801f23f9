"""Erasing that really removes, and the limits of keeping."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.store.connection import rows
from core.store.errors import StoreError, StoreErrorCode
from core.store.moments import to_text
from core.store.people import ensure_counsellor

if TYPE_CHECKING:
    from sqlite_utils import Database

_EVERYTHING = (
    "call",
    "calibration",
    "session",
    "consent",
    "release",
    "export_log",
    "setting",
    "counsellor",
)
"""The tables that hold something by themselves; the others follow by their foreign keys."""


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
    db.conn.execute("DELETE FROM call WHERE id = ?", (call_id,))


def erase_calls_between(db: Database, since: datetime, until: datetime) -> int:
    """Remove the closed calls that began from `since` to before `until`; returns how many."""
    cursor = db.conn.execute(
        "DELETE FROM call WHERE state <> 'open' AND started_at >= ? AND started_at < ?",
        (to_text(since), to_text(until)),
    )
    return cursor.rowcount


def erase_everything(db: Database, now: datetime, language: str) -> None:
    """Remove every row about the person, and begin with a new pseudonym.

    Raises:
        StoreError: a call is running.
    """
    running = rows(db, "SELECT id FROM call WHERE state = 'open'")
    if running:
        raise StoreError(StoreErrorCode.CALL_OPEN, str(running[0]["id"]))
    for table in _EVERYTHING:
        db.table(table).delete_where()
    ensure_counsellor(db, now, language)


def retire(db: Database, now: datetime, sample_days: int, call_days: int) -> tuple[int, int]:
    """Remove samples and notes of calls older than `sample_days`, and calls older than `call_days`.

    The summaries of calls stay when their samples go.

    Returns:
        How many samples and how many calls were removed.
    """
    samples_before, calls_before = (to_text(now - timedelta(days=days)) for days in (sample_days, call_days))
    old_call = "started_at < ? AND state <> 'open'"
    with_old_call = "call_id IN (SELECT id FROM call WHERE started_at < ? AND state <> 'open')"
    removed = []
    for table, which, before in (
        ("call_note", with_old_call, samples_before),
        ("sample", with_old_call, samples_before),
        ("call", old_call, calls_before),
    ):
        removed.append(db.table(table).count_where(which, [before]))
        db.table(table).delete_where(which, [before])
    return removed[1], removed[2]


def sweep(db: Database) -> None:
    """Leave no byte of what was removed in the files: rebuild the database and empty its log.

    SQLite zeroes what it deletes (secure_delete), but copies of rows that it moved between pages may stay in the free
    space of a page; only a rebuild takes those. Runs outside of a transaction.

    Raises:
        StoreError: another program is reading, so the log cannot be emptied now.
    """
    db.conn.execute("VACUUM")
    if not empty_log(db):
        raise StoreError(StoreErrorCode.LOCKED, "wal_checkpoint")


def empty_log(db: Database) -> bool:
    """Move what the log holds into the database and cut the log to nothing; False while another program reads.

    Runs outside of a transaction.
    """
    (busy, _, _) = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
