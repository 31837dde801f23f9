"""A glance at the record before it is opened: which screen comes first, in which language and light.

Opening the record checks it for damage, takes its lock and brings in what writing needs, which takes longer than the
first screen should. A glance only reads, with Python's own SQLite, and decides nothing that opening does not decide again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_SETTING = "SELECT value FROM setting WHERE key = ?"
_MEASURED = "SELECT measure FROM consent ORDER BY id DESC LIMIT 1"
_CHOSEN = "SELECT count(*) FROM candidate_score WHERE chosen = 1 AND calibration_id = (SELECT max(id) FROM calibration)"


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What a start needs to know at once; `language` and `theme` are None where nobody has chosen one.

    `measured`: the person has agreed to be measured. `all_set`: and a candidate is chosen, so the monitor comes first.
    """

    language: str | None
    theme: str | None
    measured: bool
    all_set: bool


def first_look(path: Path) -> FirstLook | None:
    """What the record at `path` says; None where there is none, or none that a glance can read (encrypted, damaged).

    Nothing is written, not even beside it: with no log of SQLite's there, the file is complete by itself.
    """
    if not path.is_file():
        return None
    lone = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{lone}", uri=True, timeout=0)) as connection:
            language, theme = (_value(connection, _SETTING, key) for key in ("language", "theme"))
            measured = _value(connection, _MEASURED) == 1
            chosen = _value(connection, _CHOSEN) == 1
    except sqlite3.Error:
        return None  # opening it will say what is wrong
    return FirstLook(_text(language), _text(theme), measured, all_set=measured and chosen)


def _value(connection: sqlite3.Connection, sql: str, *parameters: str) -> object:
    row = connection.execute(sql, parameters).fetchone()
    return None if row is None else row[0]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
