"""Killed at any moment, the record opens, is sound, has lost a second at most, and the call is closed."""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.store.records import CallState
from core.store.store import Store
from core.system.clock import SystemClock
from tests.store.killed_call import Killed, fork_server, kill_a_call

KILLS = int(os.environ.get("CALMLINE_KILLS", "300"))
"""How many calls the long test kills."""

FEW_KILLS = 12
ALLOWED_LOSS_SECONDS = 1.0
LONGEST_CALL_SECONDS = 1.3
STARTING_SECONDS = 0.6
SEED = 20261126

needs_sigkill = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and the fork server are POSIX")


@dataclass
class Tally:
    """What the kills did.

    `lost`: for each kill the seconds between giving the first sample that is not there to the record and the kill.
    """

    broken: int = 0
    not_closed: int = 0
    killed_in_a_call: int = 0
    lost: list[float] = field(default_factory=list)
    samples: int = 0

    def __str__(self) -> str:
        return (
            f"{len(self.lost)} kills, {self.killed_in_a_call} of them in a call ({self.samples} samples reported): "
            f"{self.broken} databases broken, {self.not_closed} calls not closed, "
            f"lost per kill: median {statistics.median(self.lost):.2f} s, most {max(self.lost):.2f} s"
        )


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: how busy the disk of a test machine is, is not what is tested."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@needs_sigkill
def test_a_few_killed_calls_lose_at_most_a_second_and_are_interrupted(fast_folder: Path) -> None:
    check(kill_many(fast_folder, FEW_KILLS))


@needs_sigkill
@pytest.mark.slow
@pytest.mark.timeout(60 + 10 * KILLS)
def test_no_killed_call_out_of_hundreds_loses_more_than_a_second(tmp_path: Path) -> None:
    tally = kill_many(tmp_path, KILLS)
    print(f"\n{tally}")
    check(tally)


def check(tally: Tally) -> None:
    assert tally.broken == 0, tally
    assert tally.not_closed == 0, tally
    assert max(tally.lost) <= ALLOWED_LOSS_SECONDS, tally


def kill_many(folder: Path, kills: int) -> Tally:
    """Kill calls at random moments, most of them on one record that grows, some on a record that is just being made."""
    dice, tally, context = random.Random(SEED), Tally(), fork_server()
    for number in range(kills):
        starting = number % 4 == 0
        new = number % 8 == 0
        database = folder / (f"new-{number}" if new else "grown") / "calmline.db"
        database.parent.mkdir(exist_ok=True, mode=0o700)
        after = dice.uniform(0, STARTING_SECONDS if starting else LONGEST_CALL_SECONDS)
        before = calls_in(database)
        killed = kill_a_call(context, database, after=after, from_first_sample=not starting)
        look_at(database, before, killed, tally)
    return tally


def calls_in(database: Path) -> int:
    if not database.exists():
        return 0
    with Store.open(database, SystemClock()) as store:
        return len(store.calls())


def look_at(database: Path, before: int, killed: Killed, tally: Tally) -> None:
    """Open the record as the next start would, and compare it with what the killed process had reported."""
    reported = killed.reported
    with Store.open(database, SystemClock()) as store:
        damaged = [notice for notice in store.notices if notice.code.value == "set_aside"]
        tally.broken += bool(store.integrity() or damaged)
        calls = store.calls()
        tally.not_closed += sum(call.state is CallState.OPEN for call in calls)
        tally.samples += len(reported)
        if len(calls) == before:  # killed before the call had begun
            assert reported == ()
            tally.lost.append(0.0)
            return
        assert len(calls) == before + 1
        assert calls[-1].state is CallState.INTERRUPTED
        stored = store.samples(calls[-1].id)
        tally.killed_in_a_call += 1
        both = min(len(stored), len(reported))  # the last one may have been stored but not yet reported
        assert [(one.t_ms, one.level) for one in stored[:both]] == [(one.t_ms, one.level) for one in reported[:both]]
        tally.lost.append(killed.at - reported[both].at if len(reported) > both else 0.0)
        assert len(stored) <= len(reported) + 1
        assert calls[-1].summary.duration_ms == (stored[-1].t_ms if stored else 0)
