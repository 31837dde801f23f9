"""The training loop on an accelerator: pictures, augmentation and learning in one program (Keras on JAX).

The processor only says which pictures come next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet
from core.face.crop import CROP_SIZE
from core.training.accelerated.augmentation import augment_batch
from core.training.accelerated.kernels import shifted_kernels
from core.training.augmentation import AugmentationRanges
from core.training.epochs import Checkpoint
from core.training.sampling import Sampler, label_space_shares
from core.training.settings import RunSettings

State = tuple[list[Any], list[Any], list[Any]]
"""Trainable, other and optimiser variables, each a list of arrays."""

_AHEAD = 8
"""How many steps may wait for the device: enough to keep it busy, few enough that progress told is progress made."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """All training pictures on the device: `pixels` (n, 100, 100, 3) uint8 RGB.

    `labels` (n, 8 or 12) float32 are as `core.training.losses.partial_label_loss` takes them. `begins`: the number of
    each set's first picture, in the order of the sampler's sets.
    """

    pixels: Any
    labels: Any
    begins: NDArray[np.int64]


def put_on_device(
    sets: Sequence[LabelledSet], soft_targets: Mapping[str, NDArray[np.float32]] | None, adjustment: float = 0.0
) -> Pictures:
    """Copy the sets, and the probabilities (n, 4) that teach by a set's name, to the device (30 KB a picture).

    `adjustment`: see `RunSettings`.
    """
    labels = []
    for labelled in sets:
        label_space = label_space_shares(labelled, adjustment)
        columns = [
            labelled.candidate_labels,
            label_space,
            *([soft_targets[labelled.name]] if soft_targets is not None else []),
        ]
        labels.append(np.hstack(columns).astype(np.float32))
    begins = np.cumsum([0, *(len(labelled) for labelled in sets)])[:-1]
    pixels = np.concatenate([labelled.pictures for labelled in sets])
    return Pictures(jnp.asarray(pixels), jnp.asarray(np.concatenate(labels)), begins)


class AcceleratedSteps:
    """Takes training steps with a compiled Keras model, which has to be of the JAX backend.

    Between `begin` and `end` the state lies here, and the model's own variables are those of the beginning.
    """

    def __init__(self, model: Any, pictures: Pictures, ranges: AugmentationRanges, mixup: float = 0.0) -> None:
        """`model` is compiled with an optimiser of a plain learning rate, not a schedule; `mixup`: see `RunSettings`."""
        self._model, self._pictures, self._ranges, self._mixup = model, pictures, ranges, mixup
        rate = model.optimizer._learning_rate  # noqa: SLF001 - the variable: Keras shows only its value
        self._rate_at = next(n for n, one in enumerate(model.optimizer.variables) if one is rate)
        self._step = jax.jit(self._one_step, static_argnames="size", donate_argnums=0)
        self._state: State | None = None

    def begin(self) -> None:
        """Take the variables over from the model, as copies: a step gives its arrays away."""
        trainable, other, optimizer = (
            [jnp.array(one.value, copy=True) for one in variables] for variables in self._variables()
        )
        self._state = (trainable, other, optimizer)

    def end(self) -> None:
        """Give the weights back to the model."""
        assert self._state is not None
        for variables, values in zip(self._variables(), self._state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self._state = None

    def _variables(self) -> tuple[Any, Any, Any]:
        model = self._model
        return model.trainable_variables, model.non_trainable_variables, model.optimizer.variables

    def take(self, numbers: NDArray[np.int64], key: Any, rate: float, size: int = CROP_SIZE) -> tuple[Any, Any]:
        """One step on the pictures of these `numbers` (batch,), at `size` pixels.

        The loss and the accuracy, still on the device; with mixup it counts the label of the first of each pair.
        """
        with shifted_kernels():
            self._state, loss, accuracy = self._step(
                self._state,
                self._pictures.pixels,
                self._pictures.labels,
                jnp.asarray(numbers),
                key,
                jnp.float32(rate),
                size=size,
            )
        return loss, accuracy

    def _one_step(
        self, state: State, pixels: Any, labels: Any, numbers: Any, key: Any, rate: Any, size: int
    ) -> tuple[State, Any, Any]:
        trainable, other, optimizer_variables = state
        draws, mixing, partners = jax.random.split(key, 3)
        faces = augment_batch(pixels[numbers], self._ranges, draws, size)
        targets = labels[numbers]
        share, mate = jnp.ones(()), jnp.arange(len(numbers))
        if self._mixup:
            share = jax.random.beta(mixing, self._mixup, self._mixup)
            mate = jax.random.permutation(partners, len(numbers))
            faces = share * faces + (1 - share) * faces[mate]

        def loss_of(weights: Any) -> tuple[Any, tuple[Any, Any]]:
            logits, changed = self._model.stateless_call(weights, other, faces, training=True)
            logits = logits.astype(jnp.float32)
            loss = self._model.loss(targets, logits)
            if self._mixup:
                loss = share * loss + (1 - share) * self._model.loss(targets[mate], logits)
            return loss.mean(), (changed, _accuracy(targets, logits))

        (loss, (other, accuracy)), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable)
        optimizer_variables = list(optimizer_variables)
        optimizer_variables[self._rate_at] = rate
        trainable, optimizer_variables = self._model.optimizer.stateless_apply(
            optimizer_variables, gradients, trainable
        )
        return (trainable, other, optimizer_variables), loss, accuracy


def _accuracy(targets: Any, logits: Any) -> Any:
    """The share of pictures whose best offered class is allowed."""
    best = jnp.where(targets[:, 4:8] > 0, logits, -jnp.inf).argmax(axis=1)
    return jnp.take_along_axis(targets[:, :4], best[:, None], axis=1).mean()


def numbers_of_epoch(
    sampler: Sampler, pictures: Pictures, batch_size: int, steps: int, seed: int, epoch: int
) -> list[NDArray[np.int64]]:
    """Which pictures each step of an epoch sees, (batch,) or fewer in the last, drawn as on the processor."""
    sets, within = sampler.draw(batch_size * steps, seed, epoch)
    numbers = pictures.begins[sets] + within
    return [numbers[step * batch_size : (step + 1) * batch_size] for step in range(steps)]


def fit_accelerated(
    model: Any,
    settings: RunSettings,
    train_sets: Sequence[LabelledSet],
    sampler: Sampler,
    ranges: AugmentationRanges,
    soft_targets: Mapping[str, NDArray[np.float32]] | None,
    rates: NDArray[np.float64],
    checkpoint: Checkpoint,
) -> None:
    """Train a compiled model from `checkpoint.progress` to the end of its run; `rates` are those of all its steps.

    Raises:
        AcceleratorError: Keras is of a version that `core.training.accelerated.kernels` does not know.
    """
    checkpoint.set_model(model)
    if checkpoint.stopped:
        return
    pictures = put_on_device(train_sets, soft_targets if settings.distillation else None, settings.adjustment)
    steps = AcceleratedSteps(model, pictures, ranges, settings.mixup)
    while not checkpoint.stopped:
        epoch = checkpoint.progress.epoch
        here = slice(epoch * settings.steps, (epoch + 1) * settings.steps)
        checkpoint.on_epoch_begin(epoch)
        loss, accuracy = run_epoch(
            steps,
            numbers_of_epoch(sampler, pictures, settings.batch_size, settings.steps, settings.seed, epoch),
            seed=settings.seed,
            epoch=epoch,
            rates=rates[here],
            size=settings.small_size if epoch < settings.small_epochs else CROP_SIZE,
            on_step=lambda step: checkpoint.on_train_batch_end(step - 1),
        )
        with shifted_kernels():  # it predicts, for the first time in this process or not
            checkpoint.on_epoch_end(epoch, {"loss": loss, "accuracy": accuracy})


def run_epoch(
    steps: AcceleratedSteps,
    numbers: Sequence[NDArray[np.int64]],
    *,
    seed: int,
    epoch: int,
    rates: NDArray[np.float64],
    size: int,
    on_step: Callable[[int], None],
) -> tuple[float, float]:
    """One epoch of steps on `numbers`, (batch,) each, at these learning `rates` (steps,); the mean loss and accuracy.

    The same seed and epoch draw the same changes. `on_step` is told the step, from 1.
    """
    keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), epoch), len(numbers))
    steps.begin()
    told = []
    for number, (batch, rate) in enumerate(zip(numbers, rates, strict=True)):
        told.append(steps.take(batch, keys[number], rate, size))
        on_step(number + 1)
        if number >= _AHEAD:
            told[number - _AHEAD][0].block_until_ready()
    loss, accuracy = np.average(jax.device_get(told), axis=0, weights=[len(batch) for batch in numbers])
    steps.end()
    return float(loss), float(accuracy)
