"""Shipped candidates set right without training: a new temperature on the card, or the file converted anew."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.candidates.card import Card
from core.candidates.registry import Candidate
from core.datasets.labelled import LabelledSet
from core.evaluation.results import find_sets
from core.shipping.writing import write_candidate_folder, write_card
from core.training.calibrating import Read, calibrated_scores, fit_temperature, read_training, read_with
from core.training.errors import ShippingError

FLOAT32_ACCURACY = "float32_accuracy"
"""The score that tells what the network read before it was converted: it is not measured anew."""


def calibrate_candidate(candidate: Candidate, data: Path) -> Card:
    """Fit the temperature on the candidate's card anew, measure its file with it, and write the card.

    The file stays as it is.

    Raises:
        ShippingError: its labels are in another order than ours, or there is no validation picture.
        DataSetError: a set cannot be read.
    """
    content = candidate.path.read_bytes()
    training, validation = _read(candidate.card, content, data)
    calibrated = _calibrated(candidate.card, training, validation)
    write_card(candidate.path.parent, calibrated)
    return calibrated


def convert_candidate(candidate: Candidate, data: Path, models: Path, weights_as: str = "best") -> Card:
    """Convert the candidate's own weights anew, as `core.shipping.conversion` does today, and write file and card.

    Needs Keras and TensorFlow. The weights are those of the file: nothing is trained, and what was rounded to 8 bits
    stays as it was rounded.

    Raises:
        ShippingError: converting it loses more than half a point against the file as it is; see `calibrate_candidate`.
        HeadError, WeightsError: the file cannot be turned back into a Keras model.
    """
    from core.shipping.conversion import convert_best
    from core.shipping.gradcam import reference_model

    content = candidate.path.read_bytes()
    _training, validation = _read(candidate.card, content, data, with_training=False)
    sets = [one.labelled for one in validation]
    before = calibrated_scores(fit_temperature([], validation), validation)
    converted = convert_best(reference_model(candidate.card, content), sets, before, weights_as)
    card = replace(
        candidate.card,
        recipe=f"{candidate.card.recipe.partition('; weights kept as ')[0]}; weights kept as {converted.weights}",
        size_bytes=len(converted.content),
        sha256=hashlib.sha256(converted.content).hexdigest(),
    )
    training, validation = _read(card, converted.content, data)
    calibrated = _calibrated(card, training, validation)
    write_candidate_folder(models / card.id, calibrated, converted.content)
    return calibrated


def _read(card: Card, content: bytes, data: Path, *, with_training: bool = True) -> tuple[list[Read], list[Read]]:
    from core.training.session import Request, read_split

    if card.labels != ("happy", "neutral", "stress", "surprise"):
        raise ShippingError(f"{card.id} tells its probabilities in the order {', '.join(card.labels)}")
    names = find_sets(data)
    validation: Sequence[LabelledSet] = read_split(Request(data=data, out=data), names, "val")
    if not validation:
        raise ShippingError(f"{data} holds no validation picture to calibrate on")
    training = read_training(data, names) if with_training else []
    return read_with(content, training), read_with(content, validation)


def _calibrated(card: Card, training: Sequence[Read], validation: Sequence[Read]) -> Card:
    temperature = fit_temperature(training, validation)
    scores: Mapping[str, dict[str, float]] = calibrated_scores(temperature, validation)
    for name, figures in scores.items():
        known = card.scores.get(name, {}).get(FLOAT32_ACCURACY)
        if known is not None:
            figures[FLOAT32_ACCURACY] = known
    return replace(card, temperature=temperature, scores=scores)
