"""A record of a hundred thousand readings and more: what is asked of it stays small, whatever lies in it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store import CallRecord, CallStart, ExportKind, Store
from core.store.export import ExportRequest, export_to_file
from core.store.tables import Format
from core.system.clock import ManualClock

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
    tracemalloc.start()
    try:
        export_to_file(store, MINE, Format.CSV, target, "mina")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_own_copy_needs_no_more_memory_for_ten_times_as_many_readings(
    store: Store, record: Callable[[int], list[CallRecord]], tmp_path: Path
) -> None:
    record(4)
    few = peak_of(store, tmp_path / "few.csv")
    record(36)
    assert peak_of(store, tmp_path / "many.csv") < few * 1.3
    with (tmp_path / "many.csv").open() as lines:
        assert sum(1 for _line in lines) == 40_001


def test_an_export_tells_how_far_it_has_come(
    store: Store, record: Callable[[int], list[CallRecord]], tmp_path: Path
) -> None:
    record(3)
    told: list[tuple[int, int]] = []
    export_to_file(store, MINE, Format.CSV, tmp_path / "own.csv", "mina", progress=lambda *far: told.append(far))
    assert told == [(1, 3), (2, 3), (3, 3)]
