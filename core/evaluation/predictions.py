"""What candidates read in pictures, asked once and kept: tables are then a matter of seconds."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.candidates.registry import Candidate
from core.system.files import fresh_file

TIMED_PICTURES = 30


def kept_array(place: Path, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """The array in a file; where there is none, what `make` gives, kept there for the next time."""
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        with fresh_file(place) as fresh, fresh.open("wb") as file:
            np.save(file, make())
    return np.asarray(np.load(place, allow_pickle=False))


def kept_predictions(candidate: Candidate, pictures: NDArray[np.uint8], cache: Path) -> NDArray[np.float64]:
    """Probabilities (n, 4) of pictures (n, 100, 100, 3) uint8 RGB by a candidate, in the order of `EMOTIONS`.

    They are kept below `cache` under a name made of the whole card and the pictures, so nothing old is taken for new.

    Raises:
        NetworkError: the network cannot be run.
    """
    digest = hashlib.sha256(candidate.card.to_json().encode())
    digest.update(np.ascontiguousarray(pictures).tobytes())
    return kept_array(
        cache / f"{digest.hexdigest()[:32]}.npy",
        lambda: candidate.load_runner().predict(pictures, with_maps=False).probabilities,
    )


def milliseconds_a_picture(candidates: Sequence[Candidate], pictures: NDArray[np.uint8]) -> list[float]:
    """For each candidate the median time of one picture; they take turns, so that a busy moment strikes all alike.

    Raises:
        NetworkError: a network cannot be run.
    """
    runners = [candidate.load_runner() for candidate in candidates]
    for runner in runners:
        runner.predict(pictures[:1])
    seconds: list[list[float]] = [[] for _runner in runners]
    for number in range(min(TIMED_PICTURES, len(pictures))):
        for runner, taken in zip(runners, seconds, strict=True):
            began = time.perf_counter()
            runner.predict(pictures[number : number + 1], with_maps=False)
            taken.append(time.perf_counter() - began)
    return [float(np.median(one)) * 1000 for one in seconds]
