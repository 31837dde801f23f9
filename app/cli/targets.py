"""Files that a command writes, held against those that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.words.language import _
from app.words.spoken import SentenceError


def refuse_replacing(targets: Iterable[Path], read: Iterable[Path]) -> None:
    """Go on where no target is a file that is read: that may be the person's only copy.

    Raises:
        SentenceError: one is; the text names it.
    """
    sources = [path for path in read if _exists(path)]
    for target in targets:
        if _exists(target) and any(target.samefile(source) for source in sources):
            raise SentenceError(
                _("{path} is what you want to be read, and would be replaced. Write to another place.").format(
                    path=target
                )
            )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that cannot be one
        return False
