"""Exports into DuckDB: all files of a form in one query, every value checked, what cannot be used named and left out."""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.method.level import READINGS_PER_SECOND
from core.method.summary import LARGEST_STEP, SETTLED_AT, STRAIN_ABOVE
from core.store.export_rows import CALL_COLUMNS, SAMPLE_COLUMNS
from core.store.records import ExportKind
from core.team.sniffing import FileProblem, Form, UnusableFile, form_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["FileProblem", "Rejection", "open_engine", "read_exports"]

MEMORY_LIMIT = "600MB"

PSEUDONYM = "C-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}"
"""As `core.store.people.new_pseudonym` draws it."""

_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d(:\d\d)?"
_DAY_MS = 24 * 3600 * 1000
_HIGHEST = 1_000_000
"""No call lasts longer than a day, no level passes a thousand: more is no export of ours."""

_SCHEMA = """
    CREATE TABLE row_of_file (
        file VARCHAR, own BOOLEAN, sound BOOLEAN, is_summary BOOLEAN, counsellor VARCHAR, started VARCHAR,
        duration_ms BIGINT, peak BIGINT, peak_at_ms BIGINT, settle_ms BIGINT, demo BOOLEAN
    )
"""
_KEYS_ARE_SOUND = f"""
    regexp_full_match(counsellor, '{PSEUDONYM}') AND regexp_full_match(started, '{_MOMENT}')
    AND try_strptime(left(started, 19), '%Y-%m-%dT%H:%M:%S') IS NOT NULL
"""
_FROM_CALLS = f"""
    INSERT INTO row_of_file BY NAME
    SELECT file, notes IS NOT NULL OR state = 'open' AS own, TRUE AS is_summary, counsellor, started,
        coalesce(
            {_KEYS_ARE_SOUND}
            AND try_cast(duration_s AS DOUBLE) BETWEEN 0 AND {_DAY_MS / 1000}
            AND try_cast(peak AS DOUBLE) BETWEEN 0 AND {_HIGHEST / 1000}
            AND (settle_s IS NULL OR coalesce(try_cast(settle_s AS DOUBLE) BETWEEN 0 AND {_DAY_MS / 1000}, FALSE))
            AND demo IN ('true', 'false'), FALSE) AS sound,
        CASE WHEN sound THEN round(try_cast(duration_s AS DOUBLE) * 1000)::BIGINT END AS duration_ms,
        CASE WHEN sound THEN round(try_cast(peak AS DOUBLE) * 1000)::BIGINT END AS peak,
        CASE WHEN sound THEN round(try_cast(settle_s AS DOUBLE) * 1000)::BIGINT END AS settle_ms,
        demo = 'true' AS demo
    FROM (:source:)
"""  # noqa: S608 - constants of ours
_POINTS = f"""
    SELECT file, counsellor, call_started AS started,
        coalesce(
            try_cast(t_ms AS BIGINT) BETWEEN 0 AND {_DAY_MS}
            AND abs(try_cast("Level" AS DOUBLE)) <= {_HIGHEST / 1000}, FALSE) AS sound,
        CASE WHEN sound THEN try_cast(t_ms AS BIGINT) END AS t_ms,
        CASE WHEN sound THEN round(try_cast("Level" AS DOUBLE) * 1000)::BIGINT END AS level
    FROM (:source:)
"""  # noqa: S608
_FROM_SAMPLES = f"""
    INSERT INTO row_of_file BY NAME
    SELECT file, FALSE AS own, bool_and(sound) AND coalesce({_KEYS_ARE_SOUND}, FALSE) AS sound, FALSE AS is_summary,
        counsellor, started, max(t_ms) AS duration_ms, greatest(0, max(level)) AS peak,
        max({{'level': level, 't_ms': t_ms}}).t_ms AS peak_at_ms, NULL::BIGINT AS settle_ms, FALSE AS demo
    FROM ({_POINTS}) GROUP BY file, counsellor, started
"""  # noqa: S608

