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
from core.system.errors import TranslatableError

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
            "it takes an array of the shape {taken} and gives one of the shape {given}: no pictures, no classes",
            taken=taken,
            given=given,
        )
    first, last = taken[1], taken[3]
    sides = taken[2:] if is_onnx and first in (1, 3) and last not in (1, 3) else taken[1:3]
    channels = first if sides == taken[2:] else last
    if sides[0] != sides[1] or channels not in (1, 3, None):
        raise NetworkError("it takes an array of the shape {taken}, which is no square picture", taken=taken)
    if not isinstance(given[-1], int):
        raise NetworkError("it does not say how many numbers it gives")
    return {"size": sides[0], "channels": channels, "outputs": given[-1]}


def _litert_shapes(content: bytes) -> tuple[list[int | None], list[int | None]]:
    from ai_edge_litert.interpreter import Interpreter

    problem = graph_problem(content)
    if problem is not None:
        raise NetworkError("LiteRT cannot run it: {reason}", reason=problem)
    try:
        interpreter = Interpreter(model_content=content)
    except (ValueError, RuntimeError) as error:
        raise NetworkError("LiteRT cannot run it: {reason}", reason=error) from error
    taken, given = interpreter.get_input_details(), interpreter.get_output_details()
    if len(taken) != 1:
        raise NetworkError("it takes {count} things at once, not one picture", count=len(taken))
    if len(given) != 1:
        raise NetworkError("it gives {count} things at once, not one row of numbers", count=len(given))
    for end in (taken[0], given[0]):
        if end["dtype"].__name__ != "float32":
            raise NetworkError(
                "it works on {numbers}; export it with float32 at both ends", numbers=end["dtype"].__name__
            )
    return [_known(end["shape_signature"]) for end in (taken[0], given[0])]  # type: ignore[return-value]


def _known(shape: Sequence[Any]) -> list[int | None]:
    return [int(one) if int(one) > 0 else None for one in shape]


def _onnx_shapes(content: bytes) -> tuple[list[int | None], list[int | None]]:
    from core.candidates.onnx_runner import open_session

    session = open_session(content)
    taken = session.get_inputs()
    if len(taken) != 1:
        raise NetworkError("it takes {count} things at once, not one picture", count=len(taken))
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
        raise rejection.reason
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
        return {**_told(error), "kind": FEW_PROBLEM}
    except (NetworkError, DataSetError) as error:
        return _told(error)


def _told(error: TranslatableError) -> dict[str, Any]:
    """An error as the process that asked makes it again."""
    plain = {name: fact if isinstance(fact, int | float | str) else str(fact) for name, fact in error.facts.items()}
    return {"problem": error.template, "facts": plain}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))  # noqa: T201 - its whole answer
