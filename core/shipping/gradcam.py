"""Grad-CAM in TensorFlow (extra `train`): the reference against which the LiteRT heat maps are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.explain.geometry import MapGeometry
from core.explain.head import read_head
from core.explain.heat import Heat, normalise_heat
from core.training.architectures import FEATURE_MAP


def gradcam(model: Any, picture: NDArray[np.float32], row: int, geometry: MapGeometry | None = None) -> Heat:
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
    return normalise_heat(feature_map.numpy()[0] @ weights, geometry)


def reference_model(card: Card, content: bytes, run: Path | None = None) -> Any:
    """The Keras model of a shipped candidate with head #1: with the weights of its file, or as a `run` trained it.

    Raises:
        HeadError: the file's head is made in an unknown way.
        WeightsError: the file's layers are not those of the model.
        ValueError: there is no experiment with the card's test and network.
    """
    from core.method.experiments import PAPER_TEST, NetworkName, find_experiment
    from core.training.architectures import build_network
    from core.training.initial_weights import give_weights
    from core.training.settings import was_normalised

    names = {one.value.replace("-", ""): one.value for one in NetworkName}
    name = names.get(card.network.lower().replace("-", ""), card.network)
    normalised = run is not None and was_normalised(run.parent)
    model = build_network(find_experiment(card.test or PAPER_TEST, name), normalised=normalised)
    if run is None:
        give_weights(model, content, read_head(content), labels=None)
    else:
        model.load_weights(run)
    return model


def _head_output(model: Any, feature_map: Any) -> Any:
    """The logits from the feature map: every layer behind it, in the model's order."""
    names = [layer.name for layer in model.layers]
    output = feature_map
    for layer in model.layers[names.index(FEATURE_MAP) + 1 :]:
        output = layer(output, training=False) if layer.name == "dropout" else layer(output)
    return output
