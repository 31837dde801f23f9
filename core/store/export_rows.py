"""The rows of an export: which columns there are, and what of a call may stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from core.method.emotion import Outcome
from core.method.level import THOUSANDTHS
from core.method.sample import Sample
from core.store.consent import Sharing
from core.store.records import CallNote, CallRecord, ShareLevel
from core.store.tables import Row

SHARED_CURVE_MS = 1000
"""Without the emotion words a shared curve has one point for each of these: at five readings a second the size of each
step would give the word away (method.md 7)."""

EVERYTHING = Sharing(ShareLevel.CURVES, emotions=True)
"""What the counsellor's own copy holds."""

SAMPLE_COLUMNS = ("Time", "Emotion", "Level", "counsellor", "call_started", "t_ms")
"""The thesis's three columns first; `Emotion` stays empty where the word is not shared."""

CALL_COLUMNS = (
    "counsellor",
    "started",
    "ended",
    "state",
    "duration_s",
    "tension_peak",
    "tense_s",
    "calm_again_s",
    "level_peak",
    "face_seen_share",
    "readings",
    "happy_share",
    "neutral_share",
    "stress_share",
    "surprise_share",
    "unsure_share",
    "candidate",
    "profile",
    "readings_per_second",
    "unsure_below",
    "memory_seconds",
    "demo",
    "notes",
)
"""`tension_peak` (0 to 1), `tense_s` and `calm_again_s` (`core.method.summary.CallTension`) stay empty where too little was
seen. The shares of emotions stay empty where the words are not shared; `notes` are in the counsellor's own copy only.

A call is known by when it started. It has no number: gaps between numbers would tell of calls that are not shared.
"""

OWN_CALL_COLUMNS = (*CALL_COLUMNS, "id", "felt")
OWN_SAMPLE_COLUMNS = (*SAMPLE_COLUMNS, "call_id")
"""The counsellor's own copy has how each call felt, and the record's number of it: `calmline record erase --call` takes it,
and by it a program that merges exports knows an own copy and refuses it."""


def call_row(pseudonym: str, call: CallRecord, sharing: Sharing, notes: Sequence[CallNote] = ()) -> Row:
    """One call as a row of `CALL_COLUMNS`. Times are local, ISO 8601; `level_peak` is a level (0.61), not thousandths."""
    summary, start = call.summary, call.start
    tension = summary.tension
    row: Row = {
        "counsellor": pseudonym,
        "started": _time(call, 0),
        "ended": _time(call, summary.duration_ms) if call.ended_at else None,
        "state": call.state.value,
        "duration_s": summary.duration_ms / 1000,
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
        "demo": start.demo,
        "notes": "\n".join(f"{note.t_ms / 1000:.1f} s: {note.text}" for note in notes) or None,
    }
    for outcome in Outcome:
        if outcome is not Outcome.GAP:
            row[f"{outcome.value}_share"] = round(summary.share(outcome), 4) if sharing.emotions else None
    return row


def sample_rows(pseudonym: str, call: CallRecord, sharing: Sharing, samples: Sequence[Sample]) -> Iterator[Row]:
    """The samples of one call as rows of `SAMPLE_COLUMNS`; thinned where the emotion words are not shared."""
    for sample in samples if sharing.emotions else thinned(samples):
        yield {
            "Time": _time(call, sample.t_ms),
            "Emotion": sample.outcome.value if sharing.emotions else None,
            "Level": sample.level / THOUSANDTHS,
            "counsellor": pseudonym,
            "call_started": _time(call, 0),
            "t_ms": sample.t_ms,
        }


def thinned(samples: Sequence[Sample], every_ms: int = SHARED_CURVE_MS) -> list[Sample]:
    """The last sample of each stretch of `every_ms`."""
    return list({sample.t_ms // every_ms: sample for sample in samples}.values())


def _time(call: CallRecord, t_ms: int) -> str:
    return (call.started_local + timedelta(milliseconds=t_ms)).isoformat(timespec="milliseconds")
