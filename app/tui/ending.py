"""Leaving, whatever the reason: the call is ended and kept, the camera closed, the terminal as it was."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from app.terminal.watching import TERMINAL_AS_BEFORE

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What asks a program to end. A terminal that goes away (SIGHUP) can be drawn on no more: that ends it at once."""


_TITLE = "\x1b[22;2t\x1b]2;Calmline\x1b\\"
"""The title is kept, then says the program's name and nothing else: task bars show it to whoever passes by."""

_TITLE_BEFORE = "\x1b[23;2t"


def leave_on_signals(leave: Callable[[int], object]) -> None:
    """Have the running loop call `leave` with the exit code that shells know (128 and the signal's number).

    asyncio's own way with SIGINT is to cancel the main task, which whatever it is waiting for may swallow. A second
    signal ends the program at once. On Windows, and off the main thread, nothing changes.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def heard(number: int) -> None:
        for one in SIGNALS:
            loop.remove_signal_handler(one)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        leave(128 + number)

    for one in SIGNALS:
        loop.add_signal_handler(one, heard, one)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _tell_terminal(code: str) -> None:
    if sys.__stdout__ is not None and sys.__stdout__.isatty():
        sys.__stdout__.write(code)
        sys.__stdout__.flush()


@contextmanager
def terminal_given_back() -> Iterator[None]:
    """Give the terminal back as it was, also where the block fails before Textual could do so.

    What was typed or answered by the terminal and not read yet is let go: a shell would take it for a command.
    """
    if sys.platform == "win32" or not sys.stdin.isatty():
        yield
        return
    import termios

    before = termios.tcgetattr(sys.stdin)
    _tell_terminal(_TITLE)
    try:
        yield
    except Exception:
        if sys.__stderr__ is not None:
            sys.__stderr__.write(TERMINAL_AS_BEFORE)
            sys.__stderr__.flush()
        raise
    finally:
        _tell_terminal(_TITLE_BEFORE)
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)