# A hard call that is known by its curve alone is read once more for how long it took to settle (core.method.summary.settle_ms).
# A point of a shared curve stands for several readings, so the largest drop that is no reset grows with the time between.
_HARD = f"""
    SELECT file, counsellor, started, peak_at_ms FROM row_of_file
    WHERE NOT is_summary AND sound AND peak > {STRAIN_ABOVE}
        AND (counsellor, started) NOT IN (SELECT (counsellor, started) FROM row_of_file WHERE is_summary AND sound)
"""  # noqa: S608
_SETTLING = f"""
    UPDATE row_of_file SET settle_ms = settling.settle_ms FROM (
        SELECT file, counsellor, started,
            min(t_ms) FILTER (level <= {SETTLED_AT}) AS settled_at,
            min(t_ms) FILTER (drop > {LARGEST_STEP} * greatest(1, gap * {READINGS_PER_SECOND} / 1000)) AS reset_at,
            CASE WHEN reset_at IS NULL OR reset_at > settled_at THEN settled_at - any_value(peak_at_ms) END AS settle_ms
        FROM (
            SELECT file, counsellor, started, peak_at_ms, t_ms, level,
                lag(level) OVER call - level AS drop, t_ms - lag(t_ms) OVER call AS gap
            FROM ({_POINTS}) JOIN ({_HARD}) USING (file, counsellor, started)
            WHERE t_ms >= peak_at_ms
            WINDOW call AS (PARTITION BY file, counsellor, started ORDER BY t_ms)
        ) GROUP BY file, counsellor, started
    ) AS settling
    WHERE NOT is_summary AND row_of_file.file = settling.file AND row_of_file.counsellor = settling.counsellor
        AND row_of_file.started = settling.started
"""  # noqa: S608
_PROBLEMS = """
    SELECT file, bool_or(own), bool_and(sound), count(DISTINCT counsellor) FROM row_of_file GROUP BY file
"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file that was left out, and why."""

    path: Path
    problem: FileProblem


def open_engine() -> DuckDBPyConnection:
    """DuckDB in memory, which fetches no extension and writes nothing to the disk.

    Raises:
        ImportError: the extra `team` is not installed.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": "",
    }
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(_SCHEMA)
    return connection


def read_exports(engine: DuckDBPyConnection, paths: Sequence[Path]) -> list[Rejection]:
    """Read what is sound of these files into the table `row_of_file`; returns what is left out, and why."""
    rejections: list[Rejection] = []
    by_form: dict[Form, list[Path]] = defaultdict(list)
    for path in {os.path.realpath(path): path for path in paths}.values():  # one file given twice is one file
        try:
            by_form[form_of(path)].append(path)
        except UnusableFile as error:
            rejections.append(Rejection(path, error.problem))
    for form, files in by_form.items():
        statement = _FROM_CALLS if form.kind is ExportKind.CALLS else _FROM_SAMPLES
        rejections += _load(engine, statement, form, files)
    named = {os.path.realpath(path): path for files in by_form.values() for path in files}
    rejections += _unsound(engine, named, {rejection.path for rejection in rejections})
    left_out = {rejection.path for rejection in rejections}
    for form, files in by_form.items():
        if form.kind is ExportKind.SAMPLES:
            lost = _load(engine, _SETTLING, form, [path for path in files if path not in left_out])
            for rejection in lost:  # it has gone or changed since it was read: half of it counts for nothing
                engine.execute("DELETE FROM row_of_file WHERE file = ?", [os.path.realpath(rejection.path)])
            rejections += lost
    return sorted(rejections, key=lambda rejection: str(rejection.path))


def _load(engine: DuckDBPyConnection, statement: str, form: Form, files: Sequence[Path]) -> list[Rejection]:
    """Run a statement over all files at once; where that fails, over each half, until the broken ones are found."""
    import duckdb

    if not files:
        return []
    try:
        # realpath: DuckDB takes "s3:" or "http:" at the beginning of a name for an address, and * ? [ for patterns.
        names = [glob.escape(os.path.realpath(path)) for path in files]
        engine.execute(statement.replace(":source:", _source(form)), {"files": names})
    except (duckdb.Error, UnicodeError) as error:
        if len(files) == 1:
            if isinstance(error, duckdb.OutOfMemoryException):
                raise
            return [Rejection(files[0], FileProblem.NO_EXPORT)]
        middle = len(files) // 2
        return _load(engine, statement, form, files[:middle]) + _load(engine, statement, form, files[middle:])
    return []


def _source(form: Form) -> str:
    columns = CALL_COLUMNS if form.kind is ExportKind.CALLS else SAMPLE_COLUMNS
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    common = f"columns = {{{types}}}, compression = 'none', filename = 'file', hive_partitioning = false"
    if form.is_json:
        return f"SELECT * FROM read_json($files, format = 'auto', {common})"  # noqa: S608
    csv = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
    return f"SELECT * FROM read_csv($files, {csv}, {common})"  # noqa: S608


def _unsound(engine: DuckDBPyConnection, named: Mapping[str, Path], left_out: Collection[Path]) -> list[Rejection]:
    """Take the rows of files that are not what they claim to be out again."""
    found = {file: _problem(*facts) for file, *facts in engine.execute(_PROBLEMS).fetchall()}
    rejections = []
    for file, path in named.items():
        problem = found.get(file, FileProblem.EMPTY)
        if problem is not None and path not in left_out:
            rejections.append(Rejection(path, problem))
            engine.execute("DELETE FROM row_of_file WHERE file = ?", [file])
    return rejections


def _problem(own: bool, sound: bool, people: int) -> FileProblem | None:
    if own:
        return FileProblem.OWN_COPY
    if not sound:
        return FileProblem.BAD_VALUE
    return None if people == 1 else FileProblem.SEVERAL_PEOPLE
