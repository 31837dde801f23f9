"""What a program may find itself started in: signals that end it, streams that are closed or full, no time zone at all."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime


@contextmanager
def ended_by_signals() -> Iterator[list[int]]:
    """Have a signal that ends programs unwind this one, as Ctrl+C does: what is half written is removed on the way.

    Gives the numbers of the signals heard. On Windows, off the main thread, and for what nohup ignores, nothing changes.
    """
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    ours = []
    if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
        ours = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for one in ours:
        signal.signal(one, hear)
    try:
        yield heard
    finally:
        for one in ours:
            signal.signal(one, signal.SIG_DFL)


def open_missing_streams() -> None:
    """Open what was closed before the start, so that no file of ours gets the number of a standard stream.

    Standard input then is empty, standard error leads nowhere, and writing to standard output fails as on a full disk.
    """
    for number, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flags)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            stream = os.fdopen(number, "w" if number else "r", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def discard_output() -> None:
    """Let what standard output still holds go nowhere: Python would complain about it once more at its own end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave_impossible_time_zone() -> str | None:
    """Use UTC where the time zone is a day or more away from it; returns the name of such a zone, else None."""
    try:
        datetime.now().astimezone()
    except (ValueError, OverflowError):
        impossible, os.environ["TZ"] = os.environ.get("TZ", ""), "UTC"
        if sys.platform != "win32":
            time.tzset()
        return impossible
    return None
