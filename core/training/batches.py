"""Batches for Keras: drawn, augmented and stacked; the same under every backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet
from core.face.crop import CROP_SIZE
from core.training.augmentation import AugmentationRanges, augment
from core.training.sampling import Sampler, label_space_shares
from core.training.speech import speak


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras is untyped
    """One epoch of `steps` batches: x (batch, size, size, 3) float32 RGB 0..1, y (batch, 8) = allowed then offered.

    `start_epoch` lets a resumed run draw what an unbroken one would have drawn. Epochs below `small_epochs` come at
    `small_size` pixels, the others as they are read: the first, coarse part of a training costs half there. With
    `soft_targets` (probabilities (n, 4) by the set's name) y has four more columns: what a teacher says of each picture.
    `adjustment`, `speech`: see `RunSettings`; `landmarks` (n, 478, 2) by the set's name, as `kept_landmarks` gives them.
    """

    def __init__(
        self,
        sets: Sequence[LabelledSet],
        sampler: Sampler,
        ranges: AugmentationRanges,
        *,
        batch_size: int,
        steps: int,
        seed: int,
        start_epoch: int = 0,
        workers: int = 1,
        small_size: int = CROP_SIZE,
        small_epochs: int = 0,
        soft_targets: Mapping[str, NDArray[np.float32]] | None = None,
        adjustment: float = 0.0,
        speech: float = 0.0,
        landmarks: Mapping[str, NDArray[np.float16]] | None = None,
    ) -> None:
        """Keeps the sets by reference; nothing is copied."""
        super().__init__(workers=workers, use_multiprocessing=False, max_queue_size=8)
        self._sets, self._sampler, self._ranges = list(sets), sampler, ranges
        self._batch_size, self._steps, self._seed, self._epoch = batch_size, steps, seed, start_epoch
        self._small_size, self._small_epochs, self._soft_targets = small_size, small_epochs, soft_targets
        self._speech, self._landmarks = speech, landmarks or {}
        self._label_space = [label_space_shares(labelled, adjustment) for labelled in self._sets]
        self._draw()

    def __len__(self) -> int:
        """Batches in an epoch."""
        return self._steps

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Batch `index` of this epoch."""
        rng = np.random.default_rng([self._seed, self._epoch, index])
        here = slice(index * self._batch_size, (index + 1) * self._batch_size)
        pairs = list(zip(self._set_numbers[here], self._picture_numbers[here], strict=True))
        pictures = [augment(self._picture(s, p, rng), self._ranges, rng) for s, p in pairs]
        if self._epoch < self._small_epochs:
            size = (self._small_size, self._small_size)
            pictures = [cv2.resize(one, size, interpolation=cv2.INTER_AREA).astype(np.uint8) for one in pictures]
        columns = [
            np.stack([self._sets[s].candidate_labels[p] for s, p in pairs]),
            np.stack([self._label_space[s][p] for s, p in pairs]),
        ]
        if self._soft_targets is not None:
            columns.append(np.stack([self._soft_targets[self._sets[s].name][p] for s, p in pairs]))
        return np.stack(pictures).astype(np.float32) / 255.0, np.hstack(columns).astype(np.float32)

    def _picture(self, number: int, picture: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """One picture of a set, in a share of cases with a mouth that speaks."""
        labelled = self._sets[number]
        plain: NDArray[np.uint8] = labelled.pictures[picture]
        if not self._speech or rng.random() >= self._speech:
            return plain
        return speak(plain, self._landmarks[labelled.name][picture], rng)

    def begin_epoch(self, epoch: int) -> None:
        """Draw for this epoch. Whoever trains says which: Keras itself also looks at a batch or two in between."""
        self._epoch = epoch
        self._draw()

    def _draw(self) -> None:
        count = self._steps * self._batch_size
        self._set_numbers, self._picture_numbers = self._sampler.draw(count, self._seed, self._epoch)


def plain_batch(pictures: NDArray[np.uint8]) -> Any:
    """Pictures (n, 100, 100, 3) uint8 RGB as the networks take them: float32 0..1."""
    return pictures.astype(np.float32) / 255.0
