"""Labelled face crops: read from `file,label,subject,split` CSV + zip, partial labels kept as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.face.crop import CROP_SIZE, resize_crop
from core.method.emotion import EMOTIONS, Emotion
from core.sources.entries import EntryIndex, iter_entries
from core.sources.pictures import read_picture
from core.sources.source import Pixels, SourceError
from core.sources.tables import TableError, read_table
from core.system.errors import TranslatableError

Split = Literal["train", "val", "test"]

KOREAN = "korean"
"""The AI Hub set has no neutral picture and no pure surprise (shared README, "Traps")."""


class DataSetError(TranslatableError):
    """A data set cannot be read; the message says which file and why."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """One split of one data set, in memory.

    `pictures` (n, 100, 100, 3) uint8 RGB. `candidate_labels` (n, 4) bool: any of these may be right. `label_space` (n, 4) bool: the
    classes that this picture's set has at all. `subjects`: the person of each picture, "" where unknown. `expressions`: which
    of the eleven it shows (method.md 5), "" where the list has no such column.
    """

    name: str
    split: Split
    files: tuple[str, ...]
    pictures: NDArray[np.uint8]
    candidate_labels: NDArray[np.bool_]
    label_space: NDArray[np.bool_]
    subjects: tuple[str, ...]
    source_labels: tuple[str, ...]
    left_out: tuple[str, ...]
    expressions: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.files)

    @property
    def asked(self) -> tuple[str, ...]:
        """What each picture shows as it may be graded: its expression, or where that is not told the set's own word."""
        expressions = self.expressions or ("",) * len(self)
        return tuple(one or word for one, word in zip(expressions, self.source_labels, strict=True))

    @property
    def single(self) -> NDArray[np.int64]:
        """The class of each picture that allows exactly one, -1 for the others."""
        return np.where(self.candidate_labels.sum(axis=1) == 1, self.candidate_labels.argmax(axis=1), -1)

    def first(self, count: int) -> LabelledSet:
        """The first `count` pictures of an evenly drawn order, for trying things out."""
        keep = np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(int))
        return LabelledSet(
            self.name,
            self.split,
            tuple(self.files[i] for i in keep),
            self.pictures[keep],
            self.candidate_labels[keep],
            self.label_space[keep],
            tuple(self.subjects[i] for i in keep),
            tuple(self.source_labels[i] for i in keep),
            self.left_out,
            tuple(self.expressions[i] for i in keep) if self.expressions else (),
        )


def parse_label(label: str) -> NDArray[np.bool_]:
    """A label such as "stress" or "neutral|stress" as (4,) bool in the order of `EMOTIONS`.

    Raises:
        DataSetError: a part is no emotion, or there is none.
    """
    parts = [part.strip() for part in label.split("|") if part.strip()]
    unknown = [part for part in parts if part not in tuple(Emotion)]
    if unknown or not parts:
        raise DataSetError("{label!r} is no label: {labels}, joined by |", label=label, labels=", ".join(EMOTIONS))
    return np.array([emotion.value in parts for emotion in EMOTIONS])


