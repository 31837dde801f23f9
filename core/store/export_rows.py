"""The rows of an export: what a supervisor gets of a call, and what the counsellor's own lists hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import fmean

from core.method.emotion import Outcome
from core.method.level import THOUSANDTHS
from core.method.sample import Sample
from core.store.records import CallNote, CallRecord
from core.store.tables import Columns, Row

PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
"""Six hours each, from midnight. An hour has so few calls that its lengths alone would tell them apart in a telephone log."""

_MINUTE_MS = 60_000

SCHEMA_VERSION = 1
"""Of the files and pages that are handed over. It goes up when a column comes, goes or changes its meaning."""

_KINDS = {"text": str, "whole": int, "number": float, "moment": datetime}


def _columns(described: str) -> Columns:
    """Columns by their names, each before what its cells are."""
    return {name: _KINDS[kind] for name, kind in (column.split() for column in described.split(","))}


CALL_COLUMNS = _columns(
    "counsellor text, day moment, part_of_day text, minutes whole, tensest_minute number, tense_minutes whole, "
    "calm_again_minutes whole, face_seen number, schema_version whole"
)
"""What a supervisor gets of a call. Minutes are whole, rounded up; `tensest_minute` (0 to 1, rounded down to hundredths) and
what follows from it stay empty where too little was seen. Nothing tells a call's moment, its number, which network or
setting read it, or how often which emotion was read."""

SAMPLE_COLUMNS = _columns(
    "counsellor text, day moment, part_of_day text, call whole, minute whole, mean_level number, schema_version whole"
)
"""What a supervisor gets of a curve: one mean for each minute. `call` counts within a file, in no order of time."""

OWN_CALL_COLUMNS = _columns(
    "counsellor text, id whole, number whole, started moment, ended moment, utc_offset_minutes whole, state text, source text, "
    "duration_s number, felt text, tension_peak number, tense_s number, calm_again_s number, level_peak number, "
    "face_seen_share number, readings whole, happy_share number, neutral_share number, stress_share number, "
    "surprise_share number, unsure_share number, candidate text, profile text, readings_per_second whole, "
    "unsure_below number, memory_seconds number, notes text, schema_version whole"
)
OWN_SAMPLE_COLUMNS = _columns(
    "Time moment, Emotion text, Level number, counsellor text, call_started moment, utc_offset_minutes whole, t_ms whole, "
    "call_id whole, schema_version whole"
)
"""The counsellor's own lists, in full; the curve's first three columns are the thesis's. `calmline erase --call` takes `id`."""


def shared_call_row(pseudonym: str, call: CallRecord) -> Row:
    """One call as a row of `CALL_COLUMNS`."""
    summary, tension = call.summary, call.summary.tension
    again = None if tension is None else tension.calm_again_ms
    return {
        **_shared_place(pseudonym, call),
        "minutes": max(1, _whole_minutes(summary.duration_ms)),
        "tensest_minute": None if tension is None else tension.peak // 10 / 100,
        "tense_minutes": None if tension is None else _whole_minutes(tension.tense_ms),
        "calm_again_minutes": None if again is None else _whole_minutes(again),
        "face_seen": round(summary.face_seen_share, 1),
        "schema_version": SCHEMA_VERSION,
    }


def shared_sample_rows(pseudonym: str, call: CallRecord, number: int, samples: Sequence[Sample]) -> Iterator[Row]:
    """The minutes of one curve as rows of `SAMPLE_COLUMNS`; a minute without any reading has none."""
    minutes: dict[int, list[int]] = defaultdict(list)
    for sample in samples:
        minutes[sample.t_ms // _MINUTE_MS].append(sample.level)
    for minute, levels in minutes.items():
        yield {
            **_shared_place(pseudonym, call),
            "call": number,
            "minute": minute + 1,
            "mean_level": round(fmean(levels) / THOUSANDTHS, 2),
            "schema_version": SCHEMA_VERSION,
        }


def own_call_row(pseudonym: str, call: CallRecord, notes: Sequence[CallNote]) -> Row:
    """One call as a row of `OWN_CALL_COLUMNS`. Times are local; `level_peak` is a level (0.61), not thousandths."""
    summary, start = call.summary, call.start
    tension = summary.tension
    row: Row = {
        "counsellor": pseudonym,
        "id": call.id,
        "number": call.number,
        "started": _time(call, 0),
        "ended": _time(call, summary.duration_ms) if call.ended_at else None,
        "utc_offset_minutes": _utc_offset(call),
        "state": call.state.value,
        "source": start.source.value,
        "duration_s": summary.duration_ms / 1000,
        "felt": call.felt,
        "tension_peak": None if tension is None else tension.peak / 1000,
        "tense_s": None if tension is None else tension.tense_ms / 1000,
        "calm_again_s": None if tension is None or tension.calm_again_ms is None else tension.calm_again_ms / 1000,
        "level_peak": summary.level_peak / THOUSANDTHS,
        "face_seen_share": round(summary.face_seen_share, 4),
        "readings": summary.readings,
        "candidate": start.candidate_id,
        "profile": start.profile,
        "readings_per_second": start.readings_per_second,
        "unsure_below": start.unsure_below,
        "memory_seconds": start.memory_seconds,
        "notes": "\n".join(f"{note.t_ms / 1000:.1f} s: {note.text}" for note in notes) or None,
        "schema_version": SCHEMA_VERSION,
    }
    return row | {
        f"{outcome.value}_share": round(summary.share(outcome), 4) for outcome in Outcome if outcome is not Outcome.GAP
    }


def own_sample_rows(pseudonym: str, call: CallRecord, samples: Sequence[Sample]) -> Iterator[Row]:
    """The samples of one call as rows of `OWN_SAMPLE_COLUMNS`."""
    started, offset = _time(call, 0), _utc_offset(call)
    for sample in samples:
        yield {
            "Time": _time(call, sample.t_ms),
            "Emotion": sample.outcome.value,
            "Level": sample.level / THOUSANDTHS,
            "counsellor": pseudonym,
            "call_started": started,
            "utc_offset_minutes": offset,
            "t_ms": sample.t_ms,
            "call_id": call.id,
            "schema_version": SCHEMA_VERSION,
        }


def in_no_order_of_time(calls: Sequence[CallRecord]) -> list[CallRecord]:
    """Calls by what their rows say, so that their order within a part of a day tells nothing more."""
    return sorted(
        calls,
        key=lambda call: (
            call.local_day,
            call.started_local.hour // 6,
            _whole_minutes(call.summary.duration_ms),
            call.summary.level_peak,
        ),
    )


def _shared_place(pseudonym: str, call: CallRecord) -> Row:
    started = call.started_local
    return {
        "counsellor": pseudonym,
        "day": started.date().isoformat(),
        "part_of_day": PARTS_OF_DAY[started.hour // 6],
    }


def _whole_minutes(milliseconds: int) -> int:
    return -(-milliseconds // _MINUTE_MS)


def _time(call: CallRecord, t_ms: int) -> str:
    """Local time as spreadsheets and pandas take it: 2026-11-28 17:58:08.041. Its distance from UTC is in `utc_offset_minutes`."""
    at = call.started_local + timedelta(milliseconds=t_ms)
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")


def _utc_offset(call: CallRecord) -> int:
    """How many minutes the call's local time is ahead of UTC."""
    offset = call.started_local.utcoffset() or timedelta()
    return offset // timedelta(minutes=1)
