"""A model of one's own in the wizard: the best candidates adapted on the first take, graded on the second."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.adapt.adaptation import Adaptation, AdaptationError
from core.adapt.examples import Examples
from core.adapt.network import SUFFIX
from core.adapt.offer import Offer, offer_adaptation
from core.candidates.card import Card
from core.method.grading import MIN_FRAMES, CandidateResult, rank_candidates

ADAPTED_CANDIDATES = 3
"""So many of the best candidates are adapted: those far behind would have to gain more than adaptation brings."""

FITTED_FACES = 10
"""Of each expression so many faces of the first take are fitted on: more tell the same and take longer."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """The best adaptation for one person, beside the shipped candidate that grades best.

    `result` is graded on the take that nothing was fitted on, under an id of its own. `certain`: it grades higher than
    `best`, by more than noise. Only then may it be chosen (issue 12).
    """

    adaptation: Adaptation
    result: CandidateResult
    best: CandidateResult
    certain: bool

    @property
    def points_gained(self) -> int:
        """Points over the best shipped candidate; negative where it grades lower."""
        return self.result.score - self.best.score


def make_own_model(
    cards: Mapping[str, Card],
    results: Sequence[CandidateResult],
    fitted: Mapping[str, Examples],
    graded: Mapping[str, Examples],
    min_frames: int = MIN_FRAMES,
) -> OwnModel | None:
    """Adapt the best candidates to a person; None where there is nothing to fit on or to grade.

    Args:
        cards: by candidate id.
        results: what each shipped candidate reached on the second take.
        fitted: the first take as examples, by candidate id; candidates that tell no features are missing.
        graded: the second take in the same way; every candidate read the same faces in the same order.
        min_frames: with fewer faces an expression has no grade.
    """
    ranked = [result for result in rank_candidates(results) if result.best_possible > 0]
    able = [one.candidate_id for one in ranked if all(one.candidate_id in given for given in (cards, fitted, graded))]
    if not able or ranked[0].candidate_id not in graded:
        return None
    best = ranked[0]
    against = graded[best.candidate_id]
    offers: list[Offer] = []
    for name in able[:ADAPTED_CANDIDATES]:
        first = fitted[name].thinned(FITTED_FACES)
        with contextlib.suppress(AdaptationError):  # a fit that leads to numbers beyond all measure is no offer
            offers.append(offer_adaptation(cards[name], first, graded[name], min_frames, against=against))
    if not offers:
        return None
    offer = max(offers, key=lambda one: (one.certain, one.adapted.score, one.adapted.mean_right))
    speed = next(one.milliseconds_per_face for one in ranked if one.candidate_id == offer.shipped.candidate_id)
    result = replace(offer.adapted, candidate_id=offer.shipped.candidate_id + SUFFIX, milliseconds_per_face=speed)
    return OwnModel(offer.adaptation, result, best, offer.certain)
