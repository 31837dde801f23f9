"""What a file claims to be, judged by its first bytes: whether it lists calls, and in which form."""

from __future__ import annotations

import csv
import json
import os
from enum import StrEnum
from pathlib import Path

from core.store.export_rows import CALL_COLUMNS, OWN_CALL_COLUMNS, OWN_SAMPLE_COLUMNS, SAMPLE_COLUMNS

HEAD_BYTES = 64 * 1024
"""A header or a first row of an export is far shorter."""

TAIL_BYTES = 1024


class FileProblem(StrEnum):
    """Why a file is left out."""

    MISSING = "missing"
    NO_FILE = "no_file"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NO_EXPORT = "no_export"
    CURVES = "curves"
    OWN_COPY = "own_copy"
    BAD_VALUE = "bad_value"
    SEVERAL_PEOPLE = "several_people"


class UnusableFile(Exception):  # noqa: N818 - named for what it says
    """The file cannot be used; `problem` says why."""

    def __init__(self, problem: FileProblem) -> None:
        """`problem` is for the app's sentence."""
        super().__init__(problem.value)
        self.problem = problem


def is_json(path: Path) -> bool:
    """Whether the list of calls at `path` is JSON (one array, or an object a line); else it is CSV.

    Raises:
        UnusableFile: it is not there, no ordinary file, not readable, empty, somebody's own copy, curves
            (a level says nothing that means the same in every call), or no export.
    """
    if not path.is_file():
        raise UnusableFile(FileProblem.NO_FILE if path.exists() else FileProblem.MISSING)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(-min(TAIL_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
            tail = file.read(TAIL_BYTES).rstrip()
    except OSError as error:
        raise UnusableFile(FileProblem.UNREADABLE) from error
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise UnusableFile(FileProblem.EMPTY)
    as_json = head[:1] in (b"[", b"{")
    if head[:1] == b"[" and not tail.endswith(b"]"):
        raise UnusableFile(FileProblem.NO_EXPORT)  # broken off: DuckDB would take what is there for all
    names = _names_of_json(head) if as_json else _names_of_csv(head)
    if set(names) in (set(OWN_CALL_COLUMNS), set(OWN_SAMPLE_COLUMNS)):
        raise UnusableFile(FileProblem.OWN_COPY)
    if names == SAMPLE_COLUMNS:
        raise UnusableFile(FileProblem.CURVES)
    if names != CALL_COLUMNS:
        raise UnusableFile(FileProblem.NO_EXPORT)
    return as_json


def _names_of_csv(head: bytes) -> tuple[str, ...]:
    line = head.split(b"\n", 1)[0].rstrip(b"\r")
    try:
        return tuple(next(csv.reader([line.decode()], strict=True)))
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise UnusableFile(FileProblem.NO_EXPORT) from error


def _names_of_json(head: bytes) -> tuple[str, ...]:
    if head[:1] == b"[" and not head[1:].lstrip().startswith(b"{"):
        raise UnusableFile(FileProblem.EMPTY if head[1:].strip() == b"]" else FileProblem.NO_EXPORT)
    text = head.decode(errors="replace")  # the last character may be cut in half
    try:
        first, _end = json.JSONDecoder().raw_decode(text, text.index("{"))
    except (ValueError, RecursionError) as error:
        raise UnusableFile(FileProblem.NO_EXPORT) from error
    return tuple(first)
