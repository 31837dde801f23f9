"""The real program in a real terminal: whatever way it is left, it ends within two seconds and the screen stays clean."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.thorough import mostly_thorough

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

ROOT = Path(__file__).parents[2]
LEAVING_SECONDS = 2.0
STARTING_SECONDS = 40.0


class Terminal:
    """The program in a pseudo-terminal of 80x24."""

    program: tuple[str, ...] = ("-m", "app")

    def __init__(self, folder: Path, *arguments: str, code: str = "", **environment: str) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.output = b""
        self.process = subprocess.Popen(
            [sys.executable, *self.program, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            start_new_session=True,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "TERM": "xterm",
                "LANG": "C.UTF-8",
                "TMPDIR": str(folder),
                **environment,
            },
        )
        os.close(slave)

    def read(self) -> None:
        """What there is, waited for a moment; where the other end is closed, for its end."""
        if not select.select([self.master], [], [], 0.05)[0]:
            return
        try:
            self.output += os.read(self.master, 65536)
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)

    def wait_for(self, text: str) -> None:
        until = time.monotonic() + STARTING_SECONDS
        while text.encode() not in self.output:
            assert time.monotonic() < until, f"{text!r} never came; last: {self.output[-600:]!r}"
            assert self.process.poll() is None, self.output[-2000:]
            self.read()

    def program_id(self) -> int:
        """The process that draws: where one waits for it (Linux), its child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text()) if children.exists() else self.process.pid

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def seconds_to_end(self) -> float:
        began = time.monotonic()
        while self.process.poll() is None:
            assert time.monotonic() - began < 20, "it does not end"
            self.read()
        return time.monotonic() - began

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)


@pytest.fixture(autouse=True)
def heard_hang_ups() -> Iterator[None]:
    """Tests that run under nohup ignore SIGHUP, and what they start inherits that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def light_check(terminals: list[Terminal], folder: Path, **environment: str) -> Terminal:
    """The demo, walked to the light check, where frames are being looked at."""
    terminal = Terminal(folder, "demo", **environment)
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    terminal.type(b"\r")
    terminal.wait_for("Measure me")
    terminal.type(b"m")
    terminal.wait_for("[x]")
    terminal.type(b"\r")
    terminal.wait_for("demo actor")
    terminal.type(b"\r")
    terminal.wait_for("sharpness")
    return terminal


def no_noise(terminal: Terminal) -> None:
    for noise in (b"Traceback", b"INFO:", b"WARNING", b"[ WARN", b"XNNPACK"):
        assert noise not in terminal.output, terminal.output[-2000:]


@pytest.mark.thorough
def test_quitting_while_frames_are_looked_at_ends_within_two_seconds(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = light_check(terminals, tmp_path)
    terminal.type(b"\x11")  # ctrl+q
    assert terminal.seconds_to_end() < LEAVING_SECONDS
    assert terminal.process.returncode == 0
    no_noise(terminal)


@pytest.mark.parametrize("sent", mostly_thorough([signal.SIGTERM, signal.SIGHUP, signal.SIGINT], [signal.SIGHUP]))
def test_a_signal_ends_it_within_two_seconds(terminals: list[Terminal], tmp_path: Path, sent: signal.Signals) -> None:
    terminal = light_check(terminals, tmp_path)
    os.kill(terminal.process.pid, sent)
    assert terminal.seconds_to_end() < LEAVING_SECONDS
    assert b"Traceback" not in terminal.output
    if sent is not signal.SIGHUP:
        assert terminal.process.returncode == 128 + sent
        assert b"\x1b[?1049l" in terminal.output, "the terminal was not given back"


@pytest.mark.parametrize("environment", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "vt100", "LANG": "C"}])
def test_plain_terminals_show_the_first_screen_without_noise(
    terminals: list[Terminal], tmp_path: Path, environment: dict[str, str]
) -> None:
    terminal = Terminal(tmp_path, "demo", **environment)
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    terminal.type(b"\x11")
    assert terminal.seconds_to_end() < LEAVING_SECONDS
    no_noise(terminal)


def test_a_terminal_that_can_show_nothing_gets_a_sentence(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, TERM="dumb")
    terminals.append(terminal)
    terminal.seconds_to_end()
    terminal.read()
    assert terminal.process.returncode == 1
    assert b"cannot show screens" in terminal.output
