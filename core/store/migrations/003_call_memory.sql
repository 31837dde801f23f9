-- Over how many last seconds a call's readings were averaged; calls of before were read frame by frame.

ALTER TABLE call ADD COLUMN memory_seconds REAL NOT NULL DEFAULT 0 CHECK (memory_seconds BETWEEN 0 AND 60);
