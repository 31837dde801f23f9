"""Rows as CSV, JSON or NDJSON, safe for spreadsheets, and files that appear in one piece or not at all."""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TextIO

from core.system.files import fresh_file, part_file

Cell = str | int | float | bool | None
Row = dict[str, Cell]

Columns = Mapping[str, type]
"""The columns of a table in their order, and of which type their cells are: text, int, float, or a moment that rows hold as text."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text cell that begins like this may be run as a formula by a spreadsheet."""


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


class FileFormat(StrEnum):
    """How rows are written where it takes a whole file."""

    XLSX = "xlsx"
    PARQUET = "parquet"


AnyFormat = Format | FileFormat
FORMATS: tuple[AnyFormat, ...] = (*Format, *FileFormat)
MOST_XLSX_ROWS = 1_048_575
"""What a sheet of Excel holds below its header."""

CHUNK_ROWS = 50_000
"""So many rows of a Parquet file are in memory at a time."""


def format_named(path: Path) -> AnyFormat | None:
    """The format that a file's name ends in; None where it tells none."""
    return next((form for form in FORMATS if form.value == path.suffix[1:].lower()), None)


class FormatUnavailableError(Exception):
    """A format needs a package that is not installed (`package`), or takes fewer rows (then it is "")."""

    def __init__(self, form: FileFormat, package: str) -> None:
        """Keeps both for the app's sentence."""
        super().__init__(f"{form.value} needs {package or 'fewer rows'}")
        self.form, self.package = form, package


class TargetProblem(StrEnum):
    """Why a file cannot be written."""

    EXISTS = "exists"

    IS_FOLDER = "is_folder"
    NO_FOLDER = "no_folder"
    NOT_A_FILE = "not_a_file"
    IS_RECORD = "is_record"
    NOT_WRITABLE = "not_writable"
    DISK_FULL = "disk_full"
    NAME_TOO_LONG = "name_too_long"


class TargetError(Exception):
    """The target of an export cannot be written: `problem` says why, `path` where."""

    def __init__(self, problem: TargetProblem, path: Path) -> None:
        """Keeps both for the app's sentence."""
        super().__init__(f"{problem.value}: {path}")
        self.problem = problem
        self.path = path


def spreadsheet_safe(cell: Cell) -> Cell:
    """A cell as CSV may hold it.

    A text that would begin a formula gets an apostrophe before it, as spreadsheets mark plain text. Its lines end in LF
    only, because Python's CSV writer leaves a lone CR unquoted before 3.13.
    """
    if not isinstance(cell, str) or (cell[:1].isalnum() and "\r" not in cell):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    # Some programs step over what cannot be seen before they look for a formula.
    seen = next(
        (place for place, letter in enumerate(text) if letter.isprintable() and not letter.isspace()), len(text)
    )
    begins = text.lstrip(" ").startswith(FORMULA_STARTS) or text[seen:].startswith(FORMULA_STARTS)
    return f"'{text}" if begins else text


def write_rows(stream: TextIO, form: Format, columns: Collection[str], rows: Iterable[Row]) -> int:
    """Write rows; returns how many.

    CSV has a header, empty cells for None, `true` and `false`, and LF at the end of lines. JSON is one array.
    """
    if form is Format.CSV:
        return _write_csv(stream, columns, rows)
    count = 0
    stream.write("[" if form is Format.JSON else "")
    for row in rows:
        if form is Format.JSON:
            stream.write(",\n" if count else "\n")
        json.dump({name: row[name] for name in columns}, stream, ensure_ascii=False, allow_nan=False)
        stream.write("\n" if form is Format.NDJSON else "")
        count += 1
    stream.write("\n]\n" if form is Format.JSON else "")
    return count


def _write_csv(stream: TextIO, columns: Collection[str], rows: Iterable[Row]) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        cells = [row[name] for name in columns]
        writer.writerow([str(cell).lower() if isinstance(cell, bool) else spreadsheet_safe(cell) for cell in cells])
        count += 1
    return count


