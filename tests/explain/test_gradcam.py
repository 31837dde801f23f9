from __future__ import annotations

import numpy as np
import pytest

from core.explain.head import Dense, Head
from core.explain.heat import activation_heat


@pytest.mark.parametrize("test", [1, 5])
def test_the_heat_without_a_gradient_is_gradcam_for_both_heads(test: int) -> None:
    keras = pytest.importorskip("keras", reason="needs the extra `train`")
    from core.explain.gradcam import gradcam
    from core.training.architectures import FEATURE_MAP, LOGITS, build_network
    from core.training.experiments import find_experiment

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
            ours = activation_heat(feature_map, Head(tuple(layers)), row)
            assert np.abs(ours - gradcam(model, picture, row)).max() < 0.02
