-- What the record says in words and clock times, for whoever opens the file with another program.
-- The comments inside of the statements stay in the file.

PRAGMA application_id = 1128352845;

PRAGMA user_version = 8;

CREATE VIEW outcome_words AS
-- The codes of sample.outcome and what they mean.
WITH words (code, word, meaning) AS (
    VALUES
        (0, 'happy', 'the face was read as happy'),
        (1, 'neutral', 'the face was read as neutral'),
        (2, 'stress', 'the face was read as stress'),
        (3, 'surprise', 'the face was read as surprise'),
        (4, 'unsure', 'a face, and no class was likely enough'),
        (5, 'gap', 'no face, or a pause: the level waits')
)
SELECT code, word, meaning FROM words;

CREATE VIEW calls_readable AS
-- One line a call. Times are those of the clock on the wall where the call was made; shares, tension and level are numbers.
SELECT
    call.id AS call_id,
    local_day AS day,
    number AS call_of_the_day,
    datetime(started_at, utc_offset_minutes || ' minutes') AS started,
    datetime(ended_at, utc_offset_minutes || ' minutes') AS ended,
    state,
    source, -- only what came from the camera is the person's own
    duration_ms / 1000.0 AS seconds,
    peak / 1000.0 AS tension_peak, -- 0 to 1; empty where too little was seen
    peak_at_ms / 1000.0 AS tension_peak_at_s,
    tense_ms / 1000.0 AS tense_s,
    calm_again_ms / 1000.0 AS calm_again_s,
    level_peak / 1000.0 AS level_peak,
    happy + neutral + stress + surprise + unsure + gap AS readings,
    1 - 1.0 * gap / nullif(happy + neutral + stress + surprise + unsure + gap, 0) AS face_seen_share,
    1.0 * happy / nullif(happy + neutral + stress + surprise + unsure, 0) AS happy_share, -- of readings with a face
    1.0 * neutral / nullif(happy + neutral + stress + surprise + unsure, 0) AS neutral_share,
    1.0 * stress / nullif(happy + neutral + stress + surprise + unsure, 0) AS stress_share,
    1.0 * surprise / nullif(happy + neutral + stress + surprise + unsure, 0) AS surprise_share,
    1.0 * unsure / nullif(happy + neutral + stress + surprise + unsure, 0) AS unsure_share,
    replace(felt, '_', '-') AS felt,
    candidate_id AS reader
FROM call LEFT JOIN call_summary ON call_summary.call_id = call.id;

CREATE VIEW samples_readable AS
-- One line a reading, with its moment, its word and the level after it.
SELECT
    sample.call_id,
    local_day AS day,
    strftime('%Y-%m-%d %H:%M:%f', started_at, utc_offset_minutes || ' minutes', (t_ms / 1000.0) || ' seconds') AS time,
    t_ms / 1000.0 AS seconds,
    word AS reading,
    level / 1000.0 AS level
FROM sample JOIN call ON call.id = sample.call_id JOIN outcome_words ON code = outcome;

CREATE VIEW days AS
-- One line a day: what its calls that have ended came to. Calls of an actor or a file are not the person's.
SELECT
    day,
    count(*) AS calls,
    sum(seconds) / 60 AS minutes,
    max(tension_peak) AS tension_peak,
    sum(tense_s) / 60 AS tense_minutes,
    avg(calm_again_s) AS mean_calm_again_s,
    sum(face_seen_share * readings) / nullif(sum(readings), 0) AS face_seen_share
FROM calls_readable
WHERE source = 'camera' AND state <> 'open'
GROUP BY day;

CREATE VIEW weeks AS
-- One line a week, by its Monday.
SELECT
    date(day, 'weekday 0', '-6 days') AS monday,
    count(*) AS calls,
    sum(seconds) / 60 AS minutes,
    max(tension_peak) AS tension_peak,
    sum(tense_s) / 60 AS tense_minutes,
    avg(calm_again_s) AS mean_calm_again_s,
    sum(face_seen_share * readings) / nullif(sum(readings), 0) AS face_seen_share
FROM calls_readable
WHERE source = 'camera' AND state <> 'open'
GROUP BY monday;
