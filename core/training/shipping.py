"""From a finished run to a candidate: LiteRT file with two outputs, checked, and its card."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from core.candidates.card import CARD_FILE, NETWORK_FILE, Card, DataSetUse
from core.face.crop import CROP_SIZE
from core.training.architectures import FEATURE_MAP, LOGITS, build_network, scale_logits
from core.training.checkpoints import load_finished_or_last, read_epochs_done
from core.training.datasets import LabelledSet
from core.training.epochs import predict_logits
from core.training.errors import ShippingError
from core.training.evaluation import as_record, evaluate_logits, evaluate_probabilities, fit_shared_temperature
from core.training.experiments import PAPER_TEST, Experiment, NetworkName
from core.training.litert import predict_converted
from core.training.origins import DATA_TERMS, uses_of_run
from core.training.results import find_sets
from core.training.settings import read_description, read_experiment, was_normalised

MAX_LOSS = 0.005
"""A smaller file may cost at most this much accuracy on any set (0.5 points)."""

BEST, INT8, FLOAT16 = "best", "int8", "float16"
"""How weights may be kept; the best is the smallest that loses little enough."""

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


@dataclass(frozen=True, slots=True)
class Converted:
    """A LiteRT file's bytes, how its weights are kept, and what it reaches on each set."""

    content: bytes
    weights: str
    scores: dict[str, dict[str, float]]


def convert(model: Any, *, half: bool) -> bytes:
    """The model as LiteRT bytes with the outputs probabilities (n, 4) and feature map (n, h, w, c), in that order.

    `half`: float16 weights; else int8 weights with a scale per channel (dynamic range).
    """
    import tensorflow as tf

    probabilities = keras.layers.Softmax(name="probabilities")(model.get_layer(LOGITS).output)
    both = keras.Model(model.input, [probabilities, model.get_layer(FEATURE_MAP).output])

    with tempfile.TemporaryDirectory(prefix="calmline-ship-") as folder:
        # A saved model freezes the variables; a bare concrete function of a Keras 3 model would leave them out.
        both.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if half:
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def convert_best(
    model: Any,
    sets: Sequence[LabelledSet],
    reference: Mapping[str, Mapping[str, float]],
    weights_as: str = BEST,
) -> Converted:
    """The int8 file if it loses no more than half a point on any set of `reference`, else the float16 one.

    `weights_as` "int8" or "float16" asks for that one: heat maps agree with TensorFlow's only in float16 (issue 12).

    Raises:
        ShippingError: what is asked for loses more, or even float16 does.
    """
    worst: str | None = None
    for half, name in ((False, INT8), (True, FLOAT16)):
        if weights_as not in (BEST, name):
            continue
        content = convert(model, half=half)
        scores = {
            labelled.name: as_record(evaluate_probabilities(predict_converted(content, labelled.pictures), labelled))
            for labelled in sets
        }
        worst = _worst_loss(sets, reference, scores)
        if worst is None:
            return Converted(content, name, scores)
    asked = FLOAT16 if weights_as == BEST else weights_as
    raise ShippingError(f"with {asked} weights {worst}; at most {MAX_LOSS:.1%} is allowed")


def _worst_loss(
    sets: Sequence[LabelledSet], reference: Mapping[str, Mapping[str, float]], scores: Mapping[str, Mapping[str, float]]
) -> str | None:
    """The set that loses most, as a sentence part; None where none loses more than is allowed.

    Losses are counted in pictures, and one picture is always allowed: in a set of thirty it is 3.3 points by itself.
    """
    for labelled in sets:
        lost = round((reference[labelled.name]["accuracy"] - scores[labelled.name]["accuracy"]) * len(labelled))
        if lost > max(1, MAX_LOSS * len(labelled)):
            return f"{labelled.name} loses {lost} of {len(labelled)} pictures"
    return None


def write_candidate(
    folder: Path,
    experiment: Experiment,
    converted: Converted,
    training: Sequence[DataSetUse],
    recipe: str,
    scores: Mapping[str, Mapping[str, float]],
) -> Card:
    """Write `folder`/<id>/network.tflite and card.json; returns the card."""
    name = _NETWORK_NAMES[experiment.network]
    card = Card(
        id=experiment.id,
        name=name if experiment.test == PAPER_TEST else f"{name}, test {experiment.test}",
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
    )
    place = folder / card.id
    place.mkdir(parents=True, exist_ok=True)
    (place / NETWORK_FILE).write_bytes(converted.content)
    (place / CARD_FILE).write_text(card.to_json(), encoding="utf-8")
    return card


def _is_for_research(use: DataSetUse) -> bool:
    return use.name in DATA_TERMS or "research" in use.terms


def ship_from_data(run: Path, data: Path, models: Path, weights_as: str = BEST) -> Card:
    """Ship a run on all validation splits in a folder; see `ship_run`.

    Raises:
        RunError, ShippingError: the run cannot be shipped.
        DataSetError: the folder holds no validation picture.
    """
    from core.training.session import Request, read_split

    val_sets = read_split(Request(data=data, out=run), find_sets(data), "val")
    if not val_sets:
        raise ShippingError(f"{data} holds no validation picture to measure by")
    return ship_run(run, val_sets, models, weights_as)


def ship_run(run: Path, sets: Sequence[LabelledSet], models: Path, weights_as: str = BEST) -> Card:
    """Calibrate a run's probabilities, convert it, measure the file on `sets`, and write it into `models`.

    The temperature is fitted on all sets together, each counting the same, and put into the last layer's weights. Each
    set's scores also tell the accuracy before the conversion. An unfinished run is shipped as it is, and says so.

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
    logits = {labelled.name: predict_logits(model, labelled.pictures) for labelled in sets}
    temperature = fit_shared_temperature(logits, sets)
    scale_logits(model, temperature)
    reference = {
        labelled.name: evaluate_logits(logits[labelled.name] / np.float32(temperature), labelled) for labelled in sets
    }
    converted = convert_best(model, sets, reference, weights_as)
    scores = {
        name: {**figures, "float32_accuracy": round(reference[name]["accuracy"], 4)}
        for name, figures in converted.scores.items()
    }
    return write_candidate(
        models, experiment, converted, uses_of_run(config), _recipe(run, config, temperature), scores
    )


def _recipe(run: Path, config: Mapping[str, Any], temperature: float) -> str:
    """How the network was made, in one line."""
    settings, experiment = config["settings"], config["experiment"]
    done = read_epochs_done(run)
    short = "" if done in (0, settings["epochs"]) else f" (shipped after {done})"
    return (
        f"{experiment['optimizer']} {experiment['rate']:g}, {settings['epochs']} epochs{short} of {settings['steps']} x "
        f"{settings['batch_size']} pictures, seed {settings['seed']}, from {config['weights']}, data "
        f"{config['data_hash']}, temperature {temperature:.2f}"
    )
