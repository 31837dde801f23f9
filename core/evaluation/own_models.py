"""What a model of one's own brings on top of the choice: made of one half of a person's pictures, tested on the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.adapt.adaptation import Adaptation, AdaptationError, Kind
from core.adapt.examples import Examples
from core.adapt.fitting import fit_adaptation
from core.adapt.offer import gain_is_certain
from core.candidates.card import Card
from core.evaluation.people import read_rightly, share_right, stratified_folds
from core.evaluation.selection import Half, PersonReadings, chosen_halves


def accuracy_with_own_models(
    cards: Sequence[Card], people: Sequence[PersonReadings], others: Sequence[PersonReadings] = (), seed: int = 1
) -> float | None:
    """Accuracy (0 to 1, over all pictures) of the chosen candidate with the person's own model, where one is offered.

    The halves and the choices are those of `choose_per_person`; None where the pooled features of somebody are not known.

    Raises:
        ValueError: there is nobody.
    """
    if not people:
        raise ValueError("nobody has enough pictures")
    if not all(person.examples for person in people):
        return None
    right = [_right_with_own_model(cards[half.candidate], half) for half in chosen_halves(people, others, seed)]
    return float(np.concatenate(right).mean())


def _right_with_own_model(card: Card, half: Half) -> NDArray[np.bool_]:
    """Whether each tested picture is read rightly by what the other half offers: the own model or the shipped one."""
    examples = half.person.examples[half.candidate]
    adaptation = _offered(card, examples.take(half.tuned))
    if adaptation is None:
        return np.asarray(half.person.right[half.candidate, half.tested])
    tested = examples.take(half.tested)
    return read_rightly(tested, adaptation.apply(tested.pooled, tested.probabilities)) > 0


def _offered(card: Card, known: Examples) -> Adaptation | None:
    """The own model made of all `known` pictures, if one made of half of them is certain to read the rest better.

    As in the wizard, the probability of what is right decides; but the pictures of a set are different moments, so each
    counts by itself, and its labels are not the eleven expressions, so that there are no points to be gained.
    """
    fold = stratified_folds(known.groups, 2, np.random.default_rng(1))
    fitted, decided = known.take(fold == 0), known.take(fold == 1)
    if not len(fitted) or not len(decided):
        return None
    try:
        adaptation = fit_adaptation(card, fitted, Kind.HEAD)
        after = adaptation.apply(decided.pooled, decided.probabilities)
        gained = gain_is_certain(
            share_right(decided, decided.probabilities),
            share_right(decided, after),
            np.arange(len(decided), dtype=np.float64),
        )
        return fit_adaptation(card, known, Kind.HEAD) if gained else None
    except AdaptationError:  # a fit that leads to numbers beyond all measure is no offer
        return None
