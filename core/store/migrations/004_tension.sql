-- A summary tells of tension instead of the level: its peak in per mille, no value where too little was seen.

ALTER TABLE call_summary RENAME TO call_summary_of_levels;

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
) STRICT;

INSERT INTO call_summary
SELECT call_id, duration_ms, peak, NULL, NULL, NULL, NULL, happy, neutral, stress, surprise, unsure, gap
FROM call_summary_of_levels;

DROP TABLE call_summary_of_levels;
