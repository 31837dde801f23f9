"""A Keras model as a LiteRT file: float16 weights, or int8 weights where the network bears them."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.candidates.runner import LiteRTRunner
from core.datasets.labelled import LabelledSet
from core.evaluation.metrics import scores_at
from core.training.architectures import FEATURE_MAP, LOGITS
from core.training.errors import ShippingError

MAX_LOSS = 0.005
"""A smaller file may cost at most this much accuracy on any set (0.5 points)."""

BEST, INT8, FLOAT16 = "best", "int8", "float16"
"""How weights may be kept; the best is the smallest that loses little enough."""

FLOAT_LAYERS = r"/vgg16[^/]*/block1_|/xception[^/]*/block[12]_"
"""Convolutions that are computed in floating point, though their weights are kept as int8, by the names of their layers.

LiteRT rounds what an int8 convolution takes to 8 bits, one scale for a whole map. In the first blocks of VGG16 and
Xception that rounding alone moves the saliency map by up to 0.04 of its height (docs/evidence/training.md); in all others
together by less than 0.02. The first block costs VGG16 + DenseNet 2 to 3 ms.
"""

SMALLEST_INT8 = 1024
"""Kernels of fewer numbers stay in floating point: they save nothing."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A LiteRT file's bytes, how its weights are kept, and what it reaches on each set."""

    content: bytes
    weights: str
    scores: dict[str, dict[str, float]]


def convert(model: Any, *, half: bool) -> bytes:
    """The model as LiteRT bytes with the outputs probabilities (n, 4) and feature map (n, h, w, c), in that order.

    `half`: float16 weights; else int8 weights with a scale per channel (dynamic range), see `FLOAT_LAYERS`.
    """
    probabilities = keras.layers.Softmax(name="probabilities")(model.get_layer(LOGITS).output)
    both = keras.Model(model.input, [probabilities, model.get_layer(FEATURE_MAP).output])
    content = as_litert(both, half=half)
    return content if half else _with_int8_weights(content)


def as_litert(model: Any, *, half: bool) -> bytes:
    """A Keras model as LiteRT bytes, with what it gives in the same order; `half`: with weights of 16 bits."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix="calmline-ship-") as folder:
        # A saved model freezes the variables; a bare concrete function of a Keras 3 model would leave them out.
        model.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def _with_int8_weights(content: bytes) -> bytes:
    """The same file with weights of 8 bits; what was rounded to 8 bits before keeps its very numbers.

    Depthwise kernels stay as they are: they are small, and LiteRT has no fast way to compute them with 8 bits (Xception
    takes twice as long).
    """
    from ai_edge_quantizer.quantizer import Quantizer

    eight = {"num_bits": 8, "symmetric": True, "granularity": "CHANNELWISE", "dtype": "INT"}
    small = {"weight_tensor_config": eight, "min_weight_elements": SMALLEST_INT8}
    recipe = [
        _rule(".*", "*", {**small, "compute_precision": "INTEGER", "explicit_dequantize": False}),
        {"regex": ".*", "operation": "DEPTHWISE_CONV_2D", "algorithm_key": "no_quantize", "op_config": {}},
        _rule(FLOAT_LAYERS, "CONV_2D", {**small, "compute_precision": "FLOAT", "explicit_dequantize": True}),
    ]
    with contextlib.redirect_stderr(io.StringIO()):  # one of its progress bars is drawn whatever it is told
        quantised = Quantizer(content, recipe).quantize(enable_progress_bar=False, enable_progress_report=False)
    return bytes(quantised.quantized_model)


def _rule(regex: str, operation: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"regex": regex, "operation": operation, "algorithm_key": "min_max_uniform_quantize", "op_config": config}


def read_with(content: bytes, sets: Sequence[LabelledSet]) -> list[NDArray[np.float64]]:
    """What a file that `convert` made reads in each set: probabilities (n, 4) at temperature 1."""
    runner = LiteRTRunner(content)
    return [runner.predict(labelled.pictures, with_maps=False).probabilities for labelled in sets]


def convert_best(
    model: Any,
    sets: Sequence[LabelledSet],
    reference: Mapping[str, Mapping[str, float]],
    quantization: str = BEST,
) -> Converted:
    """The int8 file if it loses no more than half a point on any set of `reference`, else the float16 one.

    `quantization` "int8" or "float16" asks for that one.

    Raises:
        ShippingError: what is asked for loses more, or even float16 does.
    """
    worst: ShippingError | None = None
    for half, name in ((False, INT8), (True, FLOAT16)):
        if quantization not in (BEST, name):
            continue
        content = convert(model, half=half)
        scores = scores_at(1.0, read_with(content, sets), sets)
        worst = _worst_loss(sets, reference, scores)
        if worst is None:
            return Converted(content, name, scores)
    asked = FLOAT16 if quantization == BEST else quantization
    raise ShippingError(
        "with {kind} weights {loss}; at most {most:.1%} is allowed", kind=asked, loss=worst, most=MAX_LOSS
    )


def _worst_loss(
    sets: Sequence[LabelledSet], reference: Mapping[str, Mapping[str, float]], scores: Mapping[str, Mapping[str, float]]
) -> ShippingError | None:
    """The set that loses most, as a sentence part; None where none loses more than is allowed.

    Losses are counted in pictures, and one picture is always allowed: in a set of thirty it is 3.3 points by itself.
    """
    for labelled in sets:
        lost = round((reference[labelled.name]["accuracy"] - scores[labelled.name]["accuracy"]) * len(labelled))
        if lost > max(1, MAX_LOSS * len(labelled)):
            return ShippingError(
                "{name} loses {lost} of {count} pictures", name=labelled.name, lost=lost, count=len(labelled)
            )
    return None
