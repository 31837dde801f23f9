"""One training run: seeded, resumable after a kill, everything needed to repeat it in its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet
from core.face.crop import CROP_SIZE
from core.method.experiments import Experiment
from core.training.augmentation import MIXED_SETS, AugmentationRanges
from core.training.batch_norm import PICTURES, PICTURES_TO_VALIDATE, drawn_for_batch_norm, recompute_batch_norm
from core.training.batches import AugmentedBatches
from core.training.checkpoints import (
    FINAL_WEIGHTS,
    STATE_FILE,
    load_checkpoint,
    load_finished_or_last,
    save_weights_only,
    take_averages,
)
from core.training.description import describe, write_description
from core.training.epochs import Checkpoint, EpochReport
from core.training.errors import AcceleratorError
from core.training.initial_weights import build_initialised
from core.training.losses import PartialLabelAccuracy, partial_label_loss
from core.training.optimizers import build_optimizer, build_thesis_optimizer, rates_of_steps, scheduled_rate
from core.training.sampling import MIXTURE, EachOnceSampler, MixtureSampler, Sampler
from core.training.settings import RunSettings
from core.training.speech import kept_landmarks

STATISTICS_PICTURES = 512
"""From how many training pictures the moving statistics of a rebuilt candidate are taken."""


def train(
    experiment: Experiment,
    settings: RunSettings,
    train_sets: Sequence[LabelledSet],
    val_sets: Sequence[LabelledSet],
    folder: Path,
    *,
    weights: str | Path = "none",
    ranges: AugmentationRanges = MIXED_SETS,
    soft_targets: Mapping[str, NDArray[np.float32]] | None = None,
    stop_at: float | None = None,
    on_epoch: Callable[[EpochReport], None] | None = None,
    on_step: Callable[[int, int], None] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Any:
    """Train, or go on where a killed run left off; returns the model with averaged weights.

    The cosine schedule covers all epochs; `stop_at` (seconds of `time.monotonic`) ends a run early, resumable.
    `soft_targets`: a teacher's probabilities (n, 4) for each training set by name, needed where `distillation` is not 0.
    `on_step` is told the epoch (from 0) and the step (from 1). `notes` are kept in the run's description.
    Averaged weights are validated and kept with batch normalisation statistics of their own
    (`core.training.batch_norm`), at the end taken from more pictures.

    Raises:
        AcceleratorError: it cannot train on an accelerator here.
        WeightsError: the starting weights or the checkpoint do not fit.
    """
    if settings.accelerated and keras.backend.backend() != "jax":
        raise AcceleratorError(
            "Keras runs on {backend}, and an accelerated run needs KERAS_BACKEND=jax", backend=keras.backend.backend()
        )
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    resumes = (folder / STATE_FILE).exists()
    model = _compiled(experiment, settings, train_sets, "none" if resumes else weights)
    progress = load_checkpoint(model, folder)
    if not resumes:
        described = describe(experiment, settings, [*train_sets, *val_sets], weights, ranges)
        write_description(folder, described, notes or {})
    sampler: Sampler
    if settings.as_thesis:
        sampler = EachOnceSampler(train_sets)
    else:
        sampler = MixtureSampler(train_sets, {**MIXTURE, **settings.shares})

    def settling(most: int = PICTURES) -> Iterable[NDArray[np.float32]]:
        """Pictures for batch normalisation; none where no weights are averaged, whose statistics are up to date."""
        if settings.as_thesis:
            return ()
        return drawn_for_batch_norm(train_sets, sampler, settings.seed, settings.epochs, most)

    few = partial(settling, PICTURES_TO_VALIDATE)
    checkpoint = Checkpoint(folder, settings, val_sets, stop_at, on_epoch, on_step, progress, few)
    if checkpoint.is_over(progress) and (folder / FINAL_WEIGHTS).is_file():
        # Only asked for again: its statistics are settled. The file has no optimiser, so a model without one reads it.
        load_finished_or_last(keras.Model(model.inputs, model.outputs), folder)
        return model
    if settings.accelerated:
        from core.training.accelerated.loop import fit_accelerated

        total = settings.epochs * settings.steps
        rates = rates_of_steps(experiment.rate, total, settings.warmup_steps, constant=settings.as_thesis)
        fit_accelerated(model, settings, train_sets, sampler, ranges, soft_targets, rates, checkpoint)
    else:
        _fit(model, settings, train_sets, sampler, ranges, soft_targets, checkpoint, folder)
    take_averages(model)
    recompute_batch_norm(model, settling())
    if checkpoint.is_over(checkpoint.progress):
        save_weights_only(model, folder / FINAL_WEIGHTS)
    return model


def _compiled(
    experiment: Experiment, settings: RunSettings, train_sets: Sequence[LabelledSet], weights: str | Path
) -> Any:
    """The network with its optimiser and loss; the optimiser has its variables, so that a checkpoint can be loaded."""
    pictures = _some_pictures(train_sets) if isinstance(weights, Path) else None
    model = build_initialised(experiment, weights, size=None, pictures=pictures, normalised=settings.normalised)
    total = settings.epochs * settings.steps
    if settings.as_thesis:
        optimizer = build_thesis_optimizer(experiment)
    else:
        optimizer = build_optimizer(
            experiment,
            # The accelerated loop hands each step its rate.
            experiment.rate if settings.accelerated else scheduled_rate(experiment.rate, total, settings.warmup_steps),
            average_momentum=settings.average_momentum,
            weight_decay=settings.weight_decay,
        )
    loss = partial_label_loss(settings.smoothing, settings.distillation)
    model.compile(optimizer=optimizer, loss=loss, metrics=[PartialLabelAccuracy("accuracy")])
    optimizer.build(model.trainable_variables)
    return model


def _fit(
    model: Any,
    settings: RunSettings,
    train_sets: Sequence[LabelledSet],
    sampler: Sampler,
    ranges: AugmentationRanges,
    soft_targets: Mapping[str, NDArray[np.float32]] | None,
    checkpoint: Checkpoint,
    folder: Path,
) -> None:
    """Keras's own loop, fed by the processor."""
    batches = AugmentedBatches(
        train_sets,
        sampler,
        ranges,
        batch_size=settings.batch_size,
        steps=settings.steps,
        seed=settings.seed,
        start_epoch=checkpoint.progress.epoch,
        workers=settings.workers,
        small_size=settings.small_size,
        small_epochs=settings.small_epochs,
        soft_targets=soft_targets if settings.distillation else None,
        adjustment=settings.adjustment,
        speech=settings.speech,
        landmarks={one.name: kept_landmarks(one, folder) for one in train_sets} if settings.speech else None,
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
                callbacks=[drawing, checkpoint, _OwnWeights()],
            )


class _OwnWeights(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """Gives a model its own weights back, over which `fit` puts their averages when it ends.

    With a second `fit` training would go on from the averages, which a run that was broken off in between does not; and
    under JAX weights and averages would be one array, which a second `fit` cannot hand over twice.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self._kept = [np.array(keras.ops.convert_to_numpy(one)) for one in self.model.trainable_variables]

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        for variable, own in zip(self.model.trainable_variables, self._kept, strict=True):
            variable.assign(own)


def _ends_of_one_size(settings: RunSettings) -> tuple[int, ...]:
    """The epochs before which `fit` has to end: within one of them TensorFlow takes pictures of one size only."""
    changes = 0 < settings.small_epochs < settings.epochs and settings.small_size != CROP_SIZE
    return (settings.small_epochs, settings.epochs) if changes else (settings.epochs,)


def _some_pictures(sets: Sequence[LabelledSet]) -> NDArray[np.uint8]:
    each = max(1, STATISTICS_PICTURES // len(sets))
    return np.concatenate([labelled.first(each).pictures for labelled in sets])
