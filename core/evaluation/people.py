"""Does it help people? Subject-wise: for each person fit on some pictures, decide on others, test on the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.adapt.adaptation import Kind
from core.adapt.examples import Examples, Floats
from core.adapt.fitting import fit_adaptation
from core.adapt.offer import gain_is_certain
from core.candidates.card import Card
from core.candidates.network import FeatureNetwork
from core.sources.source import Pixels

FOLDS = 4
"""Each picture of a person is tested once, by what was fitted and decided on the others."""

ROUNDS = 8
"""How often a person's pictures are divided anew: what one division shows of a few errors is mostly luck."""

MIN_PICTURES = 12
"""People with fewer pictures are left out (issue 12)."""

NOISE = 1.645
"""A person's loss counts as more than noise when it is larger than this many standard errors of their own pictures."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person's accuracies (0 to 1) on pictures that nothing was fitted, chosen or decided on.

    `first`: by the first candidate; `chosen`: by the candidate that was best on the other pictures; `adapted`: by what
    the gate offered (the chosen one where it offered nothing); `ungated`: had every adaptation been taken.
    All are means over `ROUNDS` divisions of the pictures. `offered`: the share of folds in which an adaptation was taken.
    `better`, `worse`: pictures that changed, in the mean of the divisions.
    """

    subject: str
    pictures: int
    first: float
    chosen: float
    adapted: float
    ungated: float
    offered: float
    better: float
    worse: float

    @property
    def gain(self) -> float:
        """Accuracy that adaptation brought over the best shipped candidate."""
        return self.adapted - self.chosen

    @property
    def lost_more_than_noise(self) -> bool:
        """Whether more pictures got worse than chance would turn (a sign test on the pictures that changed)."""
        changed = self.better + self.worse
        return bool(self.worse - self.better > NOISE * float(changed) ** 0.5)


@dataclass(frozen=True, slots=True)
class PeopleSummary:
    """Means over people, each counting the same, and how many gain and lose."""

    people: int
    first: float
    chosen: float
    adapted: float
    ungated: float
    gained: int
    lost: int
    lost_more_than_noise: int
    worst: float


