"""A LiteRT file's operators and weights, read with the schema that LiteRT ships: no TensorFlow needed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class GraphError(Exception):
    """The file is made in a way that is not known here; the text says which."""


class FileGraph:
    """Just enough of a LiteRT file to walk through its operators and to read its weights."""

    def __init__(self, content: bytes) -> None:
        """Unpacks the bytes of a file that LiteRT can run."""
        from ai_edge_litert import schema_py_generated as schema

        self._schema: Any = schema
        self._model = schema.ModelT.InitFromPackedBuf(content, 0)
        self._graph = self._model.subgraphs[0]
        self._makers = {int(o): operator for operator in self._graph.operators for o in operator.outputs}
        self._names = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
        self.outputs = [int(number) for number in self._graph.outputs]

    @property
    def operators(self) -> list[Any]:
        """All operators, in the order in which they run."""
        return list(self._graph.operators)

    def made_by(self, tensor: int) -> Any:
        """The operator that gives a tensor.

        Raises:
            GraphError: none does: it is an input or a stored weight.
        """
        maker = self._makers.get(int(tensor))
        if maker is None:
            raise GraphError("its end reaches back to the input without a head")
        return maker

    def name(self, operator: Any) -> str:
        """What an operator is called, such as CONV_2D."""
        code = self._model.operatorCodes[operator.opcodeIndex]
        return str(self._names[max(code.builtinCode, code.deprecatedBuiltinCode)])

    def is_softmax(self, tensor: int) -> bool:
        """Whether a tensor is the output of a softmax."""
        return tensor in self._makers and self.name(self._makers[tensor]) == "SOFTMAX"

    def weights(self, operator: Any) -> tuple[Floats, Floats]:
        """Kernel and bias of a convolution or Dense layer; a bias that is not there is all 0.

        Raises:
            GraphError: they are computed, or kept in an unknown way.
        """
        kernel = self._constant(int(operator.inputs[1]))
        given = len(operator.inputs) > 2 and int(operator.inputs[2]) >= 0
        outputs = kernel.shape[-1] if self.name(operator) == "DEPTHWISE_CONV_2D" else len(kernel)
        return kernel, self._constant(int(operator.inputs[2])).ravel() if given else np.zeros(outputs)

    def has_relu(self, operator: Any) -> bool:
        """Whether a ReLU follows inside a Dense layer.

        Raises:
            GraphError: another activation does.
        """
        activation, kinds = operator.builtinOptions.fusedActivationFunction, self._schema.ActivationFunctionType
        if activation not in (kinds.NONE, kinds.RELU):
            raise GraphError("a Dense layer has another activation than ReLU")
        return bool(activation == kinds.RELU)

    def _constant(self, number: int) -> Floats:
        """A weight tensor as float64; float16 and int8 weights are widened as LiteRT does it."""
        if number in self._makers:
            if self.name(self._makers[number]) != "DEQUANTIZE":
                raise GraphError("a weight of the head is computed, not stored")
            return self._constant(int(self._makers[number].inputs[0]))
        tensor = self._graph.tensors[number]
        kinds = self._schema.TensorType
        dtypes = {kinds.FLOAT32: np.float32, kinds.FLOAT16: np.float16, kinds.INT8: np.int8}
        data = self._model.buffers[tensor.buffer].data
        if tensor.type not in dtypes or data is None:
            raise GraphError("a weight of the head is kept in an unknown way")
        values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), dtypes[tensor.type])
        values = values.reshape([int(size) for size in tensor.shape]).astype(np.float64)
        if tensor.type != kinds.INT8:
            return np.asarray(values)
        scale = np.asarray(tensor.quantization.scale, np.float64)
        zero = np.asarray(tensor.quantization.zeroPoint, np.float64)
        along = [1] * values.ndim
        along[int(tensor.quantization.quantizedDimension)] = -1
        return np.asarray((values - zero.reshape(along)) * scale.reshape(along))
