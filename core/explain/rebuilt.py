"""A shipped file's weights put back into a Keras model, so that TensorFlow can take gradients of just that file."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.explain.file_graph import FileGraph, Floats
from core.explain.head import read_head

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_LOGITS = "logits"


class RebuildError(Exception):
    """The model has other layers than the file; the text says which."""


def rebuild(model: Any, content: bytes) -> None:
    """Set the weights of `model` (head #1, a backbone of convolutions each with a batch norm) to those of a LiteRT file.

    The file holds each convolution with its batch norm folded in: the kernel goes into the convolution, the bias into the
    batch norm, which otherwise does nothing. Both must run their convolutions in the same order.

    Raises:
        RebuildError: number or shapes of the layers differ.
        HeadError, GraphError: the file is made in an unknown way.
    """
    graph = FileGraph(content)
    folded = [graph.weights(one) for one in graph.operators if graph.name(one) in CONVOLUTIONS]
    backbone = next(layer for layer in model.layers if hasattr(layer, "layers"))
    convolutions = [layer for layer in backbone.layers if "Conv2D" in type(layer).__name__]
    norms = [layer for layer in backbone.layers if type(layer).__name__ == "BatchNormalization"]
    if not len(folded) == len(convolutions) == len(norms):
        raise RebuildError(f"the file has {len(folded)} convolutions, the model {len(convolutions)}")
    for (kernel, bias), convolution, norm in zip(folded, convolutions, norms, strict=True):
        _set_convolution(convolution, kernel)
        _set_norm(norm, bias)
    [dense] = read_head(content).layers
    model.get_layer(_LOGITS).set_weights([dense.kernel.T, dense.bias])


def _set_convolution(layer: Any, kernel: Floats) -> None:
    """LiteRT keeps (out, h, w, in) and (1, h, w, channels), Keras (h, w, in, out) and (h, w, channels, 1)."""
    depthwise = "Depthwise" in type(layer).__name__
    turned = kernel.transpose(1, 2, 3, 0)
    wanted = tuple(layer.get_weights()[0].shape)
    if turned.shape != wanted:
        raise RebuildError(
            f"{layer.name} is {wanted} in the model and {turned.shape} in the file (depthwise: {depthwise})"
        )
    layer.set_weights([turned])


def _set_norm(layer: Any, bias: Floats) -> None:
    one, none = np.ones_like(bias), np.zeros_like(bias)
    scale = [np.sqrt(one + layer.epsilon)] if layer.scale else []
    variance = one if layer.scale else one - layer.epsilon
    layer.set_weights([*scale, bias, none, variance])
