"""Labelled sets of people for the evaluation, read without the training extra: `file,label,subject,split` CSV + zip."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import read_members, read_rows
from core.face.crop import resize_crop
from core.method.emotion import EMOTIONS
from core.sources.source import Pixels

COMMON_SHARE = 0.2
"""A class that at least this share of a set may be counts as one that the set has (as in training)."""


@dataclass(frozen=True, slots=True)
class LabelledPeople:
    """n crops (100 x 100 x 3 uint8 BGR), what each may be and is compared with (n, 4) bool, and whose it is."""

    crops: list[Pixels]
    allowed: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    subjects: list[str]


def read_validation_crops(folder: Path, name: str, count: int) -> list[Pixels]:
    """`count` validation crops of a set (100 x 100 x 3 uint8 BGR), evenly spread over its list; fewer where it has fewer.

    Raises:
        DataSetError: a file is missing, broken, or lacks a column.
    """
    files = [row["file"] for row in read_rows(folder, name) if row["split"] == "val"]
    wanted = np.linspace(0, len(files) - 1, min(count, len(files))).round().astype(int).tolist()
    read = read_members(folder, name, (files[number] for number in wanted))
    return [resize_crop(pixels) for pixels in read if pixels is not None]


def read_labelled_people(folder: Path, name: str, min_pictures: int) -> LabelledPeople:
    """The validation people of a set with at least `min_pictures` pictures; pictures that are broken are left out.

    Raises:
        DataSetError: a file is missing, broken, or lacks a column.
    """
    rows = [row for row in read_rows(folder, name) if row["split"] == "val"]
    labels = [row["label"].split("|") for row in rows]
    subjects = [row.get("subject", "") for row in rows]
    counts = Counter(subjects)
    allowed = np.array([[emotion.value in label for emotion in EMOTIONS] for label in labels], dtype=np.bool_)
    allowed = allowed.reshape(-1, len(EMOTIONS))
    wanted = [number for number, subject in enumerate(subjects) if subject and counts[subject] >= min_pictures]
    crops: list[Pixels] = []
    kept: list[int] = []
    for number, pixels in zip(wanted, read_members(folder, name, (rows[n]["file"] for n in wanted)), strict=True):
        if pixels is not None:
            crops.append(resize_crop(pixels))
            kept.append(number)
    has = allowed[allowed.sum(axis=1) == 1].any(axis=0) | (allowed.sum(axis=0) >= COMMON_SHARE * max(1, len(allowed)))
    return LabelledPeople(crops, allowed[kept], has | allowed[kept], [subjects[number] for number in kept])
