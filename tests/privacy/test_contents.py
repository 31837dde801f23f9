"""What is hidden in the folders or in the record is found, or docs/privacy.md says that it is not."""

from __future__ import annotations

import base64
import os
import sqlite3
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.method.emotion import Outcome
from core.method.level import THESIS_TABLE
from core.method.sample import Sample
from core.privacy.folder import strange_files
from core.store.contents import names_beside
from core.store.errors import StoreError
from core.store.records import CallStart
from core.store.store import Store
from core.system.clock import ManualClock

FRAME = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A record in which things have happened."""
    path = tmp_path / "calmline.db"
    clock = ManualClock()
    with Store.open(path, clock) as store:
        store.set_setting("theme", "dark")
        call = store.begin_call(CallStart("mobilenet-v2", profile=THESIS_TABLE.name))
        store.add_samples(call.id, [Sample(t * 200, Outcome.NEUTRAL, 0) for t in range(50)])
        store.add_note(call.id, 400, "he shouted:\n“where is my parcel?”")
        store.end_call(call.id)
    return path


def strange(database: Path) -> list[str]:
    """What `doctor --privacy` finds: strange tables already when it opens the record."""
    try:
        return looked_at(database)
    except StoreError as error:
        return [error.code.value]


def looked_at(database: Path) -> list[str]:
    with Store.open(database, ManualClock(), read_only=True) as store:
        return [*store.strange_contents(), *strange_files(database.parent, names_beside(database))]


def changed(database: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for one in statements:
        connection.execute(*((one,) if isinstance(one, str) else one))
    connection.commit()
    connection.close()


def text_of_a_frame() -> str:
    return base64.b85encode(FRAME.tobytes()).decode()


def test_a_record_in_daily_use_has_nothing_strange_in_it(database: Path) -> None:
    assert strange(database) == []


FILES: dict[str, Callable[[Path], object]] = {
    "raw": lambda folder: (folder / "cache.bin").write_bytes(FRAME.tobytes()),
    "npy": lambda folder: np.save(folder / "cache.npy", FRAME),
    "bmp": lambda folder: cv2.imwrite(str(folder / "cache.bmp"), FRAME),
    "zlib": lambda folder: (folder / "cache.z").write_bytes(zlib.compress(FRAME.tobytes())),
    "a name that is nearly one of ours": lambda folder: (folder / "calmline.db-old").write_bytes(FRAME.tobytes()),
    "the names of files": lambda folder: [
        (folder / FRAME[row, :9].tobytes().hex()).write_bytes(b"") for row in range(20)
    ],
    "the names of folders": lambda folder: (folder / FRAME[0, :9].tobytes().hex()).mkdir(),
    "a lock that is too large": lambda folder: (folder / "calmline.db.lock").write_bytes(FRAME.tobytes()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_beside_the_record_is_found(name: str, database: Path) -> None:
    FILES[name](database.parent)
    assert strange(database)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_leads_outside_is_found_whatever_it_is_called(database: Path) -> None:
    (database.parent / "calmline.db-journal").symlink_to("/tmp/elsewhere")
    assert strange(database) == [f"{database.parent}/calmline.db-journal: a link to /tmp/elsewhere"]


@pytest.mark.skipif(sys.platform != "linux", reason="attributes of Linux")
def test_an_attribute_of_a_file_is_found(database: Path) -> None:
    try:
        os.setxattr(database, "user.face", b"x")
    except OSError as error:
        pytest.skip(f"no attributes here: {error}")
    assert strange(database) == [f"{database}: attributes user.face"]


RECORDS: dict[str, list[str | tuple[str, tuple[object, ...]]]] = {
    "a setting's text": [("INSERT INTO setting VALUES ('camera_cache', ?)", (text_of_a_frame(),))],
    "a setting's name": [("INSERT INTO setting VALUES (?, '1')", (text_of_a_frame()[:200],))],
    "the day of a call": [("UPDATE call SET local_day = ?", (text_of_a_frame()[:10],))],
    "the moment of a call": [("UPDATE call SET started_at = started_at || ?", (text_of_a_frame(),))],
    "a network's name": [("UPDATE call SET candidate_id = ?", (text_of_a_frame(),))],
    "a note that is too long": [("UPDATE call_note SET text = ?", (text_of_a_frame(),))],
    "a blob where a text was": ["CREATE TABLE more (id INTEGER, face TEXT)", "INSERT INTO more VALUES (1, x'0102')"],
    "a table of its own": ["CREATE TABLE face (id INTEGER PRIMARY KEY, picture BLOB)"],
    "a column of its own": ["ALTER TABLE call ADD COLUMN face TEXT"],
    "a trigger": ["CREATE TRIGGER keep AFTER DELETE ON sample BEGIN SELECT 1; END"],
    "a view": ["CREATE VIEW faces AS SELECT 1"],
}


@pytest.mark.parametrize("name", RECORDS)
def test_something_hidden_in_the_record_is_found(name: str, database: Path) -> None:
    changed(database, *RECORDS[name])
    assert strange(database)


def test_what_is_found_is_named_without_what_it_holds(database: Path) -> None:
    changed(database, "INSERT INTO setting VALUES ('secret', 'line' || char(10) || 'two')")
    assert strange(database) == ["setting.value: values of another form: 1"]


def test_pages_that_no_row_needs_are_found(database: Path) -> None:
    with database.open("ab") as file:
        file.write(FRAME.tobytes() * 36)
    assert [one for one in strange(database) if one.startswith("file: ")]


HIDDEN: dict[str, tuple[str, Callable[[], object]]] = {
    "A note of a call": ("UPDATE call_note SET text = ?", lambda: base64.b64encode(FRAME.tobytes()[:360]).decode()),
    "The numbers of a model of one's own": (
        "INSERT INTO own_model VALUES (9, 'a', 'b', 1, ?)",
        lambda: f'{{"bias": {list(FRAME.tobytes()[:50_000])}}}',
    ),
    "every whole number": ("UPDATE sample SET level = ?", lambda: int.from_bytes(FRAME.tobytes()[:7], "big")),
}
"""What docs/privacy.md says, and how it is done."""


@pytest.mark.parametrize("place", HIDDEN)
def test_what_the_docs_say_can_still_hide_does_hide(place: str, database: Path) -> None:
    statement, hidden = HIDDEN[place]
    changed(database, (statement, (hidden(),)))
    assert strange(database) == []
    assert place in (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
