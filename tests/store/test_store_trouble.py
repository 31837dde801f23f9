"""A full disk, a lock that another program holds, a folder that cannot be written: for real."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.errors import StoreError, StoreErrorCode
from core.store.records import CallStart, CallState
from core.store.store import Store
from core.system.clock import ManualClock

PATIENCE = 10.0


def wait_for_trouble(store: Store, code: StoreErrorCode | None) -> None:
    """Until the store has this trouble (None: no trouble)."""
    deadline = time.monotonic() + PATIENCE
    while (store.trouble.code if store.trouble else None) is not code:
        assert time.monotonic() < deadline, f"trouble is {store.trouble}, not {code}"
        threading.Event().wait(0.02)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """A tmpfs for the length of the block; skips where the system does not let us mount one."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", *options, "none", str(folder)], check=False).returncode:
        pytest.skip("this system does not let us mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def held_by_another_program(path: Path) -> Iterator[None]:
    """Another process holds the database's write lock for the length of the block."""
    program = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1]); connection.execute('BEGIN IMMEDIATE');"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.kill()


class TestFullDisk:
    def test_samples_wait_until_there_is_room_again(self, path: Path, clock: ManualClock) -> None:
        with mounted(path.parent, "-o", "size=1m"), Store.open(path, clock) as store:
            call = store.begin_call(CallStart("a"))
            filler = path.parent / "filler"
            fill(filler)
            samples = [Sample(tick * 200, Outcome.STRESS, tick * 20) for tick in range(5000)]
            store.add_samples(call.id, samples)
            wait_for_trouble(store, StoreErrorCode.DISK_FULL)
            with pytest.raises(StoreError) as caught:
                store.flush()
            assert caught.value.code is StoreErrorCode.DISK_FULL
            filler.unlink()
            wait_for_trouble(store, None)
            assert store.end_call(call.id).summary.readings == 5000
            assert store.samples(call.id) == samples

    def test_quitting_on_a_full_disk_says_what_is_lost_and_the_call_is_closed_later(
        self, path: Path, clock: ManualClock
    ) -> None:
        with mounted(path.parent, "-o", "size=1m"):
            store = Store.open(path, clock)
            call = store.begin_call(CallStart("a"))
            store.add_samples(call.id, [Sample(0, Outcome.STRESS, 20)])
            store.flush()
            fill(path.parent / "filler")
            store.add_samples(call.id, [Sample(200 + tick, Outcome.STRESS, 20) for tick in range(5000)])
            began = time.monotonic()
            assert store.close() == 5000
            assert time.monotonic() - began < 2.5
            (path.parent / "filler").unlink()
            with Store.open(path, clock) as again:
                assert again.call(call.id).state is CallState.INTERRUPTED
                assert again.samples(call.id) == [Sample(0, Outcome.STRESS, 20)]

    def test_a_disk_that_is_full_from_the_start_is_said_so(self, path: Path, clock: ManualClock) -> None:
        with mounted(path.parent, "-o", "size=64k"):
            fill(path.parent / "filler")
            with pytest.raises(StoreError) as caught:
                Store.open(path, clock)
            assert caught.value.code is StoreErrorCode.DISK_FULL


class TestLocked:
    def test_samples_wait_until_another_program_lets_go(self, store: Store, path: Path) -> None:
        call = store.begin_call(CallStart("a"))
        with held_by_another_program(path):
            store.add_samples(call.id, [Sample(0, Outcome.STRESS, 20)])
            wait_for_trouble(store, StoreErrorCode.LOCKED)
            with pytest.raises(StoreError) as caught:
                store.set_setting("theme", "dark")
            assert caught.value.code is StoreErrorCode.LOCKED
        wait_for_trouble(store, None)
        assert store.samples(call.id) == [Sample(0, Outcome.STRESS, 20)]

    def test_quitting_while_another_program_holds_it_takes_two_seconds_at_most(
        self, store: Store, path: Path, clock: ManualClock
    ) -> None:
        call = store.begin_call(CallStart("a"))
        with held_by_another_program(path):
            store.add_samples(call.id, [Sample(0, Outcome.STRESS, 20)])
            began = time.monotonic()
            assert store.close() == 1
            assert time.monotonic() - began < 2.5

    def test_reading_goes_on_while_another_program_holds_it(self, store: Store, path: Path) -> None:
        with held_by_another_program(path):
            assert store.setting("theme", "dark") == "dark"


class TestReadOnly:
    def test_a_read_only_folder_is_said_so_and_can_still_be_read(self, path: Path, clock: ManualClock) -> None:
        with mounted(path.parent, "-o", "size=2m"):
            with Store.open(path, clock) as store:
                store.set_setting("theme", "light")
            subprocess.run(["mount", "-o", "remount,ro", str(path.parent)], check=True)
            with pytest.raises(StoreError) as caught:
                Store.open(path, clock)
            assert caught.value.code is StoreErrorCode.READ_ONLY
            with Store.open(path, clock, read_only=True) as reader:
                assert reader.setting("theme") == "light"


class TestClosed:
    def test_a_closed_record_says_that_it_is_closed(self, store: Store) -> None:
        store.close()
        for use in (store.consent, store.flush, lambda: store.add_samples(1, [])):
            with pytest.raises(StoreError) as caught:
                use()
            assert caught.value.code is StoreErrorCode.CLOSED

    def test_closing_leaves_no_thread_and_no_log_behind(self, store: Store, path: Path) -> None:
        store.set_setting("a", "b")
        assert any(thread.name == "calmline-record" for thread in threading.enumerate())
        store.close()
        assert not any(thread.name == "calmline-record" for thread in threading.enumerate())
        assert {file.name for file in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}
        with sqlite3.connect(path) as connection:
            assert connection.execute("SELECT value FROM setting").fetchall() == [("b",)]
        connection.close()


def fill(path: Path) -> None:
    """Write until the disk has no room left."""
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
