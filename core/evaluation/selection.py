"""Choosing per person: is the best network for a person, found on half of their pictures, better on the other half?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.adapt.examples import Examples
from core.method.emotion import EMOTIONS, Probabilities
from core.method.emotion import Expression as Asked
from core.method.grading import CandidateResult, grade_frames

MIN_PICTURES = 8
ROUNDS = 100
"""A person's pictures are halved anew this many times, each half once chosen on and once tested on."""

PRIOR_PICTURES = 30.0
"""What a candidate made of everybody else weighs as much as so many pictures of the person.

How many it should be is how often the variance between people goes into that between the pictures of one person (of the
log probability of what is right, against the mean of all candidates on the same picture). It is 27 on lfw, a hundred and
more on Korean validation people, and 26 to 45 on these blurred, noisy or cut badly: the least of them is taken, since
that trusts the person most.
"""

LEAST_CONFIDENCE = 0.01
"""A smaller share of probability on what is right counts as this, so that one picture alone decides nothing."""


@dataclass(frozen=True, slots=True)
class PersonReadings:
    """What every candidate made of one person's pictures.

    `right`, `sure` (candidates, pictures): whether it was read rightly, and the share of probability on what is right.
    `examples`: for each candidate the same pictures with their pooled features; empty where these are not known.
    """

    subject: str
    right: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    examples: tuple[Examples, ...] = ()

    @property
    def log_sure(self) -> NDArray[np.float64]:
        """Logarithms of `sure`, not below that of `LEAST_SURE`."""
        return np.asarray(np.log(np.maximum(self.confidence, LEAST_CONFIDENCE)))


@dataclass(frozen=True, slots=True)
class Half:
    """One half of a person's pictures to test on, and the candidate (its place) that was chosen on the other half.

    `tuned`, `tested`: the places of the pictures among the person's.
    """

    person: PersonReadings
    candidate: int
    tuned: NDArray[np.int64]
    tested: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Choice:
    """How choosing per person compares with the best single candidate. Accuracies over all pictures, 0 to 1.

    `hindsight_accuracy`: had everybody the candidate that is best on all of their pictures, which nobody can know
    beforehand. `own_accuracy`: the chosen one with a model of the person's own on top; None where it was not tried.
    `best_for`: for how many people each candidate is the best one (shared where several are).
    """

    people: int
    pictures: int
    single: str
    single_accuracy: float
    chosen_accuracy: float
    oracle_accuracy: float
    best_for: Mapping[str, float]
    own_accuracy: float | None = None

    def removed_at(self, accuracy: float) -> float:
        """The share of the single candidate's errors that reading with `accuracy` removes; below 0 where it adds some."""
        errors = 1 - self.single_accuracy
        return (accuracy - self.single_accuracy) / errors if errors > 0 else 0.0

    @property
    def removed(self) -> float:
        """The share of the single candidate's errors that choosing removes."""
        return self.removed_at(self.chosen_accuracy)


def readings_of_people(
    probabilities: Sequence[NDArray[np.float64]],
    candidate_labels: NDArray[np.bool_],
    label_space: NDArray[np.bool_],
    subjects: Sequence[str],
    min_pictures: int = MIN_PICTURES,
    pooled: Sequence[NDArray[np.float64]] = (),
) -> list[PersonReadings]:
    """The people with at least `min_pictures` pictures.

    `probabilities` (n, 4) and, where they are known, `pooled` features (n, channels) for each candidate.
    """
    right, confidence = _right_and_confidence(probabilities, candidate_labels, label_space)
    groups = np.asarray(candidate_labels @ (1 << np.arange(candidate_labels.shape[1])), dtype=np.int64)
    every = [Examples(pooled[n], probabilities[n], candidate_labels, label_space, groups) for n in range(len(pooled))]
    return [
        PersonReadings(subject, right[:, places], confidence[:, places], tuple(some.take(places) for some in every))
        for subject, places in _places_of_people(subjects, min_pictures).items()
    ]


def readings_of_others(
    probabilities: Sequence[NDArray[np.float64]],
    candidate_labels: NDArray[np.bool_],
    label_space: NDArray[np.bool_],
    subjects: Sequence[str],
    min_pictures: int = MIN_PICTURES,
) -> PersonReadings:
    """All the pictures that `readings_of_people` leaves out, as if they were one person's (there may be none)."""
    people = _places_of_people(subjects, min_pictures).values()
    others = np.setdiff1d(np.arange(len(subjects)), np.concatenate([np.zeros(0, np.int64), *people]))
    right, confidence = _right_and_confidence(probabilities, candidate_labels, label_space)
    return PersonReadings("", right[:, others], confidence[:, others])


