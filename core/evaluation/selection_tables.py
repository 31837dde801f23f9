"""Choosing per person on every set of people: among the shipped candidates, and with a model of one's own on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.candidates.network import NetworkError
from core.candidates.registry import Candidate
from core.datasets.labelled import LabelledSet
from core.evaluation.errors import EvaluationError
from core.evaluation.own_models import accuracy_with_own_models
from core.evaluation.selection import (
    Choice,
    PersonReadings,
    choose_per_person,
    readings_of_others,
    readings_of_people,
)

PEOPLE_SETS = ("korean", "ckplus", "lfw")

BATCH = 32
"""Pictures that are read at once: their maps are large, and only the means are wanted."""


def choices_of_people(
    candidates: Sequence[Candidate],
    probabilities: Sequence[Mapping[str, NDArray[np.float64]]],
    sets: Sequence[LabelledSet],
) -> dict[str, Choice]:
    """By the name of each set in which somebody has enough pictures, and over all of them as "all".

    `probabilities`: for each candidate, by set, (n, 4). What is known of the candidates beforehand is what they make of
    every picture in `sets` that is not the person's.

    Raises:
        EvaluationError: a network cannot be run.
    """
    people: dict[str, list[PersonReadings]] = {}
    others = []
    for labelled in sets:
        predictions = [one[labelled.name] for one in probabilities]
        found = (labelled.candidate_labels, labelled.label_space, labelled.subjects)
        if labelled.name in PEOPLE_SETS and readings_of_people(predictions, *found):
            people[labelled.name] = readings_of_people(
                predictions, *found, pooled=_pooled_features(candidates, labelled)
            )
            others.append(readings_of_others(predictions, *found))
        else:
            others.append(readings_of_others(predictions, *found[:2], [""] * len(labelled)))
    choices = {}
    for name, some in people.items():
        elsewhere = [one for other, several in people.items() if other != name for one in several]
        choices[name] = _choose(candidates, some, [*others, *elsewhere])
    if people:
        every = [one for some in people.values() for one in some]
        choices["all"] = _choose(candidates, every, others) if len(people) > 1 else next(iter(choices.values()))
    return choices


def _choose(
    candidates: Sequence[Candidate], people: Sequence[PersonReadings], others: Sequence[PersonReadings]
) -> Choice:
    cards = [candidate.card for candidate in candidates]
    choice = choose_per_person([card.id for card in cards], people, others)
    return replace(choice, own_accuracy=accuracy_with_own_models(cards, people, others))


def _pooled_features(candidates: Sequence[Candidate], labelled: LabelledSet) -> list[NDArray[np.float64]]:
    """Pooled features (n, channels) by each candidate; none at all where one of them tells no feature map.

    Raises:
        EvaluationError: a network cannot be run.
    """
    features = []
    for candidate in candidates:
        try:
            runner = candidate.load_runner()
            if not runner.tells_map:
                return []
            pooled = runner.pool(labelled.pictures)[1]
        except NetworkError as error:
            raise EvaluationError(f"{candidate.card.id} cannot be read with: {error}") from error
        features.append(pooled.astype(np.float64))
    return features
