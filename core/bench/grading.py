"""How long a person would wait for the verdict: grading eleven expressions of thirty faces by every candidate."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice, repeat

from core.calibration.grader import CalibrationGrader
from core.calibration.machine import CAPTURES_PER_SECOND, GRADED_TAKE, Slot, Timing
from core.candidates.network import LiteRTNetwork, Network
from core.candidates.registry import Candidate
from core.method.emotion import EXPRESSIONS
from core.sources.source import Pixels

FACES_EACH = 30
"""Faces of one take: three seconds at ten a second."""

THESIS_CANDIDATES = 10
"""The nine of the thesis and the one of the paper (method.md 4)."""


@dataclass(frozen=True, slots=True)
class GradingCost:
    """`candidates` networks: seconds for `faces` faces all at once, and from the last captured face to the verdict."""

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
    """Grade made-up takes of the wizard with these faces.

    Args:
        networks: the candidates.
        crops: faces, used over and over.
        expressions: how many are graded all at once (fewer for a quick look).
        sleep: waits between captures; replaced in tests.
    """
    return GradingCost(
        len(networks),
        expressions * FACES_EACH,
        _all_at_once(networks, crops, expressions),
        _after_the_last(networks, crops, Timing(), sleep),
    )


def _all_at_once(networks: Sequence[Network], crops: Sequence[Pixels], expressions: int) -> float:
    faces = cycle(crops)
    grader = CalibrationGrader(networks)
    began = time.perf_counter()
    try:
        slots = [Slot(expression.id, GRADED_TAKE, 1) for expression in EXPRESSIONS[:expressions]]
        for slot in slots:
            for _ in range(FACES_EACH):
                grader.submit(slot, next(faces))
        grader.wait()
        grader.results(slots)
        return round(time.perf_counter() - began, 2)
    finally:
        grader.close()


def _after_the_last(
    networks: Sequence[Network], crops: Sequence[Pixels], timing: Timing, sleep: Callable[[float], None]
) -> float:
    """The last expression at the wizard's own pace: both takes, then the seconds until its grades stand."""
    faces = cycle(crops)
    grader = CalibrationGrader(networks)
    try:
        for take in (1, GRADED_TAKE):
            for _ in range(round(timing.hold * CAPTURES_PER_SECOND)):
                sleep(1 / CAPTURES_PER_SECOND)
                grader.submit(Slot(EXPRESSIONS[-1].id, take, 1), next(faces))
            if take != GRADED_TAKE:
                sleep(timing.relax)
        began = time.perf_counter()
        grader.wait()
        grader.results([Slot(EXPRESSIONS[-1].id, GRADED_TAKE, 1)])
        return round(time.perf_counter() - began, 3)
    finally:
        grader.close()
