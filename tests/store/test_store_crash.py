"""Killed at any moment, the record opens, is sound, has lost a second at most, and the call is closed."""

from __future__ import annotations

import os
import random
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.store import CallState, Store

KILLS = int(os.environ.get("CALMLINE_KILLS", "300"))
"""How many calls the long test kills."""

FEW_KILLS = 12
ALLOWED_LOSS_MS = 1000
LONGEST_CALL_SECONDS = 1.3
STARTING_SECONDS = 0.6
SEED = 20261126

needs_sigkill = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and the fork server are POSIX")


@dataclass
class Tally:
    """What the kills did."""

    broken: int = 0
    not_closed: int = 0
    killed_in_a_call: int = 0
    lost_ms: list[int] = field(default_factory=list)
    samples: int = 0

    def __str__(self) -> str:
        return (
            f"{len(self.lost_ms)} kills, {self.killed_in_a_call} of them in a call ({self.samples} samples reported): "
            f"{self.broken} databases broken, {self.not_closed} calls not closed, "
            f"lost per kill: median {statistics.median(self.lost_ms):.0f} ms, most {max(self.lost_ms)} ms"
        )


@needs_sigkill
def test_a_few_killed_calls_lose_at_most_a_second_and_are_interrupted(tmp_path: Path) -> None:
    check(kill_many(tmp_path, FEW_KILLS))


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
    assert max(tally.lost_ms) <= ALLOWED_LOSS_MS, tally


def kill_many(folder: Path, kills: int) -> Tally:
    """Kill calls at random moments, most of them on one record that grows, some on a record that is just being made."""
    from tests.store.killed_call import fork_server, kill_a_call

    dice, tally, context = random.Random(SEED), Tally(), fork_server()
    for number in range(kills):
        starting = number % 4 == 0
        new = number % 8 == 0
        database = folder / (f"new-{number}" if new else "grown") / "calmline.db"
        database.parent.mkdir(exist_ok=True, mode=0o700)
        after = dice.uniform(0, STARTING_SECONDS if starting else LONGEST_CALL_SECONDS)
        before = calls_in(database)
        killed = kill_a_call(context, database, after=after, from_first_sample=not starting)
        look_at(database, before, killed.reported, killed.levels, tally)
    return tally


def calls_in(database: Path) -> int:
    if not database.exists():
        return 0
    with Store.open(database, SystemClock()) as store:
        return len(store.calls())


def look_at(database: Path, before: int, reported: tuple[int, ...], levels: tuple[int, ...], tally: Tally) -> None:
    """Open the record as the next start would, and compare it with what the killed process had reported."""
    with Store.open(database, SystemClock()) as store:
        damaged = [notice for notice in store.notices if notice.code.value == "set_aside"]
        tally.broken += bool(store.integrity() or damaged)
        calls = store.calls()
        tally.not_closed += sum(call.state is CallState.OPEN for call in calls)
        tally.samples += len(reported)
        if len(calls) == before:  # killed before the call had begun
            assert reported == ()
            tally.lost_ms.append(0)
            return
        assert len(calls) == before + 1
        assert calls[-1].state is CallState.INTERRUPTED
        stored = store.samples(calls[-1].id)
        tally.killed_in_a_call += 1
        tally.lost_ms.append(max(0, reported[-1] - (stored[-1].t_ms if stored else 0)) if reported else 0)
        both = min(len(stored), len(reported))  # the last one may have been stored but not yet reported
        assert [(s.t_ms, s.level) for s in stored[:both]] == list(zip(reported, levels, strict=True))[:both]
        assert len(stored) <= len(reported) + 1
        assert calls[-1].summary.duration_ms == (stored[-1].t_ms if stored else 0)
