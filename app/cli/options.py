"""Options and kinds of paths that several commands share, so that they are called and explained alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from app.cli.groups import renamed_option
from app.words.language import N_, _
from app.words.spoken import SentenceError


class KnownPath(click.Path):
    """A file or folder that must be there; one that is not was understood well, so it is refused like any bad input."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            SentenceError: it is not there.
            click.BadParameter: it is of another kind, or may not be read.
        """
        if not Path(value).exists():
            raise SentenceError(_("{name} is not there. Check the path.").format(name=os.fspath(value)))
        return super().convert(value, param, ctx)


PATH = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
KNOWN_PATH = KnownPath(path_type=Path, exists=True)
KNOWN_FILE = KnownPath(path_type=Path, exists=True, dir_okay=False)
KNOWN_FOLDER = KnownPath(path_type=Path, exists=True, file_okay=False)

candidates_option = click.option(
    "--candidate", multiple=True, help=N_("Only this network (may be given several times).")
)
data_option = click.option(
    "--data", type=PATH, default=Path("data"), show_default=True, help=N_("Folder with the data sets.")
)
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help=N_("What is drawn is drawn by this number.")
)
cropped_option = renamed_option(
    "--cropped",
    formerly=["--crops", "--as-cut"],
    is_flag=True,
    help=N_("The pictures are faces already: do not look for one."),
)
"""For commands that are given pictures of people."""


def out_option(
    usual: str | None, text: str = N_("Write here."), formerly: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the command gets `--out`, which is `usual` where nothing is said; `text` explains it."""
    default = None if usual is None else Path(usual)
    return renamed_option("--out", formerly=formerly, type=PATH, default=default, show_default=True, help=text)
