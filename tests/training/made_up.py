"""Faces that nobody has: drawn ovals with brows, eyes and a mouth, so that training has something to learn."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet, shared_label_space
from core.method.emotion import EMOTIONS

_MOUTHS = {"happy": (0, 180), "neutral": (85, 95), "stress": (180, 360), "surprise": (0, 360)}


def drawn_face(emotion: str, seed: int, size: int = 100) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 RGB."""
    rng = np.random.default_rng(seed)
    picture = np.full((100, 100, 3), rng.integers(20, 90, 3), np.uint8)
    centre = (50 + int(rng.integers(-3, 4)), 50 + int(rng.integers(-3, 4)))
    cv2.ellipse(picture, centre, (36, 46), 0, 0, 360, tuple(int(v) for v in rng.integers(140, 230, 3)), -1)
    lift = {"stress": 6, "surprise": -6}.get(emotion, 0)
    for side in (-15, 15):
        x = centre[0] + side
        cv2.circle(picture, (x, centre[1] - 10), 4, (20, 20, 20), -1)
        cv2.line(picture, (x - 8, centre[1] - 22 + lift), (x + 8, centre[1] - 22 - lift // 2), (30, 20, 10), 3)
    start, end = _MOUTHS[emotion]
    place = (centre[0], centre[1] + (28 if emotion == "stress" else 20))
    cv2.ellipse(picture, place, (14, 9), 0, start, end, (120, 20, 20), -1 if emotion == "surprise" else 3)
    picture = np.clip(picture.astype(np.int16) + rng.integers(-6, 7, picture.shape), 0, 255).astype(np.uint8)
    return np.asarray(picture if size == 100 else cv2.resize(picture, (size, size)), np.uint8)


def drawn_set(count: int, *, name: str = "drawn", split: str = "train", seed: int = 0, people: int = 0) -> LabelledSet:
    """`count` faces, the four classes in turn; with `people` each belongs to one of so many."""
    labels = [EMOTIONS[number % 4] for number in range(count)]
    candidate_labels = np.eye(4, dtype=np.bool_)[[number % 4 for number in range(count)]]
    return LabelledSet(
        name=name,
        split="train" if split == "train" else "val",
        files=tuple(f"{seed}-{number}.png" for number in range(count)),
        pictures=np.stack([drawn_face(label, seed * 1000 + number) for number, label in enumerate(labels)]),
        candidate_labels=candidate_labels,
        label_space=shared_label_space(candidate_labels),
        subjects=tuple(f"p{number // 4 % people}" if people else "" for number in range(count)),
        source_labels=tuple(label.value for label in labels),
        left_out=(),
    )


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(picture))


def png(picture: NDArray[np.uint8]) -> bytes:
    done, content = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    assert done
    return content.tobytes()


def write_drawn_data(folder: Path, name: str = "drawn", *, train: int = 16, val: int = 8, people: int = 2) -> None:
    """A set on disk as `calmline data prepare` writes it: `name`.csv and `name`.zip."""
    folder.mkdir(parents=True, exist_ok=True)
    sets = [drawn_set(train, split="train", people=people), drawn_set(val, split="val", seed=1, people=people)]
    with (
        (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file,
        zipfile.ZipFile(folder / f"{name}.zip", "w") as archive,
    ):
        writer = csv.writer(file)
        writer.writerow(["file", "label", "subject", "split", "source_label"])
        for labelled in sets:
            for number, own in enumerate(labelled.files):
                label = labelled.source_labels[number]
                subject = f"{labelled.split}-{labelled.subjects[number]}" if people else ""
                writer.writerow([own, label, subject, labelled.split, label])
                archive.writestr(own, png(labelled.pictures[number]))


def run_description(**changes: Any) -> dict[str, Any]:
    """What a run's folder says of a run, as short as it may be; `changes` take the place of what is so called."""
    usual = {"experiment": {"test": 1, "network": "mobilenetv2"}, "settings": {}, "data": {}}
    return {**usual, "data_hash": "0123", "weights": "none", **changes}
