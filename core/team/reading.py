"""One export file: every value is checked, and what cannot be used is named with its line."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from core.method.tension import TENSE_FROM
from core.sources.tables import decode_text, table_of
from core.store.export_rows import (
    CALL_COLUMNS,
    OWN_CALL_COLUMNS,
    OWN_SAMPLE_COLUMNS,
    PARTS_OF_DAY,
    SAMPLE_COLUMNS,
    SCHEMA_VERSION,
)
from core.system.files import FileError, read_plain_file
from core.system.json_records import decode_json

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes: room for half a million calls of one person."""

PSEUDONYM = re.compile("C-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
"""As `core.store.people.new_pseudonym` draws it."""

_DAY_MINUTES = 24 * 60

EARLIER_COLUMNS = frozenset(
    """
    counsellor started ended state duration_s peak strain_s settle_s face_seen_share readings happy_share neutral_share
    stress_share surprise_share unsure_share candidate profile readings_per_second unsure_below demo notes
    """.split()
)
"""What a list of calls of an earlier Calmline has: people may still hand such files over."""


class FileProblem(StrEnum):
    """Why a file is left out."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NO_EXPORT = "no_export"
    CURVES = "curves"
    OWN_COPY = "own_copy"
    BAD_VALUE = "bad_value"
    SEVERAL_PEOPLE = "several_people"
    NEWER = "newer"


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
        path: a list of calls as `calmline export` writes it, as CSV or Excel (also saved again by a spreadsheet), JSON or
            NDJSON.

    Raises:
        UnusableFile: it is none, or one value of it cannot be.
    """
    try:
        content = read_plain_file(path, LARGEST_FILE)
        packed = content.startswith(b"PK")
        text = "" if packed else decode_text(path.name, content).strip()
        if not (packed or text):
            raise UnusableFile(FileProblem.EMPTY)
        rows = list(_json_rows(text) if text.startswith(("[", "{")) else _csv_rows(path.name, content))
    except FileError as error:
        raise UnusableFile(FileProblem.UNREADABLE, str(error)) from error
    except (ValueError, TypeError, RecursionError) as error:  # no text, no CSV, no JSON, broken off
        raise UnusableFile(FileProblem.NO_EXPORT) from error
    if not rows:
        raise UnusableFile(FileProblem.EMPTY)
    calls = Counter(_call(number, row) for number, row in enumerate(rows, 1))
    people = {str(row["counsellor"]) for row in rows}
    if len(people) > 1:
        raise UnusableFile(FileProblem.SEVERAL_PEOPLE)
    return people.pop(), calls


def _csv_rows(name: str, content: bytes) -> Iterator[Mapping[str, str]]:
    columns, rows = table_of(name, content)
    if set(columns) == EARLIER_COLUMNS:
        yield from filter(None, map(_of_earlier, rows))
        return
    for row in rows[:1]:
        _check_version(row)
    _check_columns(columns)
    yield from rows


def _of_earlier(row: Mapping[str, str]) -> dict[str, str] | None:
    """A row of an export of an earlier Calmline as one of today's: its level is no tension, so that stays empty.

    Calls of the demo are nobody's; what has notes is somebody's own copy.
    """
    if row["notes"]:
        raise UnusableFile(FileProblem.OWN_COPY)
    if row["demo"].casefold() == "true":
        return None
    hour = re.search(r"[T ](\d{1,2}):", row["started"])
    return {
        **dict.fromkeys(CALL_COLUMNS, ""),
        "counsellor": row["counsellor"],
        "day": row["started"],
        "part_of_day": PARTS_OF_DAY[int(hour[1]) // 6 % len(PARTS_OF_DAY)] if hour else row["started"],
        "minutes": _minutes(row["duration_s"]),
        "face_seen": row["face_seen_share"],
    }


def _minutes(seconds: str) -> str:
    """Begun minutes; what is no number stays as it is, to be named with its line."""
    try:
        return str(max(1, math.ceil(_number(seconds) / 60)))
    except ValueError:
        return seconds


def _json_rows(text: str) -> Iterator[Mapping[str, Any]]:
    kind = dict[str, Any]
    found = decode_json(text, list[kind]) if text[0] == "[" else [decode_json(line, kind) for line in text.splitlines()]
    for row in found:
        _check_version(row)
        _check_columns(row)
        yield row


def _check_version(row: Mapping[str, Any]) -> None:
    """Refuse a row of a newer Calmline, whatever its columns are; one without a version was written before there was one."""
    version = str(row.get("schema_version", ""))
    if version.isdecimal() and int(version) > SCHEMA_VERSION:
        raise UnusableFile(FileProblem.NEWER, version)


def _check_columns(names: Iterable[str]) -> None:
    own_calls, own_samples, curves, calls = (
        {name.casefold() for name in one} - {"schema_version"}
        for one in (OWN_CALL_COLUMNS, OWN_SAMPLE_COLUMNS, SAMPLE_COLUMNS, CALL_COLUMNS)
    )
    found = {name.casefold() for name in names} - {"schema_version"}
    if found in (own_calls, own_samples):
        raise UnusableFile(FileProblem.OWN_COPY)
    if found == curves:
        raise UnusableFile(FileProblem.CURVES)
    if found != calls:
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
    return PARTS_OF_DAY[PARTS_OF_DAY.index(text.casefold())]


def _day(text: str) -> date:
    """A day as Calmline or a spreadsheet writes it: 2026-11-28, 2026. 11. 28., 28.11.2026, 11/28/2026; a time may follow.

    Raises:
        ValueError: it is none, or month and day could be either way round.
    """
    if match := re.match(r"(\d{4})[-./] ?(\d{1,2})[-./] ?(\d{1,2})(?!\d)", text):
        return date(*map(int, match.groups()))
    if match := re.match(r"(\d{1,2})([./])(\d{1,2})[./](\d{4})(?!\d)", text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
        if mark == "." or first > 12:
            return date(year, second, first)
        if second > 12 or first == second:
            return date(year, first, second)
    raise ValueError(text)


def _number(text: str) -> float:
    """A number, also as spreadsheets of much of Europe write it: with a comma."""
    return float(text.replace(",", "."))


def _up_to(highest: float, *, may_be_missing: bool = False) -> Callable[[str | float | None], float | None]:
    def read(text: str | float | None) -> float | None:
        if may_be_missing and text in (None, ""):
            return None
        number = _number("" if text is None else str(text))
        if not 0 <= number <= highest:
            raise ValueError(text)
        return number

    return read


_VALUES: Mapping[str, Callable[[Any], object]] = {
    "counsellor": _pseudonym,
    "day": _day,
    "part_of_day": _part_of_day,
    "minutes": _up_to(_DAY_MINUTES),
    "tensest_minute": _up_to(1, may_be_missing=True),
    "tense_minutes": _up_to(_DAY_MINUTES, may_be_missing=True),
    "calm_again_minutes": _up_to(_DAY_MINUTES, may_be_missing=True),
    "face_seen": _up_to(1),
}
"""How the value of each column is read; what cannot be one is a ValueError."""
