"""Everything that the report tells, measured: each candidate on each set, under each change, person by person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.candidates.registry import Candidate
from core.datasets.labelled import DataSetError, LabelledSet, read_splits
from core.evaluation.detector_crops import actor_faces, clip_faces, cut_again
from core.evaluation.metrics import calm_face_figures, confusion_matrix, evaluate_probabilities
from core.evaluation.neutral_faces import CalmFaces, calm_groups, without_strong_expression
from core.evaluation.predictions import kept_predictions, milliseconds_a_picture
from core.evaluation.robustness import CHANGES, changed
from core.evaluation.selection import Choice, score_person
from core.evaluation.selection_tables import choices_of_people
from core.face.box import FaceFinder
from core.method.grading import CandidateResult

ROBUSTNESS_SET = "rafdb"
LONDON = "london"

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate: its card, milliseconds, and its figures by set, by change, by calm group; confusion by set."""

    card: Card
    milliseconds: float
    figures: Mapping[str, Mapping[str, float]]
    changes: Mapping[str, float]
    calm: Mapping[str, Mapping[str, float]]
    confusion: Mapping[str, NDArray[np.int64]]
    probabilities: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """All candidates, the sets that they were judged on, choices by set, and scores (method.md 6) by person."""

    candidates: tuple[Judged, ...]
    sets: tuple[LabelledSet, ...]
    calm: tuple[CalmFaces, ...]
    choices: Mapping[str, Choice]
    scores: Mapping[str, tuple[CandidateResult, ...]]


def judge(
    candidates: Sequence[Candidate],
    data: Path,
    names: Sequence[str],
    finder: FaceFinder,
    cache: Path,
    *,
    clips: Path | None = None,
    limit: int | None = None,
    told: Told = lambda _text: None,
) -> Judgement:
    """Judge candidates on the validation splits of the sets `names` in `data`.

    Raises:
        DataSetError: no set has a validation picture.
        EvaluationError: a network cannot be run.
    """
    sets = _validation_sets(data, names, limit)
    told("faces")
    actors = actor_faces(finder)
    own = [actors, *([clip_faces(finder, clips)] if clips else [])]
    london = next((one for one in sets if one.name == LONDON), None)
    own += [cut_again(finder, london)] if london is not None else []
    calm = calm_groups(london, actors)
    hurt = without_strong_expression(sets)
    calm += [hurt] if hurt is not None else []
    times = milliseconds_a_picture(candidates, sets[0].pictures)
    every = [*sets, *own]
    judged = []
    for candidate, milliseconds in zip(candidates, times, strict=True):
        told(candidate.card.id)
        judged.append(_judge_one(candidate, milliseconds, every, calm, cache))
    told("people")
    choices = choices_of_people(candidates, [one.probabilities for one in judged], sets)
    return Judgement(tuple(judged), tuple(every), tuple(calm), choices, _scores(judged, actors))


def _validation_sets(data: Path, names: Sequence[str], limit: int | None) -> list[LabelledSet]:
    sets = read_splits(data, names, "val", limit=limit)
    if not sets:
        raise DataSetError(f"no set in {data} has a validation picture")
    return sets


def _judge_one(
    candidate: Candidate,
    milliseconds: float,
    sets: Sequence[LabelledSet],
    calm: Sequence[CalmFaces],
    cache: Path,
) -> Judged:
    def said(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        return kept_predictions(candidate, pictures, cache)

    probabilities = {labelled.name: said(labelled.pictures) for labelled in sets}
    changes = {}
    for labelled in sets:
        if labelled.name == ROBUSTNESS_SET:
            changes = {
                name: evaluate_probabilities(said(changed(labelled.pictures, name)), labelled)["accuracy"]
                for name in CHANGES
            }
    return Judged(
        candidate.card,
        milliseconds,
        {one.name: evaluate_probabilities(probabilities[one.name], one) for one in sets},
        changes,
        {one.group: calm_face_figures(said(one.pictures)) for one in calm},
        {one.name: confusion_matrix(probabilities[one.name], one) for one in sets},
        probabilities,
    )


def _scores(judged: Sequence[Judged], actors: LabelledSet) -> dict[str, tuple[CandidateResult, ...]]:
    """Method.md 6 for each actor by each candidate."""
    subjects = np.array(actors.subjects)
    asked = np.array([word != "neutral" for word in actors.source_labels])
    scores = {}
    for subject in sorted(set(actors.subjects)):
        here = np.flatnonzero((subjects == subject) & asked)
        words = [actors.source_labels[n] for n in here]
        scores[subject] = tuple(
            score_person(
                one.card.id, one.probabilities[actors.name][here], actors.single[here], words, one.milliseconds
            )
            for one in judged
        )
    return scores
