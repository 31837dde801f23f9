"""Shipped candidates set right without training: a new temperature on the card, or the file converted anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.candidates.card import Card, Signature
from core.candidates.registry import Candidate
from core.candidates.runner import LiteRTRunner
from core.datasets.labelled import LabelledSet, read_splits
from core.evaluation.metrics import fit_temperature, scores_at
from core.evaluation.results import find_sets
from core.explain.head import read_head
from core.method.experiments import PAPER_TEST, NetworkName, find_experiment
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
    sets = _sets_for(candidate.card, data)
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

    content = candidate.path.read_bytes()
    sets = _sets_for(candidate.card, data)
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


def reference_model(card: Card, content: bytes, run: Path | None = None) -> Any:
    """The Keras model of a shipped candidate with head #1: with the weights of its file, or as a `run` trained it.

    Raises:
        HeadError: the file's head is made in an unknown way.
        WeightsError: the file's layers are not those of the model.
        ValueError: there is no experiment with the card's test and network.
    """
    from core.training.architectures import build_network
    from core.training.initial_weights import give_weights
    from core.training.settings import was_normalised

    names = {one.value.replace("-", ""): one.value for one in NetworkName}
    name = names.get(card.network.lower().replace("-", ""), card.network)
    normalised = run is not None and was_normalised(run.parent)
    model = build_network(find_experiment(card.test or PAPER_TEST, name), normalised=normalised)
    if run is None:
        give_weights(model, content, read_head(content), labels=None)
    else:
        model.load_weights(run)
    return model


def _sets_for(card: Card, data: Path) -> Sequence[LabelledSet]:
    if card.labels != Signature().labels:
        raise ShippingError(
            "{network} tells its probabilities in the order {labels}", network=card.id, labels=", ".join(card.labels)
        )
    return validation_sets(data)


def validation_sets(data: Path) -> Sequence[LabelledSet]:
    """The validation splits of all sets in a folder.

    Raises:
        ShippingError: there is no picture in them.
        DataSetError: a set cannot be read.
    """
    sets = read_splits(data, find_sets(data), "val")
    if not sets:
        raise ShippingError("{folder} holds no validation picture to measure by", folder=data)
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
