-- The share of speech that a candidate read rightly, and whether a call was read by who had learnt the person's
-- speech.

ALTER TABLE candidate_score ADD COLUMN speech REAL CHECK (speech BETWEEN 0 AND 1);

ALTER TABLE call ADD COLUMN knows_speech INTEGER NOT NULL DEFAULT 0 CHECK (knows_speech IN (0, 1));
