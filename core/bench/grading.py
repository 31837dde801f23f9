"""How long a person would wait for the verdict: grading eleven expressions of thirty faces by every candidate."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice, repeat

from core.adapt.examples import SPEECH_FACES
from core.adapt.tuned import FITTED_FACES, tune_reader
from core.calibration.grader import CalibrationGrader
from core.calibration.machine import CAPTURES_PER_SECOND, FITTED_TAKE, GRADED_TAKE, Slot, Timing
from core.candidates.network import LiteRTNetwork, Network
from core.candidates.registry import Candidate
from core.method.emotion import EXPRESSIONS
from core.method.speech import PASSAGES
from core.sources.source import Pixels

FACES_EACH = 30
"""Faces of one take: three seconds at ten a second."""

THESIS_CANDIDATES = 10
"""The nine of the thesis and the one of the paper (method.md 4)."""


@dataclass(frozen=True, slots=True)
class GradingCost:
    """`candidates` networks: seconds for `faces` faces all at once, and from the last captured face to the verdict.

    The verdict stands when all are graded and the reader is tuned to both takes and to what was read aloud.
    """

    candidates: int
    faces: int
    all_at_once_s: float
    verdict_after_last_s: float


def stand_in_for_ten(candidates: Sequence[Candidate], heavy: Candidate | None = None) -> list[Network]:
    """Ten networks, as the thesis and the paper have.

    `heavy` stands in for all that are missing; without it the candidates are loaded over and over, under other names.

    Raises:
        NetworkError: one cannot be run.
    """
    missing = cycle(candidates) if heavy is None else repeat(heavy)
    chosen = list(islice(chain(candidates, missing), THESIS_CANDIDATES))
    return [_renamed(one, f"{one.card.id}-{number}") for number, one in enumerate(chosen)]


def _renamed(candidate: Candidate, name: str) -> LiteRTNetwork:
    """The candidate's network under another name, so that several of one kind can be graded side by side.

    It is a candidate like any other: the grader tells its features and explains some of its readings.
    """
    loaded = candidate.load()
    return LiteRTNetwork(replace(loaded.card, id=name), loaded.content)


def measure_grading(
    networks: Sequence[Network],
    crops: Sequence[Pixels],
    *,
    expressions: int = len(EXPRESSIONS),
    sleep: Callable[[float], None] = time.sleep,
) -> GradingCost:
    """Grade made-up takes of the wizard with these faces: all at once, then the last expression at the wizard's own pace.

    Args:
        networks: the candidates.
        crops: faces, used over and over.
        expressions: how many are graded all at once (fewer for a quick look).
        sleep: waits between captures; replaced in tests.
    """
    faces, timing, grader = cycle(crops), Timing(), CalibrationGrader(networks)
    asked = EXPRESSIONS[:expressions]
    first, graded = ([Slot(one.id, take, 1) for one in asked] for take in (FITTED_TAKE, GRADED_TAKE))
    spoken = [Slot(passage.id, FITTED_TAKE, 1) for passage in PASSAGES]

    def capture(slots: Sequence[Slot], count: int, pause: float = 0.0) -> None:
        for slot in slots:
            for _ in range(count):
                sleep(pause)
                grader.submit(slot, next(faces))

    try:
        began = time.perf_counter()
        capture(graded, FACES_EACH)
        grader.wait()
        grader.results(graded)
        all_at_once = time.perf_counter() - began
        capture(first, FITTED_FACES)
        capture(spoken, FITTED_FACES * SPEECH_FACES)
        grader.wait()
        capture([first[-1]], FACES_EACH, 1 / CAPTURES_PER_SECOND)
        sleep(timing.relax)
        capture([graded[-1]], FACES_EACH, 1 / CAPTURES_PER_SECOND)
        began = time.perf_counter()
        grader.wait()
        grader.results(graded)
        learnt, tried, said = map(grader.examples, (first, graded, spoken))
        tune_reader(grader.cards, grader.milliseconds, learnt, tried, said)
        verdict = time.perf_counter() - began
    finally:
        grader.close()
    return GradingCost(len(networks), expressions * FACES_EACH, round(all_at_once, 2), round(verdict, 3))
