"""Whatever ends the screens, the terminal is given back and the log is named: nobody is left typing blind."""

from __future__ import annotations

import errno
import os
import signal
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.terminal.pseudo_terminal import open_terminal
from app.terminal.watching import watch_over
from tests.privacy.test_leaving import Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux is the program waited for")

CRASH_AT_A_KEY = """
import ctypes, sys
from textual import events
from app.tui.base_app import BaseApp

on_event = BaseApp.on_event

async def crash(self, event):
    if isinstance(event, events.Key):
        ctypes.string_at(0)
    await on_event(self, event)

BaseApp.on_event = crash
sys.argv = ["calmline", "demo"]
from app.__main__ import main
main()
"""


class Crashing(Terminal):
    program = ("-c", CRASH_AT_A_KEY)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def assert_given_back(terminal: Terminal, before: list[object]) -> str:
    """What is shown after the screens have gone."""
    terminal.seconds_to_end()
    for _more in range(5):
        terminal.read()
    assert termios.tcgetattr(terminal.master) == before
    shown = terminal.output.decode(errors="replace")
    for on, off in (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?1000h", "\x1b[?1000l"), ("\x1b[?25l", "\x1b[?25h")):
        assert shown.rfind(on) < shown.rfind(off)
    return shown.rsplit("\x1b[0m", 1)[-1].replace("\r", "").replace("\n", "")


def test_a_crash_of_native_code_gives_the_terminal_back_and_names_the_log(
    terminals: list[Terminal], tmp_path: Path
) -> None:
    terminal = Crashing(tmp_path)
    terminals.append(terminal)
    before = termios.tcgetattr(terminal.master)
    terminal.wait_for("Welcome")
    assert termios.tcgetattr(terminal.master) != before
    terminal.type(b"x")
    said = assert_given_back(terminal, before)
    assert terminal.process.returncode == 128 + signal.SIGSEGV
    [log] = tmp_path.rglob("calmline.log")
    assert said == f"Calmline broke off (SIGSEGV); {log} may say why. What was recorded until then is kept."
    assert "Segmentation fault" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_so_does_a_program_that_the_system_kills(
    terminals: list[Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    terminal = Terminal(tmp_path, "demo")
    terminals.append(terminal)
    before = termios.tcgetattr(terminal.master)
    terminal.wait_for("Welcome")
    os.kill(terminal.program_id(), number)
    assert f"({number.name})" in assert_given_back(terminal, before)
    assert terminal.process.returncode == 128 + number


def test_without_the_one_that_waits_the_program_ends_too(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "demo")
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    program = terminal.program_id()
    terminal.process.kill()
    until = time.monotonic() + 20
    while is_there(program) and time.monotonic() < until:
        terminal.read()
    assert not is_there(program)


class FirstInItsTerminal(Terminal):
    """The first program of a terminal window, which alone hears that the window was closed."""

    program = (
        "-c",
        "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from app.__main__ import main; main()",
    )


@pytest.mark.parametrize("kind", [Terminal, FirstInItsTerminal], ids=["nobody says so", "the system says so"])
def test_where_the_terminal_is_gone_the_program_ends(
    terminals: list[Terminal], tmp_path: Path, kind: type[Terminal]
) -> None:
    terminal = kind(tmp_path, "demo")
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    program = terminal.program_id()
    os.close(terminal.master)
    terminal.master = os.open(os.devnull, os.O_RDWR)
    assert terminal.process.wait(20) == 128 + signal.SIGHUP
    assert not is_there(program)


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_elsewhere_the_program_is_alone(system: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.terminal.watching.sys.platform", system)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it made another process"))
    watch_over(tmp_path / "calmline.log")


def test_where_no_process_can_be_made_the_program_goes_on_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def none_left() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    outside, inside = open_terminal()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with os.fdopen(inside, "r") as terminal, os.fdopen(outside, "rb"):
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(os, "fork", none_left)
        watch_over(tmp_path / "calmline.log")
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_one_that_waits_can_reach_nobody_and_start_nothing(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "demo")
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    tasks = list(Path(f"/proc/{terminal.process.pid}/task").iterdir())
    assert len(tasks) == 1
    assert "Seccomp:\t2" in (tasks[0] / "status").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_that_ends_at_once_when_it_is_asked_to_gives_the_terminal_back_too(
    terminals: list[Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    terminal = Terminal(tmp_path, "demo")
    terminals.append(terminal)
    before = termios.tcgetattr(terminal.master)
    terminal.wait_for("Welcome")
    for _twice in range(2):  # the second comes while the first is obeyed
        os.kill(terminal.process.pid, number)
    assert "broke off" not in assert_given_back(terminal, before)
