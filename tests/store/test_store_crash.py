"""Killed at any moment, the record opens, is sound, has lost a second at most, and the call is closed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.store import CallState, Store

KILLS = int(os.environ.get("CALMLINE_KILLS", "5"))
"""How many times a running call is killed; `CALMLINE_KILLS=300` for the long run."""

ALLOWED_LOSS_MS = 1000

RUNNING_CALL = """
import sys, time
from pathlib import Path
from core.clock import SystemClock
from core.emotion import Outcome
from core.monitoring import Sample
from core.store import CallStart, Store

store = Store.open(Path(sys.argv[1]), SystemClock())
call = store.begin_call(CallStart("mobilenetv2-1"))
began = time.monotonic()
last = -1
while True:
    now = round((time.monotonic() - began) * 1000)
    if now > last:
        store.add_samples(call.id, [Sample(now, Outcome.STRESS, now)])
        print(call.id, now, flush=True)
        last = now
    time.sleep(0.005)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.timeout(60 + 5 * KILLS)
def test_a_killed_call_loses_at_most_a_second_and_is_interrupted(path: Path) -> None:
    dice = random.Random(20261123)
    for _ in range(KILLS):
        call_id, last_ms = kill_a_call(path, seconds=dice.uniform(0.0, 1.6))
        with Store.open(path, SystemClock()) as store:
            assert store.integrity() == []
            call = store.call(call_id)
            assert call.state is CallState.INTERRUPTED
            stored = store.samples(call_id)
            assert last_ms - (stored[-1].t_ms if stored else 0) <= ALLOWED_LOSS_MS
            assert call.summary.duration_ms == (stored[-1].t_ms if stored else 0)


def kill_a_call(path: Path, seconds: float) -> tuple[int, int]:
    """Run a call, kill it `seconds` after its first sample; its id and the time of the last sample it was given."""
    with subprocess.Popen([sys.executable, "-c", RUNNING_CALL, path], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        time.sleep(seconds)  # the moment of the kill is what is tested
        program.kill()
        lines = [line for line in (first, *program.stdout) if line.endswith("\n")]
    call_id, last_ms = lines[-1].split()
    return int(call_id), int(last_ms)
