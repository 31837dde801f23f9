"""Files that a command writes, held against those that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from app.words.language import N_, _
from app.words.spoken import SentenceError

replace_option = click.option("--replace", "overwrite", is_flag=True, help=N_("Replace a file that is there."))
"""For commands that write a file: nothing is replaced unasked."""


def refuse_replacing(targets: Iterable[Path], read: Iterable[Path], *, overwrite: bool = True) -> None:
    """Go on where no target is a file that is read (that may be the person's only copy), or there already unasked.

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
        if _exists(target) and not overwrite:
            raise SentenceError(_("{path} is there already. With --replace it is replaced.").format(path=target))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that cannot be one
        return False
