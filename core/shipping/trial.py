"""Trying out a network that nobody knows, run as a process of its own: what is wrong with it ends nothing else.

Prints one line of JSON: what was found, or {"problem": why it cannot be used}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.candidates.graph_check import graph_problem
from core.candidates.registry import read_registry
from core.candidates.runner import NetworkError, NoProbabilitiesError
from core.datasets.labelled import DataSetError, read_splits
from core.evaluation.detector_crops import actor_faces
from core.evaluation.metrics import scores_at
from core.face.haar import HaarFaceFinder

FEW_PROBLEM = "no probabilities"
"""The kind of the problem of a network that answers, but not with probabilities."""


def ends_of(content: bytes, *, is_onnx: bool) -> dict[str, Any]:
    """The size of the pictures that a network takes, their channels, and how many numbers it gives.

    Raises:
        NetworkError: it cannot be read, or does not take one picture and give one row of numbers.
    """
    taken, given = _onnx_shapes(content) if is_onnx else _litert_shapes(content)
    if len(taken) != 4 or len(given) < 2:
        raise NetworkError(
            f"it takes an array of the shape {taken} and gives one of the shape {given}: no pictures, no classes"
        )
    first, last = taken[1], taken[3]
    sides = taken[2:] if is_onnx and first in (1, 3) and last not in (1, 3) else taken[1:3]
    channels = first if sides == taken[2:] else last
    if sides[0] != sides[1] or channels not in (1, 3, None):
        raise NetworkError(f"it takes an array of the shape {taken}, which is no square picture")
    if not isinstance(given[-1], int):
        raise NetworkError("it does not say how many numbers it gives")
    return {"size": sides[0], "channels": channels, "outputs": given[-1]}


def _litert_shapes(content: bytes) -> tuple[list[int | None], list[int | None]]:
    from ai_edge_litert.interpreter import Interpreter

    problem = graph_problem(content)
    if problem is not None:
        raise NetworkError(f"LiteRT cannot run it: {problem}")
    try:
        interpreter = Interpreter(model_content=content)
    except (ValueError, RuntimeError) as error:
        raise NetworkError(f"LiteRT cannot run it: {error}") from error
    taken, given = interpreter.get_input_details(), interpreter.get_output_details()
    if len(taken) != 1:
        raise NetworkError(f"it takes {len(taken)} things at once, not one picture")
    if len(given) != 1:
        raise NetworkError(f"it gives {len(given)} things at once, not one row of numbers")
    for end in (taken[0], given[0]):
        if end["dtype"].__name__ != "float32":
            raise NetworkError(f"it works on {end['dtype'].__name__}; export it with float32 at both ends")
    return [_known(end["shape_signature"]) for end in (taken[0], given[0])]  # type: ignore[return-value]


def _known(shape: Sequence[Any]) -> list[int | None]:
    return [int(one) if int(one) > 0 else None for one in shape]


def _onnx_shapes(content: bytes) -> tuple[list[int | None], list[int | None]]:
    from core.candidates.onnx_runner import open_session

    session = open_session(content)
    taken = session.get_inputs()
    if len(taken) != 1:
        raise NetworkError(f"it takes {len(taken)} things at once, not one picture")
    [taken_shape, given_shape] = (
        [one if isinstance(one, int) and one > 0 else None for one in end.shape]
        for end in (taken[0], session.get_outputs()[0])
    )
    return taken_shape, given_shape


def scores_of(place: Path, data: Path | None, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """What the candidate in the folder `place` reaches on the ten actors and on validation splits, as a card shows it.

    Raises:
        NetworkError: it cannot be run.
        DataSetError: a set cannot be read.
    """
    registry = read_registry(place.parent)
    for rejection in registry.rejections:
        raise NetworkError(rejection.reason)
    runner = registry.candidates[0].load_runner()
    sets = [actor_faces(HaarFaceFinder()), *(read_splits(data, names, "val") if data is not None else [])]
    return scores_at(1.0, [runner.predict(one.pictures, with_maps=False).probabilities for one in sets], sets)


def main(arguments: Sequence[str]) -> dict[str, Any]:
    """Do as asked: `--ends KIND` of the file on standard input, or `--scores FOLDER [DATA SET...]`."""
    try:
        if arguments[0] == "--ends":
            return ends_of(sys.stdin.buffer.read(), is_onnx=arguments[1] == "onnx")
        place, *more = arguments[1:]
        return scores_of(Path(place), Path(more[0]) if more else None, more[1:])
    except NoProbabilitiesError as error:
        return {"problem": str(error), "kind": FEW_PROBLEM}
    except (NetworkError, DataSetError) as error:
        return {"problem": str(error)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))  # noqa: T201 - its whole answer
