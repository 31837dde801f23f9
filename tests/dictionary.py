"""What each column of the database means, and the page docs/data-dictionary.md made of it and of the migrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import sqlite_utils

from core.method.emotion import Outcome
from core.store.export_rows import CALL_COLUMNS, OWN_CALL_COLUMNS, OWN_SAMPLE_COLUMNS, SAMPLE_COLUMNS
from core.store.schema import MIGRATIONS, migrations

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"

CODES = ", ".join(f"{one.code} {one.value}" for one in Outcome)

_PERIOD = {
    "calls": "How many.",
    "minutes": "Minutes in calls.",
    "tension_peak": "The highest tension of all, 0 to 1.",
    "tense_minutes": "Minutes that looked tense.",
    "mean_calm_again_s": "Seconds until calm again: the mean of the calls in which that came.",
    "face_seen_share": "Share of readings with a face, 0 to 1.",
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "counsellor": {
        "": "The person whose database this is: one row.",
        "id": "Always 1.",
        "pseudonym": "A drawn name under which exports go; never the person's own.",
        "created_at": "When the database was begun (UTC).",
        "language": "The language of the screens then.",
        "region": "Where the person works, ISO 3166; it decides what the law allows.",
    },
    "consent": {
        "": "Every answer that was given, oldest first. Rows are added, never changed.",
        "id": "Number of the answer.",
        "at": "When it was given (UTC).",
        "measure": "1: the person agreed to be measured during calls.",
        "share": "What a supervisor may have: nothing, summaries or curves.",
        "region": "Where the person worked then, ISO 3166.",
        "language": "The language in which the text was read.",
        "text_version": "Which version of the consent text was read.",
        "text_sha256": "The hash of the very text.",
    },
    "calibration": {
        "": "Each time that the wizard's expressions were made.",
        "id": "Number of the calibration.",
        "at": "When it was made (UTC).",
        "camera": "Which camera was looked through.",
        "light": "ready, or overridden: the person went on in bad light.",
    },
    "candidate_score": {
        "": "What each network scored in a calibration (method.md 6).",
        "calibration_id": "The calibration.",
        "candidate_id": "The network, by its card's id.",
        "card_sha256": "The network's file and temperature, as one hash.",
        "score": "Points.",
        "best_possible": "Points that could be had; 10 less for each skipped expression.",
        "mean_right": "Mean probability of the right class, 0 to 1.",
        "frames": "How many frames with a face that stands on.",
        "milliseconds_per_face": "How long one face took.",
        "chosen": "1: this one does the monitoring.",
        "speech": "Share of the speech read aloud that it read rightly, 0 to 1; empty where nothing was read aloud.",
    },
    "expression_grade": {
        "": "The grade of each network in each expression.",
        "calibration_id": "The calibration.",
        "candidate_id": "The network.",
        "expression": "Which of the eleven.",
        "take": "First or second time.",
        "skipped": "1: the person left it out.",
        "grade": "S, A, B, C or D; empty where there were too few frames.",
        "frames": "Frames with a face.",
        "right_sure": "Share of frames with the right class over 90 %.",
        "right_likely": "Share of frames with the right class over 50 %.",
        "wrong_sure": "Share of frames with a wrong class over 90 %.",
        "wrong_likely": "Share of frames with a wrong class over 50 %.",
        "mean_right": "Mean probability of the right class.",
        "taken_for": "The class that was read most, where it was not the right one.",
    },
    "session": {
        "": "From a start of the screens to their end.",
        "id": "Number of the session.",
        "started_at": "Start (UTC).",
        "ended_at": "End (UTC); empty while it runs or after a crash.",
        "version": "The program's version.",
    },
    "call": {
        "": "One call.",
        "id": "Number of the call, never given twice.",
        "session_id": "The session in which it was made.",
        "number": "Number of the call on its day, from 1.",
        "local_day": "The day on which it began, where it was made.",
        "started_at": "When it began (UTC).",
        "utc_offset_minutes": "What the clock on the wall differed from UTC then.",
        "ended_at": "When it ended (UTC); empty while it runs.",
        "state": "open, ended, or interrupted (its end was not seen).",
        "candidate_id": "The network or reader that read it.",
        "profile": "The steps of the level: thesis-table or thesis-code.",
        "readings_per_second": "The clock of the readings.",
        "unsure_below": "A reading in which no class had more than this is unsure.",
        "first_consent": "The answer that held when it began.",
        "last_consent": "The answer that held when it ended.",
        "memory_seconds": "A reading is the mean of so many last seconds; 0 reads single frames.",
        "felt": "What the person said of it afterwards: easy, so_so or hard; empty where nothing was said.",
        "knows_speech": "1: the reader had learnt how the person speaks.",
        "source": "camera, actor or file: only what came from the camera is the person's own.",
    },
    "sample": {
        "": "One reading.",
        "call_id": "The call.",
        "t_ms": "Milliseconds since the call began.",
        "outcome": f"What was read: {CODES}.",
        "level": "The level after it, in thousandths.",
    },
    "call_note": {
        "": "What the person typed during a call.",
        "id": "Number of the note.",
        "call_id": "The call.",
        "t_ms": "Milliseconds since the call began.",
        "text": "The note.",
    },
    "call_summary": {
        "": "What a call came to; it stays when the samples are removed.",
        "call_id": "The call.",
        "duration_ms": "How long it lasted, in milliseconds.",
        "level_peak": "The highest level, in thousandths: the thesis's running sum, which grows with the length of a call.",
        "peak": "The highest tension, per mille (docs/level.md); empty where too little was seen.",
        "peak_at_ms": "When that was, in milliseconds since the call began.",
        "tense_ms": "How long it looked tense, in milliseconds.",
        "calm_again_ms": "How long from the peak until it was calm, in milliseconds; empty where it was not within the call.",
        "happy": "Readings of this class.",
        "neutral": "Readings of this class.",
        "stress": "Readings of this class.",
        "surprise": "Readings of this class.",
        "unsure": "Readings in which no class was likely enough.",
        "gap": "Ticks without a face.",
    },
    "release": {
        "": "Earlier calls that the person handed over.",
        "id": "Number of the release.",
        "at": "When (UTC).",
        "share": "What of them: summaries or curves.",
        "consent": "The answer under which it was given; a later withdrawal ends it.",
    },
    "release_call": {
        "": "Which calls a release covers: those that were listed, and no other.",
        "release_id": "The release.",
        "call_id": "The call.",
    },
    "export_log": {
        "": "Every export that was written.",
        "id": "Number of the export.",
        "at": "When (UTC).",
        "kind": "Calls or samples.",
        "since": "From when on; empty: from the beginning.",
        "until": "Up to when; empty: to the end.",
        "detail": "What was in it, as JSON.",
        "target": "Where it was written.",
        "system_user": "The user of the computer who wrote it.",
        "rows": "How many rows it had.",
        "mine": "1: the person's own copy.",
    },
    "setting": {
        "": "What the person set.",
        "key": "Name of the setting.",
        "value": "Its value, as text.",
    },
    "outcome_words": {
        "": "The codes of `sample.outcome`.",
        "code": "The code.",
        "word": "What it stands for.",
        "meaning": "A sentence on it.",
    },
    "calls_readable": {
        "": "One line a call, in words, clock times and numbers: what most questions need.",
        "call_id": "The call.",
        "day": "Its day, where it was made.",
        "call_of_the_day": "Its number on that day, from 1.",
        "started": "When it began, by the clock on the wall.",
        "ended": "When it ended, by the same clock; empty while it runs.",
        "state": "open, ended, or interrupted (its end was not seen).",
        "source": "camera, actor or file: only what came from the camera is the person's own.",
        "seconds": "Length.",
        "tension_peak": "The highest tension, 0 to 1 (docs/level.md); empty where too little was seen.",
        "tension_peak_at_s": "When that was, in seconds since the call began.",
        "tense_s": "How many seconds looked tense.",
        "calm_again_s": "Seconds from the peak until calm again; empty where that did not come.",
        "level_peak": "The highest level: the thesis's running sum, which grows with the length of a call.",
        "readings": "Readings, with a face or without.",
        "face_seen_share": "Share of readings with a face, 0 to 1.",
        "happy_share": "Share of readings with a face that were happy, 0 to 1.",
        "neutral_share": "Neutral.",
        "stress_share": "Stress.",
        "surprise_share": "Surprise.",
        "unsure_share": "Unsure: no class was likely enough.",
        "felt": "What the person said of it afterwards: easy, so-so or hard; empty where nothing was said.",
        "reader": "The network or reader that read it.",
    },
    "samples_readable": {
        "": "One line a reading.",
        "call_id": "The call.",
        "day": "Its day, where it was made.",
        "time": "The moment of the reading, by the clock on the wall.",
        "seconds": "The same, in seconds since the call began.",
        "reading": "happy, neutral, stress, surprise, unsure or gap.",
        "level": "The level after it.",
    },
    "days": {
        "": "One line a day: what its calls through the camera that have ended came to.",
        "day": "The day, where the calls were made.",
        **_PERIOD,
    },
    "weeks": {
        "": "One line a week, likewise.",
        "monday": "The Monday with which the week begins.",
        **_PERIOD,
    },
    "own_model": {
        "": "The reader tuned to the person, as numbers; removed with the calibration.",
        "calibration_id": "The calibration that it was fitted in.",
        "candidate_id": "What it is called in calls.",
        "base_id": "The networks that it stands on.",
        "points_gained": "By how many points it was better than the best network then.",
        "numbers": "Its weights, as JSON.",
    },
}


VIEWS = ("calls_readable", "samples_readable", "days", "weeks", "outcome_words")
"""What the record says in words, in the order of the page."""

FORM = "The form of the list: 1. It goes up when a column comes, goes or changes its meaning."

EXPORTS: Mapping[str, tuple[Iterable[str], Mapping[str, str]]] = {
    "Calls that are shared (`export --calls`)": (
        CALL_COLUMNS,
        {
            "counsellor": "The pseudonym.",
            "day": "The day of the call, where the person was: 2026-11-28.",
            "part_of_day": "night, morning, afternoon or evening, six hours each from midnight.",
            "minutes": "Length, rounded up.",
            "tensest_minute": "Tension of the tensest minute, 0 to 1; empty where too little was seen.",
            "tense_minutes": "Minutes that count as tense.",
            "calm_again_minutes": "From the tensest minute until calm again; empty where that did not come.",
            "face_seen": "Share of the call with a face, 0 to 1.",
            "schema_version": FORM,
        },
    ),
    "Curves that are shared (`export --samples`)": (
        SAMPLE_COLUMNS,
        {
            "counsellor": "The pseudonym.",
            "day": "The day of the call, where the person was.",
            "part_of_day": "As above.",
            "call": "Number within the file, in no order of time.",
            "minute": "Minute of the call, from 1.",
            "mean_level": "Mean level of the minute.",
            "schema_version": FORM,
        },
    ),
    "Calls, your own copy (`export --mine`)": (
        OWN_CALL_COLUMNS,
        {
            "counsellor": "The pseudonym.",
            "id": "The record's number of the call.",
            "number": "Number of the call within its day.",
            "started": "Where the person was then: 2026-11-28 17:58:08.041.",
            "ended": "The same, empty for a call that still runs.",
            "utc_offset_minutes": "How many minutes that clock was ahead of UTC.",
            "state": "open, ended or interrupted.",
            "source": "What was looked at.",
            "duration_s": "Length in seconds.",
            "felt": "How it felt, as the person said.",
            "tension_peak": "Tension of the tensest minute, 0 to 1.",
            "tense_s": "Seconds that count as tense.",
            "calm_again_s": "Seconds from the tensest minute until calm again.",
            "level_peak": "Highest level.",
            "face_seen_share": "Share of readings with a face, 0 to 1.",
            "readings": "Readings with a face or without.",
            "happy_share": "Share of readings that were happy.",
            "neutral_share": "Neutral.",
            "stress_share": "Stress.",
            "surprise_share": "Surprise.",
            "unsure_share": "Unsure.",
            "candidate": "The network that read.",
            "profile": "How readings moved the level.",
            "readings_per_second": "The clock.",
            "unsure_below": "A reading under this probability is unsure.",
            "memory_seconds": "Over how many seconds a reading is the mean.",
            "notes": "The person's notes, one a line.",
            "schema_version": FORM,
        },
    ),
    "Readings, your own copy (`export --mine --samples`)": (
        OWN_SAMPLE_COLUMNS,
        {
            "Time": "Where the person was then; this and the next two columns are the thesis's.",
            "Emotion": "happy, neutral, stress, surprise, unsure or gap.",
            "Level": "The level after the reading.",
            "counsellor": "The pseudonym.",
            "call_started": "When the call began.",
            "utc_offset_minutes": "How many minutes that clock was ahead of UTC.",
            "t_ms": "Milliseconds since the call began.",
            "call_id": "The record's number of the call.",
            "schema_version": FORM,
        },
    ),
}
"""What the columns of each export mean, in their order."""

EXPORTS_HEAD = """\
# Exports

