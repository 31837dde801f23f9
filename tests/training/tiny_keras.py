"""A backbone of two small convolutions in place of the real ones, so that whole runs take a second."""

from __future__ import annotations

from typing import Any


def tiny_backbone(network: object, size: int | None, weights: str | None, *, normalised: bool = False) -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((size, size, 3))
    x = inputs
    for number, width in enumerate((8, 16)):
        x = layers.Conv2D(width, 5, strides=4, use_bias=False, name=f"conv{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(layers.BatchNormalization(momentum=0.9, name=f"norm{number}")(x))
    return keras.Model(inputs, x, name="tiny")
