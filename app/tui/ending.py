"""Leaving by a signal, as by a key: the call is ended and kept, the camera closed, the terminal as it was."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What asks a program to end. A terminal that goes away (SIGHUP) can be drawn on no more: that ends it at once."""


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
