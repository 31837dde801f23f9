"""Our way beside the thesis's own, on the same frames in turn. Needs the `train` extra."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.bench.figures import Timing, ratio, timed, timing_of
from core.candidates.network import Network
from core.candidates.registry import Candidate
from core.face.haar import HaarFaceFinder
from core.pipeline import FaceTracker
from core.sources.source import Frame


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate and the same architecture by the thesis's way: a frame to its emotion, and how many times faster."""

    candidate: str
    ours: Timing
    thesis: Timing
    times_faster: float


def keras_is_there() -> bool:
    """Whether the `train` extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("keras", "tensorflow"))


@contextmanager
def made_up_heavy_candidate() -> Iterator[Candidate]:
    """The thesis's heaviest architecture, InceptionV3 with head #2, with random weights, in a folder that goes away."""
    from core.training.experiments import find_experiment
    from core.training.thesis_way import make_up_candidate

    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        yield make_up_candidate(Path(folder), find_experiment(5, "inceptionv3"))


def compare_with_thesis(frames: Sequence[Frame], candidate: Candidate) -> Comparison:
    """Take every frame both ways, in turn.

    Raises:
        NetworkError: the candidate cannot be run.
        ValueError: its card names no test of the thesis.
    """
    from core.training.experiments import PAPER_TEST, find_experiment
    from core.training.thesis_way import ThesisWay

    card = candidate.card
    thesis = ThesisWay(find_experiment(card.test or PAPER_TEST, card.network.lower()))
    network, tracker = candidate.load(), FaceTracker(HaarFaceFinder())
    tracker.locate(frames[0])
    ours_taken: list[float] = []
    thesis_taken: list[float] = []
    for frame in frames:
        timed(partial(thesis.read, frame.pixels), thesis_taken)
        timed(partial(_ours, tracker, network, frame), ours_taken)
    return Comparison(card.id, timing_of(ours_taken), timing_of(thesis_taken), ratio(thesis_taken, ours_taken))


def _ours(tracker: FaceTracker, network: Network, frame: Frame) -> None:
    crop = tracker.crop(frame)
    if crop is not None:
        network.read([crop])
