"""From a finished run to a candidate: LiteRT file with two outputs, checked, and its card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras

from core.candidates.card import Card, CardError, DataSetUse
from core.candidates.runner import softmax
from core.datasets.labelled import LabelledSet
from core.evaluation.metrics import evaluate_probabilities, fit_temperature, scores_at
from core.face.crop import CROP_SIZE
from core.method.experiments import PAPER_TEST, Experiment, NetworkName
from core.shipping.conversion import BEST, Converted, convert_best, read_with
from core.shipping.reconvert import validation_sets
from core.shipping.writing import write_candidate_folder
from core.training.architectures import build_network
from core.training.averaging import course_of_run
from core.training.checkpoints import load_finished_or_last
from core.training.epochs import predict_logits
from core.training.errors import ShippingError
from core.training.origins import uses_of_run
from core.training.settings import read_description, read_experiment, was_normalised

RESEARCH_TERMS = (
    "trained on research-only data: for evaluation and personal use; retrain on data you have rights to "
    "(`calmline train`) before commercial use"
)

OWN_TERMS = "trained on data that its maker brought: use it as the terms of that data allow"

_NETWORK_NAMES = {
    NetworkName.MOBILENET_V2: "MobileNetV2",
    NetworkName.INCEPTION_V3: "InceptionV3",
    NetworkName.XCEPTION: "Xception",
    NetworkName.VGG16_DENSENET: "VGG16-DenseNet",
    NetworkName.VGG16: "VGG16",
}


def write_candidate(
    folder: Path,
    experiment: Experiment,
    converted: Converted,
    training: Sequence[DataSetUse],
    recipe: str,
    scores: Mapping[str, Mapping[str, float]],
    temperature: float = 1.0,
    candidate_id: str | None = None,
) -> Card:
    """Write `folder`/<id>/network.tflite and card.json; returns the card.

    Raises:
        ShippingError: `candidate_id` is no plain name.
    """
    name, own = _NETWORK_NAMES[experiment.network], f", {candidate_id}" if candidate_id else ""
    card = Card(
        id=candidate_id or experiment.id,
        name=(name if experiment.test == PAPER_TEST else f"{name} ({experiment.test})") + own,
        network=name,
        head=experiment.head,
        test=None if experiment.test == PAPER_TEST else experiment.test,
        input_size=CROP_SIZE,
        colour_order="RGB",
        pixel_range=(0.0, 1.0),
        labels=("happy", "neutral", "stress", "surprise"),
        outputs=("probabilities", "feature_map"),
        training=tuple(training),
        terms=RESEARCH_TERMS if any(_is_for_research(use) for use in training) else OWN_TERMS,
        recipe=f"{recipe}; weights kept as {converted.weights}",
        scores={name: dict(figures) for name, figures in scores.items()},
        size_bytes=len(converted.content),
        sha256=hashlib.sha256(converted.content).hexdigest(),
        temperature=temperature,
    )
    with ShippingError.of(CardError):
        card.check()
    write_candidate_folder(folder / card.id, card, converted.content)
    return card


def _is_for_research(use: DataSetUse) -> bool:
    return "research" in use.terms


def ship_from_data(
    run: Path, data: Path, models: Path, quantization: str = BEST, candidate_id: str | None = None
) -> Card:
    """Ship a run on all validation splits in a folder; see `ship_run`.

    Raises:
        RunError, ShippingError: the run cannot be shipped.
        DataSetError: the folder holds no validation picture.
    """
    return ship_run(run, validation_sets(data), models, quantization, candidate_id)


def ship_run(
    run: Path, sets: Sequence[LabelledSet], models: Path, quantization: str = BEST, candidate_id: str | None = None
) -> Card:
    """Convert a run, fit its temperature and measure the file on `sets`, and write it into `models`.

    It is called `candidate_id`, or as its experiment. The temperature is fitted on all sets together, each counting the same, and stands on the card. Each set's scores
    also tell the accuracy before the conversion. An unfinished run is shipped as it is, and says so.

    Raises:
        RunError: `run` holds no run.
        ShippingError: converting it loses too much.
        WeightsError: it has no checkpoint yet.
    """
    config = read_description(run)
    experiment = read_experiment(run)
    keras.config.set_dtype_policy("float32")
    model = build_network(experiment, normalised=was_normalised(run))
    load_finished_or_last(model, run)
    reference = {one.name: evaluate_probabilities(softmax(predict_logits(model, one.pictures)), one) for one in sets}
    converted = convert_best(model, sets, reference, quantization)
    read = read_with(converted.content, sets)
    temperature = fit_temperature(read, sets)
    scores = {
        name: {**figures, "float32_accuracy": round(reference[name]["accuracy"], 4)}
        for name, figures in scores_at(temperature, read, sets).items()
    }
    return write_candidate(
        models, experiment, converted, uses_of_run(config), course_of_run(run), scores, temperature, candidate_id
    )
