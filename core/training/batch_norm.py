"""Batch normalisation's moving statistics taken anew, for weights that are not those they were gathered with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet
from core.training.batches import plain_batch
from core.training.checkpoints import values_kept
from core.training.sampling import Sampler

PICTURES = 4096
"""How many pictures the statistics of a finished run are taken from."""

PICTURES_TO_VALIDATE = 512
"""How many for each validation: the time of one or two dozen steps."""

BATCH = 128


def recompute_batch_norm(model: Any, batches: Iterable[NDArray[np.float32]]) -> None:
    """Set every moving mean and variance to its average over `batches` (n, size, size, 3) float32 RGB 0..1.

    Averaged weights are judged and shipped, but while they were learnt the statistics followed the weights of the
    moment. Where those moved far, as with SGD at 1e-2, a good network looks broken without this (stochastic weight
    averaging needs the same, Izmailov et al. 2018). Layers that do not train keep theirs; where none trains, no batch
    is asked for.
    """
    layers = [one for one in _flat(model) if isinstance(one, keras.layers.BatchNormalization) and one.trainable]
    if not layers:
        return
    usual = [layer.momentum for layer in layers]
    try:
        for number, batch in enumerate(batches):
            for layer in layers:
                layer.momentum = number / (number + 1)  # each batch counts the same
            model(batch, training=True)
    finally:
        for layer, momentum in zip(layers, usual, strict=True):
            layer.momentum = momentum


@contextmanager
def settled_for_now(model: Any, batches: Iterable[NDArray[np.float32]]) -> Iterator[None]:
    """Inside, the statistics are settled (see `recompute_batch_norm`); after it all is as training left it.

    So are dropout's seeds, which looking at pictures as in training draws from.
    """
    with values_kept(model.non_trainable_variables):
        recompute_batch_norm(model, batches)
        yield


def drawn_for_batch_norm(
    sets: Sequence[LabelledSet], sampler: Sampler, seed: int, epoch: int, most: int = PICTURES
) -> Iterator[NDArray[np.float32]]:
    """Batches of training pictures (n, 100, 100, 3) float32 RGB 0..1, drawn as for `epoch`, every second one flipped.

    `most` pictures, or where there are fewer, that many.

    Nothing else is changed: statistics of plain pictures served better than those of augmented ones in six of seven
    sets. All batches are of one size or one smaller, so that none is too small to have a variance.
    """
    count = min(most, sum(len(labelled) for labelled in sets))
    set_numbers, picture_numbers = sampler.draw(count, seed, epoch)
    for here in np.array_split(np.arange(count), -(-count // BATCH)):
        pictures = np.stack([sets[set_numbers[one]].pictures[picture_numbers[one]] for one in here])
        pictures[::2] = pictures[::2, :, ::-1]
        yield plain_batch(pictures)


def _flat(model: Any) -> Iterator[Any]:
    """All layers, also those inside a model inside."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _flat(layer)
        else:
            yield layer
