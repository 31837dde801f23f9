"""The counsellor's record: the one door to the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import TextIO, overload

from core.method.agreement import Felt
from core.method.level import usual_peak
from core.method.sample import Sample
from core.method.summary import FinishedCall, PeriodSummary, summarise_period
from core.store import calibrations, calls, contents, erasing, opening, people
from core.store.connection import connect
from core.store.database import OpenDatabase
from core.store.errors import StoreError, StoreErrorCode
from core.store.moments import local_offset_minutes
from core.store.records import (
    CalibrationRecord,
    CallNote,
    CallRecord,
    CallSource,
    CallStart,
    CallState,
    Consent,
    Counsellor,
    ExportRecord,
    Release,
    ShareLevel,
)

SAMPLE_DAYS = 90
"""Samples and notes are kept this many days, unless the person chooses otherwise."""

CALL_DAYS = 365
"""Calls and their summaries are kept this many days, unless the person chooses otherwise."""


class Store(OpenDatabase):
    """Everything the program remembers.

    Every method may raise StoreError (see `core.store.errors`). Made by `open`; a context manager that closes itself.
    """

    # -- the person ---------------------------------------------------------------------------------------------------

    def counsellor(self) -> Counsellor:
        """The one person of this record."""
        found = self._read(people.read_counsellor)
        if found is None:
            raise StoreError(StoreErrorCode.NOT_FOUND, str(self.path))
        return found

    def save_counsellor(self, *, language: str | None = None, region: str | None = None) -> Counsellor:
        """Change language or region (ISO 3166 code); what is None stays. The pseudonym never changes."""
        given = {key: value for key, value in (("language", language), ("region", region)) if value is not None}
        if given:
            self._write(lambda db: people.update_counsellor(db, given))
        return self.counsellor()

    @overload
    def setting(self, key: str, default: str) -> str: ...

    @overload
    def setting(self, key: str, default: None = None) -> str | None: ...

    def setting(self, key: str, default: str | None = None) -> str | None:
        """The value of a setting, or `default`."""
        value = self._read(lambda db: people.read_setting(db, key))
        return default if value is None else value

    def set_setting(self, key: str, value: str) -> None:
        """Remember a setting under its key."""
        self._write(lambda db: people.write_setting(db, key, value))

    def record_consent(self, consent: Consent) -> Consent:
        """Add an answer; it is in force from now on. Returns it with its id."""
        return self._write(lambda db: people.insert_consent(db, consent))

    def consent(self) -> Consent | None:
        """The answer in force; None where the person has never been asked."""
        return self._read(people.read_consent)

    def consents(self) -> list[Consent]:
        """Every answer ever given, oldest first."""
        return self._read(people.read_consents)

    def release(self, share: ShareLevel, calls: Iterable[int]) -> None:
        """Hand over these calls (ids), which were not shared, as far as the answer in force allows."""
        now = self._clock.wall()
        self._write(lambda db: people.insert_release(db, now, share, calls))

    def releases(self) -> list[Release]:
        """Every release, oldest first."""
        return self._read(people.read_releases)

    def log_export(self, record: ExportRecord) -> None:
        """Add an export to the log."""
        self._write(lambda db: people.insert_export(db, record))

    def exports(self) -> list[ExportRecord]:
        """Every export that was made, newest first."""
        return self._read(people.read_exports)

    # -- calibration --------------------------------------------------------------------------------------------------

    def save_calibration(self, record: CalibrationRecord) -> int:
        """Store a calibration with its scores and grades; returns its id."""
        return self._write(lambda db: calibrations.insert_calibration(db, record))

    def latest_calibration(self) -> CalibrationRecord | None:
        """The calibration in use, or None."""
        return self._read(calibrations.read_latest_calibration)

    def chosen_candidate(self) -> str | None:
        """The id of the candidate in use, or None before the first calibration."""
        latest = self.latest_calibration()
        return latest.chosen if latest else None

    def choose_candidate(self, candidate_id: str) -> None:
        """Use another candidate of the last calibration from now on."""
        self._write(lambda db: calibrations.choose(db, candidate_id))

    # -- sessions and calls -------------------------------------------------------------------------------------------

    def begin_session(self, version: str) -> int:
        """The program starts; calls begun from now on belong to this session. Returns its id."""
        now = self._clock.wall()
        self._session = self._write(lambda db: people.insert_session(db, now, version))
        return self._session

    def end_session(self) -> None:
        """The program ends well. Nothing happens without a session."""
        session, now = self._session, self._clock.wall()
        if session is not None:
            self._write(lambda db: people.close_session(db, session, now))
            self._session = None

    def begin_call(self, start: CallStart) -> CallRecord:
        """A call begins now. Its length is taken from the clock that never goes back, not from the calendar."""
        now, session = self._clock.wall(), self._session
        offset = local_offset_minutes(now)
        call_id = self._write(lambda db: calls.insert_call(db, start, now, offset, session))
        self._began[call_id] = self._clock.monotonic()
        return self.call(call_id)

    def add_samples(self, call_id: int, samples: Sequence[Sample]) -> None:
        """Queue samples of a call; they are committed within a second. Never waits for the disk."""
        self._writing().add(calls.sample_rows(call_id, samples))

    def add_note(self, call_id: int, t_ms: int, text: str) -> None:
        """Add a quick note at `t_ms` of a call; cut to 500 characters. Raises ValueError for an empty one."""
        self._write(lambda db: calls.insert_note(db, call_id, t_ms, text))

    def set_felt(self, call_id: int, felt: Felt) -> None:
        """Keep how a call was, as the person says; a later answer takes the place of an earlier one."""
        self._write(lambda db: calls.write_felt(db, call_id, felt))

    def end_call(self, call_id: int, state: CallState = CallState.ENDED, duration_ms: int | None = None) -> CallRecord:
        """A call ends: its samples are stored, it is summed up and closed.

        It ends now, or had ended `duration_ms` after it began: what was read after that goes.
        """
        began = self._began.get(call_id)
        duration = duration_ms
        if duration is None and began is not None:
            duration = max(0, round((self._clock.monotonic() - began) * 1000))
        cut = duration_ms is not None
        self._write(lambda db: calls.close_call(db, call_id, state, duration, cut=cut), needs_samples=True)
        self._began.pop(call_id, None)
        return self.call(call_id)

    def call(self, call_id: int) -> CallRecord:
        """One call with its summary, by its id."""
        return self._read(lambda db: calls.read_call(db, call_id))

    def calls(self, since: date | None = None, until: date | None = None) -> list[CallRecord]:
        """Calls of the local days from `since` to `until` (both in it; None: no limit), oldest first, running ones too."""
        return self._read(lambda db: calls.read_calls(db, since, until))

    def last_calls(self, limit: int = 200) -> list[CallRecord]:
        """The newest `limit` calls that have ended, oldest first, without reading all others."""
        return self._read(lambda db: calls.read_last_calls(db, limit))

    def recent_peaks(self, limit: int = 200) -> list[int]:
        """The highest tension (per mille) of the last `limit` closed calls in which enough was seen, oldest first."""
        return self._read(lambda db: calls.read_recent_peaks(db, limit))

    def usual_level_peak(self) -> int | None:
        """The level (thousandths) that nine of ten of the last 200 closed calls stayed below; None for too few."""
        return usual_peak(self._read(lambda db: calls.read_recent_peaks(db, 200, "level_peak")))

    def samples(self, call_id: int) -> list[Sample]:
        """The committed samples of a call in the order of time."""
        return self._read(lambda db: calls.read_samples(db, call_id))

    def notes(self, call_id: int) -> list[CallNote]:
        """The notes of a call in the order of time."""
        return self._read(lambda db: calls.read_notes(db, call_id))

    def day_summary(self, day: date) -> PeriodSummary:
        """What the person's calls of a local day came to; a call that is running does not count yet."""
        return summarise_period(_own_and_closed(self.calls(day, day)))

    # -- erasing ------------------------------------------------------------------------------------------------------

    def erase_call(self, call_id: int) -> None:
        """Remove one call for good, byte for byte."""
        self._write(lambda db: erasing.erase_call(db, call_id))
        self.sweep()

    def erase_range(self, since: date, until: date) -> int:
        """Remove the calls of the local days from `since` to `until` (both in it) for good; returns how many."""
        erased = self._write(lambda db: erasing.erase_calls_between(db, since, until))
        self.sweep()
        return erased

    def erase_all(self) -> None:
        """Remove everything for good, databases set aside as damaged too; a new pseudonym is drawn."""
        now, language = self._clock.wall(), self.counsellor().language
        self._write(lambda db: erasing.erase_everything(db, now, language))
        self._session = None
        opening.remove_set_aside(self.path)
        self.sweep()

    def apply_retention(self, sample_days: int = SAMPLE_DAYS, call_days: int = CALL_DAYS) -> erasing.Retired:
        """Remove what is older than the person wants it kept; where the clock may be set ahead, it waits a week.

        SQLite zeroes what is removed. The database is not rebuilt for it: that takes seconds in a large one, every day.
        """
        now = self._clock.wall()
        retired = self._write(lambda db: erasing.retire(db, now, sample_days, call_days))
        if retired.samples or retired.calls:
            self._writing().run(erasing.empty_log, atomic=False)
        return retired

    def sweep(self) -> None:
        """Leave no byte of what was erased in the files; erasing does it, unless another program was reading then.

        Raises:
            StoreError: LOCKED, while another program reads; what was erased is gone from the record all the same.
        """
        open_copy = partial(connect, read_only=True, key=self._key)
        self._writing().run(lambda db: erasing.sweep(db, open_copy), atomic=False)

    def strange_contents(self) -> list[str]:
        """What this record holds that nobody has described (`core.store.contents`); empty where all is as it should be."""
        return self._read(contents.strange_contents)

    def write_complete_copy(self, stream: TextIO) -> int:
        """Write every row of every table, as JSON lines (`core.store.backup`); returns how many."""
        from core.store.backup import write_complete_copy

        return self._read(lambda db: write_complete_copy(db, stream))

    def integrity(self) -> list[str]:
        """What SQLite's own checks complain about; empty for a sound database."""
        return self._read(opening.integrity)


def _own_and_closed(calls_found: Iterable[CallRecord]) -> list[FinishedCall]:
    """What is the person's own and over: an actor's or a file's call is in no day and no trend."""
    return [
        call.finished
        for call in calls_found
        if call.state is not CallState.OPEN and call.start.source is CallSource.CAMERA
    ]
