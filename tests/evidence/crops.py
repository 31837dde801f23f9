"""Crops of prepared sets, to try networks on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.datasets.labelled import read_members, read_rows
from core.face.crop import resize_crop
from core.sources.source import Pixels


def read_validation_crops(folder: Path, name: str, count: int) -> list[Pixels]:
    """`count` validation crops of a set (100 x 100 x 3 uint8 BGR), evenly spread over its list; fewer where it has fewer.

    Raises:
        DataSetError: a file is missing, broken, or lacks a column.
    """
    files = [row["file"] for row in read_rows(folder, name) if row["split"] == "val"]
    wanted = np.linspace(0, len(files) - 1, min(count, len(files))).round().astype(int).tolist()
    read = read_members(folder, name, (files[number] for number in wanted))
    return [resize_crop(pixels) for pixels in read if pixels is not None]
