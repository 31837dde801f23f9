"""What Python's audit hook hears and should never hear: noted, not stopped. It works on every system, for code in Python.

What native code does is not heard. Where the kernel refuses something, what is noted was only tried.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_DEVICES = ("/dev/", "/proc/self/fd/", "nul", "conout$", "conin$", "\\\\.\\")
_CONNECTING = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
_STARTING = (
    *("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"),
    *("os.startfile", "os.startfile/2", "pty.spawn"),
)
_NAMING = {"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1, "os.truncate": 0}
"""Events that give a place on disk a name or a content, and which of their arguments is the place."""

MOST_NOTES = 100
"""A run that does strange things over and over is noted so often."""


class Watch:
    """Hears what this process does, and tells each strange thing once."""

    def __init__(self, writing: Sequence[Path], note: Callable[[str], object]) -> None:
        """`writing`: the folders in which files may be written, `note` gets a line such as "writes /etc/x"."""
        self._folders = [Path(os.path.realpath(folder)) for folder in writing]
        self._note = note
        self._told: set[str] = set()
        self._purpose = ""
        self._open = 0

    def begin(self) -> None:
        """Hear everything from now on; it cannot be ended."""
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge one of Python's audit events."""
        for strange in self._strange(event, arguments):
            if strange not in self._told and len(self._told) < MOST_NOTES:
                self._told.add(strange)
                self._note(strange)

    def _strange(self, event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
        if event == "open":
            path, mode, flags = arguments
            written = isinstance(mode, str) and any(letter in mode for letter in "wax+")
            if written or (isinstance(flags, int) and flags & _WRITING):
                yield from self._outside(path)
        elif event in _NAMING:
            yield from self._outside(arguments[_NAMING[event]])
        elif event in _CONNECTING:
            yield from self._far(getattr(arguments[0], "family", None), arguments[1])
        elif event in _LOOKING_UP:
            yield f"asks for the address of {arguments[0]!r}"
        elif event in _STARTING:
            yield f"starts a program: {event} {arguments[0]!r}" if arguments else f"starts a program: {event}"
        elif event == "calmline.watch_begin":
            self._purpose = str(arguments[0])
        elif event == "calmline.watch_end":
            self._purpose = ""
            if self._open:
                yield "keeps frames open"
        elif event == "calmline.frames_close":
            self._open -= 1
        elif event == "calmline.frames_open":
            self._open += 1
            if not self._purpose:
                yield f"reads frames for nothing: {arguments[0]}"

    def _outside(self, path: Any) -> Iterator[str]:
        if not isinstance(path, (str, bytes, os.PathLike)):  # a descriptor that was opened before
            return
        text = os.fsdecode(path)
        is_device = text.lower().startswith(_DEVICES) and not text.startswith("/dev/shm")  # noqa: S108
        if is_device or "__pycache__" in text:
            return
        place = Path(os.path.realpath(text))
        if not any(place.is_relative_to(folder) for folder in self._folders):
            yield f"writes {place}"

    def _far(self, family: Any, address: Any) -> Iterator[str]:
        kind = getattr(family, "name", str(family))
        if kind == "AF_UNIX":
            near = not address or any(Path(os.fsdecode(address)).is_relative_to(folder) for folder in self._folders)
        else:  # Windows has no pairs of sockets, so Python makes one out of two ends on this machine
            near = sys.platform == "win32" and isinstance(address, tuple) and address[0] == "127.0.0.1"
        if not near:
            yield f"connects to {kind} {address!r}"
