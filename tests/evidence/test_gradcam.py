from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.candidates.registry import read_registry
from core.candidates.runner import at_temperature
from core.explain.head import Dense, Head
from core.explain.saliency import Explainer, activation_saliency
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.tiny_network import tiny_network


@pytest.mark.parametrize("test", [1, 5])
def test_the_heat_without_a_gradient_is_gradcam_for_both_heads(test: int) -> None:
    keras = pytest.importorskip("keras", reason="needs the extra `train`")
    from core.method.experiments import find_experiment
    from core.training.architectures import FEATURE_MAP, LOGITS, build_network
    from tests.evidence.gradcam import gradcam

    keras.utils.set_random_seed(1)
    model = build_network(find_experiment(test, "mobilenetv2"))
    names = (["hidden"] if test == 5 else []) + [LOGITS]
    layers = []
    for name in names:
        kernel, bias = model.get_layer(name).get_weights()
        layers.append(Dense(kernel.T.astype(np.float64), bias.astype(np.float64), relu=name == "hidden"))
    to_map = keras.Model(model.input, model.get_layer(FEATURE_MAP).output)
    for seed in range(3):
        picture = np.random.default_rng(seed).random((100, 100, 3), dtype=np.float32)
        feature_map = to_map(picture[None], training=False).numpy()[0]
        for row in range(4):
            ours = activation_saliency(feature_map, Head(tuple(layers)), row)
            assert np.abs(ours - gradcam(model, picture, row)).max() < 0.02


def test_a_shipped_files_weights_in_keras_read_and_look_as_the_file_does() -> None:
    pytest.importorskip("keras", reason="needs the extra `train`")
    from core.shipping.reconvert import reference_model
    from core.training.weights import WeightsError
    from tests.evidence.gradcam import gradcam

    network = next(one for one in read_registry(MODELS_FOLDER).candidates if one.card.id == "mobilenetv2-1").load()
    model = reference_model(network.card, network.content)
    explainer, temperature = Explainer(network), network.card.temperature
    for name in ("smile_100", "rage_100"):
        picture = cv2.imread(str(ASSETS_FOLDER / "actor" / "f_white" / f"{name}.jpg"))
        assert picture is not None
        crop = np.asarray(cv2.resize(picture[120:360, 200:440], (100, 100)), dtype=np.uint8)
        explained = explainer.explain(crop)
        inputs = crop[None, ..., ::-1].astype(np.float32) / 255.0
        logits = np.asarray(model(inputs, training=False))[0]
        powers = np.exp(logits - logits.max()).astype(np.float64)
        shares = at_temperature((powers / powers.sum())[None], temperature)
        assert np.abs(shares[0] - explained.probabilities.as_tuple()).max() < 0.05
        row = network.card.labels.index(explained.emotion.value)
        assert (
            np.abs(gradcam(model, inputs[0], row, explainer.geometry) - explained.saliency).max() < 0.05
        )  # int8 arithmetic is noisy
    with pytest.raises(WeightsError):
        reference_model(network.card, tiny_network(outputs=2))
    with pytest.raises(ValueError, match="there is no run"):
        reference_model(replace(network.card, network="Nobody's"), network.content)
