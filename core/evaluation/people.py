"""What a person gains by a reader of their own: fitted on all takes but the last of each expression, tested on the last."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.adapt.blend import blended_ids, untuned
from core.adapt.examples import Examples
from core.adapt.fitting import fit_blend
from core.candidates.card import Card
from core.candidates.network import FeatureNetwork
from core.datasets.labelled import LabelledSet
from core.evaluation.metrics import read_rightly
from core.method.emotion import EMOTIONS, Probabilities
from core.method.emotion import Expression as Asked
from core.method.grading import CandidateResult, grade_frames

READERS = ("single", "chosen", "own_head", "blend", "tuned")
"""The best network for all; the one chosen for the person; that one with a head; those read together; these tuned."""

LANDMARKS = "landmarks"
"""Beside them, where the landmarks are there: a head on these, fitted to the person alone."""

PRIOR_PICTURES = 30.0
"""What a candidate made of everybody else weighs as much as so many pictures of the person.

How many it should be is how often the variance between people goes into that between the pictures of one person (of the
log probability of what is right, against the mean of all candidates on the same picture). It is 27 on lfw, a hundred and
more on Korean validation people, and 26 to 45 on these blurred, noisy or cut badly: the least of them is taken, since
that trusts the person most.
"""

LEAST_CONFIDENCE = 0.01
"""A smaller share of probability on what is right counts as this, so that one picture alone decides nothing."""

BATCH = 32
BOOTSTRAPS = 2000
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Person:
    """One person: how many pictures were tested, and how many of them each reader read rightly."""

    subject: str
    tested: int
    right: Mapping[str, int]

    def gain(self, reader: str) -> float:
        """Accuracy over the best single network's, -1 to 1."""
        return (self.right[reader] - self.right["single"]) / self.tested


@dataclass(frozen=True, slots=True)
class ReaderSummary:
    """A reader over all people. Accuracies are over pictures; `worst` is the largest loss of a person (0 or below).

    `errors_removed`: the share of the single network's errors that are gone (below 0: there are more), with its interval
    by drawing people anew.
    """

    reader: str
    accuracy: float
    gain: int
    lose: int
    worst: float
    errors_removed: float
    interval: tuple[float, float]
    milliseconds_per_face: float


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """`single` is the id of the network that is best for all, `blended` those that are read together."""

    single: str
    blended: tuple[str, ...]
    people: tuple[Person, ...]
    readers: tuple[ReaderSummary, ...]


def read_people(network: FeatureNetwork, labelled: LabelledSet) -> tuple[Examples, float]:
    """Read a set with one network; pictures with the same source label form a group. Also the milliseconds a face took.

    Raises:
        NetworkError: the network cannot be run or tells no feature map.
    """
    crops = [np.ascontiguousarray(picture[..., ::-1]) for picture in labelled.pictures]
    began = time.thread_time()
    read = [network.read_features(crops[start : start + BATCH]) for start in range(0, len(crops), BATCH)]
    words = [
        f"{word} {row.tobytes()!r}" for word, row in zip(labelled.source_labels, labelled.candidate_labels, strict=True)
    ]
    examples = Examples(
        pooled=np.concatenate([one.pooled for one in read]).astype(np.float64),
        probabilities=np.concatenate([one.probabilities for one in read]),
        candidate_labels=labelled.candidate_labels,
        label_space=labelled.label_space,
        groups=np.unique(words, return_inverse=True)[1].astype(np.int64),
    )
    return examples, (time.thread_time() - began) * 1000 / len(crops)


def numbered_takes(labelled: LabelledSet) -> NDArray[np.int64]:
    """Takes (n,) where the set does not tell them: a person's pictures of one source label, in the order of the list."""
    seen: dict[tuple[str, ...], int] = defaultdict(int)
    takes = []
    for subject, word, candidate_labels in zip(
        labelled.subjects, labelled.source_labels, labelled.candidate_labels, strict=True
    ):
        key = (subject, word, str(candidate_labels))
        seen[key] += 1
        takes.append(seen[key])
    return np.array(takes, dtype=np.int64)


