"""A LiteRT file's operations and weights, read with the schema that LiteRT ships: no TensorFlow needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.system.errors import TranslatableError

Floats = NDArray[np.float64]


class GraphError(TranslatableError):
    """The file is made in a way that is not known here; the text says which."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a graph: its kind (as in the schema, e.g. CONV_2D), the tensors it takes and makes, its options."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any = field(repr=False, compare=False)


class FileGraph:
    """Just enough of a LiteRT file's only subgraph to walk through its operations and to read its weights.

    Tensors are numbers.
    """

    def __init__(self, content: bytes) -> None:
        """Reads the file through LiteRT's own schema.

        Raises:
            GraphError: it is no LiteRT file.
        """
        from ai_edge_litert import schema_py_generated as schema

        self._schema: Any = schema
        self._content = bytes(content)
        if content[4:8] != b"TFL3":
            raise GraphError("it is no LiteRT file")
        self._model = schema.ModelT.InitFromPackedBuf(content, 0)
        graph = self._model.subgraphs[0]
        names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
        self._tensors = graph.tensors
        self._makers: dict[int, Operation] = {}
        for operator in graph.operators:
            code = self._model.operatorCodes[operator.opcodeIndex]
            operation = Operation(
                names[max(code.builtinCode, code.deprecatedBuiltinCode)],
                tuple(int(number) for number in operator.inputs),
                tuple(int(number) for number in operator.outputs),
                operator.builtinOptions,
            )
            self._makers |= dict.fromkeys(operation.outputs, operation)
        self.outputs = tuple(int(number) for number in graph.outputs)

    def maker(self, tensor: int) -> Operation | None:
        """The operation that makes a tensor; None for inputs and weights."""
        return self._makers.get(tensor)

    def made_by(self, tensor: int) -> Operation:
        """The same where there has to be one.

        Raises:
            GraphError: the tensor is an input or a stored weight.
        """
        maker = self.maker(tensor)
        if maker is None:
            raise GraphError("its end reaches back to the input without a head")
        return maker

    def rank(self, tensor: int) -> int:
        """How many dimensions a tensor has."""
        return len(self._tensors[tensor].shape)

    def shape(self, tensor: int) -> tuple[int, ...]:
        """The sizes of a tensor, by its number."""
        return tuple(int(size) for size in self._tensors[tensor].shape)

    def weights(self, operation: Operation) -> tuple[Floats, Floats]:
        """Kernel and bias of a Dense layer; a bias that is not there is all 0.

        Raises:
            GraphError: they are computed, or kept in an unknown way.
        """
        kernel = self.constant(operation.inputs[1])
        given = len(operation.inputs) > 2 and operation.inputs[2] >= 0
        bias = self.constant(operation.inputs[2]) if given else None
        if kernel is None or (given and bias is None):
            raise GraphError("a weight of the head is computed, not stored")
        return kernel, np.zeros(len(kernel)) if bias is None else bias.ravel()

    def has_relu(self, operation: Operation) -> bool:
        """Whether a ReLU follows inside a Dense layer.

        Raises:
            GraphError: another activation does.
        """
        activation, kinds = operation.options.fusedActivationFunction, self._schema.ActivationFunctionType
        if activation not in (kinds.NONE, kinds.RELU):
            raise GraphError("a Dense layer has another activation than ReLU")
        return bool(activation == kinds.RELU)

    def constant(self, tensor: int) -> Floats | None:
        """A weight, widened as LiteRT does it from float16, int8 or int32; None for what is computed or absent.

        Raises:
            GraphError: the weight is kept in another way than these.
        """
        if tensor < 0:
            return None
        made = self.maker(tensor)
        if made is not None:
            return self.constant(made.inputs[0]) if made.kind == "DEQUANTIZE" else None
        stored = self._tensors[tensor]
        data = self._bytes(stored.buffer)
        if data is None:
            return None
        kinds = self._schema.TensorType
        dtypes = {kinds.FLOAT32: np.float32, kinds.FLOAT16: np.float16, kinds.INT8: np.int8, kinds.INT32: np.int32}
        if stored.type not in dtypes:
            raise GraphError("a weight is kept neither as float32, float16, int8 nor int32")
        values = np.frombuffer(data, dtypes[stored.type])
        values = values.reshape([int(size) for size in stored.shape]).astype(np.float64)
        return np.asarray(_widened(values, stored.quantization) if stored.type == kinds.INT8 else values)

    def _bytes(self, number: int) -> bytes | None:
        """What a buffer holds, inside the graph or behind it (where the quantiser puts large ones); None for nothing.

        Raises:
            GraphError: it lies outside the file.
        """
        buffer = self._model.buffers[number]
        if buffer.data is not None:
            return np.asarray(buffer.data, np.uint8).tobytes()
        if not buffer.size:
            return None
        if buffer.offset + buffer.size > len(self._content):
            raise GraphError("a weight lies behind the file's end")
        return self._content[buffer.offset : buffer.offset + buffer.size]


def _widened(values: Floats, quantization: Any) -> Floats:
    """What whole numbers stand for: (value - zero point) * scale, along the channels where each has its own."""
    if quantization is None or quantization.scale is None:
        raise GraphError("a weight of whole numbers has no scale")
    scale = np.asarray(quantization.scale, np.float64)
    zero = np.zeros(1) if quantization.zeroPoint is None else np.asarray(quantization.zeroPoint, np.float64)
    along = [1] * values.ndim
    along[int(quantization.quantizedDimension)] = -1
    return np.asarray((values - zero.reshape(along)) * scale.reshape(along))
