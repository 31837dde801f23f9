-- The record as version 0.1.0 made it. Strict tables, named rules, no column for binary data.

CREATE TABLE counsellor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pseudonym TEXT NOT NULL CHECK (length(pseudonym) BETWEEN 8 AND 40),
    created_at TEXT NOT NULL,
    language TEXT NOT NULL,
    region TEXT CHECK (region IS NULL OR length(region) = 2)
) STRICT;

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
) STRICT;

CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent
BEGIN SELECT RAISE(ABORT, 'an answer once given is never changed'); END;

CREATE TABLE release (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL CHECK (until > since),
    share TEXT NOT NULL CHECK (share IN ('summaries', 'curves')),
    share_emotions INTEGER NOT NULL CHECK (share_emotions IN (0, 1))
) STRICT;

CREATE TABLE calibration (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    camera TEXT NOT NULL,
    light TEXT NOT NULL CHECK (light IN ('ready', 'overridden'))
) STRICT;

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
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_chosen_candidate ON candidate_score (calibration_id) WHERE chosen = 1;

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
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    version TEXT NOT NULL
) STRICT;

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
) STRICT;

CREATE INDEX call_by_start ON call (started_at);

CREATE INDEX call_by_day ON call (local_day);

CREATE INDEX open_call ON call (state) WHERE state = 'open';

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
) STRICT;

CREATE TABLE sample (
    call_id INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    t_ms INTEGER NOT NULL CHECK (t_ms >= 0),
    outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 5),
    level INTEGER NOT NULL,
    PRIMARY KEY (call_id, t_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE call_note (
    id INTEGER PRIMARY KEY,
    call_id INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    t_ms INTEGER NOT NULL CHECK (t_ms >= 0),
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500)
) STRICT;

CREATE INDEX call_note_by_call ON call_note (call_id, t_ms);

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
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
