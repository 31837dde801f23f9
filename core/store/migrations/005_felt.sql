-- How a call was, as the person says; no value where they said nothing.

ALTER TABLE call ADD COLUMN felt TEXT CHECK (felt IN ('easy', 'so_so', 'hard'));
