"""The one thread that writes. Samples are batched and never lost while the program lives; jobs are transactions."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.store.errors import StoreError, StoreErrorCode, from_sqlite

if TYPE_CHECKING:
    from sqlite_utils import Database

BATCH_SECONDS = 0.3
"""Samples are committed this long after they came: the rest of the second that may be lost is for a slow disk."""

RETRY_SECONDS = 0.5
"""After a commit that failed, the same samples are tried again this much later."""

CLOSE_SECONDS = 2.0
"""Quitting waits no longer than this for the writer."""

SampleRow = tuple[int, int, int, int]
"""Call, milliseconds, outcome code, level in thousandths."""

Result = TypeVar("Result")

# A call that was erased while its samples waited takes them with it; a row that is there already stays as it is.
_INSERT_SAMPLE = """
    INSERT INTO sample (call_id, t_ms, outcome, level)
    SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM call WHERE id = ?1)
    ON CONFLICT (call_id, t_ms) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Job:
    run: Callable[[], None]
    fail: Callable[[StoreError], None]
    needs_samples: bool


class Writer:
    """Owns the writing connection and its thread. `trouble` is why samples cannot be stored at the moment, or None."""

    def __init__(self, db: Database, on_leaving: Callable[[Database], object] | None = None) -> None:
        """Takes `db` over and begins at once; `on_leaving` is done before it is closed, and may fail."""
        self._db, self._on_leaving = db, on_leaving
        self._queue: queue.SimpleQueue[_Job | Sequence[SampleRow] | None] = queue.SimpleQueue()
        self._waiting: list[SampleRow] = []
        self._due: float | None = None
        self.trouble: StoreError | None = None
        self._gate = threading.Lock()
        self._closed = False
        # A daemon, so that a disk that hangs cannot keep the program from ending; close() joins it all the same.
        self._thread = threading.Thread(target=self._work, name="calmline-record", daemon=True)
        self._thread.start()

    def add(self, samples: Sequence[SampleRow]) -> None:
        """Queue samples; returns at once.

        Raises:
            StoreError: closed.
        """
        self._put(list(samples))

    def run(self, job: Callable[[Database], Result], *, needs_samples: bool = False, atomic: bool = True) -> Result:
        """Run `job` on the writing thread after everything queued before, and wait for its result.

        Args:
            job: gets the connection; its statements are one transaction unless `atomic` is False (for VACUUM).
            needs_samples: fail rather than run where the samples queued before could not be stored.
            atomic: whether the job is wrapped in a transaction.

        Raises:
            StoreError: closed, or what SQLite ran into; nothing of an atomic job has happened then.
        """
        future: Future[Result] = Future()

        def work() -> None:
            try:
                future.set_result(self._in_transaction(job) if atomic else job(self._db))
            except sqlite3.Error as error:
                future.set_exception(from_sqlite(error))
            except Exception as error:  # noqa: BLE001 - whatever went wrong belongs to the caller, not to this thread
                future.set_exception(error)

        self._put(_Job(work, future.set_exception, needs_samples))
        return future.result()

    def flush(self) -> None:
        """Wait until everything queued so far is committed.

        Raises:
            StoreError: the samples cannot be stored; they stay queued.
        """
        self.run(lambda _: None, needs_samples=True, atomic=False)

    def close(self) -> int:
        """Store what is queued and end the thread, within `CLOSE_SECONDS`. May be called twice.

        Returns:
            How many samples could not be stored.
        """
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join(CLOSE_SECONDS)
        return len(self._waiting)

    def _put(self, item: _Job | Sequence[SampleRow]) -> None:
        with self._gate:
            if self._closed:
                raise StoreError(StoreErrorCode.CLOSED)
            self._queue.put(item)

    def _work(self) -> None:
        try:
            while self._step():
                pass
        finally:
            self._leave()

    def _step(self) -> bool:
        """Do the next thing; False when the thread is to end."""
        try:
            item = self._queue.get(timeout=self._patience())
        except queue.Empty:
            self._commit_samples()
            return True
        if item is None:
            self._commit_samples()
            return False
        self._take(item)
        return True

    def _leave(self) -> None:
        """Close the connection. Whoever still waits for a job, because the thread broke off, is told and not left."""
        with self._gate:
            self._closed = True
        while not self._queue.empty():
            item = self._queue.get()
            if isinstance(item, _Job):
                item.fail(StoreError(StoreErrorCode.CLOSED))
        with suppress(sqlite3.Error, OSError):
            if self._on_leaving is not None:
                self._on_leaving(self._db)
        self._db.close()

    def _take(self, item: _Job | Sequence[SampleRow]) -> None:
        if isinstance(item, _Job):
            self._commit_samples()
            if item.needs_samples and self.trouble is not None:
                item.fail(self.trouble)
            else:
                item.run()
            return
        self._waiting.extend(item)
        if self._due is None and self._waiting:
            self._due = time.monotonic() + BATCH_SECONDS
        elif self._due is not None and time.monotonic() >= self._due:
            self._commit_samples()  # a queue that never runs empty must not put the commit off

    def _patience(self) -> float | None:
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def _commit_samples(self) -> None:
        if not self._waiting:
            return
        try:
            self._in_transaction(lambda db: db.conn.executemany(_INSERT_SAMPLE, self._waiting))
        except sqlite3.Error as error:
            self.trouble = from_sqlite(error)
            self._due = time.monotonic() + RETRY_SECONDS
            return
        self._waiting = []
        self._due = None
        self.trouble = None

    def _in_transaction(self, job: Callable[[Database], Result]) -> Result:
        connection = self._db.conn
        # Immediately, so that a job which reads before it writes waits for another program instead of failing at once.
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = job(self._db)
            connection.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise
        return result