def write_table(path: Path, form: AnyFormat, columns: Columns, rows: Iterable[Row]) -> int:
    """Write rows to a file, for people and their programs, at constant memory; returns how many.

    CSV has a mark at its beginning, by which Excel knows that it is UTF-8; Excel files and Parquet hold real dates.

    Raises:
        FormatUnavailableError: a package for it is missing, or it does not take so many rows.
        OSError: the file cannot be written.
    """
    if isinstance(form, Format):
        encoding = "utf-8-sig" if form is Format.CSV else "utf-8"
        with path.open("w", encoding=encoding, newline="") as stream:
            return write_rows(stream, form, columns, rows)
    try:
        return (_write_xlsx if form is FileFormat.XLSX else _write_parquet)(path, columns, rows)
    except ImportError as error:
        raise FormatUnavailableError(form, "openpyxl" if form is FileFormat.XLSX else "pyarrow") from error


def _write_xlsx(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    from openpyxl import Workbook
    from openpyxl.worksheet._writer import ALL_TEMP_FILES, WorksheetWriter

    book, count = Workbook(write_only=True), 0
    sheet = book.create_sheet()
    with part_file(path.parent) as part:  # openpyxl's own would lie in the folder for temporary files
        ALL_TEMP_FILES.append(str(part))
        sheet._writer = writer = WorksheetWriter(sheet, str(part))  # noqa: SLF001 - it takes no other file otherwise
        writer.write_top()
        sheet.append(list(columns))
        try:
            for count, row in enumerate(rows, 1):
                if count > MOST_XLSX_ROWS:
                    raise FormatUnavailableError(FileFormat.XLSX, "")
                sheet.append(
                    [spreadsheet_safe(cell) if isinstance(cell, str) else cell for cell in _typed(row, columns)]
                )
        finally:
            sheet.close()
        book.save(path)
    return count


def _write_parquet(path: Path, columns: Columns, rows: Iterable[Row]) -> int:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), datetime: pa.timestamp("ms")}
    schema, count = pa.schema([(name, kinds[kind]) for name, kind in columns.items()]), 0
    left = iter(rows)
    with path.open("wb") as stream, ParquetWriter(stream, schema) as writer:
        while chunk := [_typed(row, columns) for row in islice(left, CHUNK_ROWS)]:
            arrays = [pa.array(cells, kind) for cells, kind in zip(zip(*chunk, strict=True), schema.types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(chunk)
    return count


def _typed(row: Row, columns: Columns) -> list[Cell | datetime]:
    """The cells of a row in the order of the columns, moments as such."""
    return [
        datetime.fromisoformat(cell) if kind is datetime and isinstance(cell := row[name], str) else row[name]
        for name, kind in columns.items()
    ]


@contextmanager
def replaced_file(target: Path, forbidden: Path, *, replace: bool = False) -> Iterator[Path]:
    """A new file whose content becomes `target` when the block ends well; otherwise nothing has happened.

    Args:
        target: where it goes; a link is followed.
        forbidden: the database: it and what lies beside it under its name are never replaced.
        replace: whether a file that is there may be replaced.

    Raises:
        TargetError: a folder, no file, there already, in no folder, the record itself, not writable, its name too long, or the disk
            is full.
    """
    path = Path(os.path.realpath(target))
    _check(path, target, forbidden, replace=replace)
    try:
        with fresh_file(path) as fresh:
            yield fresh
    except OSError as error:
        raise TargetError(_problem_of(error), target) from error


def _check(path: Path, target: Path, forbidden: Path, *, replace: bool) -> None:
    try:
        _refuse_by_kind(path, target, forbidden)
        if path.exists() and not replace:
            raise TargetError(TargetProblem.EXISTS, target)
    except (OSError, ValueError) as error:  # a name that is too long or holds a zero
        raise TargetError(_problem_of(error), target) from error


def _problem_of(error: OSError | ValueError) -> TargetProblem:
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return TargetProblem.DISK_FULL
    return TargetProblem.NAME_TOO_LONG if number == errno.ENAMETOOLONG else TargetProblem.NOT_WRITABLE


def _refuse_by_kind(path: Path, target: Path, forbidden: Path) -> None:
    record = Path(os.path.realpath(forbidden))
    if path.is_dir():
        raise TargetError(TargetProblem.IS_FOLDER, target)
    if not path.parent.is_dir():
        raise TargetError(TargetProblem.NO_FOLDER, target)
    if path.exists() and not path.is_file():
        raise TargetError(TargetProblem.NOT_A_FILE, target)
    if path.parent == record.parent and path.name.startswith(record.name):
        raise TargetError(TargetProblem.IS_RECORD, target)
