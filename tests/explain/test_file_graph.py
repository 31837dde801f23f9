from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from core.candidates.network import LiteRTNetwork
from core.explain.head import HeadError, read_head
from tests.tiny_network import WEIGHTS, card_for, tiny_network


def _packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _with_weights_behind_the_graph(content: bytes, *, missing: int = 0) -> bytes:
    """The same file with the head's kernel behind the graph, as the quantiser writes large ones; `missing` bytes cut off."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    buffer = next(one for one in model.buffers if one.data is not None and len(one.data) == np.array(WEIGHTS).size * 4)
    kernel = bytes(bytearray(buffer.data))
    buffer.data, buffer.offset, buffer.size = None, 1, len(kernel)
    buffer.offset = len(_packed(model))
    packed = _packed(model)
    assert len(packed) == buffer.offset
    return packed + kernel[: len(kernel) - missing]


def test_weights_that_lie_behind_the_graph_are_read_as_those_within_it() -> None:
    moved = _with_weights_behind_the_graph(tiny_network())
    np.testing.assert_array_equal(read_head(moved).layers[0].kernel, read_head(tiny_network()).layers[0].kernel)
    crop = np.full((100, 100, 3), 90, np.uint8)
    reads = [LiteRTNetwork(card_for(content), content).read([crop]) for content in (moved, tiny_network())]
    assert reads[0] == reads[1]


def test_weights_behind_the_end_of_the_file_are_named() -> None:
    with pytest.raises(HeadError, match="behind the file's end"):
        read_head(_with_weights_behind_the_graph(tiny_network(), missing=1))
