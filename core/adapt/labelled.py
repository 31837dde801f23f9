"""Labelled sets of people for the evaluation, read without the training extra: `file,label,subject,split` CSV + zip."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.face.crop import resize_crop
from core.method.emotion import EMOTIONS
from core.sources.pictures import ZIP_ERRORS, read_zip_member, zip_members
from core.sources.source import Pixels

COMMON_SHARE = 0.2
"""A class that at least this share of a set may be counts as one that the set has (as in training)."""


class LabelledError(ValueError):
    """A set cannot be read; the text says which file."""


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
        LabelledError: a file is missing, broken, or lacks a column.
    """
    files = [row["file"] for row in _validation_rows(folder, name)]
    wanted = np.linspace(0, len(files) - 1, min(count, len(files))).round().astype(int).tolist()
    return _read_crops(folder / f"{name}.zip", {number: files[number] for number in wanted})[0]


def _validation_rows(folder: Path, name: str) -> list[dict[str, str]]:
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = {"file", "label", "subject", "split"} - set(reader.fieldnames or ())
            if missing:
                raise LabelledError(f"{name}.csv lacks a column: {', '.join(sorted(missing))}")
            return [row for row in reader if row["split"] == "val"]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelledError(f"{name}.csv cannot be read: {error}") from error


def read_labelled_people(folder: Path, name: str, min_pictures: int) -> LabelledPeople:
    """The validation people of a set with at least `min_pictures` pictures; pictures that are broken are left out.

    Raises:
        LabelledError: a file is missing, broken, or lacks a column.
    """
    rows = _validation_rows(folder, name)
    labels = [row["label"].split("|") for row in rows]
    counts = Counter(row["subject"] for row in rows)
    allowed = np.array([[emotion.value in label for emotion in EMOTIONS] for label in labels], dtype=np.bool_)
    allowed = allowed.reshape(-1, len(EMOTIONS))
    wanted = [n for n, row in enumerate(rows) if row["subject"] and counts[row["subject"]] >= min_pictures]
    crops, kept = _read_crops(folder / f"{name}.zip", {number: rows[number]["file"] for number in wanted})
    has = allowed[allowed.sum(axis=1) == 1].any(axis=0) | (allowed.sum(axis=0) >= COMMON_SHARE * max(1, len(allowed)))
    return LabelledPeople(crops, allowed[kept], has | allowed[kept], [rows[number]["subject"] for number in kept])


def _read_crops(path: Path, files: dict[int, str]) -> tuple[list[Pixels], list[int]]:
    crops, kept = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            names = zip_members(archive)
            for number, file in files.items():
                picture = read_zip_member(archive, names.get(file) or names.get(Path(file).name, file))
                if picture.pixels is not None:
                    crops.append(resize_crop(picture.pixels))
                    kept.append(number)
    except ZIP_ERRORS as error:
        raise LabelledError(f"{path.name} cannot be read: {error}") from error
    return crops, kept
