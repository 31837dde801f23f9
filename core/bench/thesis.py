"""Our way beside the thesis's own, on the same frames in turn. Needs the `train` extra."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.bench.figures import Timing, ratio, timed, timing_of
from core.candidates.network import Network
from core.candidates.registry import Candidate, read_registry
from core.face.haar import HaarFaceFinder
from core.monitoring.pipeline import FaceTracker
from core.sources.source import Frame

_ROOT = Path(__file__).resolve().parents[2]


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
    """The thesis's InceptionV3 with head #2, with random weights and int8 like a shipped one, in a folder that goes away.

    Raises:
        CalledProcessError: it cannot be built and converted here.
    """
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        # In a process of its own, so that TensorFlow's memory and threads are not there while we measure.
        command = [sys.executable, "-m", "core.bench.thesis_baseline", folder]
        subprocess.run(command, check=True, cwd=_ROOT, capture_output=True)
        [candidate] = read_registry(Path(folder)).candidates
        yield candidate


def compare_with_thesis(frames: Sequence[Frame], candidate: Candidate) -> Comparison:
    """Take every frame both ways, in turn.

    Raises:
        NetworkError: the candidate cannot be run.
        ValueError: its card names no test of the thesis.
    """
    from core.bench.thesis_baseline import ThesisWay
    from core.method.experiments import PAPER_TEST, find_experiment

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
