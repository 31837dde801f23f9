"""A thousand counsellors of two hundred calls each: `python3 -m tests tests/team/test_scale.py -m slow -s` prints the figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.store.tables import Format
from tests.team.made_up import some_calls, write_calls

PEOPLE, CALLS = 1000, 200
MOST_SECONDS, MOST_BYTES = 10, 1_000_000_000

_MEASURED = """
import resource, sys, time
from app.cli.main import run
began = time.monotonic()
code = run(["--db", sys.argv[1] + "/none.db", "team", sys.argv[1], "--out", sys.argv[2]])
used = resource.getrusage(resource.RUSAGE_SELF)
if sys.platform == "linux":  # ru_maxrss would count the process that started this one, too
    [peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")]
    memory = int(peak) * 1024
else:
    memory = used.ru_maxrss
print(code, time.monotonic() - began, used.ru_utime + used.ru_stime, memory)
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process")
@pytest.mark.parametrize("form", Format)
def test_a_thousand_counsellors_merge_in_seconds(tmp_path: Path, form: Format) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for number in range(PEOPLE):
        write_calls(folder / f"{number}.{form.value}", number, some_calls(number, CALLS), form)
    command = [sys.executable, "-c", _MEASURED, str(folder), str(tmp_path / "team")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    code, seconds, processor, memory = answer.stdout.splitlines()[-1].split()
    print(
        f"{PEOPLE} counsellors x {CALLS} calls, {form.value}: {float(seconds):.1f} s, "
        f"{float(processor):.1f} s of the processor, {int(memory) / 1e6:.0f} MB"
    )
    assert code == "0"
    assert float(processor) < MOST_SECONDS  # a busy machine stretches the clock on the wall, not this
    assert int(memory) < MOST_BYTES
