"""One training run: seeded, resumable after a kill, everything needed to repeat it in its folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.face.crop import CROP_SIZE
from core.training.architectures import build_network
from core.training.augmentation import MIXED_SETS, AugmentationRanges
from core.training.batches import AugmentedBatches
from core.training.checkpoints import (
    AVERAGED_WEIGHTS,
    BEST_WEIGHTS,
    FINAL_WEIGHTS,
    HISTORY_FILE,
    STATE_FILE,
    Progress,
    append_history,
    averaged_weights,
    load_checkpoint,
    save_checkpoint,
    save_weights_only,
)
from core.training.datasets import LabelledSet
from core.training.description import write_description
from core.training.evaluation import evaluate_logits
from core.training.experiments import Experiment
from core.training.losses import PartialLabelAccuracy, partial_label_loss
from core.training.optimizers import build_optimizer, rates_of_steps, scheduled_rate
from core.training.sampling import MixtureSampler

STATISTICS_PICTURES = 512
"""From how many training pictures the moving statistics of a rebuilt candidate are taken."""

TENSORBOARD_FOLDER = "tensorboard"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long and how one run trains. `steps` batches make an epoch; the rate warms up for `warmup_steps`.

    The first `small_epochs` see pictures of `small_size` pixels. `distillation` is the teacher's part of the loss, 0 to
    1. `precision` is a Keras dtype policy, "float32" or "mixed_bfloat16" (on processors that have it about twice as
    fast; weights stay float32). With `patience` a run ends after so many epochs without a better validation.
    `accelerated`: the pictures lie on the accelerator and are augmented there (`core.training.accelerated`, Keras on
    JAX); only there `mixup` blends pairs of pictures, by a share from Beta(mixup, mixup) (Zhang et al. 2018).
    """

    epochs: int
    steps: int
    batch_size: int = 32
    seed: int = 1
    smoothing: float = 0.05
    warmup_steps: int = 200
    average_momentum: float = 0.998
    weight_decay: float = 1e-4
    validate_on: int = 150
    workers: int = 1
    limit: int | None = None
    small_size: int = CROP_SIZE
    small_epochs: int = 0
    distillation: float = 0.0
    precision: str = "float32"
    patience: int | None = None
    mixup: float = 0.0
    accelerated: bool = False


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What an epoch came to. `validation`: accuracy of the averaged weights by set."""

    epoch: int
    epochs: int
    seconds: float
    loss: float
    accuracy: float
    validation: dict[str, float]


def train(
    experiment: Experiment,
    settings: RunSettings,
    train_sets: Sequence[LabelledSet],
    val_sets: Sequence[LabelledSet],
    folder: Path,
    *,
    weights: str | Path = "none",
    ranges: AugmentationRanges = MIXED_SETS,
    taught: Mapping[str, NDArray[np.float32]] | None = None,
    stop_at: float | None = None,
    on_epoch: Callable[[EpochReport], None] | None = None,
    on_step: Callable[[int, int], None] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Any:
    """Train, or go on where a killed run left off; returns the model with averaged weights.

    The cosine schedule covers all epochs; `stop_at` (seconds of `time.monotonic`) ends a run early, resumable.
    `taught`: a teacher's probabilities (n, 4) for each training set by name, needed where `distillation` is not 0.
    `on_step` is told the epoch (from 0) and the step (from 1). `notes` are kept in the run's description.

    Raises:
        WeightsError: the starting weights or the checkpoint do not fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    resumes = (folder / STATE_FILE).exists()
    pictures = None if resumes else _some_pictures(train_sets)
    model = build_network(experiment, "none" if resumes else weights, size=None, pictures=pictures)
    schedule = (experiment.rate, settings.epochs * settings.steps, settings.warmup_steps)
    optimizer = build_optimizer(
        experiment,
        experiment.rate if settings.accelerated else scheduled_rate(*schedule),
        average_momentum=settings.average_momentum,
        weight_decay=settings.weight_decay,
    )
    loss = partial_label_loss(settings.smoothing, settings.distillation)
    model.compile(optimizer=optimizer, loss=loss, metrics=[PartialLabelAccuracy("hits")])
    optimizer.build(model.trainable_variables)
    progress = load_checkpoint(model, folder)
    if not resumes:
        write_description(folder, experiment, settings, [*train_sets, *val_sets], weights, ranges, notes or {})
    watched = [labelled.first(settings.validate_on) for labelled in val_sets]
    checkpoint = Checkpoint(folder, settings, watched, stop_at, on_epoch, on_step, progress)
    if settings.accelerated:
        from core.training.accelerated.loop import fit_accelerated

        fit_accelerated(model, settings, train_sets, ranges, taught, rates_of_steps(*schedule), checkpoint)
    else:
        _fit(model, settings, train_sets, ranges, taught, checkpoint, folder)
    optimizer.finalize_variable_values(model.trainable_variables)
    if checkpoint.is_over(checkpoint.progress):
        save_weights_only(model, folder / FINAL_WEIGHTS)
    return model


