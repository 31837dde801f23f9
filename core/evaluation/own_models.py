"""What tuning brings on top of the choice: fitted to one half of a person's pictures, tested on the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.adapt.blend import BlendError, blended_ids
from core.adapt.examples import Examples
from core.adapt.fitting import fit_blend
from core.candidates.card import Card
from core.evaluation.selection import Half, PersonReadings, chosen_halves


def accuracy_with_own_models(
    cards: Sequence[Card], people: Sequence[PersonReadings], others: Sequence[PersonReadings] = (), seed: int = 1
) -> float | None:
    """Accuracy (0 to 1, over all pictures) of the blend that is tuned to each person.

    The halves are those of `choose_per_person`; None where the pooled features of somebody are not known.

    Raises:
        ValueError: there is nobody.
    """
    if not people:
        raise ValueError("nobody has enough pictures")
    if not all(person.examples for person in people):
        return None
    places = [number for number, card in enumerate(cards) if card.id in blended_ids([card.id for card in cards])]
    right = [_right_when_tuned(cards, places, half) for half in chosen_halves(people, others, seed)]
    return float(np.concatenate(right).mean())


def _right_when_tuned(cards: Sequence[Card], places: Sequence[int], half: Half) -> NDArray[np.bool_]:
    """Whether each tested picture is read rightly by the blend fitted to the other half."""
    read = [half.person.examples[place] for place in places]
    tuned, tested = ([one.take(at) for one in read] for at in (half.tuned, half.tested))
    try:
        blend = fit_blend([cards[place] for place in places], tuned)
    except BlendError:  # numbers beyond all measure: nobody gets such a reader
        return np.asarray(half.person.right[half.candidate, half.tested])
    return read_rightly(tested[0], blend.apply([one.probabilities for one in tested], [one.pooled for one in tested]))


def read_rightly(some: Examples, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the best of the offered classes is an allowed one: (n,)."""
    best = np.where(some.label_space, probabilities, -1.0).argmax(axis=1)
    return np.asarray(some.candidate_labels[np.arange(len(some)), best])
