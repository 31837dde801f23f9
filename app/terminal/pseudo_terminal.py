"""A pseudo-terminal of 80x24 for a program that is watched or measured. POSIX only: Windows gives Python none."""

from __future__ import annotations

import sys

COLUMNS, LINES = 80, 24


def terminals_are_there() -> bool:
    """Whether this system has pseudo-terminals."""
    return sys.platform != "win32"


def open_terminal() -> tuple[int, int]:
    """Two file descriptors, both the caller's to close: the end to read from, and the end for the program.

    Raises:
        OSError: the system has none to spare.
    """
    assert sys.platform != "win32", "callers ask `terminals_are_there` first"
    import fcntl
    import pty
    import struct
    import termios

    outside, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    return outside, inside
