"""How far a long command has come: click's progress bar on standard error, and silence where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from app.cli.form import is_quiet
from app.words.printable import own_codes_allowed

ProgressCallback = Callable[[int, int], None]
"""Called with how many of how many are done; a smaller number than before begins anew."""


@contextmanager
def progress(label: str | None = None) -> Iterator[ProgressCallback]:
    """A callback that draws a bar, from its first call to the end of the block."""
    with ExitStack() as drawn:
        bar: Any = None

        def show(done: int, total: int) -> None:
            nonlocal bar
            if bar is None or done < bar.pos or total != bar.length:
                drawn.close()
                bar = drawn.enter_context(
                    click.progressbar(
                        length=total,
                        label=label,
                        file=own_codes_allowed(sys.stderr),
                        show_pos=True,
                        hidden=is_quiet() or not sys.stderr.isatty(),
                    )
                )
            bar.update(done - bar.pos)

        yield show
