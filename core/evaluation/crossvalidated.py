"""`calmline grade --adapt`: one person's pictures graded by a reader that is tuned to them, by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.adapt.examples import Examples
from core.adapt.fitting import fit_blend
from core.adapt.tuned import grade_examples
from core.candidates.card import Card
from core.method.grading import TUNED, CandidateResult

FOLDS = 5


def grade_tuned(
    cards: Sequence[Card],
    read: Sequence[Examples],
    folds: int = FOLDS,
    *,
    min_frames: int = 1,
    milliseconds: float = 0.0,
) -> CandidateResult:
    """Grade one person's faces, each read by a blend of `cards` that was fitted without it.

    `read`: the same faces as each network read them (`read_examples`), two at least. `folds` at least 2, within each
    expression; an expression of a single picture is never fitted on and tested at once.

    Raises:
        ValueError: fewer than two folds or two faces.
        BlendError: a fit led to numbers beyond all measure.
    """
    first = read[0]
    if folds < 2 or len(first) < 2:
        raise ValueError("cross-validation needs two folds and two pictures")
    fold = stratified_folds(first.groups, folds, np.random.default_rng(1))
    probabilities = first.probabilities.copy()
    for number in np.unique(fold):
        tested = fold == number
        if not tested.all():
            blend = fit_blend(cards, [one.take(~tested) for one in read])
            held_out = [one.take(tested) for one in read]
            probabilities[tested] = blend.apply(
                [one.probabilities for one in held_out], [one.pooled for one in held_out]
            )
    return grade_examples(TUNED, first, probabilities, min_frames, milliseconds)


def stratified_folds(groups: NDArray[np.int64], folds: int, random: np.random.Generator) -> NDArray[np.int64]:
    """A fold 0..`folds`-1 for each example (n,), spread evenly within each group."""
    fold = np.zeros(len(groups), dtype=np.int64)
    begin = 0
    for group in np.unique(groups):
        places = random.permutation(np.flatnonzero(groups == group))
        fold[places] = (begin + np.arange(len(places))) % folds
        begin += len(places)
    return fold
