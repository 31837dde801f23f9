"""Grad-CAM in TensorFlow (extra `train`): the reference against which the LiteRT heat maps are checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.explain.geometry import MapGeometry
from core.explain.saliency import SaliencyMap, normalise_saliency
from core.training.architectures import FEATURE_MAP


def gradcam(model: Any, picture: NDArray[np.float32], row: int, geometry: MapGeometry | None = None) -> SaliencyMap:
    """Selvaraju et al.'s heat map of the logit `row` for one picture (100, 100, 3) float32 RGB 0..1.

    `model` is one of `core.training.architectures.build_network`; `geometry`: where the cells of its map lie in the crop.
    """
    import keras
    import tensorflow as tf

    to_map = keras.Model(model.input, model.get_layer(FEATURE_MAP).output)
    feature_map = to_map(picture[None], training=False)
    with tf.GradientTape() as tape:
        tape.watch(feature_map)
        logit = _head_output(model, feature_map)[:, row]
    gradient = tape.gradient(logit, feature_map)
    weights = gradient.numpy()[0].mean(axis=(0, 1))
    return normalise_saliency(feature_map.numpy()[0] @ weights, geometry)


def _head_output(model: Any, feature_map: Any) -> Any:
    """The logits from the feature map: every layer behind it, in the model's order."""
    names = [layer.name for layer in model.layers]
    output = feature_map
    for layer in model.layers[names.index(FEATURE_MAP) + 1 :]:
        output = layer(output, training=False) if layer.name == "dropout" else layer(output)
    return output
