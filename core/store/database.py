"""The door to the database: opened once, read by any thread, written by one, closed in good time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import unquote_to_bytes

from core.store import erasing, opening, people
from core.store.cipher import Key, key_of
from core.store.connection import Readers, connect
from core.store.encryption import clear_leftovers, is_being_converted
from core.store.errors import Notice, StoreError, StoreErrorCode, nonsense_refused
from core.store.files import DATABASE_FILE, require_one_name, require_own
from core.store.lock import InstanceLock
from core.store.writer import Writer
from core.system.clock import Clock
from core.system.files import is_file, remove_stale_parts

if TYPE_CHECKING:
    from sqlite_utils import Database

Result = TypeVar("Result")

UNFINISHED_EXPORT = "unfinished_export"
"""The setting that holds the folder of an export while it is being written; else it is empty or missing."""


class OpenDatabase:
    """A record that is open. Any thread may use it; all writing happens on one thread of its own.

    Made by `open`; a context manager that closes itself.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        readers: Readers,
        writer: Writer | None,
        lock: InstanceLock | None,
        notices: Sequence[Notice],
        key: Key | None,
    ) -> None:
        """Use `open`."""
        self._clock, self._readers, self._writer, self._lock = clock, readers, writer, lock
        self.path = path
        self.notices = tuple(notices)
        """What opening had to do that the person should be told."""
        self._key = key
        self._session: int | None = None
        self._began: dict[int, float] = {}

    @classmethod
    def open(
        cls,
        path: Path,
        clock: Clock,
        *,
        read_only: bool = False,
        shared: bool = False,
        to_erase: bool = False,
        passphrase: str | None = None,
    ) -> Self:
        """Open the record at `path`, making it where there is none.

        Args:
            path: the database file.
            clock: tells the times that are stored.
            read_only: only look; always possible, also beside a running program.
            shared: write beside a running program (consent, export log, settings). Where none is running, the record
                is brought in order first, as `open` does; then it is free for others again.
            to_erase: everything is going to be erased, whatever else somebody has put into the record.
            passphrase: opens an encrypted record; a plain one needs none and ignores it.

        Raises:
            StoreError: IN_USE with the holder, NEWER_SCHEMA with the version needed, NOT_FOUND or OLDER_SCHEMA (only
                with `read_only` or `shared`), LOG_BESIDE (only with `read_only`), NOT_OURS, FOREIGN_SCHEMA, READ_ONLY, DISK_FULL, LOCKED, UNREADABLE or IO; of an
                encrypted one ENCRYPTED without a passphrase, WRONG_PASSPHRASE, or NO_CIPHER without the extra.
        """
        path = Path(os.path.realpath(path))  # two names of one file have one lock
        if not (read_only or shared):
            return cls._open_own(path, clock, passphrase, to_erase=to_erase)
        require_own(path)
        if not is_file(path):
            raise StoreError(
                StoreErrorCode.UNREADABLE if os.path.lexists(path) else StoreErrorCode.NOT_FOUND, str(path)
            )
        notices = () if read_only else cls._put_in_order(path, clock, passphrase)
        key = key_of(path, passphrase)
        if read_only:
            with suppress(OSError):  # where nobody may write, nothing can be set aside, and what is there is shown
                if (log := opening.foreign_log(path, key)) is not None:
                    raise StoreError(StoreErrorCode.LOG_BESIDE, str(log))
        writer = None if read_only else Writer(opening.open_shared(path, key), erasing.empty_log)
        readers = Readers(lambda: connect(path, read_only=True, key=key))
        try:
            with readers.lend() as db:
                opening.check_current(db)
        except BaseException:
            readers.close()
            if writer is not None:
                writer.close()
            raise
        return cls(path, clock, readers=readers, writer=writer, lock=None, notices=notices, key=key)

    @classmethod
    def _put_in_order(cls, path: Path, clock: Clock, passphrase: str | None) -> tuple[Notice, ...]:
        try:
            with cls._open_own(path, clock, passphrase) as store:
                return store.notices
        except StoreError as error:
            if error.code is not StoreErrorCode.IN_USE:
                raise
            if is_being_converted(path):
                raise StoreError(StoreErrorCode.LOCKED, str(path)) from error
            return ()

    @classmethod
    def _open_own(cls, path: Path, clock: Clock, passphrase: str | None, *, to_erase: bool = False) -> Self:
        now = clock.wall()
        lock = InstanceLock(path.with_name(path.name + ".lock"))
        if is_file(path) and path.name != DATABASE_FILE and not lock.is_there:
            opening.refuse_foreign(path)  # before anything is done with it or beside it
        notices = opening.prepare(path)
        lock.acquire(now)
        try:
            clear_leftovers(path)
            require_one_name(path)
            key = key_of(path, passphrase)
            notices += opening.set_foreign_log_aside(path, now, key)
            db, more = opening.open_for_writing(path, now, key, to_erase=to_erase)
        except BaseException:
            lock.release()
            raise
        readers = Readers(lambda: connect(path, read_only=True, key=key))
        store = cls(
            path,
            clock,
            readers=readers,
            writer=Writer(db, _leave),
            lock=lock,
            notices=[*notices, *more],
            key=key,
        )
        store._remove_stale_parts()
        return store

    def _remove_stale_parts(self) -> None:
        """Remove what an export that was killed has left, as personal as the record."""
        remove_stale_parts(self.path.parent)
        folder = self._read(lambda db: people.read_setting(db, UNFINISHED_EXPORT))
        if folder and remove_stale_parts(
            Path(os.fsdecode(unquote_to_bytes(folder)))
        ):  # the screens may not write there; a command may
            self._write(lambda db: people.write_setting(db, UNFINISHED_EXPORT, ""))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> int:
        """End the session, store what is queued and let go, within two seconds. May be called twice.

        Returns:
            How many samples could not be stored; 0 unless there was `trouble`.
        """
        self._readers.close()  # first, so that the writer is the last to leave and SQLite tidies its log away
        unsaved = self._writer.close() if self._writer else 0
        if self._lock:
            self._lock.release()
        return unsaved

    @property
    def encrypted(self) -> bool:
        """Whether the file is locked with a passphrase. Asked here, never of the file while it is open (see `cipher`)."""
        return self._key is not None

    @property
    def trouble(self) -> StoreError | None:
        """Why samples cannot be stored at the moment, or None. They are kept and tried again until `close`."""
        return self._writer.trouble if self._writer else None

    def now(self) -> datetime:
        """The time of day by the record's clock, aware, in UTC."""
        return self._clock.wall()

    def flush(self) -> None:
        """Wait until every sample queued so far is in the database."""
        self._writing().flush()

    def _read(self, query: Callable[[Database], Result]) -> Result:
        with self._readers.lend() as db, nonsense_refused():
            return query(db)

    def _write(self, job: Callable[[Database], Result], *, needs_samples: bool = False) -> Result:
        return self._writing().run(job, needs_samples=needs_samples)

    def _writing(self) -> Writer:
        if self._writer is None:
            raise StoreError(StoreErrorCode.READ_ONLY, str(self.path))
        return self._writer


def _leave(db: Database) -> None:
    erasing.empty_log(db)
    opening.read_alone(db)
