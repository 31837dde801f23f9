"""LiteRT files on the training side, without Keras: what they answer, and their graph with all weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH = 32
"""Pictures in one invocation; larger batches cost memory and gain nothing on a processor."""


class LiteRTError(ValueError):
    """A LiteRT file cannot be read the way that is asked; the message says why."""


def predict_converted(content: bytes, pictures: NDArray[np.uint8], batch_size: int = BATCH) -> NDArray[np.float64]:
    """Probabilities (n, 4) of pictures (n, 100, 100, 3) uint8 RGB by a LiteRT file with our two outputs."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    entry = interpreter.get_input_details()[0]["index"]
    exit_ = next(o["index"] for o in interpreter.get_output_details() if len(o["shape"]) == 2)
    parts = []
    for start in range(0, len(pictures), batch_size):
        batch = pictures[start : start + batch_size].astype(np.float32) / 255.0
        interpreter.resize_tensor_input(entry, batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry, batch)
        interpreter.invoke()
        parts.append(interpreter.get_tensor(exit_).astype(np.float64))
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a LiteRT graph: its kind (as in the schema, e.g. CONV_2D) and the tensors it takes and makes."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class LiteRTGraph:
    """The operations and weights of a LiteRT file's only subgraph. Tensors are numbers."""

    def __init__(self, content: bytes) -> None:
        """Reads the file through LiteRT's own schema.

        Raises:
            LiteRTError: it is no LiteRT file.
        """
        from ai_edge_litert import schema_py_generated as schema

        self._schema: Any = schema
        if content[4:8] != b"TFL3":
            raise LiteRTError("it is no LiteRT file")
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
            )
            self._makers |= dict.fromkeys(operation.outputs, operation)
        self.outputs = tuple(int(number) for number in graph.outputs)

    def maker(self, tensor: int) -> Operation | None:
        """The operation that makes a tensor; None for inputs and weights."""
        return self._makers.get(tensor)

    def rank(self, tensor: int) -> int:
        """How many dimensions a tensor has."""
        return len(self._tensors[tensor].shape)

    def constant(self, tensor: int) -> NDArray[np.float32] | None:
        """A weight as float32, widened as LiteRT does it from float16 or int8; None for what is computed or absent.

        Raises:
            LiteRTError: the weight is kept in another way than these.
        """
        if tensor < 0:
            return None
        made = self._makers.get(tensor)
        if made is not None:
            return self.constant(made.inputs[0]) if made.kind == "DEQUANTIZE" else None
        stored = self._tensors[tensor]
        data = self._model.buffers[stored.buffer].data
        if data is None:
            return None
        kinds = self._schema.TensorType
        dtypes = {kinds.FLOAT32: np.float32, kinds.FLOAT16: np.float16, kinds.INT8: np.int8, kinds.INT32: np.int32}
        if stored.type not in dtypes:
            raise LiteRTError("a weight is kept neither as float32, float16 nor int8")
        values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), dtypes[stored.type])
        values = values.reshape([int(size) for size in stored.shape]).astype(np.float32)
        return values * self._scale(stored, values.ndim) if stored.type == kinds.INT8 else values

    @staticmethod
    def _scale(stored: Any, dimensions: int) -> NDArray[np.float32]:
        """The scale of each channel, shaped to multiply; weights are symmetric, so there is no zero point."""
        quantization = stored.quantization
        along = [1] * dimensions
        if len(quantization.scale) > 1:
            along[quantization.quantizedDimension] = -1
        return np.asarray(quantization.scale, np.float32).reshape(along)
