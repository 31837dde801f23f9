-- The correction that one person's calibration gave: what it corrects, what it gained, and its numbers as JSON.

CREATE TABLE own_model (
    calibration_id INTEGER PRIMARY KEY,
    candidate_id TEXT NOT NULL,
    base_id TEXT NOT NULL CHECK (base_id <> candidate_id),
    points_gained INTEGER NOT NULL,
    numbers TEXT NOT NULL CHECK (numbers GLOB '{*}' AND length(numbers) <= 2000000),
    FOREIGN KEY (calibration_id, candidate_id)
        REFERENCES candidate_score (calibration_id, candidate_id) ON DELETE CASCADE
) STRICT;
