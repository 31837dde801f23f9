"""Everything that the report tells, measured: each candidate on each set, under each change, person by person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Card
from core.candidates.registry import Candidate
from core.datasets.contents import SetContents, read_contents
from core.datasets.labelled import DataSetError, LabelledSet, read_splits
from core.evaluation.detector_crops import actor_faces, clip_faces, recrop
from core.evaluation.metrics import confusion_matrix, evaluate_probabilities, neutral_face_figures
from core.evaluation.neutral_faces import NeutralFaces, neutral_groups, without_strong_expression
from core.evaluation.people import score_person
from core.evaluation.predictions import kept_predictions, milliseconds_a_picture
from core.evaluation.robustness import CHANGES, changed
from core.face.box import FaceFinder
from core.method.grading import CandidateResult

ROBUSTNESS_PICTURES = 1000
"""At most so many are read under each change, of the set that has most."""

LONDON, ACTORS = "london", "actors"
AS_IT_IS = "as it is"

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
    """All candidates, the sets that they were evaluated on, and scores (method.md 6) by set and person.

    `contents`: of each set the pictures by label and split. `changed_set`: the name of the set that was read under changes.
    """

    candidates: tuple[CandidateEvaluation, ...]
    sets: tuple[LabelledSet, ...]
    neutral_faces: tuple[NeutralFaces, ...]
    scores: Mapping[str, Mapping[str, tuple[CandidateResult, ...]]]
    contents: Mapping[str, SetContents]
    changed_set: str


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
    largest = max(sets, key=len).first(ROBUSTNESS_PICTURES)
    evaluated = []
    for candidate, milliseconds in zip(candidates, times, strict=True):
        progress(candidate.card.id)
        evaluated.append(_evaluate_one(candidate, milliseconds, every, largest, neutral_faces, cache))
    scores = {one.name: _scores(evaluated, one) for one in (*sets, actors) if any(one.subjects)}
    contents = {name: read_contents(data, name) for name in names}
    return Evaluation(tuple(evaluated), tuple(every), tuple(neutral_faces), scores, contents, largest.name)


def _validation_sets(data: Path, names: Sequence[str], limit: int | None) -> list[LabelledSet]:
    sets = read_splits(data, names, "val", limit=limit)
    if not sets:
        raise DataSetError("no set in {folder} has a validation picture", folder=data)
    return sets


def _evaluate_one(
    candidate: Candidate,
    milliseconds: float,
    sets: Sequence[LabelledSet],
    changing: LabelledSet,
    neutral_faces: Sequence[NeutralFaces],
    cache: Path,
) -> CandidateEvaluation:
    def predict(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        return kept_predictions(candidate, pictures, cache)

    probabilities = {labelled.name: predict(labelled.pictures) for labelled in sets}
    as_it_is = {AS_IT_IS: evaluate_probabilities(predict(changing.pictures), changing)["accuracy"]}
    changes = as_it_is | {
        name: evaluate_probabilities(predict(changed(changing.pictures, name)), changing)["accuracy"]
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


def _scores(evaluated: Sequence[CandidateEvaluation], labelled: LabelledSet) -> dict[str, tuple[CandidateResult, ...]]:
    """Method.md 6 for each person of a set by each candidate."""
    subjects = np.array(labelled.subjects)
    asked = np.array([labelled.name != ACTORS or word != "neutral" for word in labelled.asked])
    scores = {}
    for subject in sorted(set(labelled.subjects) - {""}):
        here = np.flatnonzero((subjects == subject) & asked)
        words = [labelled.asked[n] for n in here]
        scores[subject] = tuple(
            score_person(
                one.card.id, one.probabilities[labelled.name][here], labelled.single[here], words, one.milliseconds
            )
            for one in evaluated
        )
    return scores
