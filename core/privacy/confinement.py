"""Confining this process to what it needs: by the kernel where there is a way, and heard by `Watch` everywhere.

To be called before any thread is made (a thread that runs is not confined) and after the folders are there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.privacy.landlock import READ, SPEAK_TO_DEVICES, WRITE, Right, restrict
from core.privacy.system_calls import refuse_system_calls
from core.privacy.watch import Watch

_SYSTEM = tuple(map(Path, "/usr /lib /lib32 /lib64 /bin /sbin /etc /opt /nix /gnu /snap /proc /sys".split()))
"""Where libraries, time zones and the system's own figures are read."""

_DEVICES = Path("/dev")
_SCOPED_SINCE = 6


@dataclass(frozen=True, slots=True)
class Reach:
    """What a confined process may touch, with everything below it: to read, and to read and write.

    `temporary` is one of the folders to write: where Python and SQLite put what they need for a moment.
    """

    reading: tuple[Path, ...]
    writing: tuple[Path, ...]
    temporary: Path


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the kernel refuses from now on.

    `files`: everything outside of the reach. `scoped`: abstract sockets of other programs, and signals to them.
    `calls`: sockets that are not local, other programs, processes of its own. `threads`: there were others already, so
    nothing was asked of the kernel.
    """

    files: bool = False
    scoped: bool = False
    calls: bool = False
    threads: bool = False


def confine(reach: Reach, note: Callable[[str], object]) -> Confinement:
    """Confine this process, for good; what Python code then still tries outside of `reach` goes to `note`."""
    tempfile.tempdir = str(reach.temporary)
    os.environ.update(dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR"), str(reach.temporary)))
    result = _by_kernel(reach)
    Watch(reach.writing, note).begin()
    return result


def _by_kernel(reach: Reach) -> Confinement:
    if sys.platform != "linux":
        return Confinement()
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - names alone
        return Confinement(threads=True)
    rights: dict[Path, Right] = dict.fromkeys((*_SYSTEM, *program_folders(os.environ), *reach.reading), READ)
    rights |= dict.fromkeys(reach.writing, WRITE) | {_DEVICES: SPEAK_TO_DEVICES}
    try:
        abi = restrict(rights)
    except OSError:  # a container may forbid what its kernel offers
        abi = 0
    return Confinement(files=abi > 0, scoped=abi >= _SCOPED_SINCE, calls=refuse_system_calls())


def program_folders(environment: Mapping[str, str]) -> Iterator[Path]:
    """Where Python, its packages, this program and their libraries lie."""
    yield from map(Path, (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix))
    yield from (Path(entry) for entry in sys.path if entry)
    yield Path(__file__).resolve().parents[2]
    yield from (Path(entry) for entry in environment.get("LD_LIBRARY_PATH", "").split(os.pathsep) if entry)