def _right_and_confidence(
    probabilities: Sequence[NDArray[np.float64]], candidate_labels: NDArray[np.bool_], label_space: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    right, confidence = [], []
    for one in probabilities:
        shares = one * label_space
        best = np.where(label_space, one, -1.0).argmax(axis=1)
        right.append(candidate_labels[np.arange(len(best)), best])
        confidence.append((shares * candidate_labels).sum(axis=1) / np.maximum(shares.sum(axis=1), 1e-9))
    return np.stack(right), np.stack(confidence)


def _places_of_people(subjects: Sequence[str], min_pictures: int) -> dict[str, NDArray[np.int64]]:
    by_subject: dict[str, list[int]] = defaultdict(list)
    for number, subject in enumerate(subjects):
        if subject:
            by_subject[subject].append(number)
    return {
        subject: np.array(places, dtype=np.int64)
        for subject, places in sorted(by_subject.items())
        if len(places) >= min_pictures
    }


def choose_per_person(
    ids: Sequence[str], people: Sequence[PersonReadings], others: Sequence[PersonReadings] = (), seed: int = 1
) -> Choice:
    """Halve each person's pictures many times; choose on one half (see `chosen_halves`), test on the other.

    `others`: pictures of anybody else, from which it is known how good the candidates are.

    Raises:
        ValueError: there is nobody.
    """
    if not people:
        raise ValueError("nobody has enough pictures")
    total = sum(person.right.shape[1] for person in people)
    right_counts = np.sum([person.right.sum(axis=1) for person in people], axis=0)
    single = int(right_counts.argmax())
    chosen = [half.person.right[half.candidate, half.tested] for half in chosen_halves(people, others, seed)]
    oracle = sum(int(person.right.sum(axis=1).max()) for person in people)
    return Choice(
        people=len(people),
        pictures=total,
        single=ids[single],
        single_accuracy=float(right_counts[single]) / total,
        chosen_accuracy=float(np.concatenate(chosen).mean()),
        oracle_accuracy=oracle / total,
        best_for=_best_for(ids, people),
    )


def _best_for(ids: Sequence[str], people: Sequence[PersonReadings]) -> dict[str, float]:
    best_for = dict.fromkeys(ids, 0.0)
    for person in people:
        own = person.right.sum(axis=1)
        winners = np.flatnonzero(own == own.max())
        for winner in winners:
            best_for[ids[int(winner)]] += 1 / len(winners)
    return best_for


def chosen_halves(
    people: Sequence[PersonReadings], others: Sequence[PersonReadings] = (), seed: int = 1
) -> Iterator[Half]:
    """`ROUNDS` times both halves of each person, each with what was chosen on the opposite one.

    Chosen is the candidate with the largest sum of log probabilities of what is right on the half, plus
    `PRIOR_PICTURES` times its mean over everybody's pictures but this person's. A half is a dozen pictures, mostly read
    rightly by all candidates: without that, chance would choose.
    """
    random = np.random.default_rng(seed)
    everybody = [*people, *others]
    known = np.sum([one.log_sure.sum(axis=1) for one in everybody], axis=0)
    pictures = sum(one.confidence.shape[1] for one in everybody)
    for person in people:
        own = person.log_sure
        count = own.shape[1]
        prior = PRIOR_PICTURES * (known - own.sum(axis=1)) / max(pictures - count, 1)
        for _round in range(ROUNDS):
            order = random.permutation(count)
            halves = order[: count // 2], order[count // 2 :]
            for tuned, tested in (halves, halves[::-1]):
                yield Half(person, int((own[:, tuned].sum(axis=1) + prior).argmax()), tuned, tested)


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
    frames = []
    for word in sorted(set(words)):
        here = [n for n, own in enumerate(words) if own == word and single[n] >= 0]
        if here:
            read = [Probabilities.from_sequence(list(probabilities[n] / probabilities[n].sum())) for n in here]
            frames.append((Asked(word, EMOTIONS[int(single[here[0]])]), read))
    return grade_frames(candidate_id, frames, [milliseconds], min_frames=1)