def _fit(
    model: Any,
    settings: RunSettings,
    train_sets: Sequence[LabelledSet],
    ranges: AugmentationRanges,
    taught: Mapping[str, NDArray[np.float32]] | None,
    checkpoint: Checkpoint,
    folder: Path,
) -> None:
    """Keras's own loop, fed by the processor."""
    batches = AugmentedBatches(
        train_sets,
        MixtureSampler(train_sets),
        ranges,
        batch_size=settings.batch_size,
        steps=settings.steps,
        seed=settings.seed,
        start_epoch=checkpoint.progress.epoch,
        workers=settings.workers,
        small_size=settings.small_size,
        small_epochs=settings.small_epochs,
        taught=taught if settings.distillation else None,
    )
    drawing = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: batches.begin_epoch(epoch))
    for end in _ends_of_one_size(settings):
        if checkpoint.progress.epoch < end and not checkpoint.stopped:
            batches.begin_epoch(checkpoint.progress.epoch)  # `fit` looks at a batch before it says that one begins
            model.fit(
                batches,
                epochs=end,
                initial_epoch=checkpoint.progress.epoch,
                shuffle=False,  # Keras would shuffle the batches' order by a state that a kill loses
                verbose=0,
                callbacks=[drawing, *_tensorboard(folder), checkpoint],
            )


def _ends_of_one_size(settings: RunSettings) -> tuple[int, ...]:
    """The epochs before which `fit` has to end: within one of them TensorFlow takes pictures of one size only."""
    changes = 0 < settings.small_epochs < settings.epochs and settings.small_size != CROP_SIZE
    return (settings.small_epochs, settings.epochs) if changes else (settings.epochs,)


def _some_pictures(sets: Sequence[LabelledSet]) -> NDArray[np.uint8]:
    each = max(1, STATISTICS_PICTURES // len(sets))
    return np.concatenate([labelled.first(each).pictures for labelled in sets])


def _tensorboard(folder: Path) -> list[Any]:
    """The thesis's log; Keras writes it through TensorFlow, so a run under another backend may have to go without."""
    if find_spec("tensorflow") is None or find_spec("tensorboard") is None:
        return []
    return [keras.callbacks.TensorBoard(folder / TENSORBOARD_FOLDER, write_graph=False)]


def predict_logits(model: Any, pictures: Any, batch_size: int = 64) -> Any:
    """Logits (n, 4) of pictures (n, 100, 100, 3) uint8 RGB, without holding them all as floats."""
    missing = -len(pictures) % batch_size
    padded = np.concatenate([pictures, np.repeat(pictures[:1], missing, axis=0)])  # JAX compiles for each new shape
    parts = [
        keras.ops.convert_to_numpy(
            model.predict_on_batch(padded[start : start + batch_size].astype(np.float32) / 255.0)
        )
        for start in range(0, len(padded), batch_size)
    ]
    return np.concatenate(parts)[: len(pictures)]


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """After each epoch: validate the averaged weights, write the history, save everything that going on needs."""

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        watched: Sequence[LabelledSet],
        stop_at: float | None,
        on_epoch: Callable[[EpochReport], None] | None,
        on_step: Callable[[int, int], None] | None,
        progress: Progress,
    ) -> None:
        super().__init__()
        self._folder, self._settings, self._watched = folder, settings, watched
        self._stop_at, self._on_epoch, self._on_step = stop_at, on_epoch, on_step
        self._began = time.monotonic()
        self._epoch = 0
        self._stopped = False
        self.progress = progress

    @property
    def stopped(self) -> bool:
        """Whether the run is over, or has been ended early."""
        return self._stopped or self.is_over(self.progress)

    def is_over(self, progress: Progress) -> bool:
        """Whether all epochs are done or no better one came for too long."""
        patience = self._settings.patience
        return progress.epoch >= self._settings.epochs or (patience is not None and progress.waited >= patience > 0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self._began, self._epoch = time.monotonic(), epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        if self._on_step is not None:
            self._on_step(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = logs or {}
        with averaged_weights(self.model):
            validation = {
                labelled.name: evaluate_logits(predict_logits(self.model, labelled.pictures), labelled)["accuracy"]
                for labelled in self._watched
            }
            score = float(np.mean(list(validation.values()))) if validation else float(epoch)
            self.progress = self.progress.after(epoch + 1, score)
            save_weights_only(self.model, self._folder / AVERAGED_WEIGHTS)
            if self.progress.best_epoch == epoch + 1:
                save_weights_only(self.model, self._folder / BEST_WEIGHTS)
        seconds = time.monotonic() - self._began
        report = EpochReport(
            epoch + 1, self._settings.epochs, seconds, figures.get("loss", 0.0), figures.get("hits", 0.0), validation
        )
        append_history(self._folder / HISTORY_FILE, _history_row(report))
        save_checkpoint(self.model, self._folder, self.progress)
        if self._on_epoch is not None:
            self._on_epoch(report)
        too_late = self._stop_at is not None and time.monotonic() + seconds > self._stop_at
        self._stopped = too_late
        if self.stopped:
            self.model.stop_training = True


def _history_row(report: EpochReport) -> dict[str, float]:
    return {
        "epoch": report.epoch,
        "seconds": round(report.seconds, 1),
        "loss": round(report.loss, 4),
        "accuracy": round(report.accuracy, 4),
        **{f"val_{name}": round(value, 4) for name, value in report.validation.items()},
    }
