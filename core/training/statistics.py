"""Batch normalisation's moving statistics taken anew, for weights that are not those they were gathered with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


def settle_statistics(model: Any, batches: Iterable[NDArray[np.float32]]) -> None:
    """Set every moving mean and variance to its average over `batches` (n, size, size, 3) float32 RGB 0..1.

    Averaged weights are judged and shipped, but while they were learnt the statistics followed the weights of the
    moment. Where those moved far, as with SGD at 1e-2, a good network looks broken without this (stochastic weight
    averaging needs the same, Izmailov et al. 2018).
    """
    layers = [layer for layer in _flat(model) if isinstance(layer, keras.layers.BatchNormalization)]
    usual = [layer.momentum for layer in layers]
    try:
        for number, batch in enumerate(batches):
            for layer in layers:
                layer.momentum = number / (number + 1)  # each batch counts the same
            model(batch, training=True)
    finally:
        for layer, momentum in zip(layers, usual, strict=True):
            layer.momentum = momentum


def _flat(model: Any) -> Iterable[Any]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _flat(layer)
        else:
            yield layer
