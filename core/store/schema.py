"""The tables, as forward migrations of sqlite-utils. Strict tables, named rules, no column for binary data.

A migration is named `<program version>/<number>_<what>`: a database with a name that this program does not know comes
from a newer one, and the name says which version it needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.method.summary import summarise
from core.store.calls import read_samples, summary_row
from core.store.errors import StoreError, StoreErrorCode
from core.store.library import sqlite_utils

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

MIGRATION_SET = "calmline"

_RECORD = (
    """
    CREATE TABLE counsellor (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        pseudonym TEXT NOT NULL CHECK (length(pseudonym) BETWEEN 8 AND 40),
        created_at TEXT NOT NULL,
        language TEXT NOT NULL,
        region TEXT CHECK (region IS NULL OR length(region) = 2)
    ) STRICT
    """,
    """
    CREATE TABLE consent (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        measure INTEGER NOT NULL CHECK (measure IN (0, 1)),
        share TEXT NOT NULL CHECK (share IN ('nothing', 'summaries', 'curves')),
        share_emotions INTEGER NOT NULL CHECK (share_emotions IN (0, 1)),
        region TEXT NOT NULL CHECK (length(region) = 2),
        language TEXT NOT NULL,
        text_version TEXT NOT NULL,
        text_sha256 TEXT NOT NULL CHECK (length(text_sha256) = 64 AND text_sha256 NOT GLOB '*[^0-9a-f]*')
    ) STRICT
    """,
    """
    CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent
    BEGIN SELECT RAISE(ABORT, 'an answer once given is never changed'); END
    """,
    """
    CREATE TABLE release (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        since TEXT NOT NULL,
        until TEXT NOT NULL CHECK (until > since),
        share TEXT NOT NULL CHECK (share IN ('summaries', 'curves')),
        share_emotions INTEGER NOT NULL CHECK (share_emotions IN (0, 1))
    ) STRICT
    """,
    """
    CREATE TABLE calibration (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        camera TEXT NOT NULL,
        light TEXT NOT NULL CHECK (light IN ('ready', 'overridden'))
    ) STRICT
    """,
    """
    CREATE TABLE candidate_score (
        calibration_id INTEGER NOT NULL REFERENCES calibration (id) ON DELETE CASCADE,
        candidate_id TEXT NOT NULL,
        card_sha256 TEXT NOT NULL CHECK (length(card_sha256) = 64),
        score INTEGER NOT NULL,
        best_possible INTEGER NOT NULL CHECK (best_possible >= 0 AND score <= best_possible),
        mean_right REAL NOT NULL CHECK (mean_right BETWEEN 0 AND 1.000001),
        frames INTEGER NOT NULL CHECK (frames >= 0),
        milliseconds_per_face REAL NOT NULL CHECK (milliseconds_per_face >= 0),
        chosen INTEGER NOT NULL CHECK (chosen IN (0, 1)),
        PRIMARY KEY (calibration_id, candidate_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX one_chosen_candidate ON candidate_score (calibration_id) WHERE chosen = 1",
    """
    CREATE TABLE expression_grade (
        calibration_id INTEGER NOT NULL,
        candidate_id TEXT NOT NULL,
        expression TEXT NOT NULL,
        take INTEGER NOT NULL CHECK (take >= 1),
        skipped INTEGER NOT NULL CHECK (skipped IN (0, 1)),
        grade TEXT CHECK (grade IN ('S', 'A', 'B', 'C', 'D')),
        frames INTEGER NOT NULL CHECK (frames >= 0),
        right_sure REAL NOT NULL CHECK (right_sure BETWEEN 0 AND 1),
        right_likely REAL NOT NULL CHECK (right_likely BETWEEN 0 AND 1),
        wrong_sure REAL NOT NULL CHECK (wrong_sure BETWEEN 0 AND 1),
        wrong_likely REAL NOT NULL CHECK (wrong_likely BETWEEN 0 AND 1),
        mean_right REAL NOT NULL CHECK (mean_right BETWEEN 0 AND 1.000001),
        taken_for TEXT CHECK (taken_for IN ('happy', 'neutral', 'stress', 'surprise')),
        PRIMARY KEY (calibration_id, candidate_id, expression, take),
        FOREIGN KEY (calibration_id, candidate_id)
            REFERENCES candidate_score (calibration_id, candidate_id) ON DELETE CASCADE,
        CHECK (skipped = 0 OR grade IS NULL)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        version TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE call (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id INTEGER REFERENCES session (id) ON DELETE SET NULL,
        number INTEGER NOT NULL CHECK (number >= 1),
        local_day TEXT NOT NULL CHECK (length(local_day) = 10),
        started_at TEXT NOT NULL,
        utc_offset_minutes INTEGER NOT NULL CHECK (utc_offset_minutes BETWEEN -1440 AND 1440),
        ended_at TEXT,
        state TEXT NOT NULL CHECK (state IN ('open', 'ended', 'interrupted')),
        candidate_id TEXT NOT NULL,
        profile TEXT NOT NULL,
        readings_per_second INTEGER NOT NULL CHECK (readings_per_second > 0),
        unsure_below REAL NOT NULL CHECK (unsure_below BETWEEN 0 AND 1),
        demo INTEGER NOT NULL CHECK (demo IN (0, 1)),
        first_consent INTEGER REFERENCES consent (id),
        last_consent INTEGER REFERENCES consent (id),
        CHECK ((state = 'open') = (ended_at IS NULL))
    ) STRICT
    """,
    "CREATE INDEX call_by_start ON call (started_at)",
    "CREATE INDEX call_by_day ON call (local_day)",
    "CREATE INDEX open_call ON call (state) WHERE state = 'open'",
    """
    CREATE TABLE call_summary (
        call_id INTEGER PRIMARY KEY REFERENCES call (id) ON DELETE CASCADE,
        duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
        peak INTEGER NOT NULL CHECK (peak >= 0),
        peak_at_ms INTEGER NOT NULL CHECK (peak_at_ms >= 0),
        strain_ms INTEGER NOT NULL CHECK (strain_ms >= 0),
        settle_ms INTEGER CHECK (settle_ms >= 0),
        happy INTEGER NOT NULL CHECK (happy >= 0),
        neutral INTEGER NOT NULL CHECK (neutral >= 0),
        stress INTEGER NOT NULL CHECK (stress >= 0),
        surprise INTEGER NOT NULL CHECK (surprise >= 0),
        unsure INTEGER NOT NULL CHECK (unsure >= 0),
        gap INTEGER NOT NULL CHECK (gap >= 0)
    ) STRICT
    """,
    """
    CREATE TABLE sample (
        call_id INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
        t_ms INTEGER NOT NULL CHECK (t_ms >= 0),
        outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 5),
        level INTEGER NOT NULL,
        PRIMARY KEY (call_id, t_ms)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE call_note (
        id INTEGER PRIMARY KEY,
        call_id INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
        t_ms INTEGER NOT NULL CHECK (t_ms >= 0),
        text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500)
    ) STRICT
    """,
    "CREATE INDEX call_note_by_call ON call_note (call_id, t_ms)",
    """
    CREATE TABLE export_log (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('calls', 'samples')),
        since TEXT,
        until TEXT,
        detail TEXT NOT NULL,
        target TEXT NOT NULL,
        system_user TEXT NOT NULL,
        rows INTEGER NOT NULL CHECK (rows >= 0),
        mine INTEGER NOT NULL CHECK (mine IN (0, 1))
    ) STRICT
    """,
    """
    CREATE TABLE setting (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)


_OWN_MODEL = (
    """
    CREATE TABLE own_model (
        calibration_id INTEGER PRIMARY KEY,
        candidate_id TEXT NOT NULL,
        base_id TEXT NOT NULL CHECK (base_id <> candidate_id),
        points_gained INTEGER NOT NULL,
        numbers TEXT NOT NULL CHECK (numbers GLOB '{*}' AND length(numbers) <= 2000000),
        FOREIGN KEY (calibration_id, candidate_id)
            REFERENCES candidate_score (calibration_id, candidate_id) ON DELETE CASCADE
    ) STRICT
    """,
)
"""The correction that one person's calibration gave: what it corrects, what it gained, and its numbers as JSON."""


_CALL_MEMORY = (
    "ALTER TABLE call ADD COLUMN memory_seconds REAL NOT NULL DEFAULT 0 CHECK (memory_seconds BETWEEN 0 AND 60)",
)
"""Over how many last seconds a call's readings were averaged; calls of before were read frame by frame."""


_TENSION = (
    "ALTER TABLE call_summary RENAME TO call_summary_of_levels",
    """
    CREATE TABLE call_summary (
        call_id INTEGER PRIMARY KEY REFERENCES call (id) ON DELETE CASCADE,
        duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
        level_peak INTEGER NOT NULL CHECK (level_peak >= 0),
        peak INTEGER CHECK (peak BETWEEN 0 AND 1000),
        peak_at_ms INTEGER CHECK (peak_at_ms >= 0),
        tense_ms INTEGER CHECK (tense_ms >= 0),
        calm_again_ms INTEGER CHECK (calm_again_ms >= 0),
        happy INTEGER NOT NULL CHECK (happy >= 0),
        neutral INTEGER NOT NULL CHECK (neutral >= 0),
        stress INTEGER NOT NULL CHECK (stress >= 0),
        surprise INTEGER NOT NULL CHECK (surprise >= 0),
        unsure INTEGER NOT NULL CHECK (unsure >= 0),
        gap INTEGER NOT NULL CHECK (gap >= 0),
        CHECK ((peak IS NULL) = (peak_at_ms IS NULL) AND (peak IS NULL) = (tense_ms IS NULL))
    ) STRICT
    """,
    """
    INSERT INTO call_summary
    SELECT call_id, duration_ms, peak, NULL, NULL, NULL, NULL, happy, neutral, stress, surprise, unsure, gap
    FROM call_summary_of_levels
    """,
    "DROP TABLE call_summary_of_levels",
)
"""A summary tells of tension instead of the level: its peak in per mille, no value where too little was seen."""


_FELT = "ALTER TABLE call ADD COLUMN felt TEXT CHECK (felt IN ('easy', 'so_so', 'hard'))"
"""How a call was, as the person says; no value where they said nothing."""


_SHARING = (
    # The choice about emotion words is gone: a curve tells them. Who shared curves without them shares summaries now.
    "DROP TRIGGER consent_is_append_only",
    "UPDATE consent SET share = 'summaries' WHERE share = 'curves' AND share_emotions = 0",
    "ALTER TABLE consent DROP COLUMN share_emotions",
    """
    CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent
    BEGIN SELECT RAISE(ABORT, 'an answer once given is never changed'); END
    """,
    # A release covers the calls that were listed, under the answer of that moment, and no other.
    "ALTER TABLE release RENAME TO release_of_range",
    """
    CREATE TABLE release (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        share TEXT NOT NULL CHECK (share IN ('summaries', 'curves')),
        consent INTEGER NOT NULL REFERENCES consent (id)
    ) STRICT
    """,
    """
    CREATE TABLE release_call (
        release_id INTEGER NOT NULL REFERENCES release (id) ON DELETE CASCADE,
        call_id INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
        PRIMARY KEY (release_id, call_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX release_by_call ON release_call (call_id)",
    """
    INSERT INTO release (id, at, share, consent)
    SELECT id, at, iif(share_emotions = 0, 'summaries', share),
        (SELECT max(consent.id) FROM consent WHERE consent.at <= release_of_range.at) AS held
    FROM release_of_range WHERE held IS NOT NULL
    """,
    """
    INSERT INTO release_call (release_id, call_id)
    SELECT release.id, call.id FROM release
    JOIN release_of_range AS old ON old.id = release.id
    JOIN call ON call.started_at >= old.since AND call.started_at < old.until AND call.ended_at <= old.at
    """,
    "DROP TABLE release_of_range",
    # What is not the person through a camera is marked, whoever or whatever it is.
    "ALTER TABLE call ADD COLUMN source TEXT NOT NULL DEFAULT 'camera' CHECK (source IN ('camera', 'actor', 'file'))",
    "UPDATE call SET source = 'actor' WHERE demo = 1",
    "ALTER TABLE call DROP COLUMN demo",
    # No two calls of a day have one number.
    """
    UPDATE call SET number = place.number
    FROM (SELECT id, row_number() OVER (PARTITION BY local_day ORDER BY id) AS number FROM call) AS place
    WHERE place.id = call.id
        AND local_day IN (SELECT local_day FROM call GROUP BY local_day HAVING count(*) > count(DISTINCT number))
    """,
    "DROP INDEX call_by_day",
    "CREATE UNIQUE INDEX call_by_day ON call (local_day, number)",
    # Days are days, and a copy of everything is an export, too.
    "ALTER TABLE export_log RENAME TO export_log_of_moments",
    """
    CREATE TABLE export_log (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('calls', 'samples', 'everything')),
        since TEXT CHECK (length(since) = 10),
        until TEXT CHECK (length(until) = 10),
        detail TEXT NOT NULL,
        target TEXT NOT NULL,
        system_user TEXT NOT NULL,
        rows INTEGER NOT NULL CHECK (rows >= 0),
        mine INTEGER NOT NULL CHECK (mine IN (0, 1))
    ) STRICT
    """,
    """
    INSERT INTO export_log SELECT id, at, kind, date(since, 'localtime'), date(until, '-1 second', 'localtime'), detail,
        target, system_user, rows, mine FROM export_log_of_moments
    """,
    "DROP TABLE export_log_of_moments",
)
"""What changed with 0.2.0: who shares what, what a call was made of, numbers and days."""


_SPEECH = (
    "ALTER TABLE candidate_score ADD COLUMN speech REAL CHECK (speech BETWEEN 0 AND 1)",
    "ALTER TABLE call ADD COLUMN knows_speech INTEGER NOT NULL DEFAULT 0 CHECK (knows_speech IN (0, 1))",
)
"""The share of speech that a candidate read rightly, and whether a call was read by who had learnt the person's speech."""


def _all_of(statements: Sequence[str]) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements:
            db.execute(statement)

    return apply


def _measure_tension(db: Database) -> None:
    """Sum up every call once more from its samples; where they have been retired, its tension is not known."""
    _all_of(_TENSION)(db)
    for call_id, duration_ms in db.execute("SELECT call_id, duration_ms FROM call_summary").fetchall():
        samples = read_samples(db, call_id)
        if samples:
            db.table("call_summary").update(call_id, summary_row(call_id, summarise(samples, duration_ms)))


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, named `<program version>/<number>_<what>`."""

    name: str
    apply: Callable[[Database], None]


MIGRATIONS: tuple[Migration, ...] = (
    Migration("0.1.0/001_record", _all_of(_RECORD)),
    Migration("0.1.0/002_own_model", _all_of(_OWN_MODEL)),
    Migration("0.1.0/003_call_memory", _all_of(_CALL_MEMORY)),
    Migration("0.1.0/004_tension", _measure_tension),
    Migration("0.1.0/005_felt", _all_of([_FELT])),
    Migration("0.2.0/006_sharing", _all_of(_SHARING)),
    Migration("0.2.0/007_speech", _all_of(_SPEECH)),
)
"""All steps, oldest first. Steps are added, never changed."""


def migrations(steps: Sequence[Migration] = MIGRATIONS) -> Migrations:
    """The steps as sqlite-utils applies them."""
    result: Migrations = sqlite_utils().Migrations(MIGRATION_SET)
    for step in steps:
        result(name=step.name)(step.apply)
    return result


def applied_names(db: Database) -> tuple[str, ...]:
    """The names of the migrations that the database has had, oldest first."""
    return tuple(migration.name for migration in migrations().applied(db))


@cache
def expected_objects(applied: tuple[str, ...]) -> frozenset[tuple[str, str, str]]:
    """Every table, index, trigger and view of a database with these steps behind it: its kind, name and statement.

    Made by the steps themselves, in memory.
    """
    db: Database = sqlite_utils().Database(memory=True)
    try:
        migrations([step for step in MIGRATIONS if step.name in applied]).apply(db)
        return _objects(db)
    finally:
        db.close()


def require_own_schema(db: Database) -> None:
    """Make sure that a database holds what its steps have made, and nothing else.

    A trigger that somebody else has put there would run with the program's own writes, and undo or copy them.

    Raises:
        StoreError: FOREIGN_SCHEMA with the names of what is too much; CORRUPT where only something of ours differs.
    """
    expected, found = expected_objects(applied_names(db)), _objects(db)
    ours = {(kind, name) for kind, name, _statement in expected}
    foreign = sorted(f"{kind} {name}" for kind, name, _statement in found if (kind, name) not in ours)
    if foreign:
        raise StoreError(StoreErrorCode.FOREIGN_SCHEMA, ", ".join(foreign))
    if found != expected:
        raise StoreError(StoreErrorCode.CORRUPT, "sqlite_master")


def _objects(db: Database) -> frozenset[tuple[str, str, str]]:
    found = db.conn.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return frozenset(
        (kind, name, re.sub(r'[\s"]+', " ", sql))  # how a statement is spaced and quoted changes with SQLite's version
        for kind, name, table, sql in found
        # sqlite-utils keeps the names of the steps in a table of its own; SQLite may keep statistics.
        if kind == "trigger" or not (table == "_sqlite_migrations" or name.startswith("sqlite_stat"))
    )


def is_current(applied: Sequence[str]) -> bool:
    """Whether no step is missing."""
    return {step.name for step in MIGRATIONS} <= set(applied)


def version_needed(applied: Sequence[str]) -> str | None:
    """The program version that a database from a newer program needs; None where this program knows all of it."""
    known = {step.name for step in MIGRATIONS}
    unknown = [name for name in applied if name not in known]
    return unknown[-1].split("/")[0] if unknown else None
