"""What becomes of one frame, stage by stage: grab, detect, crop, infer (method.md 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.bench.figures import Timing, timed, timing_of
from core.candidates.network import Network
from core.candidates.registry import Candidate
from core.face.checked import CheckedFaceFinder
from core.face.crop import crop_face
from core.method.level import READINGS_PER_SECOND
from core.monitoring.pipeline import FaceTracker
from core.sources.source import Frame, FrameSource, Pixels, SourceError, SourceProblem

BATCH = 8
"""Faces that grading reads at once (see `core.calibration.grader`)."""

_BATCHES = 5


@dataclass(frozen=True, slots=True)
class CandidateCost:
    """One candidate: its file, loading it, one face, one face of a batch of eight, and a frame from pixels to emotion."""

    id: str
    megabytes: float
    load_ms: float
    infer: Timing
    infer_in_batch_ms: float
    frame_to_emotion: Timing


@dataclass(frozen=True, slots=True)
class FrameCosts:
    """The stages that all candidates share, each candidate, and faces and frames that other measurements go on with."""

    grab: Timing
    detect: Timing
    crop: Timing
    candidates: tuple[CandidateCost, ...]
    frames: tuple[Frame, ...]
    crops: tuple[Pixels, ...]


def measure_frames(source: FrameSource, candidates: Sequence[Candidate], ticks: int) -> FrameCosts:
    """Take `ticks` frames of a source at the level's clock (five a second) through every stage.

    Every candidate reads every face, one after the other, so that all have met the same computer.

    Raises:
        SourceError: the source cannot be read, is too short or shows no face.
        NetworkError: a candidate cannot be run.
    """
    load: dict[str, list[float]] = {candidate.card.id: [] for candidate in candidates}
    networks = {one.card.id: timed(one.load, load[one.card.id]) for one in candidates}
    tracker = FaceTracker(CheckedFaceFinder())
    grab: list[float] = []
    detect: list[float] = []
    cut: list[float] = []
    read: dict[str, list[float]] = {name: [] for name in networks}
    frames: list[Frame] = []
    crops: list[Pixels] = []
    source.open()
    try:
        for number in range(1, ticks + 1):
            frame = timed(partial(source.frame_at, number / READINGS_PER_SECOND), grab)
            if frame is None:
                break
            box = timed(partial(tracker.locate, frame), detect)
            if box is None:
                del detect[-1]
                continue
            crop = timed(partial(crop_face, frame.pixels, box), cut)
            for name, network in networks.items():
                timed(partial(network.read, [crop]), read[name])
            frames.append(frame)
            crops.append(crop)
    finally:
        source.close()
    if not crops:
        raise SourceError(SourceProblem.UNREADABLE, f"{source.name} (it shows no face)")
    costs = [_candidate_cost(one, networks[one.card.id], load, read, (detect, cut), crops[0]) for one in candidates]
    return FrameCosts(timing_of(grab), timing_of(detect), timing_of(cut), tuple(costs), tuple(frames), tuple(crops))


def _candidate_cost(
    candidate: Candidate,
    network: Network,
    load: Mapping[str, Sequence[float]],
    read: Mapping[str, Sequence[float]],
    before: tuple[Sequence[float], Sequence[float]],
    crop: Pixels,
) -> CandidateCost:
    name = candidate.card.id
    batches: list[float] = []
    for _ in range(_BATCHES):
        timed(partial(network.read, [crop] * BATCH), batches)
    whole = [sum(parts) for parts in zip(*before, read[name], strict=True)]
    return CandidateCost(
        id=name,
        megabytes=round(candidate.card.size_bytes / 1e6, 2),
        load_ms=timing_of(load[name]).median_ms,
        infer=timing_of(read[name]),
        infer_in_batch_ms=round(timing_of(batches).median_ms / BATCH, 3),
        frame_to_emotion=timing_of(whole),
    )
