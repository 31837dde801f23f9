"""One run or the whole grid as a person asks for it: data read, teachers asked, trained, written down."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import keras

from core.candidates.card import CardError
from core.candidates.runner import softmax
from core.datasets.labelled import DataSetError, LabelledSet, read_splits
from core.evaluation.metrics import as_record, evaluate_probabilities, partial_label_loss_of
from core.evaluation.results import find_sets, read_result, write_result
from core.explain.file_graph import GraphError
from core.method.experiments import ALL_LAYERS, EXPERIMENTS, THESIS_EPOCHS, Experiment, NetworkName, find_experiment
from core.training.augmentation import MIXED_SETS, PAPER, THESIS, WIDE, AugmentationRanges
from core.training.averaging import MEAN_OF
from core.training.description import describe
from core.training.distillation import Teacher, read_teacher, soft_targets_of
from core.training.epochs import EpochReport, predict_logits
from core.training.errors import TRAINING_ERRORS, SessionError
from core.training.initial_weights import begins_normalised
from core.training.origins import INHERITED, inherited_uses
from core.training.resuming import SOFT_TARGETS, differences, teacher_name
from core.training.run import train
from core.training.settings import (
    AVERAGE_MOMENTUM,
    CONFIG_FILE,
    WEIGHT_DECAY,
    RunSettings,
    read_description,
    was_normalised,
)

AUGMENTATIONS = {"mixed": MIXED_SETS, "wide": WIDE, "thesis": THESIS, "paper": PAPER}
DISTILLATION = 0.6
"""The part of the loss that teachers or votes have where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is to do; what is not told here is as in `RunSettings`.

    `weights`: "imagenet", "none" or a path, or for each network one of these, as in "xception=none,vgg16=imagenet";
    `steps` None: each picture about once an epoch; `rate` None: the test's; `distillation` None: `DISTILLATION` where
    there are teachers or `votes` (see `soft_targets_of`). `as_thesis`: see `RunSettings`; it says the augmentation, too.
    `frozen_random`: layers that do not train may stay as they were drawn.
    """

    data: Path
    out: Path
    sets: tuple[str, ...] = ()
    weights: str = "none"
    epochs: int = THESIS_EPOCHS
    steps: int | None = None
    batch: int = 32
    limit: int | None = None
    seed: int = 1
    small_size: int = 100
    small_epochs: int = 0
    teachers: tuple[Path, ...] = ()
    precision: str = "float32"
    patience: int | None = None
    augmentation: str = "mixed"
    rate: float | None = None
    accelerated: bool = False
    mixup: float = 0.0
    shares: tuple[tuple[str, float], ...] = ()
    weight_decay: float = WEIGHT_DECAY
    average: float = AVERAGE_MOMENTUM
    distillation: float | None = None
    votes: bool = False
    adjustment: float = 0.0
    speech: float = 0.0
    validate_every: int = 1
    as_thesis: bool = False
    frozen_random: bool = False

    @property
    def ranges(self) -> AugmentationRanges:
        """How pictures are changed."""
        return THESIS if self.as_thesis else AUGMENTATIONS[self.augmentation]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A run before it begins; `soft_targets` is what its description keeps of who teaches it (see `SOFT_TARGETS`)."""

    settings: RunSettings
    weights: str | Path
    teachers: tuple[Teacher, ...]
    soft_targets: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProgressCallbacks:
    """Whom a run tells how far it is: after each epoch, and after each step (epoch from 0, step from 1, steps)."""

    epoch: Callable[[EpochReport], None]
    step: Callable[[int, int, int], None]


def keras_backend() -> str:
    """On what Keras computes here: "tensorflow", "jax" or "torch"; only on JAX a run can be `accelerated`."""
    return str(keras.backend.backend())


