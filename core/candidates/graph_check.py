"""Whether every number in a network file leads somewhere, asked before LiteRT follows it: LiteRT does not always ask."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.system.errors import TranslatableError

MOST_PARTS = 100_000
"""No network of ours has more than some hundred tensors, buffers or operations."""

FIRST_OPTIONAL_INPUT = 2
"""An operation may do without its inputs from this one on (a bias). Without an earlier one it ends the process."""

_BROKEN = (struct.error, ValueError, IndexError, TypeError, OverflowError)
"""What flatbuffers runs into where a file is cut off or damaged."""


def graph_problem(content: bytes) -> TranslatableError | None:
    """What is wrong with the graph of a LiteRT file, as a part of a sentence; None where nothing is."""
    from ai_edge_litert import schema_py_generated as schema

    try:
        return next(_problems(schema.Model.GetRootAs(content, 0), len(content)), None)
    except _BROKEN:
        return TranslatableError("its graph cannot be read")


def _problems(model: Any, file_bytes: int) -> Iterator[TranslatableError]:
    if max(model.BuffersLength(), model.OperatorCodesLength(), model.SubgraphsLength()) > MOST_PARTS:
        yield TranslatableError("its graph has too many parts")
        return
    for number in range(model.BuffersLength()):
        buffer = model.Buffers(number)
        if buffer.Offset() + buffer.Size() > file_bytes:
            yield TranslatableError("its buffer {number} lies behind the file's end", number=number)
    for number in range(model.SubgraphsLength()):
        yield from _problems_of_graph(model, model.Subgraphs(number))


def _problems_of_graph(model: Any, graph: Any) -> Iterator[TranslatableError]:
    tensors = graph.TensorsLength()
    if max(tensors, graph.OperatorsLength()) > MOST_PARTS:
        yield TranslatableError("its graph has too many parts")
        return
    for number in range(tensors):
        if graph.Tensors(number).Buffer() >= model.BuffersLength():
            yield TranslatableError("its tensor {number} names a buffer that is not there", number=number)
    if not (_lead(graph.InputsAsNumpy(), tensors) and _lead(graph.OutputsAsNumpy(), tensors)):
        yield TranslatableError("its graph begins or ends with a tensor that is not there")
    for number in range(graph.OperatorsLength()):
        operation = graph.Operators(number)
        inputs = np.atleast_1d(operation.InputsAsNumpy())
        optional = np.where(inputs[FIRST_OPTIONAL_INPUT:] == -1, 0, inputs[FIRST_OPTIONAL_INPUT:])
        known = operation.OpcodeIndex() < model.OperatorCodesLength()
        if not (known and _lead(inputs[:FIRST_OPTIONAL_INPUT], tensors) and _lead(optional, tensors)):
            yield TranslatableError("its operation {number} takes a tensor that is not there", number=number)
        if not _lead(operation.OutputsAsNumpy(), tensors):
            yield TranslatableError("its operation {number} makes a tensor that is not there", number=number)


def _lead(numbers: NDArray[np.int32] | int, count: int) -> bool:
    """Whether each of these numbers of tensors is one; flatbuffers gives 0 for a list that is missing."""
    return bool(np.all((np.atleast_1d(numbers) >= 0) & (np.atleast_1d(numbers) < count)))
