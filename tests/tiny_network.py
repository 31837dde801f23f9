"""Real networks of about a thousand bytes, written without TensorFlow through the schema that LiteRT itself ships.

A tiny network answers by the mean colour of a crop: by its first channel happy, by its second neutral, by its third
stress, and surprise where all are dark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import CARD_FILE, NETWORK_FILE, Card, DataSetUse
from core.candidates.network import NetworkError
from core.candidates.registry import Registry, Rejection

Ending = Literal["softmax", "logits", "int8"]

WEIGHTS = ((8.0, 0.0, 0.0), (0.0, 8.0, 0.0), (0.0, 0.0, 8.0), (0.0, 0.0, 0.0))
BIAS = (0.0, 0.0, 0.0, 4.0)


class _Writer:
    """Collects tensors and operators of one subgraph."""

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.schema: Any = schema
        self.model = schema.ModelT()
        self.model.version, self.model.buffers, self.model.operatorCodes = 3, [schema.BufferT()], []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []

    def constant(self, values: NDArray[Any]) -> int:
        buffer = self.schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        kind = self.schema.TensorType.INT32 if values.dtype == np.int32 else self.schema.TensorType.FLOAT32
        return self.tensor(list(values.shape), kind, buffer=len(self.model.buffers) - 1)

    def tensor(self, shape: list[int], kind: int | None = None, *, buffer: int = 0, batch: int | None = None) -> int:
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape, tensor.buffer = f"t{len(self.graph.tensors)}", shape, buffer
        tensor.type = self.schema.TensorType.FLOAT32 if kind is None else kind
        if batch is not None:
            tensor.shape, tensor.shapeSignature = [abs(batch), *shape], [batch, *shape]
        if tensor.type == self.schema.TensorType.INT8:
            tensor.quantization = self.schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [1 / 256], [-128]
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def operator(self, name: str, inputs: list[int], output: int, options: str | None = None) -> Any:
        code = self.schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(self.schema.BuiltinOperator, name)
        code.version = 1
        self.model.operatorCodes.append(code)
        operator = self.schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = len(self.model.operatorCodes) - 1, inputs, [output]
        if options is not None:
            operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, options)
            operator.builtinOptions = getattr(self.schema, f"{options}T")()
        self.graph.operators.append(operator)
        return operator.builtinOptions if options is not None else None

    def average(self, face: int, size: int, grid: int, batch: int) -> int:
        """A map of `grid` x `grid` cells: the mean colour of each."""
        output = self.tensor([grid, grid, 3], batch=batch)
        options = self.operator("AVERAGE_POOL_2D", [face], output, "Pool2DOptions")
        options.padding = self.schema.Padding.VALID
        options.strideW = options.strideH = options.filterWidth = options.filterHeight = size // grid
        return output

    def finish(self, inputs: list[int], outputs: list[int]) -> bytes:
        import flatbuffers

        self.graph.inputs, self.graph.outputs, self.model.subgraphs = inputs, outputs, [self.graph]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def tiny_network(
    *,
    size: int = 100,
    batch: int = -1,
    classes: int = 4,
    ending: Ending = "softmax",
    outputs: int = 1,
    weights: Sequence[Sequence[float]] = WEIGHTS,
    bias: Sequence[float] = BIAS,
    grid: int = 0,
) -> bytes:
    """The bytes of a network: (batch, size, size, 3) float32 in, (batch, classes) out.

    `batch` -1 takes any number of faces, another number exactly so many. With two or three `outputs` the mean colour
    follows (a stand-in for a feature map), and then the probabilities once more. With a `grid` the second output is a
    true feature map of so many cells a side.
    """
    writer = _Writer()
    face = writer.tensor([size, size, 3], batch=batch)
    mean, logits, probabilities = (writer.tensor([width], batch=batch) for width in (3, classes, classes))
    looked_at = writer.average(face, size, grid, batch) if grid else face
    writer.operator("MEAN", [looked_at, writer.constant(np.array([1, 2], np.int32))], mean, "ReducerOptions")
    matrix, offset = np.array(weights[:classes], np.float32), np.array(bias[:classes], np.float32)
    writer.operator(
        "FULLY_CONNECTED",
        [mean, writer.constant(matrix), writer.constant(offset)],
        logits,
        "FullyConnectedOptions",
    )
    writer.operator("SOFTMAX", [logits], probabilities, "SoftmaxOptions").beta = 1.0
    ends = {"softmax": probabilities, "logits": logits}
    if ending == "int8":
        ends["int8"] = writer.tensor([classes], writer.schema.TensorType.INT8, batch=batch)
        writer.operator("QUANTIZE", [probabilities], ends["int8"], "QuantizeOptions")
    return writer.finish([face], [ends[ending], looked_at if grid else mean, logits][:outputs])


def card_for(content: bytes, candidate_id: str = "tiny-1", **changes: Any) -> Card:
    """A right card for a network file, with `changes`."""
    card = Card(
        id=candidate_id,
        name=f"Tiny ({candidate_id.rpartition('-')[2]})",
        network="MobileNetV2",
        head=1,
        test=1,
        input_size=100,
        colour_order="RGB",
        pixel_range=(0.0, 1.0),
        labels=("happy", "neutral", "stress", "surprise"),
        outputs=("probabilities",),
        training=(DataSetUse("made up", 12, "free"),),
        terms="free",
        recipe="written by hand for tests",
        scores={"made up": {"accuracy": 0.5}},
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return replace(card, **changes)


def write_candidate(models: Path, card: Card, content: bytes, folder: str | None = None) -> Path:
    """Put a candidate's two files into `models`; returns its folder."""
    place = models / (folder or card.id)
    place.mkdir(parents=True)
    (place / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
    (place / NETWORK_FILE).write_bytes(content)
    return place


def check_networks(registry: Registry) -> Registry:
    """Load every network once; those that do not run as their cards say move to the rejections."""
    usable, rejections = [], list(registry.rejections)
    for candidate in registry.candidates:
        try:
            candidate.load()
        except NetworkError as error:
            rejections.append(Rejection(candidate.card.id, error))
        else:
            usable.append(candidate)
    return Registry(tuple(usable), tuple(rejections))