def summarise_people(people: Sequence[Person]) -> PeopleSummary:
    """The summary of at least one person.

    Raises:
        ValueError: there is nobody.
    """
    if not people:
        raise ValueError("there is nobody with enough pictures")
    return PeopleSummary(
        people=len(people),
        first=_mean([person.first for person in people]),
        chosen=_mean([person.chosen for person in people]),
        adapted=_mean([person.adapted for person in people]),
        ungated=_mean([person.ungated for person in people]),
        gained=sum(person.gain > 0 for person in people),
        lost=sum(person.gain < 0 for person in people),
        lost_more_than_noise=sum(person.lost_more_than_noise for person in people),
        worst=min(person.gain for person in people),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def read_people(
    network: FeatureNetwork,
    crops: Sequence[Pixels],
    allowed: NDArray[np.bool_],
    offered: NDArray[np.bool_],
) -> Examples:
    """Read labelled crops (BGR) with one network. Pictures with the same label form a group."""
    reading = network.read_features(crops)
    return Examples(
        pooled=reading.pooled.astype(np.float64),
        probabilities=reading.probabilities,
        allowed=allowed,
        offered=offered,
        groups=np.asarray(allowed @ (1 << np.arange(allowed.shape[1])), dtype=np.int64),
    )


def evaluate_people(
    cards: Mapping[str, Card],
    examples: Mapping[str, Examples],
    subjects: Sequence[str],
    *,
    min_pictures: int = MIN_PICTURES,
    penalty: float | None = None,
    seed: int = 1,
) -> list[Person]:
    """Evaluate each person with at least `min_pictures` pictures.

    `examples` holds for each candidate id the same pictures in the same order, `subjects` whose they are.
    """
    names = np.array(subjects)
    people = []
    for subject in sorted(set(subjects) - {""}):
        places = np.flatnonzero(names == subject)
        if len(places) >= min_pictures:
            own = {name: some.take(places) for name, some in examples.items()}
            rounds = [
                _evaluate(subject, cards, own, penalty, np.random.default_rng(seed + number))
                for number in range(ROUNDS)
            ]
            people.append(_averaged(rounds))
    return people


def _averaged(rounds: Sequence[Person]) -> Person:
    """The mean of what several divisions of one person's pictures show."""
    return Person(
        subject=rounds[0].subject,
        pictures=rounds[0].pictures,
        first=_mean([one.first for one in rounds]),
        chosen=_mean([one.chosen for one in rounds]),
        adapted=_mean([one.adapted for one in rounds]),
        ungated=_mean([one.ungated for one in rounds]),
        offered=_mean([one.offered for one in rounds]),
        better=_mean([one.better for one in rounds]),
        worse=_mean([one.worse for one in rounds]),
    )


def _evaluate(
    subject: str,
    cards: Mapping[str, Card],
    own: Mapping[str, Examples],
    penalty: float | None,
    random: np.random.Generator,
) -> Person:
    first = next(iter(own))
    count = len(own[first])
    fold = stratified_folds(own[first].groups, 2 * FOLDS, random)
    right = {name: read_rightly(some, some.probabilities) for name, some in own.items()}
    shipped, adapted, ungated = np.zeros(count), np.zeros(count), np.zeros(count)
    offered = 0
    for number in range(FOLDS):
        tested = fold // 2 == number
        fitted, decided = ~tested & (fold % 2 == 0), ~tested & (fold % 2 == 1)
        name = max(own, key=lambda one: float(right[one][~tested].mean()))
        some = own[name]
        after, certain = _adapt(cards[name], some, fitted, decided, penalty)
        shipped[tested] = right[name][tested]
        ungated[tested] = after[tested]
        adapted[tested] = after[tested] if certain else right[name][tested]
        offered += certain
    return Person(
        subject,
        count,
        float(right[first].mean()),
        float(shipped.mean()),
        float(adapted.mean()),
        float(ungated.mean()),
        offered / FOLDS,
        float((adapted > shipped).sum()),
        float((adapted < shipped).sum()),
    )


def _adapt(
    card: Card, some: Examples, fitted: NDArray[np.bool_], decided: NDArray[np.bool_], penalty: float | None
) -> tuple[Floats, bool]:
    """Right or not of every picture after adapting on `fitted`, and whether `decided` makes the gain certain."""
    if not fitted.any() or not decided.any():
        return read_rightly(some, some.probabilities), False
    adaptation = fit_adaptation(card, some.take(fitted), Kind.HEAD, penalty)
    probabilities = adaptation.apply(some.pooled, some.probabilities)
    known = some.take(decided)
    # As in the wizard the probability of what is right decides. The pictures of a set are different moments, so here
    # each counts by itself, not each expression.
    certain = gain_is_certain(
        share_right(known, known.probabilities),
        share_right(known, probabilities[decided]),
        np.arange(len(known), dtype=np.float64),
    )
    return read_rightly(some, probabilities), certain


def share_right(some: Examples, probabilities: Floats) -> Floats:
    """The share of the offered classes' probability on what is right: (n,), 0 to 1."""
    offered = (probabilities * some.offered).sum(axis=1)
    return np.asarray((probabilities * some.allowed).sum(axis=1) / np.maximum(offered, 1e-9))


def read_rightly(some: Examples, probabilities: Floats) -> Floats:
    """1.0 where the best of the offered classes is an allowed one: (n,)."""
    best = np.where(some.offered, probabilities, -1.0).argmax(axis=1)
    return np.asarray(some.allowed[np.arange(len(some)), best], dtype=np.float64)


def stratified_folds(groups: NDArray[np.int64], folds: int, random: np.random.Generator) -> NDArray[np.int64]:
    """A fold 0..`folds`-1 for each example (n,), spread evenly within each group."""
    fold = np.zeros(len(groups), dtype=np.int64)
    begin = 0
    for group in np.unique(groups):
        places = random.permutation(np.flatnonzero(groups == group))
        fold[places] = (begin + np.arange(len(places))) % folds
        begin += len(places)
    return fold