def evaluate_people(
    cards: Mapping[str, Card],
    read: Mapping[str, Examples],
    milliseconds: Mapping[str, float],
    subjects: Sequence[str],
    takes: NDArray[np.int64],
    *,
    every_take: bool = False,
    seed: int = 1,
) -> PeopleReport:
    """Test each person with several takes; `every_take` tests each take in turn, fitted on all the others.

    Args:
        cards: by candidate id.
        read: for each of them the same pictures in the same order (`read_people`).
        milliseconds: what a face costs each of them.
        subjects: whose picture it is; "" is nobody's.
        takes: (n,) the number of its take.
        every_take: not only the last take of each expression is tested.
        seed: of the bootstrap.

    Raises:
        ValueError: nobody has several takes.
        BlendError: a fit led to numbers beyond all measure.
    """
    ids = [name for name, card in cards.items() if not card.is_personal]
    personal = [name for name in cards if name not in ids]
    readers = (*READERS, LANDMARKS) if personal else READERS
    names = np.array(subjects)
    right = {name: read_rightly(read[name].probabilities, read[name]) for name in ids}
    confidence = {name: _log_confidence(read[name]) for name in ids}
    splits = {
        subject: list(_splits(np.flatnonzero(names == subject), next(iter(read.values())).groups, takes, every_take))
        for subject in sorted(set(subjects) - {""})
    }
    splits = {subject: some for subject, some in splits.items() if some}
    if not splits:
        raise ValueError("nobody has several takes of an expression")
    tested = np.concatenate([test for some in splits.values() for _, test in some])
    single = max(ids, key=lambda name: int(right[name][tested].sum()))
    blended = blended_ids(ids)
    people = []
    for subject, some in splits.items():
        counts = dict.fromkeys(readers, 0)
        elsewhere = {
            name: float(confidence[name][names != subject].mean()) if (names != subject).any() else 0.0 for name in ids
        }
        for fitted, test in some:
            chosen = max(ids, key=lambda name: float(confidence[name][fitted].sum()) + PRIOR_PICTURES * elsewhere[name])
            counts["single"] += int(right[single][test].sum())
            counts["chosen"] += int(right[chosen][test].sum())
            counts["own_head"] += _right_when_tuned(cards, read, (chosen,), fitted, test)
            counts["blend"] += _right_when_tuned(cards, read, blended, fitted[:0], test)
            counts["tuned"] += _right_when_tuned(cards, read, blended, fitted, test)
            if personal:
                counts[LANDMARKS] += _right_when_tuned(cards, read, personal, fitted, test)
        people.append(Person(subject, sum(len(test) for _, test in some), counts))
    costs = {"blend": sum(milliseconds[name] for name in blended), "single": milliseconds[single]}
    costs |= {"tuned": costs["blend"], "chosen": float(np.mean([milliseconds[name] for name in ids]))}
    costs |= {"own_head": costs["chosen"], LANDMARKS: sum(milliseconds[name] for name in personal)}
    summaries = tuple(_summarise(name, people, costs[name], seed) for name in readers)
    return PeopleReport(single, blended, tuple(people), summaries)


def _log_confidence(one: Examples) -> NDArray[np.float64]:
    label_space = np.maximum((one.probabilities * one.label_space).sum(axis=1), 1e-9)
    return np.asarray(
        np.log(np.maximum((one.probabilities * one.candidate_labels).sum(axis=1) / label_space, LEAST_CONFIDENCE))
    )


def _splits(
    own: NDArray[np.int64], groups: NDArray[np.int64], takes: NDArray[np.int64], every_take: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The places to fit on and to test; of an expression of a single take nothing is tested."""
    several = {group for group in np.unique(groups[own]) if len(np.unique(takes[own][groups[own] == group])) > 1}
    last = {group: takes[own][groups[own] == group].max() for group in several}
    if every_take:
        for take in np.unique(takes[own]):
            test = np.array([at for at in own if takes[at] == take and groups[at] in several], dtype=np.int64)
            fitted = own[takes[own] != take]
            if len(test) and len(fitted):
                yield fitted, test
    elif several:
        is_last = np.array([groups[at] in several and takes[at] == last[groups[at]] for at in own])
        yield own[~is_last], own[is_last]


def _right_when_tuned(
    cards: Mapping[str, Card],
    read: Mapping[str, Examples],
    members: Sequence[str],
    fitted: NDArray[np.int64],
    test: NDArray[np.int64],
) -> int:
    """How many tested pictures the members, blended, read rightly; untuned where nothing is fitted on."""
    own = [cards[name] for name in members]
    blend = fit_blend(own, [read[name].take(fitted) for name in members]) if len(fitted) else untuned(own)
    tested = [read[name].take(test) for name in members]
    probabilities = blend.apply([one.probabilities for one in tested], [one.pooled for one in tested])
    return int(read_rightly(probabilities, tested[0]).sum())


def _summarise(reader: str, people: Sequence[Person], milliseconds: float, seed: int) -> ReaderSummary:
    tested = np.array([person.tested for person in people])
    right, single = (np.array([person.right[name] for person in people]) for name in (reader, "single"))
    gains = np.array([person.gain(reader) for person in people])
    draws = np.random.default_rng(seed).integers(0, len(people), (BOOTSTRAPS, len(people)))
    drawn = [_errors_removed(tested[draw], right[draw], single[draw]) for draw in draws]
    low, high = np.percentile(drawn, INTERVAL)
    return ReaderSummary(
        reader=reader,
        accuracy=float(right.sum() / tested.sum()),
        gain=int((gains > 0).sum()),
        lose=int((gains < 0).sum()),
        worst=float(min(0.0, gains.min())),
        errors_removed=_errors_removed(tested, right, single),
        interval=(float(low), float(high)),
        milliseconds_per_face=milliseconds,
    )


def _errors_removed(tested: NDArray[np.int64], right: NDArray[np.int64], single: NDArray[np.int64]) -> float:
    errors = int(tested.sum() - single.sum())
    return float((right.sum() - single.sum()) / errors) if errors else 0.0


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
