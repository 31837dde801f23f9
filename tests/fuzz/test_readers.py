"""No file that somebody damaged or made brings a reader to a traceback or a standstill."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.damage import damaged
from tests.fuzz.readers import Reader, readers

SHORT_SHARE = 50
"""The short run tries one input of so many."""

HANG_SECONDS = 60.0
"""Far more than any input takes, however busy the machine."""


@pytest.fixture(scope="module")
def all_readers(tmp_path_factory: pytest.TempPathFactory) -> list[Reader]:
    return readers(tmp_path_factory.mktemp("good"))


def test_no_reader_is_brought_down_by_a_few_hundred_inputs(all_readers: list[Reader], tmp_path: Path) -> None:
    for reader in all_readers:
        tried, _ = feed(reader, max(4, reader.inputs // SHORT_SHARE), tmp_path)
        assert tried >= 4


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_reader_is_brought_down_by_twenty_thousand_inputs(all_readers: list[Reader], tmp_path: Path) -> None:
    total = 0
    for reader in all_readers:
        began = time.monotonic()
        tried, slowest = feed(reader, reader.inputs, tmp_path)
        total += tried
        print(
            f"{reader.name}: {tried} inputs, {time.monotonic() - began:.0f} s, slowest {slowest * 1000:.0f} ms",
            flush=True,
        )
    print(f"{total} inputs over {len(all_readers)} readers: no traceback, no hang")
    assert total >= 20_000


def feed(reader: Reader, inputs: int, folder: Path) -> tuple[int, float]:
    """Give a reader damaged files; how many, and how many seconds the slowest took."""
    place = folder / reader.name.replace(" ", "-")
    place.mkdir()
    tried, slowest = 0, 0.0

    @settings(
        max_examples=inputs,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(reader.seeds))
    def one(content: bytes) -> None:
        nonlocal tried, slowest
        tried += 1
        began = time.monotonic()
        try:
            reader.read(content, place)
        except reader.errors as error:
            assert str(error)
        slowest = max(slowest, time.monotonic() - began)
        assert slowest < HANG_SECONDS

    one()
    return tried, slowest
