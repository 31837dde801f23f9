"""How fast the core's hot functions are: `pytest tests/benchmarks --benchmark-enable`; else each runs once, as a test."""

from __future__ import annotations

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from core.calibration.machine import Calibration, Phase
from core.candidates.network import LiteRTNetwork
from core.face.box import FaceBox
from core.face.crop import crop_face
from core.method.emotion import EMOTIONS, EXPRESSIONS, Outcome, Probabilities
from core.method.grading import CandidateResult, Grade, grade_expression, rank_candidates
from core.method.level import next_level
from tests.doubles import sure_of
from tests.tiny_network import card_for, tiny_network

HOUR = 3600 * 5
"""Readings in an hour of calls."""

OUTCOMES = list(Outcome)
FRAME = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
BOX = FaceBox(200, 120, 221, 221)


def test_the_level_of_an_hour(benchmark: BenchmarkFixture) -> None:
    def hour() -> int:
        level = 0
        for number in range(HOUR):
            level = next_level(level, OUTCOMES[number % 6])
        return level

    assert benchmark(hour) > 0


def test_four_numbers_become_a_reading(benchmark: BenchmarkFixture) -> None:
    outcome = benchmark(lambda: Probabilities.from_sequence((0.1, 0.2, 0.6, 0.1)).outcome())
    assert outcome is Outcome.STRESS


def test_ten_candidates_are_graded_and_ranked(benchmark: BenchmarkFixture) -> None:
    frames = [sure_of(EMOTIONS[number % 4]) for number in range(30)]

    def verdict() -> list[CandidateResult]:
        graded = [grade for expression in EXPRESSIONS if (grade := grade_expression(expression, frames))]
        grades = {grade.expression.id: grade for grade in graded}
        return rank_candidates([CandidateResult(f"candidate-{number}", grades, number) for number in range(10)])

    best = benchmark(verdict)[0]
    assert best.candidate_id == "candidate-0"
    assert {grade.grade for grade in best.grades.values()} == {Grade.B}


def test_a_whole_calibration(benchmark: BenchmarkFixture) -> None:
    def walk() -> Calibration:
        calibration, now = Calibration(), 0.0
        calibration.begin(now)
        while calibration.phase is not Phase.DONE:
            now += 0.1
            calibration.tick(now, face_seen=True)
            calibration.keep(now)
        return calibration

    assert len(benchmark(walk).graded_slots) == 11


def test_a_face_is_cut_out(benchmark: BenchmarkFixture) -> None:
    assert benchmark(crop_face, FRAME, BOX).shape == (100, 100, 3)


def test_what_is_around_the_network_costs_little(benchmark: BenchmarkFixture) -> None:
    """The tiny network itself takes next to no time, so this is the cost of going in and out of LiteRT."""
    content = tiny_network()
    network, crop = LiteRTNetwork(card_for(content), content), crop_face(FRAME, BOX)
    [read] = benchmark(network.read, [crop])
    assert abs(sum(read.as_tuple()) - 1) < 1e-6
