"""The head of a shipped network, read out of its LiteRT file: weights in NumPy, so that no gradient is needed.

Head #1 is one Dense layer on the pooled map, head #2 has a ReLU layer between (method.md 4). Both are piecewise linear
in the pooled features, so the gradient of a logit is known exactly: a product of the weights along the active units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.explain.file_graph import FileGraph, Floats, GraphError
from core.method.emotion import EMOTIONS


class HeadError(Exception):
    """The file's end is no chain of Dense layers behind a global average; use occlusion instead."""


@dataclass(frozen=True, slots=True)
class Dense:
    """One layer: `kernel` (outputs, inputs), `bias` (outputs,), and whether a ReLU follows."""

    kernel: Floats
    bias: Floats
    relu: bool


@dataclass(frozen=True, slots=True)
class Head:
    """Dense layers from the pooled features to the four logits, in the order of the file's own labels."""

    layers: tuple[Dense, ...]

    def gradient(self, pooled: Floats, row: int) -> Floats:
        """The slope of logit `row` along each pooled feature: (channels,). For one Dense layer it is that class's weights (CAM)."""
        values, slopes = pooled, []
        for layer in self.layers:
            values = layer.kernel @ values + layer.bias
            slopes.append((values > 0).astype(np.float64) if layer.relu else np.ones_like(values))
            values = np.maximum(values, 0) if layer.relu else values
        back = np.eye(len(EMOTIONS))[row]
        for layer, slope in zip(reversed(self.layers), reversed(slopes), strict=True):
            back = (back * slope) @ layer.kernel
        return np.asarray(back)


def read_head(content: bytes) -> Head:
    """The head of a LiteRT file that ends in global average, Dense layers, softmax.

    Raises:
        HeadError: it ends in something else.
    """
    try:
        return head_of_graph(FileGraph(content))
    except GraphError as error:
        raise HeadError(str(error)) from error


def head_of_graph(graph: FileGraph) -> Head:
    """The same of a file that is read already.

    Raises:
        HeadError, GraphError: it ends in something else, or keeps its weights in an unknown way.
    """
    ends = [made for made in map(graph.maker, graph.outputs) if made is not None and made.kind == "SOFTMAX"]
    if not ends:
        raise HeadError("no output is a softmax")
    layers: list[Dense] = []
    operation = graph.made_by(ends[0].inputs[0])
    while operation.kind in ("FULLY_CONNECTED", "RESHAPE"):
        if operation.kind == "FULLY_CONNECTED":
            layers.insert(0, Dense(*graph.weights(operation), graph.has_relu(operation)))
        operation = graph.made_by(operation.inputs[0])
    if not layers or operation.kind not in ("MEAN", "AVERAGE_POOL_2D"):
        raise HeadError("its end is no chain of Dense layers behind a global average")
    return Head(tuple(layers))
