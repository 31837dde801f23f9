"""What the record says by itself: to sqlite3, pandas, DuckDB and datasette, in words, clock times and numbers."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from core.method.emotion import Outcome
from core.store.encryption import convert
from core.store.schema import MIGRATIONS
from tests.dictionary import VIEWS
from tests.store.views import MONDAY, record_of_two_days

OUTCOMES = [Outcome.NEUTRAL] * 100 + [Outcome.STRESS] * 60 + [Outcome.UNSURE] * 20 + [Outcome.GAP] * 20


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_of_two_days(tmp_path_factory.mktemp("views") / "calmline.db", OUTCOMES)


def read(path: Path, query: str) -> pd.DataFrame:
    with closing(sqlite3.connect(path)) as connection:
        return pd.read_sql(query, connection)


def test_every_code_has_its_word(database: Path) -> None:
    words = read(database, "SELECT * FROM outcome_words ORDER BY code")
    assert list(zip(words["code"], words["word"], strict=True)) == [(one.code, one.value) for one in Outcome]


def test_a_call_reads_in_words_clock_times_and_numbers(database: Path) -> None:
    first = read(database, "SELECT * FROM calls_readable ORDER BY call_id").iloc[0]
    assert (first["day"], first["started"], first["ended"]) == (
        "2026-01-05",
        "2026-01-05 09:00:00",
        "2026-01-05 09:00:40",
    )
    assert (first["seconds"], first["readings"], first["felt"]) == (40.0, 200, "so-so")
    assert first["face_seen_share"] == pytest.approx(0.9)
    shares = [first[f"{one.value}_share"] for one in Outcome if one is not Outcome.GAP]
    assert sum(shares) == pytest.approx(1)
    assert shares[2] == pytest.approx(60 / 180)
    assert 0 < first["tension_peak"] <= 1
    assert first["level_peak"] == 199 * 20 / 1000


def test_a_call_is_told_by_the_clock_on_the_wall_where_it_was_made(database: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.db"
    moved.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(moved)) as connection:
        connection.execute("UPDATE call SET utc_offset_minutes = 540")
        connection.commit()
    [[started]] = read(moved, "SELECT started FROM calls_readable WHERE call_id = 1").to_numpy()
    assert started == "2026-01-05 18:00:00"
    [[moment]] = read(moved, "SELECT time FROM samples_readable WHERE call_id = 1 AND seconds = 0.4").to_numpy()
    assert moment == "2026-01-05 18:00:00.400"


def test_readings_have_their_moment_word_and_level(database: Path) -> None:
    samples = read(database, "SELECT * FROM samples_readable WHERE call_id = 1 ORDER BY seconds")
    assert list(samples["reading"]) == [one.value for one in OUTCOMES]
    assert list(samples["level"]) == [n * 20 / 1000 for n in range(200)]
    assert pd.to_datetime(samples["time"]).iloc[5] == pd.Timestamp(MONDAY.replace(tzinfo=None)) + pd.Timedelta("1s")


def test_days_and_weeks_hold_the_persons_own_calls(database: Path) -> None:
    days, weeks = read(database, "SELECT * FROM days ORDER BY day"), read(database, "SELECT * FROM weeks")
    assert list(zip(days["day"], days["calls"], strict=True)) == [("2026-01-05", 2), ("2026-01-13", 1)]
    assert list(zip(weeks["monday"], weeks["calls"], strict=True)) == [("2026-01-05", 2), ("2026-01-12", 1)]
    assert list(days["minutes"]) == pytest.approx([80 / 60, 40 / 60])
    assert list(days["face_seen_share"]) == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize("encrypted", [False, True])
def test_the_file_says_whose_it_is_and_which_schema_it_has(database: Path, tmp_path: Path, encrypted: bool) -> None:
    path = tmp_path / "copy.db"
    path.write_bytes(database.read_bytes())
    if encrypted:
        pytest.importorskip("sqlcipher3")
        convert(path, MONDAY, before=None, after="a long passphrase")
        convert(path, MONDAY, before="a long passphrase", after=None)
    [[application]], [[version]] = (
        read(path, f"PRAGMA {name}").to_numpy() for name in ("application_id", "user_version")
    )
    assert (int(application).to_bytes(4, "big"), version) == (b"CALM", len(MIGRATIONS))


def test_every_view_explains_itself_in_the_file(database: Path) -> None:
    found = dict(read(database, "SELECT name, sql FROM sqlite_master WHERE type = 'view'").to_numpy())
    assert set(found) == set(VIEWS)
    assert all("\n-- " in sql for sql in found.values())


def test_duckdb_reads_the_views(database: Path) -> None:
    calls = read(database, "SELECT * FROM calls_readable")
    samples = read(database, "SELECT * FROM samples_readable")
    counted = "SELECT reading, count(*) FROM samples JOIN calls USING (call_id) GROUP BY reading"
    assert dict(duckdb.sql(counted).fetchall())["stress"] == 4 * 60
    assert len(calls) == 4
    assert len(samples) == 800


def test_datasette_shows_the_views(database: Path) -> None:
    command = [sys.executable, "-m", "datasette", str(database), "--get", f"/{database.stem}/days.json?_shape=array"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert '"day": "2026-01-05", "calls": 2' in shown
