"""A program that is told to end, or killed, in the middle of writing leaves nothing personal lying about."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.store.records import CallState
from core.store.store import Store
from core.system.clock import ManualClock
from tests.cli.shell import Shell, record

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

EXPORT_THAT_WAITS = """
import sys
from core.store import tables

def wait(stream, *_):
    stream.write("everything")
    stream.flush()
    print("half", flush=True)
    sys.stdin.read()

tables.write_rows = wait
from app.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@contextmanager
def half_an_export(shell: Shell, target: Path) -> Iterator[subprocess.Popen[str]]:
    """An export that stands still when half of it is written."""
    arguments = ["--db", str(shell.database), "export", "--mine", "--out", str(target)]
    with subprocess.Popen(
        [sys.executable, "-c", EXPORT_THAT_WAITS, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "half\n"
        [part] = target.parent.iterdir()
        assert part.read_text(encoding="utf-8").endswith("everything")
        yield program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_export_that_is_told_to_end_leaves_no_part(shell: Shell, tmp_path: Path, number: int) -> None:
    record(shell)
    target = tmp_path / "elsewhere" / "all.csv"
    target.parent.mkdir()
    with half_an_export(shell, target) as program:
        program.send_signal(number)
        _, err = program.communicate(timeout=30)
    assert program.returncode == 128 + number
    assert "Traceback" not in err
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("next_command", [("erase", "--everything", "--yes"), ("consent", "set", "--share", "nothing")])
def test_what_a_killed_export_left_is_gone_after_the_next_start(
    shell: Shell, tmp_path: Path, next_command: tuple[str, ...]
) -> None:
    record(shell)
    target = tmp_path / "elsewhere" / "all.csv"
    target.parent.mkdir()
    with half_an_export(shell, target) as program:
        program.kill()
    assert shell(*next_command)[0] == 0
    assert list(target.parent.iterdir()) == []


def test_a_call_without_screens_that_is_told_to_end_is_ended_and_kept(shell: Shell) -> None:
    arguments = ["--db", str(shell.database), "--only-models", str(shell.folder / "models")]
    how = ["run", "--headless", "--realtime", "--candidate", "tiny-1", "--source", "actor", "--seconds", "60"]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "app", *arguments, *how], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=30)
    assert program.returncode == 128 + signal.SIGTERM
    with Store.open(shell.database, ManualClock()) as store:
        [call] = store.calls()
        assert call.state is CallState.ENDED
        assert store.notices == ()
