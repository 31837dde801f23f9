"""Faces cut by the product's own detector: the ten actors, videos with labels, and sets that are cut once more."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import DataSetError, LabelledSet
from core.face.box import FaceFinder
from core.face.crop import crop_face
from core.method.emotion import EMOTIONS, Emotion, expression_by_id
from core.sources.pictures import decode_picture
from core.sources.source import Pixels, SourceError
from core.sources.video import VideoSource
from core.system.resources import ASSETS_FOLDER

NEUTRAL_WORDS = ("neutral", "expressionless")
"""What the actors do when they do nothing."""

FULL = 0.99
"""Frames of weaker expressions are left out: what a quarter of a smile is called is a matter of taste."""

EVERY = 3
"""Of a video every so many frames: neighbours are the same face."""

_PAD = 0.5
"""A crop is put on a larger ground of its own border, since the detector needs something around a face."""


def actor_faces(finder: FaceFinder) -> LabelledSet:
    """The ten actors' frames of full expressions and calm ones, by our own detector. `source_labels`: the expression.

    Frames in which it finds no face are named in `left_out`.
    """
    return _as_set("actors", _actor_frames(ASSETS_FOLDER / "actor"), finder)


def clip_faces(finder: FaceFinder, folder: Path) -> LabelledSet:
    """The frames of every NAME.mp4 with NAME.labels.csv (frame, expression, strength) below `folder`.

    Raises:
        DataSetError: there is none, or one of them cannot be read.
    """
    return _as_set("clips", _clip_frames(folder), finder)


def recrop(finder: FaceFinder, labelled: LabelledSet) -> LabelledSet:
    """A set's pictures with a border around them, and the face in them found and cut by our own detector."""
    frames = (
        (file, subject, source_label, candidate_labels, _with_border(picture))
        for file, subject, source_label, candidate_labels, picture in zip(
            labelled.files,
            labelled.subjects,
            labelled.source_labels,
            labelled.candidate_labels,
            labelled.pictures,
            strict=True,
        )
    )
    return _as_set(f"{labelled.name}, our cut", frames, finder)


_Frame = tuple[str, str, str, NDArray[np.bool_], Pixels]
"""File, person, the expression's word, what may be right (4,), and the frame in BGR."""


def _as_set(name: str, frames: Iterator[_Frame], finder: FaceFinder) -> LabelledSet:
    kept: list[tuple[str, str, str, NDArray[np.bool_]]] = []
    crops, lost = [], []
    for file, subject, word, candidate_labels, pixels in frames:
        box = finder.find(pixels)
        if box is None:
            lost.append(file)
        else:
            kept.append((file, subject, word, candidate_labels))
            crops.append(np.ascontiguousarray(crop_face(pixels, box)[..., ::-1]))
    if not crops:
        raise DataSetError("{name}: no face was found in any frame", name=name)
    files, subjects, words, all_candidate_labels = zip(*kept, strict=True)
    return LabelledSet(
        name=name,
        split="val",
        files=files,
        pictures=np.stack(crops),
        candidate_labels=np.stack(all_candidate_labels),
        label_space=np.ones((len(crops), len(EMOTIONS)), np.bool_),
        subjects=subjects,
        source_labels=words,
        left_out=tuple(lost),
    )


def _actor_frames(folder: Path) -> Iterator[_Frame]:
    for place in sorted(path.parent for path in folder.glob("*/frames.csv")):
        for row in _rows(place / "frames.csv"):
            candidate_labels = _candidate_labels(row["expression"], float(row["strength"]))
            # Blinking, talking and looking aside are filed as neutral, and are no calm face.
            if candidate_labels is None or not row["file"].startswith(row["expression"]):
                continue
            picture = decode_picture(row["file"], (place / row["file"]).read_bytes())
            if picture.pixels is not None:
                yield f"{place.name}/{row['file']}", place.name, row["expression"], candidate_labels, picture.pixels


def _clip_frames(folder: Path) -> Iterator[_Frame]:
    tables = sorted(folder.glob("*.labels.csv"))
    if not tables:
        raise DataSetError("{folder} holds no video with labels (NAME.mp4 with NAME.labels.csv)", folder=folder)
    for table in tables:
        name = table.name.removesuffix(".labels.csv")
        try:
            yield from _labelled_frames(folder / f"{name}.mp4", name, _rows(table))
        except SourceError as error:
            raise DataSetError(
                "the video {video} beside {table} cannot be read ({reason})",
                video=f"{name}.mp4",
                table=table.name,
                reason=error,
            ) from error
        except (KeyError, TypeError, ValueError, csv.Error) as error:
            raise DataSetError(
                "{table} is no table of frames: each row has frame, time, expression and strength, in UTF-8",
                table=table.name,
            ) from error


def _labelled_frames(path: Path, name: str, rows: Sequence[dict[str, str]]) -> Iterator[_Frame]:
    video = VideoSource(path)
    video.open()
    try:
        for row in rows[::EVERY]:
            candidate_labels = _candidate_labels(row["expression"], float(row["strength"]))
            frame = video.frame_at(float(row["time"]) + 0.001)
            if frame is not None and candidate_labels is not None:
                yield f"{name}/{row['frame']}", name, row["expression"], candidate_labels, frame.pixels
    finally:
        video.close()


def _candidate_labels(expression: str, strength: float) -> NDArray[np.bool_] | None:
    """(4,) bool; None for weak expressions and for what is none (talking, looking aside, blinking)."""
    if expression in NEUTRAL_WORDS:
        emotion = Emotion.NEUTRAL
    elif strength >= FULL:
        try:
            emotion = expression_by_id(expression).emotion
        except ValueError:
            return None
    else:
        return None
    return np.array([one is emotion for one in EMOTIONS])


def _rows(path: Path) -> Sequence[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _with_border(picture: NDArray[np.uint8]) -> Pixels:
    """RGB crop to a BGR frame, three times as large, with a smooth ground."""
    import cv2

    side = round(picture.shape[0] * _PAD)
    bordered = cv2.copyMakeBorder(picture[..., ::-1].copy(), side, side, side, side, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(bordered, None, fx=1.5, fy=1.5), dtype=np.uint8)