def run_one(test: int, network: str, request: Request, progress: ProgressCallbacks) -> dict[str, Any]:
    """Train one experiment in `request.out`, or go on with it; returns its result, which `read_result` finds in that folder from then on.

    Raises:
        ValueError: the grid has no such run, the data or the weights cannot be used, or the folder holds another run.
    """
    experiment = find_experiment(test, network)
    if request.rate is not None:
        experiment = replace(experiment, rate=request.rate)
    return _run(experiment, request, *read_sets(request), progress)


def run_grid(
    request: Request,
    progress: ProgressCallbacks,
    begun: Callable[[Experiment], None],
    failed: Callable[[Experiment, str], None],
) -> list[dict[str, Any]]:
    """Train all 29 + 1, each in a folder of its own below `request.out`; those that are finished are not done again.

    Raises:
        ValueError: the data cannot be used. What goes wrong in one run is told to `failed`, and the others go on.
    """
    train_sets, val_sets = read_sets(request)
    results = []
    for experiment in EXPERIMENTS:
        here = replace(request, out=request.out / experiment.id)
        begun(experiment)
        try:
            known = read_result(here.out)
            if known is not None:
                _plan(experiment, here, train_sets, val_sets)  # finished, but as what was asked?
            results.append(known or _run(experiment, here, train_sets, val_sets, progress))
        except TRAINING_ERRORS as error:
            failed(experiment, str(error))
    return results


def read_sets(request: Request) -> tuple[list[LabelledSet], list[LabelledSet]]:
    """The training and validation splits of the sets asked for, or of all in the folder.

    Raises:
        DataSetError: none is there, or one cannot be read.
    """
    names = request.sets or find_sets(request.data)
    train_sets = read_splits(request.data, names, "train", limit=request.limit)
    if not train_sets:
        raise DataSetError("no set in {folder} has a training picture", folder=request.data)
    unknown = sorted({name for name, _share in request.shares} - {labelled.name for labelled in train_sets})
    if unknown:
        raise DataSetError(
            "a share is given to {names}, of which no training picture is read", names=", ".join(unknown)
        )
    return train_sets, read_splits(request.data, names, "val", limit=request.limit)


def _run(
    experiment: Experiment,
    request: Request,
    train_sets: Sequence[LabelledSet],
    val_sets: Sequence[LabelledSet],
    progress: ProgressCallbacks,
) -> dict[str, Any]:
    plan = _plan(experiment, request, train_sets, val_sets)
    request.out.mkdir(parents=True, exist_ok=True)
    begun_from = [plan.weights] if isinstance(plan.weights, Path) else []
    model = train(
        experiment,
        plan.settings,
        train_sets,
        val_sets,
        request.out,
        weights=plan.weights,
        ranges=request.ranges,
        soft_targets=_soft_targets(request, plan.teachers, train_sets),
        on_epoch=progress.epoch,
        on_step=lambda epoch, step: progress.step(epoch, step, plan.settings.steps),
        notes={
            "request": {name: _plain(value) for name, value in asdict(request).items()},
            SOFT_TARGETS: plan.soft_targets,
            INHERITED: inherited_uses([*begun_from, *request.teachers]),
        },
    )
    scores = {}
    for labelled in val_sets:
        read = softmax(predict_logits(model, labelled.pictures))
        figures = {**evaluate_probabilities(read, labelled), "loss": partial_label_loss_of(read, labelled)}
        scores[labelled.name] = as_record(figures)
    result = {"id": experiment.id, "test": experiment.test, "network": experiment.network.value, "scores": scores}
    write_result(request.out, result)
    del model
    keras.backend.clear_session()  # thirty networks in one process do not fit into memory
    gc.collect()
    return result


