"""Memory that is free goes back to the system after each call, so that a day of calls holds no more than the first.

Linux's C library keeps what was freed, apart for every thread; each call has threads of its own (frames, decoding), so
what it keeps would grow by half a megabyte a call. Other systems give free memory back by themselves: there nothing
happens here.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's mallopt."""

_ARENAS = 2
"""Parts in which threads keep their memory: two are enough for one busy thread beside the screens'."""


def share_memory_between_threads() -> bool:
    """Have all threads take their memory from the same few parts; to be called at the start. Returns whether it could."""
    library = _c_library()
    return library is not None and bool(library.mallopt(_ARENA_MAX, _ARENAS))


def give_free_memory_back() -> bool:
    """Hand free memory back to the system. Returns whether there was any, False where there is nothing to do."""
    library = _c_library()
    return library is not None and bool(library.malloc_trim(0))


def _c_library() -> Any:
    """glibc, or None on other systems (musl has neither function)."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
