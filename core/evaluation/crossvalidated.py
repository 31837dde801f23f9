"""`calmline grade --adapt`: one person's pictures graded with and without adaptation, by cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.adapt.adaptation import Kind
from core.adapt.examples import Examples
from core.adapt.fitting import fit_adaptation
from core.adapt.offer import gain_is_certain, grade_examples, points_are_sure
from core.candidates.card import Card
from core.evaluation.people import stratified_folds
from core.method.grading import CandidateResult

FOLDS = 5


@dataclass(frozen=True, slots=True)
class AdaptedGrades:
    """The same pictures graded without adaptation and with each kind; every picture read by a fit that lacked it.

    `certain` names the kinds whose gain in points is also more than noise.
    """

    shipped: CandidateResult
    adapted: Mapping[Kind, CandidateResult]
    certain: frozenset[Kind]


def grade_adapted(
    card: Card, examples: Examples, folds: int = FOLDS, *, min_frames: int = 1, seed: int = 1
) -> AdaptedGrades:
    """Grade one person's faces as `card`'s network read them (`read_examples`), with and without adaptation.

    `folds` at least 2, within each expression; an expression of a single picture is never fitted on and tested at once.

    Raises:
        ValueError: fewer than two folds or two faces.
    """
    if folds < 2 or len(examples) < 2:
        raise ValueError("cross-validation needs two folds and two pictures")
    fold = stratified_folds(examples.groups, folds, np.random.default_rng(seed))
    shipped = grade_examples(card.id, examples, examples.probabilities, min_frames)
    before = (examples.probabilities * examples.allowed).sum(axis=1)
    adapted: dict[Kind, CandidateResult] = {}
    certain: set[Kind] = set()
    for kind in Kind:
        probabilities = examples.probabilities.copy()
        for number in np.unique(fold):
            tested = fold == number
            if not tested.all():
                fitted = fit_adaptation(card, examples.take(~tested), kind)
                probabilities[tested] = fitted.apply(examples.pooled[tested], examples.probabilities[tested])
        adapted[kind] = grade_examples(f"{card.id}-own", examples, probabilities, min_frames)
        after = (probabilities * examples.allowed).sum(axis=1)
        if points_are_sure(shipped, adapted[kind]) and gain_is_certain(
            before, after, examples.groups.astype(np.float64)
        ):
            certain.add(kind)
    return AdaptedGrades(shipped, adapted, frozenset(certain))
