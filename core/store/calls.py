"""SQL about calls, their samples, notes and summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from core.method.agreement import Felt
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.method.summary import CallSummary, CallTension, summarise
from core.store.connection import insert, rows
from core.store.errors import StoreError, StoreErrorCode
from core.store.moments import from_text, in_offset, to_text
from core.store.people import consent_in_force
from core.store.records import CallNote, CallRecord, CallSource, CallStart, CallState
from core.store.writer import SampleRow

if TYPE_CHECKING:
    from sqlite_utils import Database

NOTE_LENGTH = 500
"""A quick note keeps this many characters."""

_COUNTS = tuple(outcome.value for outcome in Outcome)
_TENSION = tuple(field.name for field in fields(CallTension))
_SELECT = f"""
    SELECT id, number, started_at, utc_offset_minutes, ended_at, state, session_id, first_consent, last_consent, felt,
        candidate_id, profile, readings_per_second, unsure_below, source, memory_seconds, knows_speech,
        duration_ms, level_peak, {", ".join(_TENSION + _COUNTS)}
    FROM call LEFT JOIN call_summary ON call_summary.call_id = call.id
"""  # noqa: S608 - names of our own


def sample_rows(call_id: int, samples: Sequence[Sample]) -> list[SampleRow]:
    """Samples as the writer takes them.

    Raises:
        ValueError: a sample before its call began; the database would refuse it, and all that wait with it.
    """
    if any(sample.t_ms < 0 for sample in samples):
        raise ValueError("a sample cannot be older than its call")
    return [(call_id, sample.t_ms, sample.outcome.code, sample.level) for sample in samples]


def insert_call(db: Database, start: CallStart, now: datetime, offset_minutes: int, session_id: int | None) -> int:
    """Begin a call; returns its id. Its number is the next one of its local day."""
    day = in_offset(now, offset_minutes).date().isoformat()
    largest = "SELECT coalesce(max(number), 0) FROM call WHERE local_day = ?"
    (number,) = db.conn.execute(largest, (day,)).fetchone()
    row = {
        "session_id": session_id,
        "number": number + 1,
        "local_day": day,
        "started_at": to_text(now),
        "utc_offset_minutes": offset_minutes,
        "ended_at": None,
        "state": CallState.OPEN.value,
        "candidate_id": start.candidate_id,
        "profile": start.profile,
        "readings_per_second": start.readings_per_second,
        "unsure_below": start.unsure_below,
        "memory_seconds": start.memory_seconds,
        "source": start.source.value,
        "knows_speech": int(start.knows_speech),
        "first_consent": consent_in_force(db),
        "last_consent": None,
    }
    return insert(db, "call", row)


def close_call(
    db: Database, call_id: int, state: CallState, duration_ms: int | None = None, *, cut: bool = False
) -> None:
    """Close an open call with its summary.

    Args:
        db: the writing connection.
        call_id: which call.
        state: ended or interrupted.
        duration_ms: how long it took; the time of the last sample where nobody knows.
        cut: its end was missed, so what was read after `duration_ms` was no call, and goes.

    Raises:
        StoreError: no such call, or it is closed already.
    """
    call = _one(db, call_id)
    if call["state"] != CallState.OPEN.value:
        raise StoreError(StoreErrorCode.UNKNOWN_CALL, str(call_id))
    if cut:
        db.table("sample").delete_where("call_id = ? AND t_ms > ?", (call_id, duration_ms))
    summary = summarise(read_samples(db, call_id), duration_ms)
    ended_at = from_text(call["started_at"]) + timedelta(milliseconds=summary.duration_ms)
    changes = {"ended_at": to_text(ended_at), "state": state.value, "last_consent": consent_in_force(db)}
    db.table("call").update(call_id, changes)
    db.table("call_summary").insert(summary_row(call_id, summary))


def close_open_calls(db: Database) -> int:
    """Close what an earlier run left open as interrupted; returns how many."""
    left_open = rows(db, "SELECT id FROM call WHERE state = 'open'")
    for row in left_open:
        close_call(db, row["id"], CallState.INTERRUPTED)
    return len(left_open)


def read_call(db: Database, call_id: int) -> CallRecord:
    """One call.

    Raises:
        StoreError: there is no such call.
    """
    row = db.conn.execute(f"{_SELECT} WHERE call.id = ?", (call_id,)).fetchone()
    if row is None:
        raise StoreError(StoreErrorCode.UNKNOWN_CALL, str(call_id))
    return _call(db, row)


def read_calls(db: Database, since: date | None = None, until: date | None = None) -> list[CallRecord]:
    """Calls of the local days from `since` to `until` (both in it; None: no limit), oldest first."""
    lowest, highest = since.isoformat() if since else "", until.isoformat() if until else "~"
    asked = f"{_SELECT} WHERE local_day BETWEEN ? AND ? ORDER BY started_at, id"
    return [_call(db, row) for row in db.conn.execute(asked, (lowest, highest)).fetchall()]


def read_last_calls(db: Database, limit: int) -> list[CallRecord]:
    """The newest `limit` calls that have ended, oldest first."""
    asked = f"{_SELECT} WHERE ended_at IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT ?"
    return [_call(db, row) for row in reversed(db.conn.execute(asked, (limit,)).fetchall())]


def read_recent_peaks(db: Database, limit: int, figure: str = "peak") -> list[int]:
    """The `figure` (highest tension per mille, or "level_peak") of the person's last `limit` closed calls that have one."""
    found = rows(
        db,
        f"SELECT {figure} AS found FROM call_summary JOIN call ON call.id = call_id WHERE found IS NOT NULL"  # noqa: S608
        " AND source = 'camera' ORDER BY call_id DESC LIMIT ?",
        limit,
    )
    return [row["found"] for row in reversed(found)]


