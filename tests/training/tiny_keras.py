"""A backbone of two small convolutions in place of the real ones, so that whole runs take a second; and used ones."""

from __future__ import annotations

from typing import Any

import numpy as np


def tiny_backbone(network: object, size: int | None, weights: str | None, *, normalised: bool = False) -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((size, size, 3))
    x = inputs
    for number, width in enumerate((8, 16)):
        x = layers.Conv2D(width, 5, strides=4, use_bias=False, name=f"conv{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(layers.BatchNormalization(momentum=0.9, name=f"norm{number}")(x))
    return keras.Model(inputs, x, name="tiny")


def lived_in(model: Any) -> Any:
    """Batch normalisation as after a training: nothing at 0 and 1."""
    from keras import layers

    from core.training.architectures import backbone_of

    random = np.random.default_rng(1)
    for layer in backbone_of(model).layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights(
                [one * random.uniform(0.7, 1.3, one.shape) + random.uniform(0, 0.1) for one in layer.get_weights()]
            )
    return model
