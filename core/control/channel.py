"""The way that commands take: a Unix socket (a named pipe on Windows) that only its owner can reach, and a key."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

from core.control.protocol import MAX_MESSAGE_BYTES, ControlError, ControlErrorCode
from core.system.files import FileError, read_plain_file, write_file

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection

    FAMILY = "AF_PIPE"
    Line: TypeAlias = "Connection[Any, Any] | PipeConnection[Any, Any]"
else:
    FAMILY = "AF_UNIX"
    Line: TypeAlias = "Connection[Any, Any]"

EXCHANGE_SECONDS = 0.8
"""A caller that stays silent this long is hung up on; less than stopping may take."""

UNIX_PATH_BYTES = 103
"""What macOS leaves for a Unix socket's path besides the ending zero; Linux leaves 107."""


def make_authkey(path: Path) -> bytes:
    """Draw a new key and write it to `path`, 0600; a key that is there is replaced.

    Raises:
        ControlError: it cannot be written.
    """
    key = secrets.token_hex(32).encode()
    try:
        write_file(path, key)
    except OSError as error:
        raise ControlError(ControlErrorCode.NOT_POSSIBLE, str(error)) from error
    return key


def read_authkey(path: Path) -> bytes:
    """The key of the running monitor.

    Raises:
        ControlError: there is none (nothing is running), or it cannot be ours.
    """
    try:
        key = read_plain_file(path, MAX_MESSAGE_BYTES)
    except FileError as error:
        missing = isinstance(error.__cause__, FileNotFoundError)
        code = ControlErrorCode.NOT_RUNNING if missing else ControlErrorCode.REFUSED
        raise ControlError(code, str(path) if missing else str(error)) from error
    if not key:
        raise ControlError(ControlErrorCode.NOT_RUNNING, str(path))
    if sys.platform != "win32" and path.stat().st_uid != os.geteuid():
        raise ControlError(ControlErrorCode.REFUSED, str(path))
    return key


def make_room(path: Path) -> None:
    """Make sure of a Unix socket's folder and name, and remove a dead process's socket.

    Raises:
        ControlError: too long a path, a folder that others may enter, a living listener, or no socket at that name.
    """
    if sys.platform == "win32":
        return
    if len(os.fsencode(path)) > UNIX_PATH_BYTES:
        raise ControlError(ControlErrorCode.ADDRESS_TOO_LONG, str(path))
    try:
        folder = path.parent.stat()
        kind = path.lstat().st_mode if os.path.lexists(path) else None
    except OSError as error:
        raise ControlError(ControlErrorCode.NOT_POSSIBLE, str(error)) from error
    if folder.st_uid != os.getuid() or stat.S_IMODE(folder.st_mode) & 0o077:
        raise ControlError(ControlErrorCode.UNSAFE_FOLDER, str(path.parent))
    if kind is None:
        return
    if not stat.S_ISSOCK(kind):
        raise ControlError(ControlErrorCode.NOT_POSSIBLE, f"{path} is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(EXCHANGE_SECONDS)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise ControlError(ControlErrorCode.IN_USE, str(error)) from error
    raise ControlError(ControlErrorCode.IN_USE, str(path))


def same_user(connection: Line) -> bool:
    """Whether the caller is our own user, where the system tells; the folder's rights say so everywhere."""
    if sys.platform != "linux":
        return True
    with socket.socket(fileno=os.dup(connection.fileno())) as peer:
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.getuid()


@contextlib.contextmanager
def hung_up_after(connection: Line, seconds: float) -> Iterator[threading.Event]:
    """Hang up if the block takes longer, so that it fails with EOF or OSError; the event tells that this was why."""
    late = threading.Event()
    peer = None if sys.platform == "win32" else socket.socket(fileno=os.dup(connection.fileno()))

    def hang_up() -> None:
        late.set()
        with contextlib.suppress(OSError):  # it has gone by itself
            if peer is None:
                connection.close()
            else:
                peer.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        if peer is not None:
            peer.close()
