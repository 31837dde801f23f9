"""What a teacher says of the training pictures, or people voted: soft labels for a student (Hinton et al. 2015)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import CARD_FILE, NETWORK_FILE, Signature, load_card
from core.candidates.runner import LiteRTRunner
from core.datasets.labelled import LabelledSet, data_hash
from core.datasets.labels import MAPPINGS, source_word
from core.evaluation.predictions import kept_array
from core.explain.file_graph import FileGraph
from core.method.emotion import EMOTIONS, Emotion

LEAST = 1e-6
"""A probability below this counts as this much, so that one teacher alone rules nothing out."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """A LiteRT file that teaches, and how its card says that it is to be fed and understood."""

    content: bytes
    signature: Signature = field(default_factory=Signature)

    @property
    def sha256(self) -> str:
        """Who it is, as 64 hex digits: the file and its signature."""
        digest = hashlib.sha256(self.content)
        digest.update(json.dumps(asdict(self.signature), sort_keys=True).encode())
        return digest.hexdigest()

    def says(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Probabilities (n, 4), in the order of `EMOTIONS`, of pictures (n, 100, 100, 3) uint8 RGB."""
        return LiteRTRunner(self.content, self.signature).predict(pictures, with_maps=False).probabilities


def read_teacher(place: Path) -> Teacher:
    """The teacher in a candidate's folder, or in a file; a card beside it tells the order of its labels and more.

    Raises:
        OSError: the file cannot be read.
        GraphError: it is no LiteRT file.
        CardError: the card cannot be read.
    """
    file = place / NETWORK_FILE if place.is_dir() else place
    content = file.read_bytes()
    FileGraph(content)
    card = file.with_name(CARD_FILE)
    if not card.is_file():
        return Teacher(content)
    return Teacher(content, load_card(card).signature)


def soft_labels(teachers: Sequence[Teacher], labelled: LabelledSet) -> NDArray[np.float32]:
    """Probabilities (n, 4) of each picture: the mean of the logarithms over all teachers, seen as it is and flipped.

    Raises:
        ValueError: there is no teacher.
    """
    if not teachers:
        raise ValueError("there is no teacher")
    seen = (labelled.pictures, labelled.pictures[:, :, ::-1])
    predictions = [teacher.says(pictures) for teacher in teachers for pictures in seen]
    agreed = np.exp(np.mean(np.log(np.maximum(predictions, LEAST)), axis=0))
    return np.asarray(agreed / agreed.sum(axis=1, keepdims=True), dtype=np.float32)


def vote_shares(source_labels: Sequence[str]) -> NDArray[np.float32]:
    """What people voted, as probabilities (n, 4): FER+ keeps its ten taggers' votes ("ferplus:neutral=4;anger=3").

    Votes for contempt, for "unknown" and for "no face" are not counted. Without any other vote all four are 0.
    """
    shares = np.zeros((len(source_labels), len(EMOTIONS)), dtype=np.float32)
    for row, label in enumerate(source_labels):
        for vote in label.partition(":")[2].split(";"):
            word, _, count = vote.partition("=")
            emotion = MAPPINGS["thesis"].get(source_word(word) or "")
            if emotion is not None and count.strip().isdigit():
                shares[row, EMOTIONS.index(Emotion(emotion))] += int(count)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1), dtype=np.float32)


def soft_targets_of(
    labelled: LabelledSet, teachers: Sequence[Teacher], folder: Path, *, votes: bool = False
) -> NDArray[np.float32]:
    """What a student is taught of a set, as probabilities (n, 4): its teachers' (see `kept_soft_labels`).

    With `votes` a picture that people voted on is taught by the mean of both, or by the votes where there is no teacher.
    All four are 0 for a picture of which nobody says anything.
    """
    shares = vote_shares(labelled.source_labels if votes else [""] * len(labelled))
    if not teachers:
        return shares
    predictions = kept_soft_labels(teachers, labelled, folder)
    return np.where(shares.any(axis=1, keepdims=True), (predictions + shares) / 2, predictions).astype(np.float32)


def kept_soft_labels(teachers: Sequence[Teacher], labelled: LabelledSet, folder: Path) -> NDArray[np.float32]:
    """As `soft_labels`, kept in `folder` between runs: asking a teacher of 60,000 pictures takes minutes.

    The name of what is kept is made of the set and of the teachers themselves: another teacher is asked anew.
    """
    who = hashlib.sha256(b"".join(bytes.fromhex(teacher.sha256) for teacher in teachers)).hexdigest()[:16]
    place = folder / f"soft-labels.{labelled.name}.{data_hash([labelled])}.{who}.npy"
    return kept_array(place, lambda: soft_labels(teachers, labelled))
