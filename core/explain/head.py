"""The head of a shipped network, read out of its LiteRT file: weights in NumPy, so that no gradient is needed.

Head #1 is one Dense layer on the pooled map, head #2 has a ReLU layer between (method.md 4). Both are piecewise linear
in the pooled features, so the gradient of a logit is known exactly: a product of the weights along the active units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.emotion import EMOTIONS

Floats = NDArray[np.float64]


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

    def logits(self, pooled: Floats) -> Floats:
        """Logits (4,) of pooled features (channels,)."""
        values = pooled
        for layer in self.layers:
            values = layer.kernel @ values + layer.bias
            values = np.maximum(values, 0) if layer.relu else values
        return values

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
    graph = _Graph(content)
    place = next((number for number in graph.outputs if graph.is_softmax(number)), None)
    if place is None:
        raise HeadError("no output is a softmax")
    layers: list[Dense] = []
    tensor = graph.made_by(place).inputs[0]
    while graph.name(graph.made_by(tensor)) in ("FULLY_CONNECTED", "RESHAPE"):
        operator = graph.made_by(tensor)
        if graph.name(operator) == "FULLY_CONNECTED":
            layers.insert(0, graph.dense(operator))
        tensor = operator.inputs[0]
    if not layers or graph.name(graph.made_by(tensor)) not in ("MEAN", "AVERAGE_POOL_2D"):
        raise HeadError("its end is no chain of Dense layers behind a global average")
    return Head(tuple(layers))


class _Graph:
    """Just enough of a LiteRT file to walk back from its output."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._schema: Any = schema
        self._model = schema.ModelT.InitFromPackedBuf(content, 0)
        self._graph = self._model.subgraphs[0]
        self._makers = {int(o): operator for operator in self._graph.operators for o in operator.outputs}
        self._names = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
        self.outputs = [int(number) for number in self._graph.outputs]

    def made_by(self, tensor: int) -> Any:
        maker = self._makers.get(int(tensor))
        if maker is None:
            raise HeadError("its end reaches back to the input without a head")
        return maker

    def name(self, operator: Any) -> str:
        code = self._model.operatorCodes[operator.opcodeIndex]
        return str(self._names[max(code.builtinCode, code.deprecatedBuiltinCode)])

    def is_softmax(self, tensor: int) -> bool:
        return tensor in self._makers and self.name(self._makers[tensor]) == "SOFTMAX"

    def dense(self, operator: Any) -> Dense:
        kernel = self._constant(int(operator.inputs[1]))
        given = len(operator.inputs) > 2 and int(operator.inputs[2]) >= 0
        bias = self._constant(int(operator.inputs[2])).ravel() if given else np.zeros(len(kernel))
        activation = operator.builtinOptions.fusedActivationFunction
        if activation not in (self._schema.ActivationFunctionType.NONE, self._schema.ActivationFunctionType.RELU):
            raise HeadError("a Dense layer has another activation than ReLU")
        return Dense(kernel, bias, activation == self._schema.ActivationFunctionType.RELU)

    def _constant(self, number: int) -> Floats:
        """A weight tensor as float64; float16 and int8 weights are widened as LiteRT does it."""
        if number in self._makers:
            if self.name(self._makers[number]) != "DEQUANTIZE":
                raise HeadError("a weight of the head is computed, not stored")
            return self._constant(int(self._makers[number].inputs[0]))
        tensor = self._graph.tensors[number]
        kinds = self._schema.TensorType
        dtypes = {kinds.FLOAT32: np.float32, kinds.FLOAT16: np.float16, kinds.INT8: np.int8}
        data = self._model.buffers[tensor.buffer].data
        if tensor.type not in dtypes or data is None:
            raise HeadError("a weight of the head is kept in an unknown way")
        values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), dtypes[tensor.type])
        values = values.reshape([int(size) for size in tensor.shape]).astype(np.float64)
        if tensor.type != kinds.INT8:
            return np.asarray(values)
        scale = np.asarray(tensor.quantization.scale, np.float64)
        zero = np.asarray(tensor.quantization.zeroPoint, np.float64)
        along = [-1] + [1] * (values.ndim - 1)
        return np.asarray((values - zero.reshape(along)) * scale.reshape(along))