def _plan(
    experiment: Experiment, request: Request, train_sets: Sequence[LabelledSet], val_sets: Sequence[LabelledSet]
) -> _Plan:
    """What a request comes to; a run that has begun goes on only as what it began as.

    Raises:
        RunError: what it began as cannot be read.
        SessionError: the folder holds another run, or a teacher cannot be read.
    """
    weights = weights_for(experiment.network, request.weights)
    if weights == "none" and experiment.trainable_layers != ALL_LAYERS and not request.frozen_random:
        raise SessionError(
            "test {test} leaves layers of {network} untrained, and without starting weights these would stay as they were drawn; give some with --weights, or ask for that with --frozen-random",
            test=experiment.test,
            network=experiment.network,
        )
    settings = _settings(experiment, request, weights, train_sets)
    try:
        teachers = tuple(read_teacher(place) for place in request.teachers)
    except (OSError, GraphError, CardError) as error:
        raise SessionError("a teacher cannot be read: {reason}", reason=error) from error
    described = describe(experiment, settings, [*train_sets, *val_sets], weights, request.ranges)
    named = zip(request.teachers, teachers, strict=True)
    soft_targets = {
        "teachers": [{"name": teacher_name(place), "sha256": teacher.sha256} for place, teacher in named],
        "votes": request.votes,
    }
    if (request.out / CONFIG_FILE).exists():
        begun = read_description(request.out)
        if MEAN_OF in begun:
            raise SessionError(
                "{folder} holds the mean of other runs; name another folder with --out", folder=request.out
            )
        differing = differences({**described, SOFT_TARGETS: soft_targets}, begun)
        if differing:
            raise SessionError(
                "{folder} holds a run with other {differing}; ask for it as it began, or name another folder with --out",
                folder=request.out,
                differing=", ".join(differing),
            )
    return _Plan(settings, weights, teachers, soft_targets)


def weights_for(network: NetworkName, said: str) -> str | Path:
    """What a network begins from: "imagenet", "none" or a path.

    Raises:
        SessionError: `said` names weights for each network, and none for this one.
    """
    first, equals, _rest = said.partition("=")
    if equals and first in tuple(NetworkName):
        each = dict(part.partition("=")[::2] for part in said.split(","))
        said = each.get(network, "")
        if not said:
            raise SessionError(
                "--weights names none for {network}; add {network}=FILE, or {network}=none", network=network
            )
    return said if said in ("imagenet", "none") else Path(said)


def _settings(
    experiment: Experiment, request: Request, weights: str | Path, train_sets: Sequence[LabelledSet]
) -> RunSettings:
    """A run that has begun stays normalised or not as it began: those of old were not."""
    begun = (request.out / CONFIG_FILE).is_file()
    usual = DISTILLATION if request.teachers or request.votes else 0.0
    pictures = sum(len(labelled) for labelled in train_sets)
    asked = {one.name: getattr(request, one.name) for one in fields(RunSettings) if hasattr(request, one.name)}
    asked |= {
        "steps": request.steps or max(1, -(-pictures // request.batch)),
        "batch_size": request.batch,
        "distillation": usual if request.distillation is None else request.distillation,
        "shares": dict(request.shares),
        "average_momentum": request.average,
        "normalised": was_normalised(request.out) if begun else begins_normalised(experiment, weights),
    }
    settings = RunSettings(**asked)
    if not request.as_thesis:
        return settings
    return replace(settings, smoothing=0.0, warmup_steps=0, average_momentum=0.0, weight_decay=0.0)


def _soft_targets(
    request: Request, teachers: Sequence[Teacher], train_sets: Sequence[LabelledSet]
) -> Mapping[str, Any] | None:
    """What teaches, for each set by its name; None where nothing does.

    Raises:
        SessionError: votes shall teach alone and there are none.
    """
    if not (teachers or request.votes):
        return None
    soft_targets = {one.name: soft_targets_of(one, teachers, request.out, votes=request.votes) for one in train_sets}
    if not any(predictions.any() for predictions in soft_targets.values()):
        raise SessionError(
            "none of {names} keeps votes in its source labels; leave --soft-labels out", names=", ".join(soft_targets)
        )
    return soft_targets


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value
