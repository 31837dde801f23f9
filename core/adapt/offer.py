"""Whether an adaptation is offered: fitted on one take, graded on another, and only when the gain is certain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.adapt.adaptation import Adaptation, Kind
from core.adapt.examples import Examples, Floats
from core.adapt.fitting import fit_adaptation
from core.candidates.card import Card
from core.method.emotion import EXPRESSIONS, Probabilities
from core.method.grading import MIN_FRAMES, CandidateResult, grade_expression

CERTAIN = 0.9
"""The mean gain over the expressions must be more than this many of its standard errors.

Faces of one expression are near copies of each other, so the expression is the unit. A single expression that is read
right now, while no other changes, is a gain of exactly one standard error: whether it is enough, the points decide
(`points_are_sure`).
"""


MIN_GROUPS = 4
"""A gain on fewer expressions than this is never certain: two or three agree by chance too often."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A shipped candidate and its adaptation, both graded on the take that nothing was fitted on.

    `certain`: the adapted one grades higher than what it was compared with (the shipped one, or another that is better
    for this person), not by one expression alone, and the gain is more than noise. Only then may it be chosen.
    """

    adaptation: Adaptation
    shipped: CandidateResult
    adapted: CandidateResult
    certain: bool

    @property
    def points_gained(self) -> int:
        """Points by which the adapted candidate grades higher (negative: lower) on the held-out take."""
        return self.adapted.score - self.shipped.score


def gain_is_certain(shipped: Floats, adapted: Floats, groups: Floats) -> bool:
    """Whether `adapted` is better than `shipped` by more than noise.

    Both (n,) hold a figure per face, higher is better; faces with the same number in `groups` (n,) count as one.
    """
    gains = np.array([(adapted - shipped)[groups == group].mean() for group in np.unique(groups)])
    if len(gains) < MIN_GROUPS:
        return False
    error = float(gains.std(ddof=1)) / math.sqrt(len(gains))
    return bool(gains.mean() > max(CERTAIN * error, 1e-9))


def points_are_sure(shipped: CandidateResult, adapted: CandidateResult) -> bool:
    """Whether `adapted` has more points than `shipped`, and more still without the expression that gained most.

    One expression's grade may turn on a few frames (an A that becomes an S is three points): that alone may be chance.
    """
    names = shipped.grades.keys() | adapted.grades.keys()
    gains = [_points(adapted, name) - _points(shipped, name) for name in names]
    return bool(gains) and sum(gains) - max(gains) > 0


def _points(result: CandidateResult, name: str) -> int:
    graded = result.grades.get(name)
    return graded.grade.points if graded is not None and graded.grade is not None else 0


def grade_examples(candidate_id: str, examples: Examples, probabilities: Floats, min_frames: int) -> CandidateResult:
    """Grade probabilities (n, 4) of examples whose groups are the numbers of `EXPRESSIONS` (method.md 6)."""
    grades = {}
    for number, expression in enumerate(EXPRESSIONS):
        frames = [Probabilities.from_sequence(row) for row in probabilities[examples.groups == number].tolist()]
        grade = grade_expression(expression, frames, min_frames)
        if grade is not None:
            grades[expression.id] = grade
    return CandidateResult(candidate_id, grades, 0.0)


def offer_adaptation(
    card: Card, first: Examples, second: Examples, min_frames: int = MIN_FRAMES, *, against: Examples | None = None
) -> Offer:
    """Fit on the `first` take, grade on the `second`; the better of the two kinds, certain or not.

    Both takes come from `read_examples`. Nothing of the second take enters the fit. `against` is the second take as
    another candidate read it, in the same order: the one that must be surpassed; without it, `card`'s own.

    Raises:
        ValueError: a take is empty, or `against` holds other faces than `second`.
    """
    if not len(second):
        raise ValueError("there is no second take to grade on")
    rival = second if against is None else against
    if not np.array_equal(rival.groups, second.groups):
        raise ValueError("the candidates to compare have not read the same faces")
    offers = [_offer(card, first, second, rival, kind, min_frames) for kind in Kind]
    return max(offers, key=lambda offer: (offer.certain, offer.adapted.score, offer.adapted.mean_right))


def _offer(card: Card, first: Examples, second: Examples, rival: Examples, kind: Kind, min_frames: int) -> Offer:
    adaptation = fit_adaptation(card, first, kind)
    probabilities = adaptation.apply(second.pooled, second.probabilities)
    shipped = grade_examples(card.id, second, second.probabilities, min_frames)
    adapted = grade_examples(card.id, second, probabilities, min_frames)
    to_beat = grade_examples(card.id, rival, rival.probabilities, min_frames)
    before = (rival.probabilities * rival.allowed).sum(axis=1)
    after = (probabilities * second.allowed).sum(axis=1)
    certain = points_are_sure(to_beat, adapted) and gain_is_certain(before, after, second.groups.astype(np.float64))
    return Offer(adaptation, shipped, adapted, certain)
