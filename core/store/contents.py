"""What a record may hold, value by value, and which files lie beside it: whatever is anything else is named.

It does not look for pictures. It says how little room there is for anything that this program did not put there.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from core.store.connection import file_of, rows
from core.store.encryption import COPY_SUFFIX, OLD_SUFFIX
from core.store.opening import SIDECAR_SUFFIXES
from core.store.schema import MIGRATION_SET, MIGRATIONS

if TYPE_CHECKING:
    from sqlite_utils import Database

_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,79}"
_SHA256 = r"[0-9a-f]{64}"
_LINE = r"[^\x00-\x1f\x7f]{{0,{}}}"
"""One line of a person's or the system's own words, as long as the format's argument at most."""

_FORMS = {
    _MOMENT: "calibration.at call.ended_at call.started_at consent.at counsellor.created_at export_log.at release.at "
    "session.ended_at session.started_at",
    _NAME: "call.candidate_id call.profile candidate_score.candidate_id export_log.detail expression_grade.candidate_id "
    "expression_grade.expression own_model.base_id own_model.candidate_id session.version consent.text_version",
    _SHA256: "candidate_score.card_sha256 consent.text_sha256",
    MIGRATION_SET: "_sqlite_migrations.migration_set",
    "|".join(re.escape(step.name) for step in MIGRATIONS): "_sqlite_migrations.name",
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?(\+00:00)?": "_sqlite_migrations.applied_at",
    r"\d{4}-\d\d-\d\d": "call.local_day export_log.since export_log.until",
    "ready|overridden": "calibration.light",
    "open|ended|interrupted": "call.state",
    "easy|so_so|hard": "call.felt",
    "camera|actor|file": "call.source",
    "nothing|summaries|curves": "consent.share release.share",
    "calls|samples|everything": "export_log.kind",
    "[SABCD]": "expression_grade.grade",
    "happy|neutral|stress|surprise": "expression_grade.taken_for",
    "[a-z]{2}": "consent.language counsellor.language",
    "[A-Z]{2}": "consent.region counsellor.region",
    "[A-Z0-9-]{8,40}": "counsellor.pseudonym",
    "[a-z][a-z_0-9.: ]{0,79}": "setting.key",
    _LINE.format(200): "calibration.camera",
    _LINE.format(256): "export_log.system_user",
    _LINE.format(4096): "export_log.target setting.value",
    r"[^\x00]{1,500}": "call_note.text",
    r'(?:[-+0-9eE.,:\[\]{} ]|true|false|null|"[A-Za-z0-9_.-]{1,80}")*+': "own_model.numbers",
}
TEXTS = {column: form for form, columns in _FORMS.items() for column in columns.split()}
"""Every text column, and what the whole of each value in it looks like."""

_BASE_BYTES = 1 << 20
_ROW_BYTES = 512
"""What the file may take besides its free pages: a megabyte, so much for each row, and all texts twice."""

_WAL_BYTES = 64 << 20
"""What SQLite keeps beside the database until it is written into it."""


def strange_contents(db: Database) -> list[str]:
    """What this record holds that nobody has described, as "table.column: why"; empty where all is as it should be.

    Values themselves are never in it. Tables and columns are judged when a record is opened.
    """
    found: list[str] = []
    room = _BASE_BYTES
    for table in _tables(db.conn):
        (count,) = db.conn.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - a name of the schema
        room += count * _ROW_BYTES
        for column in rows(db, "SELECT name, upper(type) AS kind FROM pragma_table_info(?)", table):
            texts, complaint = _judged_column(db.conn, table, **column)
            room += 2 * texts
            found += complaint
    free, size = (db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))
    if (used := file_of(db).stat().st_size - free * size) > room:
        found.append(f"file: {used} bytes, where {room} would do")
    return found


def _tables(connection: sqlite3.Connection) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [name for (name,) in connection.execute(sql)]


def _judged_column(connection: sqlite3.Connection, table: str, name: str, kind: str) -> tuple[int, list[str]]:
    """How many characters of text the column holds, and what is wrong with its values."""
    place = f"{table}.{name}"
    allowed = {"INTEGER": ("integer",), "REAL": ("real", "integer"), "TEXT": ("text",)}.get(kind, ())
    kinds = {found for (found,) in connection.execute(f'SELECT DISTINCT typeof("{name}") FROM "{table}"')}  # noqa: S608
    if strange := kinds - {"null", *allowed}:
        return 0, [f"{place}: {', '.join(sorted(strange))} in a column for {kind.lower() or 'nothing'}"]
    if kind != "TEXT":
        return 0, []
    if place not in TEXTS:
        return 0, [f"{place}: a text that nobody has described"]
    rule = re.compile(TEXTS[place], re.DOTALL)
    length, others = 0, 0
    for value, count in connection.execute(f'SELECT "{name}", count(*) FROM "{table}" GROUP BY 1'):  # noqa: S608
        length += count * len(value or "")
        others += value is not None and rule.fullmatch(value) is None
    return length, [f"{place}: values of another form: {others}"] if others else []


def names_beside(database: Path) -> dict[str, int | None]:
    """The names (regular expressions) that files of this record may have, and how many bytes each may take (None: any).

    The database is judged by what it holds; a damaged one that was set aside, and what is there only while the record is
    being locked or an export written, by its name alone.
    """
    stem, suffix, name = (re.escape(text) for text in (database.stem, database.suffix, database.name))
    companions = "|".join(re.escape(companion) for companion in SIDECAR_SUFFIXES)
    changed = "|".join(re.escape(companion) for companion in (COPY_SUFFIX, OLD_SUFFIX))
    return {
        name: None,
        rf"{name}({companions})": _WAL_BYTES,
        rf"{name}({changed})({companions})?": None,
        rf"{name}\.lock": 4096,
        rf"{stem}\.damaged-\d{{8}}-\d{{6}}(-\d+)?{suffix}({companions})?": None,
        r"\.calmline-[a-z0-9_]{8}\.part": None,
    }
