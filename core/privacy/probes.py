"""Trying what must not work, in a process that has confined itself: a refusal that was seen says more than a rule."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

_IO_URING_SETUP = 425
_OTHER_FAMILIES = ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_VSOCK")

T = TypeVar("T")


def reading_is_refused(folders: Sequence[Path]) -> bool:
    """Whether none of these folders can be opened to list what is in it."""
    return not any(_works(lambda place: os.close(os.open(place, os.O_RDONLY)), folder) for folder in folders)


def writing_is_refused(folders: Sequence[Path]) -> bool:
    """Whether no file can be made in any of these folders; one that can is removed at once."""
    return not any(_works(_make_and_remove, folder) for folder in folders)


def network_is_refused() -> bool:
    """Whether no socket can be made but local ones, nor a queue of requests past the filter."""
    families = [getattr(socket, name) for name in _OTHER_FAMILIES if hasattr(socket, name)]
    queue = ctypes.CDLL(None).syscall(_IO_URING_SETUP, 1, ctypes.create_string_buffer(256))
    if queue >= 0:
        os.close(queue)
    return queue < 0 and not any(_works(lambda one: socket.socket(one).close(), family) for family in families)


def programs_are_refused() -> bool:
    """Whether neither another program nor a process of our own can be started."""
    return not _works(_wait_for, _spawn) and not _works(_wait_for, os.fork)


def _works(action: Callable[[T], object], argument: T) -> bool:
    with contextlib.suppress(OSError):
        action(argument)
        return True
    return False


def _make_and_remove(folder: Path) -> None:
    path = folder / f".calmline-probe-{secrets.token_hex(8)}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    path.unlink()


def _spawn() -> int:
    return os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})


def _wait_for(start: Callable[[], int]) -> None:
    child = start()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
