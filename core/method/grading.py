"""Grades, scores and the choice among candidates (method.md 6; thesis tables 10 and 11)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Expression, Probabilities

STEADY = 0.8
"""The share of frames for which a condition must hold to give its grade (method.md 6, our reading)."""

SURE = 0.9
"""Over this probability the thesis grants S on the right emotion and D on a wrong one."""

LIKELY = 0.5
"""Over this probability the thesis grants A on the right emotion and C on a wrong one."""

MIN_FRAMES = 10
"""With fewer frames with a face there is no grade and the expression is asked again (method.md 6)."""


PRIOR_EXPRESSIONS = 30
"""What a network reads of everybody weighs as much in the choice as so many expressions of this person.

As many as `core.evaluation.people.PRIOR_PICTURES`, which was measured on people.
"""

TUNED, TUNED_LANDMARKS = OWN_READERS = ("tuned", "tuned-landmarks")
"""The ids, among those of the candidates, of the readers that are tuned to the person: of networks, and of landmarks."""


class Grade(StrEnum):
    """How one candidate reads one expression of one person."""

    S = "S"
    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def points(self) -> int:
        """What the grade counts in the score (thesis table 10)."""
        return _POINTS[self]


_POINTS = {Grade.S: 10, Grade.A: 7, Grade.B: 0, Grade.C: -10, Grade.D: -20}

BEST_POINTS = _POINTS[Grade.S]

POOR_GRADES = (Grade.B, Grade.C, Grade.D)
"""An expression with one of these was not read well."""


@dataclass(frozen=True, slots=True)
class FrameShares:
    """Shares of frames, each 0 to 1: right class over 0.9, over 0.5; a wrong class over 0.9, over 0.5."""

    right_sure: float
    right_likely: float
    wrong_sure: float
    wrong_likely: float

    @property
    def grade(self) -> Grade:
        """S, A, D, C, B in the order in which method.md 6 asks."""
        if self.right_sure >= STEADY:
            return Grade.S
        if self.right_likely >= STEADY:
            return Grade.A
        if self.wrong_sure >= STEADY:
            return Grade.D
        if self.wrong_likely >= STEADY:
            return Grade.C
        return Grade.B


@dataclass(frozen=True, slots=True)
class ExpressionGrade:
    """How one candidate read one expression.

    `grade` is None where too few frames showed a face. `mean_right` is the mean probability of the right class
    over the frames; `taken_for` the class with the highest mean probability (the right one where it was read well).
    """

    expression: Expression
    frames: int
    shares: FrameShares
    mean_right: float
    taken_for: Emotion
    grade: Grade | None


def grade_expression(
    expression: Expression, frames: Sequence[Probabilities], min_frames: int = MIN_FRAMES
) -> ExpressionGrade | None:
    """Grade the frames of one expression that showed a face; None without any frame.

    With fewer than `min_frames` frames the result carries no grade.
    """
    if not frames:
        return None
    right = [frame.of(expression.emotion) for frame in frames]
    wrong = [max(frame.of(other) for other in EMOTIONS if other is not expression.emotion) for frame in frames]
    shares = FrameShares(_share(right, SURE), _share(right, LIKELY), _share(wrong, SURE), _share(wrong, LIKELY))
    return ExpressionGrade(
        expression=expression,
        frames=len(frames),
        shares=shares,
        # fsum: the same frames give the same mean in whatever order they were read, so that ties are ties
        mean_right=math.fsum(right) / len(right),
        taken_for=max(EMOTIONS, key=lambda emotion: math.fsum(frame.of(emotion) for frame in frames)),
        grade=shares.grade if len(frames) >= min_frames else None,
    )


def _share(values: Sequence[float], over: float) -> float:
    return sum(value > over for value in values) / len(values)


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """What a candidate reached with one person. `grades` has an entry for each expression that was not skipped."""

    candidate_id: str
    grades: Mapping[str, ExpressionGrade]
    milliseconds_per_face: float

    @property
    def score(self) -> int:
        """The sum of points; an expression without a grade counts 0."""
        return sum(grade.grade.points for grade in self._graded if grade.grade is not None)

    @property
    def best_possible(self) -> int:
        """Ten for each expression that has a grade: 110 for all eleven."""
        return BEST_POINTS * len(self._graded)

    @property
    def frames(self) -> int:
        """Frames with a face over all graded expressions; the few frames of an ungraded one decide nothing."""
        return sum(grade.frames for grade in self._graded)

    @property
    def mean_right(self) -> float:
        """The mean probability of the right class over these `frames`, 0 to 1; 0 without any."""
        total = math.fsum(grade.mean_right * grade.frames for grade in self._graded)
        return total / self.frames if self.frames else 0.0

    @property
    def _graded(self) -> tuple[ExpressionGrade, ...]:
        return tuple(grade for grade in self.grades.values() if grade.grade is not None)


def grade_frames(
    candidate_id: str,
    frames: Iterable[tuple[Expression, Sequence[Probabilities]]],
    milliseconds: Sequence[float],
    min_frames: int = MIN_FRAMES,
) -> CandidateResult:
    """Grade one candidate by what it read of each expression; those without a frame are left out.

    `milliseconds`: how long a face took, however often that was measured; the median is kept.
    """
    found = [grade_expression(expression, read, min_frames) for expression, read in frames]
    return CandidateResult(
        candidate_id,
        {grade.expression.id: grade for grade in found if grade is not None},
        statistics.median(milliseconds) if milliseconds else 0.0,
    )


def rank_candidates(results: Sequence[CandidateResult]) -> list[CandidateResult]:
    """Best first: the score, then the higher mean probability, then the faster network, then the id (method.md 6)."""
    return sorted(
        results,
        key=lambda result: (-result.score, -result.mean_right, result.milliseconds_per_face, result.candidate_id),
    )


def choose_candidate(
    results: Sequence[CandidateResult], accuracies: Mapping[str, float] = MappingProxyType({})
) -> CandidateResult | None:
    """The best candidate for this person; None where nothing was graded at all.

    With `accuracies` (0 to 1, by candidate, on everybody's faces) each score is shrunk towards what they let expect:
    eleven expressions say less of a network than thousands of faces, and a lead by chance is not taken for an advantage.
    They are left aside where one of the results has none.
    """
    ranked = [result for result in rank_candidates(results) if result.best_possible > 0]
    if not all(result.candidate_id in accuracies for result in ranked):
        return ranked[0] if ranked else None
    lost = Grade.S.points - Grade.D.points
    return max(
        ranked,
        key=lambda one: one.score + PRIOR_EXPRESSIONS * lost * accuracies[one.candidate_id],
        default=None,
    )


def hard_expressions(results: Sequence[CandidateResult]) -> dict[str, int]:
    """For each expression, how many candidates graded it below A; expressions that all read well are left out."""
    counts = {
        expression.id: sum(
            expression.id in result.grades and result.grades[expression.id].grade in POOR_GRADES for result in results
        )
        for expression in EXPRESSIONS
    }
    return {expression_id: count for expression_id, count in counts.items() if count}