The columns of the files that `export` writes. CSV files are UTF-8 with a mark; empty cells mean that there is nothing to
say. Times and days are those of the clock on the wall, as spreadsheets and pandas read them. Every line of every form (CSV,
JSON, NDJSON, Excel, Parquet) ends with `schema_version`; a page (HTML) has it as `<meta name="calmline-schema">`, and the
complete copy (`--everything`) begins with the steps of the record's schema.
"""

HEAD = """\
# Data dictionary

Every table and column of the database, made by `python3 -m tests.dictionary` from the migrations.
`python3 -m app record paths` says where the file lies. In tables times are UTC, as ISO 8601, and codes are codes.

## How to open it

The file is SQLite 3: datasette, DB Browser for SQLite, DuckDB and pandas open it. Open a copy (`python3 -m app record
backup copy.db`), or close Calmline before. Begin with the views `calls_readable`, `samples_readable`, `days` and `weeks`:
clock times, words instead of codes, levels as numbers. The file's `application_id` is 1128352845 (`CALM`) and its
`user_version` the number of the schema: {version}. [your-own-copy.md](your-own-copy.md) shows both in ten lines of pandas and
of DuckDB.

An encrypted record is SQLCipher 4 with its own defaults: DB Browser for SQLCipher asks for the passphrase, and on a
command line `sqlcipher copy.db` and then `PRAGMA key = 'your passphrase';` opens it. `python3 -m app record encrypt off`
makes a plain file of it.
"""


def columns() -> dict[str, list[tuple[str, str]]]:
    """The columns of each table with their types, of a database that all migrations have made."""
    database = sqlite_utils.Database(memory=True)
    migrations().apply(database)
    names = [one for one in database.table_names() if not one.startswith(("_", "sqlite"))]
    names += [one for one in VIEWS if one in database.view_names()]
    return {name: [(one.name, one.type or "computed") for one in database[name].columns] for name in names}


def dictionary() -> str:
    """The whole page."""
    parts = [HEAD.format(version=len(MIGRATIONS))]
    for table, found in columns().items():
        meanings = MEANINGS[table]
        rows = "\n".join(f"| {name} | {kind} | {meanings[name]} |" for name, kind in found)
        parts.append(f"## {table}\n\n{meanings['']}\n\n| column | type | meaning |\n|---|---|---|\n{rows}\n")
    parts.append(EXPORTS_HEAD)
    for title, (names, meanings) in EXPORTS.items():
        rows = "\n".join(f"| {name} | {meanings[name]} |" for name in names)
        parts.append(f"## {title}\n\n| column | meaning |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(dictionary(), encoding="utf-8")
