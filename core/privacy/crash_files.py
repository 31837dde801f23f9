"""A crash must not write memory, and with it a frame, to disk; and no other program of the same user may read it."""

from __future__ import annotations

import ctypes
import sys

_SET_DUMPABLE, _GET_DUMPABLE = 4, 3
_NO_HEAP = 1
"""WerSetFlags: no heap in what Windows Error Reporting keeps of a crash."""


def keep_memory_to_ourselves() -> None:
    """Forbid core files and, on Linux, that other programs of this user attach to this one or read its memory."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.WerSetFlags(_NO_HEAP)
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def no_core_file() -> bool:
    """Whether a crash leaves no core file; False where nothing tells."""
    if sys.platform == "win32":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def memory_is_ours() -> bool:
    """Whether no other program of this user may attach or read; False where nothing tells."""
    return sys.platform == "linux" and not ctypes.CDLL(None).prctl(_GET_DUMPABLE, 0, 0, 0, 0)
