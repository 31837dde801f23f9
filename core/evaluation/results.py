"""What lies in folders: prepared data sets, and what finished runs came to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.datasets.labelled import DataSetError

RESULT_FILE = "result.json"
_FIELDS = {"id", "test", "network", "scores"}


def find_sets(folder: Path) -> tuple[str, ...]:
    """The sets in a folder: each CSV with a zip beside it.

    Raises:
        DataSetError: there is none.
    """
    names = tuple(sorted(path.stem for path in folder.glob("*.csv") if path.with_suffix(".zip").is_file()))
    if not names:
        raise DataSetError(
            "{folder} holds no data set (NAME.csv with NAME.zip); `calmline train data prepare` makes them",
            folder=folder,
        )
    return names


def read_result(folder: Path) -> dict[str, Any] | None:
    """What a finished run came to; None where it is not finished, or what is there is no result."""
    try:
        loaded = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) and loaded.keys() >= _FIELDS else None
