"""Runs a program that is measured in a pseudo-terminal of its own, until it has drawn something or has ended."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.terminal.pseudo_terminal import open_terminal

_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUNBUFFERED": "1"}
_LOOK_SECONDS = 0.5
_READ_BYTES = 65536
_KEPT_BYTES = 4096
"""The end of what was drawn that is kept, to find a word that comes in two parts."""


class TerminalRunError(Exception):
    """A program that was run to be measured failed or never drew what was waited for; with the end of its output."""


def run_in_terminal(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    until: str | None = None,
    longest: float = 120.0,
) -> float:
    """Run `command` in a terminal of its own, reading what it draws as a terminal would.

    Args:
        command: the program and its arguments.
        environment: variables added to ours.
        folder: where it runs.
        until: end it as soon as this text has been drawn, else wait until it has ended by itself.
        longest: seconds after which it is ended.

    Returns:
        Seconds until the text was drawn or the program had ended.

    Raises:
        TerminalRunError: it failed, took too long, or ended without drawing the text.
    """
    terminal, inside = open_terminal()
    began = time.perf_counter()
    program = subprocess.Popen(
        command,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        cwd=folder,
        env={**os.environ, **_ENVIRONMENT, **environment},
        start_new_session=True,
    )
    os.close(inside)
    try:
        drawn, found = _read_until(terminal, program, until, began + longest)
        took = time.perf_counter() - began
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        code = program.wait()
        with suppress(OSError):  # a process that was waited for by it may live a moment longer
            while os.read(terminal, _READ_BYTES):
                pass
        os.close(terminal)
    if until is not None and not found:
        raise TerminalRunError(f"{until!r} was never drawn; the end was {drawn[-300:]!r}")
    if until is None and code != 0:
        raise TerminalRunError(f"it ended with {code}; the end was {drawn[-600:].decode(errors='replace')}")
    return took


def _read_until(
    terminal: int, program: subprocess.Popen[bytes], until: str | None, latest: float
) -> tuple[bytes, bool]:
    """The end of what was drawn, and whether the text was in it."""
    wanted, end = None if until is None else until.encode(), b""
    while time.perf_counter() < latest:
        ready, _, _ = select.select([terminal], [], [], _LOOK_SECONDS)
        if not ready:
            if program.poll() is not None:
                return end, False
            continue
        try:
            part = os.read(terminal, _READ_BYTES)
        except OSError:  # Linux's way to say that nobody draws any more
            part = b""
        if not part:
            with suppress(subprocess.TimeoutExpired):  # whoever called ends it, and says so
                program.wait(max(0.1, latest - time.perf_counter()))
            return end, False
        end += part
        if wanted is not None and wanted in end:
            return end, True
        end = end[-_KEPT_BYTES:]
    return end, False
