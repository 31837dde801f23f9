"""A network file whose numbers lead nowhere is left out with its reason; it does not end the process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st

from core.candidates.graph_check import graph_problem
from core.candidates.registry import read_registry
from core.candidates.runner import LiteRTRunner, NetworkError
from core.system.resources import MODELS_FOLDER
from tests.tiny_network import card_for, check_networks, tiny_network, write_candidate

ROOT = Path(__file__).parents[2]
GOOD = tiny_network()
NOWHERE = st.sampled_from([-(2**31), -2, -1, 99, 2**31 - 1])


def changed(change: Callable[[Any, Any], None]) -> bytes:
    """The tiny network after a change of its model and its only graph."""
    import flatbuffers

    model = schema.ModelT.InitFromPackedBuf(GOOD, 0)
    change(model, model.subgraphs[0])
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def weight_is_left_out(_model: Any, graph: Any) -> None:
    """The weights of the Dense layer are numbered -1: LiteRT takes that for "none" and reads them all the same."""
    operator = graph.operators[1]
    operator.inputs = [int(operator.inputs[0]), -1, int(operator.inputs[2])]


def bias_is_left_out(_model: Any, graph: Any) -> None:
    operator = graph.operators[1]
    operator.inputs = [*(int(number) for number in operator.inputs[:2]), -1]


def test_a_bad_index_with_a_matching_card_is_a_reason_and_not_the_end_of_the_process(tmp_path: Path) -> None:
    content = changed(weight_is_left_out)
    write_candidate(tmp_path, card_for(content, "tiny-1"), content)
    program = (
        "import sys; from pathlib import Path; from core.candidates.registry import read_registry\n"
        "from tests.tiny_network import check_networks\n"
        "found = read_registry(Path(sys.argv[1])); assert len(found.candidates) == 1\n"
        "[rejection] = check_networks(found).rejections; print(rejection.reason)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stdout) == (
        0,
        "LiteRT cannot run it: its operation 1 takes a tensor that is not there\n",
    ), done.stderr


@given(NOWHERE, st.sampled_from(["input", "output", "begin", "end", "buffer", "operation"]), st.integers(0, 2))
def test_every_number_that_leads_nowhere_is_found(number: int, kind: str, place: int) -> None:
    def change(model: Any, graph: Any) -> None:
        operator = graph.operators[place]
        if kind == "input":
            operator.inputs = [number, *(int(one) for one in operator.inputs[1:])]
        elif kind == "output":
            operator.outputs = [number]
        elif kind == "begin":
            graph.inputs = [number]
        elif kind == "end":
            graph.outputs = [number]
        elif kind == "buffer":
            graph.tensors[place].buffer = number & 0xFFFF | 0x100
        else:
            operator.opcodeIndex = abs(number) % 2**32 - 1 if number < -2 else 77

    content = changed(change)
    assert graph_problem(content)
    with pytest.raises(NetworkError, match="not there"):
        LiteRTRunner(content)


def test_a_bias_may_be_left_out() -> None:
    assert graph_problem(changed(bias_is_left_out)) is None


@given(st.binary(max_size=200) | st.integers(0, len(GOOD)).map(lambda end: GOOD[:end]))
def test_what_is_no_graph_is_said(content: bytes) -> None:
    if content != GOOD:
        with pytest.raises(NetworkError, match="LiteRT cannot run it"):
            LiteRTRunner(content)


@pytest.mark.all_networks
def test_every_network_that_is_shipped_passes(tmp_path: Path) -> None:
    found = read_registry(MODELS_FOLDER)
    assert len(found.candidates) >= 10
    for candidate in found.candidates:
        assert graph_problem(candidate.path.read_bytes()) is None
    write_candidate(tmp_path, card_for(GOOD, "tiny-1"), GOOD)
    assert check_networks(read_registry(tmp_path)).rejections == ()
