"""Exports into DuckDB: all files of a form in one query, every value checked, what cannot be used named and left out."""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.store.export_rows import CALL_COLUMNS
from core.team.sniffing import FileProblem, UnusableFile, is_json

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["FileProblem", "Rejection", "open_engine", "read_exports"]

MEMORY_LIMIT = "600MB"

PSEUDONYM = "C-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}"
"""As `core.store.people.new_pseudonym` draws it."""

_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d(:\d\d)?"
_DAY_S = 24 * 3600
"""No call lasts longer than a day: more is no export of ours."""

_SCHEMA = """
    CREATE TABLE row_of_file (
        file VARCHAR, own BOOLEAN, sound BOOLEAN, counsellor VARCHAR, started VARCHAR,
        duration_ms BIGINT, peak BIGINT, calm_again_ms BIGINT, demo BOOLEAN
    )
"""
_ROWS = f"""
    INSERT INTO row_of_file BY NAME
    SELECT file, notes IS NOT NULL OR state = 'open' AS own, counsellor, started,
        coalesce(
            regexp_full_match(counsellor, '{PSEUDONYM}') AND regexp_full_match(started, '{_MOMENT}')
            AND try_strptime(left(started, 19), '%Y-%m-%dT%H:%M:%S') IS NOT NULL
            AND try_cast(duration_s AS DOUBLE) BETWEEN 0 AND {_DAY_S}
            AND (tension_peak IS NULL OR coalesce(try_cast(tension_peak AS DOUBLE) BETWEEN 0 AND 1, FALSE))
            AND (calm_again_s IS NULL OR coalesce(try_cast(calm_again_s AS DOUBLE) BETWEEN 0 AND {_DAY_S}, FALSE))
            AND demo IN ('true', 'false'), FALSE) AS sound,
        CASE WHEN sound THEN round(try_cast(duration_s AS DOUBLE) * 1000)::BIGINT END AS duration_ms,
        CASE WHEN sound THEN round(try_cast(tension_peak AS DOUBLE) * 1000)::BIGINT END AS peak,
        CASE WHEN sound THEN round(try_cast(calm_again_s AS DOUBLE) * 1000)::BIGINT END AS calm_again_ms,
        demo = 'true' AS demo
    FROM (:source:)
"""  # noqa: S608 - constants of ours
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
    by_form: dict[bool, list[Path]] = defaultdict(list)
    for path in {os.path.realpath(path): path for path in paths}.values():  # one file given twice is one file
        try:
            by_form[is_json(path)].append(path)
        except UnusableFile as error:
            rejections.append(Rejection(path, error.problem))
    for as_json, files in by_form.items():
        rejections += _load(engine, as_json, files)
    named = {os.path.realpath(path): path for files in by_form.values() for path in files}
    rejections += _unsound(engine, named, {rejection.path for rejection in rejections})
    return sorted(rejections, key=lambda rejection: str(rejection.path))


def _load(engine: DuckDBPyConnection, as_json: bool, files: Sequence[Path]) -> list[Rejection]:
    """Read all files at once; where that fails, each half, until the broken ones are found."""
    import duckdb

    if not files:
        return []
    try:
        # realpath: DuckDB takes "s3:" or "http:" at the beginning of a name for an address, and * ? [ for patterns.
        names = [glob.escape(os.path.realpath(path)) for path in files]
        engine.execute(_ROWS.replace(":source:", _source(as_json)), {"files": names})
    except (duckdb.Error, UnicodeError) as error:
        if len(files) == 1:
            if isinstance(error, duckdb.OutOfMemoryException):
                raise
            return [Rejection(files[0], FileProblem.NO_EXPORT)]
        middle = len(files) // 2
        return _load(engine, as_json, files[:middle]) + _load(engine, as_json, files[middle:])
    return []


def _source(as_json: bool) -> str:
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in CALL_COLUMNS)
    common = f"columns = {{{types}}}, compression = 'none', filename = 'file', hive_partitioning = false"
    if as_json:
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
