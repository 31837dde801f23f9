"""What this process holds: memory, threads, open files. With the system's own means, no package is needed for it."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Footprint:
    """Resident bytes, threads of Python, threads of the system and open files or handles; None: not to be had here."""

    resident_bytes: int | None
    python_threads: int
    threads: int | None
    handles: int | None


def footprint() -> Footprint:
    """This process at this moment.

    Linux tells all of it. macOS tells no number of system threads, Windows neither; there handles count what Linux
    calls files, and everything else that the system has given out.
    """
    return Footprint(resident_bytes(), threading.active_count(), _system_threads(), _handles())


def resident_bytes() -> int | None:
    """Memory of this process that is in the computer's memory now; None where the system does not say."""
    if sys.platform.startswith("linux"):
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * _page_size()
    if sys.platform == "win32":
        return _working_set()
    return _resident_by_ps()


def _page_size() -> int:
    import resource

    return resource.getpagesize()


def _resident_by_ps() -> int | None:
    import os

    asked = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=False)
    return int(asked.stdout) * 1024 if asked.stdout.strip().isdecimal() else None


def _system_threads() -> int | None:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else None


def _handles() -> int | None:
    if sys.platform == "win32":
        return _handle_count()
    for place in (Path("/proc/self/fd"), Path("/dev/fd")):
        if place.is_dir():
            return len(list(place.iterdir())) - 1  # one is the listing itself
    return None


class _MemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    )


def _working_set() -> int | None:
    counters = _MemoryCounters()
    counters.cb = ctypes.sizeof(counters)
    kernel = _kernel()
    ask = kernel.K32GetProcessMemoryInfo
    ask.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    found = ask(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
    return int(counters.WorkingSetSize) if found else None


def _handle_count() -> int | None:
    count = ctypes.c_uint32()
    kernel = _kernel()
    ask = kernel.GetProcessHandleCount
    ask.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    return int(count.value) if ask(kernel.GetCurrentProcess(), ctypes.byref(count)) else None


def _kernel() -> Any:
    loaded: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]  # there on Windows only
    loaded.GetCurrentProcess.restype = ctypes.c_void_p
    return loaded
