"""Rows as CSV, JSON or NDJSON, safe for spreadsheets, and files that appear in one piece or not at all."""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from core.system.files import fresh_file

Cell = str | int | float | bool | None
Row = dict[str, Cell]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text cell that begins like this may be run as a formula by a spreadsheet."""


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


class TargetProblem(StrEnum):
    """Why a file cannot be written."""

    IS_FOLDER = "is_folder"
    NO_FOLDER = "no_folder"
    NOT_A_FILE = "not_a_file"
    IS_RECORD = "is_record"
    NOT_WRITABLE = "not_writable"
    DISK_FULL = "disk_full"


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
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    # Some programs step over what cannot be seen before they look for a formula.
    seen = next(
        (place for place, letter in enumerate(text) if letter.isprintable() and not letter.isspace()), len(text)
    )
    begins = text.lstrip(" ").startswith(FORMULA_STARTS) or text[seen:].startswith(FORMULA_STARTS)
    return f"'{text}" if begins else text


def write_rows(stream: TextIO, form: Format, columns: Sequence[str], rows: Iterable[Row]) -> int:
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


def _write_csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        cells = [row[name] for name in columns]
        writer.writerow([str(cell).lower() if isinstance(cell, bool) else spreadsheet_safe(cell) for cell in cells])
        count += 1
    return count


@contextmanager
def replaced_file(target: Path, forbidden: Path) -> Iterator[TextIO]:
    """A text stream whose content becomes `target` when the block ends well; otherwise nothing has happened.

    Args:
        target: where it goes; a link is followed, a file that is there is replaced.
        forbidden: the database: it and what lies beside it under its name are never replaced.

    Raises:
        TargetError: a folder, no file, in no folder, the record itself, not writable, or the disk is full.
    """
    path = Path(os.path.realpath(target))
    _check(path, target, forbidden)
    try:
        with fresh_file(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        raise TargetError(TargetProblem.DISK_FULL if full else TargetProblem.NOT_WRITABLE, target) from error


def _check(path: Path, target: Path, forbidden: Path) -> None:
    try:
        _refuse_by_kind(path, target, forbidden)
    except (OSError, ValueError) as error:  # a name that is too long or holds a zero
        raise TargetError(TargetProblem.NOT_WRITABLE, target) from error


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