def shared_label_space(candidate_labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For each picture the classes over which its probabilities are compared (partial labels, issue and README).

    A class that no picture of the set has alone is offered only to the pictures that allow it: so the korean set's
    missing neutral is not learnt as "East Asian means not neutral", and its hurt faces (neutral|stress) still count.
    "surprise", which korean only has as stress|surprise, is offered everywhere since a third of it may be surprise.
    """
    alone = candidate_labels[candidate_labels.sum(axis=1) == 1].any(axis=0)
    common = candidate_labels.mean(axis=0) >= _COMMON_SHARE
    return np.asarray((alone | common)[None, :] | candidate_labels)


_COMMON_SHARE = 0.2
"""A class that at least this share of a set may be counts as one that the set has."""


class NoPictureError(DataSetError):
    """A split of a set has no usable picture."""


def read_splits(folder: Path, names: Sequence[str], split: Split, *, limit: int | None = None) -> list[LabelledSet]:
    """One split of each of these sets (`read_set`); a set without a picture in it is left out.

    Raises:
        DataSetError: one cannot be read.
    """
    sets = []
    for name in names:
        with suppress(NoPictureError):
            sets.append(read_set(folder, name, split, limit=limit))
    return sets


def read_set(folder: Path, name: str, split: Split, *, limit: int | None = None) -> LabelledSet:
    """Read one split of `name`.csv + `name`.zip below `folder`.

    Pictures that cannot be decoded and rows without a picture are left out and named in `left_out`.

    Raises:
        DataSetError: a file is missing or broken as a whole, or nothing usable is in it.
    """
    rows = [row for row in read_rows(folder, name) if row["split"] == split]
    if limit is not None:
        rows = rows[:: max(1, len(rows) // limit)][:limit]
    kept: list[Mapping[str, str]] = []
    pictures: list[NDArray[np.uint8]] = []
    left_out: list[str] = []
    for row, picture in zip(rows, read_members(folder, name, [row["file"] for row in rows]), strict=True):
        if picture is None:
            left_out.append(row["file"])
        else:
            kept.append(row)
            pictures.append(_as_crop(picture))
    if not kept:
        raise NoPictureError("{name}: no usable picture in the split {split!r}", name=name, split=split)
    candidate_labels = np.stack([parse_label(row["label"]) for row in kept])
    return LabelledSet(
        name=name,
        split=split,
        files=tuple(row["file"] for row in kept),
        pictures=np.stack(pictures),
        candidate_labels=candidate_labels,
        label_space=shared_label_space(candidate_labels),
        subjects=tuple(row.get("subject") or "" for row in kept),
        source_labels=tuple(row.get("source_label") or "" for row in kept),
        left_out=tuple(left_out),
        expressions=tuple(row.get("expression") or "" for row in kept),
    )


def read_numbers(folder: Path, labelled: LabelledSet, column: str) -> NDArray[np.int64]:
    """What a column of a set's list says of each picture: (n,) whole numbers.

    Raises:
        DataSetError: the list has no such column, or it holds something else for a picture.
    """
    values = {row["file"]: row.get(column, "") for row in read_rows(folder, labelled.name)}
    try:
        return np.array([int(values[file]) for file in labelled.files], dtype=np.int64)
    except ValueError as error:
        raise DataSetError(
            "{file} has no whole number in its column {column} for every picture",
            file=f"{labelled.name}.csv",
            column=column,
        ) from error


def data_hash(sets: Sequence[LabelledSet]) -> str:
    """A fingerprint of which files with which labels were used: 16 hex digits."""
    digest = hashlib.sha256()
    for labelled in sets:
        digest.update(f"{labelled.name}/{labelled.split}".encode())
        for file, candidate_labels in zip(labelled.files, labelled.candidate_labels, strict=True):
            digest.update(file.encode())
            digest.update(candidate_labels.tobytes())
    return digest.hexdigest()[:16]


def read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of `name`.csv below `folder`: file, label, subject, split, and what else it has.

    Raises:
        DataSetError: it cannot be read, or lacks file, label or split.
    """
    with DataSetError.of(TableError):
        return read_table(folder / f"{name}.csv", ("file", "label", "split"))


def read_members(folder: Path, name: str, files: Iterable[str]) -> Iterator[Pixels | None]:
    """The pictures (BGR) of `name`.zip that a list calls `files`; None for one that is not there or broken.

    Raises:
        DataSetError: there is no such zip, or it cannot be read.
    """
    path = folder / f"{name}.zip"
    try:
        index = EntryIndex(list(iter_entries(path, [])))
    except SourceError as error:
        raise DataSetError(
            "{file} cannot be read: {reason}", file=path.name, reason=error.__cause__ or DataSetError("it is not there")
        ) from error
    for file in files:
        entry = index.find(file)
        yield None if entry is None else read_picture(entry).pixels


def _as_crop(pixels: Pixels) -> NDArray[np.uint8]:
    """A picture as 100 x 100 x 3 uint8 RGB, resized by the product's own crop function."""
    return np.ascontiguousarray(resize_crop(pixels, CROP_SIZE)[..., ::-1])
