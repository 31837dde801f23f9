"""Choosing per person: is the best network for a person, found on half of their pictures, better on the other half?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.emotion import EMOTIONS, Probabilities
from core.emotion import Expression as Asked
from core.grading import CandidateResult, grade_expression

MIN_PICTURES = 8
ROUNDS = 40
"""A person's pictures are halved anew this many times, each half once chosen on and once tested on."""


@dataclass(frozen=True, slots=True)
class PersonReadings:
    """What every candidate made of one person's pictures.

    `right`, `sure` (candidates, pictures): whether it was read rightly, and the share of probability on what is right.
    """

    subject: str
    right: NDArray[np.bool_]
    sure: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """How choosing per person compares with the best single candidate. Accuracies over all pictures, 0 to 1.

    `best_for`: for how many people each candidate is the best one (shared where several are).
    """

    people: int
    pictures: int
    single: str
    single_accuracy: float
    chosen_accuracy: float
    best_for: Mapping[str, float]

    @property
    def removed(self) -> float:
        """The share of the single candidate's errors that choosing removes; below 0 where it adds some."""
        errors = 1 - self.single_accuracy
        return (self.chosen_accuracy - self.single_accuracy) / errors if errors > 0 else 0.0


def readings_of_people(
    probabilities: Sequence[NDArray[np.float64]],
    allowed: NDArray[np.bool_],
    offered: NDArray[np.bool_],
    subjects: Sequence[str],
    min_pictures: int = MIN_PICTURES,
) -> list[PersonReadings]:
    """The people with at least `min_pictures` pictures; `probabilities` (n, 4) for each candidate."""
    right, sure = [], []
    for one in probabilities:
        shares = one * offered
        best = np.where(offered, one, -1.0).argmax(axis=1)
        right.append(allowed[np.arange(len(best)), best])
        sure.append((shares * allowed).sum(axis=1) / np.maximum(shares.sum(axis=1), 1e-9))
    by_subject: dict[str, list[int]] = defaultdict(list)
    for number, subject in enumerate(subjects):
        if subject:
            by_subject[subject].append(number)
    return [
        PersonReadings(subject, np.stack(right)[:, places], np.stack(sure)[:, places])
        for subject, places in sorted(by_subject.items())
        if len(places) >= min_pictures
    ]


def choose_per_person(ids: Sequence[str], people: Sequence[PersonReadings], seed: int = 1) -> Choice:
    """Halve each person's pictures many times; choose on one half, test on the other (method.md 6's order of merit).

    The choice goes by the pictures read rightly, then by the mean probability of what is right.

    Raises:
        ValueError: there is nobody.
    """
    if not people:
        raise ValueError("nobody has enough pictures")
    random = np.random.default_rng(seed)
    total = sum(person.right.shape[1] for person in people)
    hits = np.sum([person.right.sum(axis=1) for person in people], axis=0)
    single = int(hits.argmax())
    chosen = 0.0
    best_for = dict.fromkeys(ids, 0.0)
    for person in people:
        count = person.right.shape[1]
        for _round in range(ROUNDS):
            order = random.permutation(count)
            halves = order[: count // 2], order[count // 2 :]
            for tuned, tested in (halves, halves[::-1]):
                chosen += float(person.right[_best(person, tuned), tested].sum()) / ROUNDS
        own = person.right.sum(axis=1)
        winners = np.flatnonzero(own == own.max())
        for winner in winners:
            best_for[ids[int(winner)]] += 1 / len(winners)
    return Choice(len(people), total, ids[single], float(hits[single]) / total, chosen / total, best_for)


def _best(person: PersonReadings, places: NDArray[np.int64]) -> int:
    merit = person.right[:, places].mean(axis=1) + 1e-3 * person.sure[:, places].mean(axis=1)
    return int(merit.argmax())


def score_person(
    candidate_id: str,
    probabilities: NDArray[np.float64],
    single: NDArray[np.int64],
    words: Sequence[str],
    milliseconds: float,
) -> CandidateResult:
    """Method.md 6 for one person: each of the set's own words (or expressions) is graded like one of the eleven.

    `single` (n,): the class of each picture, -1 where several are allowed (not graded).
    """
    grades = {}
    for word in sorted(set(words)):
        here = [n for n, own in enumerate(words) if own == word and single[n] >= 0]
        if here:
            frames = [Probabilities.from_sequence(list(probabilities[n] / probabilities[n].sum())) for n in here]
            graded = grade_expression(Asked(word, EMOTIONS[int(single[here[0]])]), frames, min_frames=1)
            assert graded is not None
            grades[word] = graded
    return CandidateResult(candidate_id, grades, milliseconds)