def read_samples(db: Database, call_id: int) -> list[Sample]:
    """The samples of a call in the order of time; none where they were never stored or have been retired."""
    cursor = db.conn.execute("SELECT t_ms, outcome, level FROM sample WHERE call_id = ? ORDER BY t_ms", (call_id,))
    return [Sample(t_ms, Outcome.from_code(code), level) for t_ms, code, level in cursor]


def insert_note(db: Database, call_id: int, t_ms: int, text: str) -> None:
    """Add a quick note: cut to `NOTE_LENGTH` characters, without control characters (a terminal would obey them).

    Raises:
        StoreError: there is no such call.
        ValueError: the note is empty.
    """
    kept = "".join(character for character in text if character.isprintable()).strip()[:NOTE_LENGTH]
    if not kept:
        raise ValueError("a note needs at least one character")
    _one(db, call_id)
    db.table("call_note").insert({"call_id": call_id, "t_ms": t_ms, "text": kept})


def read_notes(db: Database, call_id: int) -> list[CallNote]:
    """The notes of a call in the order of time."""
    found = rows(db, "SELECT t_ms, text FROM call_note WHERE call_id = ? ORDER BY t_ms, id", call_id)
    return [CallNote(row["t_ms"], row["text"]) for row in found]


def write_felt(db: Database, call_id: int, felt: Felt) -> None:
    """Keep how a call was, as the person says.

    Raises:
        StoreError: there is no such call.
    """
    _one(db, call_id)
    db.table("call").update(call_id, {"felt": felt.value})


def _one(db: Database, call_id: int) -> dict[str, Any]:
    found = rows(db, "SELECT state, started_at FROM call WHERE id = ?", call_id)
    if not found:
        raise StoreError(StoreErrorCode.UNKNOWN_CALL, str(call_id))
    return found[0]


def _call(db: Database, row: tuple[Any, ...]) -> CallRecord:
    """A row of `_SELECT`, by place: the history reads ten thousand at once."""
    call_id, number, started_at, offset, ended_at, state, session_id, first_consent, last_consent, felt = row[:10]
    duration_ms, level_peak, peak = row[17:20]
    if duration_ms is None:
        summary = summarise(read_samples(db, call_id))
    else:
        tension = None if peak is None else CallTension(*row[19:23])
        summary = CallSummary(duration_ms, level_peak, tension, row[23:])
    return CallRecord(
        call_id,
        number,
        from_text(started_at),
        offset,
        from_text(ended_at) if ended_at else None,
        CallState(state),
        _start(*row[10:17]),
        summary,
        session_id,
        first_consent,
        last_consent,
        Felt(felt) if felt else None,
    )


@cache
def _start(
    candidate_id: str, profile: str, per_second: int, unsure_below: float, source: str, memory: float, speech: int
) -> CallStart:
    """What a call was begun with: the same for most, so one object serves them all."""
    return CallStart(candidate_id, profile, per_second, unsure_below, CallSource(source), memory, bool(speech))


def summary_row(call_id: int, summary: CallSummary) -> dict[str, int | None]:
    """A summary as the table `call_summary` keeps it."""
    tension = summary.tension
    return {
        "call_id": call_id,
        "duration_ms": summary.duration_ms,
        "level_peak": summary.level_peak,
        **{name: None if tension is None else getattr(tension, name) for name in _TENSION},
        **dict(zip(_COUNTS, summary.counts, strict=True)),
    }
