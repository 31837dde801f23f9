"""Shipped candidates set right without training: a new temperature on the card, or the file converted anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.candidates.card import Card, Signature
from core.candidates.registry import Candidate
from core.candidates.runner import LiteRTRunner
from core.datasets.labelled import LabelledSet, read_splits
from core.evaluation.metrics import fit_temperature, scores_at
from core.evaluation.results import find_sets
from core.shipping.writing import write_candidate_folder, write_card
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
    sets = _validation_sets(candidate.card, data)
    calibrated = _calibrated(candidate.card, _runner(candidate.card, candidate.path.read_bytes()), sets)
    write_card(candidate.path.parent, calibrated)
    return calibrated


def convert_candidate(candidate: Candidate, data: Path, models: Path, quantization: str = "best") -> Card:
    """Convert the candidate's own weights anew, as `core.shipping.conversion` does today, and write file and card.

    Needs Keras and TensorFlow. The weights are those of the file: nothing is trained, and what was rounded to 8 bits
    stays as it was rounded.

    Raises:
        ShippingError: converting it loses more than half a point against the file as it is; see `calibrate_candidate`.
        HeadError, WeightsError: the file cannot be turned back into a Keras model.
    """
    from core.shipping.conversion import convert_best, read_with
    from core.shipping.gradcam import reference_model

    content = candidate.path.read_bytes()
    sets = _validation_sets(candidate.card, data)
    before = scores_at(1.0, read_with(content, sets), sets)
    converted = convert_best(reference_model(candidate.card, content), sets, before, quantization)
    card = replace(
        candidate.card,
        recipe=f"{candidate.card.recipe.partition('; weights kept as ')[0]}; weights kept as {converted.weights}",
        size_bytes=len(converted.content),
        sha256=hashlib.sha256(converted.content).hexdigest(),
    )
    calibrated = _calibrated(card, _runner(card, converted.content), sets)
    write_candidate_folder(models / card.id, calibrated, converted.content)
    return calibrated


def _validation_sets(card: Card, data: Path) -> Sequence[LabelledSet]:
    if card.labels != Signature().labels:
        raise ShippingError(f"{card.id} tells its probabilities in the order {', '.join(card.labels)}")
    sets = read_splits(data, find_sets(data), "val")
    if not sets:
        raise ShippingError(f"{data} holds no validation picture to calibrate on")
    return sets


def _runner(card: Card, content: bytes) -> LiteRTRunner:
    return LiteRTRunner(content, replace(card.signature, temperature=1.0))


def _calibrated(card: Card, runner: LiteRTRunner, sets: Sequence[LabelledSet]) -> Card:
    """The card with its temperature fitted and its scores measured anew; those before conversion are kept."""
    read = [runner.predict(one.pictures, with_maps=False).probabilities for one in sets]
    temperature = fit_temperature(read, sets)
    scores = scores_at(temperature, read, sets)
    for name, figures in scores.items():
        known = card.scores.get(name, {}).get(FLOAT32_ACCURACY)
        if known is not None:
            figures[FLOAT32_ACCURACY] = known
    return replace(card, temperature=temperature, scores=scores)
