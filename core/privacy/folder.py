"""What lies in a folder of ours beside what may: names, links, sizes and attributes, never the contents."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path


def strange_files(folder: Path, allowed: Mapping[str, int | None], *, others: bool = False) -> Iterator[str]:
    """Everything in `folder` that may not be there, each with why; nothing where the folder is missing.

    Args:
        folder: looked at itself and not below it: a folder in it has to be allowed by its name.
        allowed: names as regular expressions, and how many bytes such a file may take (None: any number).
        others: the folder is the person's own, so other names in it are none of ours and are passed over.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        budgets = [most for name, most in allowed.items() if re.fullmatch(name, path.name)]
        if budgets:
            yield from _judged(path, budgets[0])
        elif not others:
            yield f"{path}: not a name that is used here"


def _judged(path: Path, most: int | None) -> Iterator[str]:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        yield f"{path}: a link to {path.readlink()}"
        return
    if most is not None and stat.S_ISREG(found.st_mode) and found.st_size > most:
        yield f"{path}: {found.st_size} bytes, where {most} would do"
    if hasattr(os, "listxattr") and (names := [one for one in os.listxattr(path) if one.startswith("user.")]):
        yield f"{path}: attributes {', '.join(names)}"
