"""Keeps the screen clean: what C libraries print goes to the log (platform.md 5).

On Linux and macOS Textual draws to `sys.__stderr__`. So the terminal is duplicated for the screens, and file descriptor
2, to which OpenCV and LiteRT write from C, is pointed at the log. On Windows the screens are on standard output.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO, cast

from app.words.printable import PrintableStream

MAX_LOG_BYTES = 1_000_000
"""A log that has grown past this begins anew."""


@contextmanager
def native_output_in_log(log: Path) -> Iterator[None]:
    """Point file descriptor 2 at `log` (0600), with Python's own standard error and the screens still on the terminal.

    Everything is as before at the end. Where the log cannot be written, nothing is diverted: noise does less harm. One
    within another changes nothing.
    """
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    target = _open_log(log)
    if target is None:
        yield
        return
    if os.path.sameopenfile(target, 2):
        # Within another one: what is duplicated now would be the log, and the screens would be drawn into it.
        os.close(target)
        yield
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    before = sys.__stderr__, sys.stderr
    encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"  # the terminal's: not every Korean one is UTF-8
    shown = TextIOWrapper(
        os.fdopen(terminal, "wb", closefd=False), encoding=encoding, errors="replace", line_buffering=True
    )
    os.dup2(target, 2)
    os.close(target)
    sys.__stderr__ = shown  # type: ignore[misc]  # where Textual's driver draws on Linux and macOS
    if _leads_to_terminal(sys.stderr):
        wrapped = isinstance(sys.stderr, PrintableStream)
        sys.stderr = cast("TextIO", PrintableStream(shown)) if wrapped else shown
    already = faulthandler.is_enabled()
    if not already:
        faulthandler.enable(2)  # where native code crashes, the log at least tells in what
    try:
        yield
    finally:
        if not already:
            faulthandler.disable()
        with suppress(OSError):  # the terminal may be gone: then nobody can see what is left
            shown.flush()
        os.dup2(terminal, 2)
        sys.__stderr__, sys.stderr = before  # type: ignore[misc]
        os.close(terminal)


def _leads_to_terminal(stream: TextIO) -> bool:
    """Whether what is written there comes out of file descriptor 2; in tests it may be caught before."""
    try:
        return stream.fileno() == 2
    except (OSError, ValueError):
        return False


def _open_log(log: Path) -> int | None:
    try:
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            flags |= os.O_TRUNC
        return os.open(log, flags, 0o600)
    except OSError:
        return None
