"""What lies in folders: prepared data sets, and what finished runs came to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.datasets.labelled import DataSetError
from core.system.files import write_file
from core.system.json_records import JsonError, decode_json, encode_json

RESULT_FILE = "result.json"


@dataclass(frozen=True, slots=True)
class _Result:
    id: str
    test: int
    network: str
    scores: dict[str, dict[str, float | None]]


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


def write_result(folder: Path, result: Mapping[str, Any]) -> None:
    """Keep what a finished run came to; a figure that is no number, such as the loss of a run that diverged, is null."""
    write_file(folder / RESULT_FILE, encode_json(result))


def read_result(folder: Path) -> dict[str, Any] | None:
    """What a finished run came to; None where it is not finished, or what is there is no result. Null is NaN here."""
    try:
        result = decode_json((folder / RESULT_FILE).read_bytes(), _Result)
    except (OSError, JsonError):
        return None
    scores = {
        name: {figure: math.nan if value is None else value for figure, value in figures.items()}
        for name, figures in result.scores.items()
    }
    return {"id": result.id, "test": result.test, "network": result.network, "scores": scores}
