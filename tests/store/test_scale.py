"""A record of a hundred thousand readings and more: what is asked of it stays small, whatever lies in it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store import tables
from core.store.export import ExportRequest, export_to_file
from core.store.records import CallRecord, CallStart, ExportKind
from core.store.store import Store
from core.store.tables import AnyFormat, FileFormat, Format, format_named
from core.system.clock import ManualClock, SystemClock
from tests.thorough import mostly_thorough

LESS_THAN_A_NUMBER = 20
"""Bytes for each further reading: keeping only one number of each would take 28, the calls' own heads take about 2."""

MINE = ExportRequest(ExportKind.SAMPLES, mine=True)


@pytest.fixture
def record(store: Store, clock: ManualClock) -> Callable[[int], list[CallRecord]]:
    """Records calls of a thousand readings each."""

    def make(count: int) -> list[CallRecord]:
        made = []
        for _ in range(count):
            call = store.begin_call(CallStart("tiny-1"))
            store.add_samples(call.id, [Sample(200 * n, list(Outcome)[n % 6], n) for n in range(1000)])
            clock.advance(200)
            made.append(store.end_call(call.id))
        return made

    return make


def peak_of(store: Store, target: Path) -> int:
    """How many bytes Python held at most while everything was written."""
    form = format_named(target)
    assert form is not None
    tracemalloc.start()
    try:
        export_to_file(store, MINE, form, target, "mina")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", mostly_thorough([*Format, *FileFormat], (Format.CSV,)))
def test_the_own_copy_needs_no_more_memory_for_ten_times_as_many_readings(
    form: AnyFormat,
    store: Store,
    record: Callable[[int], list[CallRecord]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 2000)
    record(4)
    peak_of(store, tmp_path / f"first.{form.value}")  # what is imported on the way counts for neither
    few = peak_of(store, tmp_path / f"few.{form.value}")
    record(36)
    more = peak_of(store, tmp_path / f"many.{form.value}") - few
    assert more < 36_000 * LESS_THAN_A_NUMBER
    if form is Format.CSV:
        with (tmp_path / "many.csv").open() as lines:
            assert sum(1 for _line in lines) == 40_001


@pytest.mark.parametrize("form", [*Format, *FileFormat])
def test_an_export_tells_how_far_it_has_come(
    form: AnyFormat, store: Store, record: Callable[[int], list[CallRecord]], tmp_path: Path
) -> None:
    record(3)
    told: list[tuple[int, int]] = []
    export_to_file(store, MINE, form, tmp_path / "own", "mina", progress=lambda *far: told.append(far))
    assert told == [(1, 3), (2, 3), (3, 3)]


READINGS = 500
"""Of each call of a large record: a hundred seconds."""

MEASURED = """
import resource, sys, time
from pathlib import Path
from core.store.store import Store
from core.system.clock import SystemClock
began = time.process_time()
store = Store.open(Path(sys.argv[1]), SystemClock())
opened = time.process_time()
if sys.argv[2] == "history":
    assert len(store.calls()) == int(sys.argv[3])
else:
    store.erase_all()
done = time.process_time()
store.close()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(opened - began, done - opened, memory)
"""


def large_record(path: Path, count: int) -> None:
    """A record with so many calls of the last three days, written as one copy after the other of a real one."""
    now = SystemClock().wall()
    with Store.open(path, ManualClock(now - timedelta(days=3))) as store:
        call = store.begin_call(CallStart("tiny-1"))
        store.add_samples(call.id, [Sample(200 * n, list(Outcome)[n // 50 % 5], n) for n in range(READINGS)])
        store.end_call(call.id)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TEMP TABLE more AS WITH RECURSIVE n(id) AS "
                           f"(SELECT 2 UNION ALL SELECT id + 1 FROM n WHERE id < {count}) SELECT id FROM n")  # fmt: skip
        for table, key in (("call", "id"), ("call_summary", "call_id"), ("sample", "call_id")):
            columns = [name for _n, name, *_rest in connection.execute(f"PRAGMA table_info({table})")]
            copied = [{key: "more.id", "number": "more.id"}.get(name, f"old.{name}") for name in columns]
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(copied)} FROM {table} AS old, more "
                f"WHERE old.{key} = 1"
            )
        connection.commit()


@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are counted otherwise elsewhere")
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(350)])])
def test_a_large_record_opens_shows_its_calls_and_is_erased_in_little_time_and_memory(
    count: int, tmp_path: Path
) -> None:
    path = tmp_path / "calmline.db"
    large_record(path, count)

    def measured(what: str) -> tuple[float, float, float]:
        command = [sys.executable, "-c", MEASURED, str(path), what, str(count)]
        opened, done, memory = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return float(opened), float(done), float(memory)

    opened, shown, _memory = measured("history")
    assert opened < 1.0
    assert shown < 0.3
    _opened, _erased, memory = measured("erase")
    assert memory < 1024
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sample").fetchone() == (0,)
