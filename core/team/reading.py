"""One export file: every value is checked, and what cannot be used is named with its line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from core.method.tension import TENSE_FROM
from core.store.export_rows import CALL_COLUMNS, OWN_CALL_COLUMNS, OWN_SAMPLE_COLUMNS, PARTS_OF_DAY, SAMPLE_COLUMNS
from core.system.files import FileError, read_plain_file

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes: room for half a million calls of one person."""

PSEUDONYM = re.compile("C-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
"""As `core.store.people.new_pseudonym` draws it."""

_DAY_MINUTES = 24 * 60


class FileProblem(StrEnum):
    """Why a file is left out."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NO_EXPORT = "no_export"
    CURVES = "curves"
    OWN_COPY = "own_copy"
    BAD_VALUE = "bad_value"
    SEVERAL_PEOPLE = "several_people"


class UnusableFile(Exception):  # noqa: N818 - named for what it says
    """The file cannot be used; `problem` says why, `detail` where."""

    def __init__(self, problem: FileProblem, detail: str = "") -> None:
        """Keeps both for the app's sentence."""
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem, self.detail = problem, detail


class Call(NamedTuple):
    """One call of a list that was handed over; `tensest_minute` 0 to 1, None where too little was seen."""

    day: date
    part_of_day: str
    minutes: int
    tensest_minute: float | None

    @property
    def is_tense(self) -> bool:
        """Whether it had a minute that counts as tense."""
        return self.tensest_minute is not None and round(self.tensest_minute * 1000) >= TENSE_FROM


def read_export(path: Path) -> tuple[str, Counter[Call]]:
    """The pseudonym of an export's counsellor and how often each call is in it; calls that look alike are several.

    Args:
        path: a list of calls as `calmline export` writes it, as CSV (also saved again by a spreadsheet), JSON or NDJSON.

    Raises:
        UnusableFile: it is none, or one value of it cannot be.
    """
    try:
        text = read_plain_file(path, LARGEST_FILE).decode("utf-8-sig").strip()
        rows = list(_json_rows(text) if text[:1] in ("[", "{") else _csv_rows(text))
    except FileError as error:
        raise UnusableFile(FileProblem.UNREADABLE, str(error)) from error
    except (ValueError, TypeError, RecursionError, csv.Error) as error:  # no UTF-8, no JSON, broken off
        raise UnusableFile(FileProblem.NO_EXPORT) from error
    if not rows:
        raise UnusableFile(FileProblem.EMPTY)
    calls = Counter(_call(number, row) for number, row in enumerate(rows, 1))
    people = {str(row["counsellor"]) for row in rows}
    if len(people) > 1:
        raise UnusableFile(FileProblem.SEVERAL_PEOPLE)
    return people.pop(), calls


def _csv_rows(text: str) -> Iterator[Mapping[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    _check_columns(reader.fieldnames or ())
    for row in reader:
        if any(row.values()):  # a spreadsheet keeps empty lines
            yield row


def _json_rows(text: str) -> Iterator[Mapping[str, Any]]:
    found = json.loads(text) if text[0] == "[" else [json.loads(line) for line in text.splitlines()]
    for row in found:
        _check_columns(row.keys() if isinstance(row, dict) else ())
        yield row


def _check_columns(names: Iterable[str]) -> None:
    found = set(names)
    if found in (set(OWN_CALL_COLUMNS), set(OWN_SAMPLE_COLUMNS)):
        raise UnusableFile(FileProblem.OWN_COPY)
    if found == set(SAMPLE_COLUMNS):
        raise UnusableFile(FileProblem.CURVES)
    if found != set(CALL_COLUMNS):
        raise UnusableFile(FileProblem.NO_EXPORT)


def _call(number: int, row: Mapping[str, Any]) -> Call:
    values: dict[str, Any] = {}
    for name, read in _VALUES.items():
        try:
            values[name] = read(row[name])
        except (ValueError, TypeError) as error:
            raise UnusableFile(FileProblem.BAD_VALUE, f"{number}: {name} = {str(row[name])[:40]}") from error
    return Call(values["day"], values["part_of_day"], int(values["minutes"]), values["tensest_minute"])


def _pseudonym(text: str) -> str:
    if not PSEUDONYM.fullmatch(text):
        raise ValueError(text)
    return text


def _part_of_day(text: str) -> str:
    return PARTS_OF_DAY[PARTS_OF_DAY.index(text)]


def _up_to(highest: float, *, may_be_missing: bool = False) -> Callable[[str | float | None], float | None]:
    def read(text: str | float | None) -> float | None:
        if may_be_missing and text in (None, ""):
            return None
        if text is None or not 0 <= float(text) <= highest:
            raise ValueError(text)
        return float(text)

    return read


_VALUES: Mapping[str, Callable[[Any], object]] = {
    "counsellor": _pseudonym,
    "day": date.fromisoformat,
    "part_of_day": _part_of_day,
    "minutes": _up_to(_DAY_MINUTES),
    "tensest_minute": _up_to(1, may_be_missing=True),
    "tense_minutes": _up_to(_DAY_MINUTES, may_be_missing=True),
    "calm_again_minutes": _up_to(_DAY_MINUTES, may_be_missing=True),
    "face_seen": _up_to(1),
}
"""How the value of each column is read; what cannot be one is a ValueError."""
