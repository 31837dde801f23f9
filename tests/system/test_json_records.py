"""JSON is read in one way: as the record that it ought to be."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.system.json_records import JsonError, decode_json, record_of

ROOT = Path(__file__).parents[2]
READS_JSON_ITSELF = {
    "core/control/protocol.py": "a softphone waits for it",
    "core/training/resuming.py": "only what it has just written itself",
}


@dataclass(frozen=True)
class Part:
    """A part of a record."""

    name: str
    share: float


@dataclass(frozen=True)
class Whole:
    """A record with parts; an odd number cannot be."""

    kind: Literal["RGB", "GREY"]
    number: int
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for an odd number."""
        if self.number % 2:
            raise ValueError("an odd number")


parts = st.builds(Part, st.text(st.characters(codec="utf-8")), st.floats(allow_nan=False, allow_infinity=False))
wholes = st.builds(
    Whole,
    st.sampled_from(["RGB", "GREY"]),
    st.integers(-(2**62), 2**62).map(lambda half: half // 2 * 2),
    st.lists(parts).map(tuple),
)


@given(wholes)
def test_a_record_comes_back_from_its_json(whole: Whole) -> None:
    assert decode_json(json.dumps(asdict(whole)), Whole) == whole
    assert record_of(asdict(whole), Whole) == whole


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "truncated"),
        (b"\xff", "malformed"),
        (b"[" * 100_000, "Expected `object`"),
        (b'{"kind": "RGB", "other": ' + b"[" * 100_000, "recursion"),
        (b"null", "Expected `object`"),
        (b'{"kind": "RGB"}', "missing required field `number`"),
        (b'{"kind": "BGR", "number": 2}', r"'BGR' - at `\$.kind`"),
        (b'{"kind": "RGB", "number": "2"}', r"Expected `int`, got `str` - at `\$.number`"),
        (b'{"kind": "RGB", "number": true}', r"Expected `int`, got `bool` - at `\$.number`"),
        (b'{"kind": "RGB", "number": 3}', "an odd number"),
        (b'{"kind": "RGB", "number": 2, "parts": [{"name": "a", "share": NaN}]}', "malformed"),
        (b'{"kind": "RGB", "number": 2, "parts": [{"name": "a", "share": 1e999}]}', "out of range"),
        (b'{"kind": "RGB", "number": 2, "parts": [{"name": 1, "share": 1}]}', r"`\$.parts\[0\].name`"),
    ],
)
def test_what_is_no_such_record_says_what_is_wrong_where(content: bytes, complaint: str) -> None:
    with pytest.raises(JsonError, match=complaint):
        decode_json(content, Whole)


@given(st.binary(max_size=60))
def test_whatever_the_bytes_are_it_is_a_value_or_a_json_error(content: bytes) -> None:
    try:
        value = decode_json(content, Any)
    except JsonError as error:
        assert str(error)
    else:
        assert decode_json(json.dumps(value), Any) == value


def test_what_a_record_does_not_know_is_left_out() -> None:
    assert decode_json('{"kind": "GREY", "number": 2, "new": [1]}', Whole) == Whole("GREY", 2)


def test_json_is_read_here_and_nowhere_else() -> None:
    reading = re.compile(r"\bjson\.loads?\(|\bmsgspec\b")
    found = {
        file.relative_to(ROOT).as_posix()
        for room in ("app", "core")
        for file in (ROOT / room).rglob("*.py")
        if reading.search(file.read_text(encoding="utf-8"))
    }
    assert found == {*READS_JSON_ITSELF, "core/system/json_records.py"}
