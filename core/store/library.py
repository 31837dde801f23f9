"""sqlite-utils, imported without what it would only look at."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_OPTIONAL = ("pandas", "numpy")
"""Where these are installed, sqlite-utils imports them to know their types as columns; our columns are all declared.

They would cost a quarter of a second before the first screen is there.
"""


def sqlite_utils() -> ModuleType:
    """The module `sqlite_utils`, imported when it is first asked for."""
    if threading.active_count() > 1:  # one of them may be being imported at this moment
        import sqlite_utils as library
    else:
        with _held_off(_OPTIONAL):
            import sqlite_utils as library
    return library


@contextmanager
def _held_off(names: tuple[str, ...]) -> Iterator[None]:
    """Whoever imports one of these modules is told that it is not there, unless it has been imported before."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is Python's own word for "not there"
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
