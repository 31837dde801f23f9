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
from core.evaluation.detector_crops import actor_faces, clip_faces, recrop
from core.evaluation.metrics import confusion_matrix, evaluate_probabilities, neutral_face_figures
from core.evaluation.neutral_faces import NeutralFaces, neutral_groups, without_strong_expression
from core.evaluation.predictions import kept_predictions, milliseconds_a_picture
from core.evaluation.robustness import CHANGES, changed
from core.evaluation.selection import Choice, score_person
from core.evaluation.selection_tables import choices_of_people
from core.face.box import FaceFinder
from core.method.grading import CandidateResult

ROBUSTNESS_SET = "rafdb"
LONDON = "london"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CandidateEvaluation:
    """One candidate: its card, milliseconds, and its figures by set, by change, by calm group; confusion by set."""

    card: Card
    milliseconds: float
    figures: Mapping[str, Mapping[str, float]]
    changes: Mapping[str, float]
    neutral_faces: Mapping[str, Mapping[str, float]]
    confusion: Mapping[str, NDArray[np.int64]]
    probabilities: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All candidates, the sets that they were judged on, choices by set, and scores (method.md 6) by person."""

    candidates: tuple[CandidateEvaluation, ...]
    sets: tuple[LabelledSet, ...]
    neutral_faces: tuple[NeutralFaces, ...]
    choices: Mapping[str, Choice]
    scores: Mapping[str, tuple[CandidateResult, ...]]


def evaluate(
    candidates: Sequence[Candidate],
    data: Path,
    names: Sequence[str],
    finder: FaceFinder,
    cache: Path,
    *,
    clips: Path | None = None,
    limit: int | None = None,
    progress: Progress = lambda _text: None,
) -> Evaluation:
    """Judge candidates on the validation splits of the sets `names` in `data`.

    Raises:
        DataSetError: no set has a validation picture.
        EvaluationError: a network cannot be run.
    """
    sets = _validation_sets(data, names, limit)
    progress("faces")
    actors = actor_faces(finder)
    own = [actors, *([clip_faces(finder, clips)] if clips else [])]
    london = next((one for one in sets if one.name == LONDON), None)
    own += [recrop(finder, london)] if london is not None else []
    neutral_faces = neutral_groups(london, actors)
    hurt = without_strong_expression(sets)
    neutral_faces += [hurt] if hurt is not None else []
    times = milliseconds_a_picture(candidates, sets[0].pictures)
    every = [*sets, *own]
    evaluated = []
    for candidate, milliseconds in zip(candidates, times, strict=True):
        progress(candidate.card.id)
        evaluated.append(_evaluate_one(candidate, milliseconds, every, neutral_faces, cache))
    progress("people")
    choices = choices_of_people(candidates, [one.probabilities for one in evaluated], sets)
    return Evaluation(tuple(evaluated), tuple(every), tuple(neutral_faces), choices, _scores(evaluated, actors))


def _validation_sets(data: Path, names: Sequence[str], limit: int | None) -> list[LabelledSet]:
    sets = read_splits(data, names, "val", limit=limit)
    if not sets:
        raise DataSetError(f"no set in {data} has a validation picture")
    return sets


def _evaluate_one(
    candidate: Candidate,
    milliseconds: float,
    sets: Sequence[LabelledSet],
    neutral_faces: Sequence[NeutralFaces],
    cache: Path,
) -> CandidateEvaluation:
    def predict(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        return kept_predictions(candidate, pictures, cache)

    probabilities = {labelled.name: predict(labelled.pictures) for labelled in sets}
    changes = {}
    for labelled in sets:
        if labelled.name == ROBUSTNESS_SET:
            changes = {
                name: evaluate_probabilities(predict(changed(labelled.pictures, name)), labelled)["accuracy"]
                for name in CHANGES
            }
    return CandidateEvaluation(
        candidate.card,
        milliseconds,
        {one.name: evaluate_probabilities(probabilities[one.name], one) for one in sets},
        changes,
        {one.group: neutral_face_figures(predict(one.pictures)) for one in neutral_faces},
        {one.name: confusion_matrix(probabilities[one.name], one) for one in sets},
        probabilities,
    )


def _scores(evaluated: Sequence[CandidateEvaluation], actors: LabelledSet) -> dict[str, tuple[CandidateResult, ...]]:
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
            for one in evaluated
        )
    return scores
