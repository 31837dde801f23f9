"""What lies in folders: prepared data sets, and what finished runs came to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.datasets.labelled import DataSetError
from core.system.json_records import JsonError, decode_json

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
        loaded = decode_json((folder / RESULT_FILE).read_bytes(), dict[str, Any])
    except (OSError, JsonError):
        return None
    return loaded if loaded.keys() >= _FIELDS else None
