-- What changed with 0.2.0: who shares what, what a call was made of, numbers and days.

-- The choice about emotion words is gone: a curve tells them. Who shared curves without them shares summaries now.
DROP TRIGGER consent_is_append_only;

UPDATE consent SET share = 'summaries' WHERE share = 'curves' AND share_emotions = 0;

ALTER TABLE consent DROP COLUMN share_emotions;

CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent
BEGIN SELECT RAISE(ABORT, 'an answer once given is never changed'); END;

-- A release covers the calls that were listed, under the answer of that moment, and no other.
ALTER TABLE release RENAME TO release_of_range;

CREATE TABLE release (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    share TEXT NOT NULL CHECK (share IN ('summaries', 'curves')),
    consent INTEGER NOT NULL REFERENCES consent (id)
) STRICT;

CREATE TABLE release_call (
    release_id INTEGER NOT NULL REFERENCES release (id) ON DELETE CASCADE,
    call_id INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    PRIMARY KEY (release_id, call_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX release_by_call ON release_call (call_id);

INSERT INTO release (id, at, share, consent)
SELECT id, at, iif(share_emotions = 0, 'summaries', share),
    (SELECT max(consent.id) FROM consent WHERE consent.at <= release_of_range.at) AS held
FROM release_of_range WHERE held IS NOT NULL;

INSERT INTO release_call (release_id, call_id)
SELECT release.id, call.id FROM release
JOIN release_of_range AS old ON old.id = release.id
JOIN call ON call.started_at >= old.since AND call.started_at < old.until AND call.ended_at <= old.at;

DROP TABLE release_of_range;

-- What is not the person through a camera is marked, whoever or whatever it is.
ALTER TABLE call ADD COLUMN source TEXT NOT NULL DEFAULT 'camera' CHECK (source IN ('camera', 'actor', 'file'));

UPDATE call SET source = 'actor' WHERE demo = 1;

ALTER TABLE call DROP COLUMN demo;

-- No two calls of a day have one number.
UPDATE call SET number = place.number
FROM (SELECT id, row_number() OVER (PARTITION BY local_day ORDER BY id) AS number FROM call) AS place
WHERE place.id = call.id
    AND local_day IN (SELECT local_day FROM call GROUP BY local_day HAVING count(*) > count(DISTINCT number));

DROP INDEX call_by_day;

CREATE UNIQUE INDEX call_by_day ON call (local_day, number);

-- Days are days, and a copy of everything is an export, too.
ALTER TABLE export_log RENAME TO export_log_of_moments;

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
) STRICT;

INSERT INTO export_log SELECT id, at, kind, date(since, 'localtime'), date(until, '-1 second', 'localtime'), detail,
    target, system_user, rows, mine FROM export_log_of_moments;

DROP TABLE export_log_of_moments;
