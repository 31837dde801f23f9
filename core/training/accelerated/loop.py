"""The training loop on an accelerator: data, drawing, augmentation and learning in one program (Keras on JAX)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from core.face.crop import CROP_SIZE
from core.training.accelerated.augmentation import augment_batch
from core.training.accelerated.kernels import shifted_kernels
from core.training.augmentation import AugmentationRanges
from core.training.datasets import LabelledSet
from core.training.sampling import MixtureSampler

if TYPE_CHECKING:
    from core.training.run import Checkpoint, RunSettings

State = tuple[Any, Any, Any]
"""Trainable, other and optimiser variables, each a list of arrays."""


class AcceleratorError(ValueError):
    """Training cannot happen on an accelerator; the message says why."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """All training pictures on the device: `pixels` (n, 100, 100, 3) uint8 RGB, `labels` (n, 8 or 12), see the loss.

    `begins`: where each set begins, in the order of the sampler's sets.
    """

    pixels: Any
    labels: Any
    begins: NDArray[np.int64]


def put_on_device(sets: Sequence[LabelledSet], taught: Mapping[str, NDArray[np.float32]] | None) -> Pictures:
    """Copy the sets, and what a teacher says of them, to the device (30 KB a picture)."""
    labels = []
    for labelled in sets:
        columns = [labelled.allowed, labelled.offered, *([taught[labelled.name]] if taught is not None else [])]
        labels.append(np.hstack(columns).astype(np.float32))
    begins = np.cumsum([0, *(len(labelled) for labelled in sets)])[:-1]
    pixels = np.concatenate([labelled.pictures for labelled in sets])
    return Pictures(jnp.asarray(pixels), jnp.asarray(np.concatenate(labels)), begins)


class AcceleratedSteps:
    """Takes training steps with a compiled Keras model, which has to be of the JAX backend.

    The model's own variables are out of date from `begin` to `end` of an epoch.
    """

    def __init__(self, model: Any, pictures: Pictures, ranges: AugmentationRanges, mixup: float = 0.0) -> None:
        """`model` is compiled with an optimiser of a plain learning rate; `mixup`: see `RunSettings`."""
        self._model, self._pictures, self._ranges, self._mixup = model, pictures, ranges, mixup
        variables = model.optimizer.variables
        self._rate_at = next(n for n, one in enumerate(variables) if one is model.optimizer._learning_rate)  # noqa: SLF001
        self._step = jax.jit(self._one_step, static_argnames="size", donate_argnums=0)
        self._state: State | None = None

    def begin(self) -> None:
        """Take the variables over from the model."""
        model = self._model
        lists = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables)
        self._state = tuple([jnp.array(one.value, copy=True) for one in variables] for variables in lists)  # type: ignore[assignment]

    def end(self) -> None:
        """Give them back."""
        model = self._model
        assert self._state is not None
        lists = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables)
        for variables, values in zip(lists, self._state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self._state = None

    def take(self, numbers: NDArray[np.int64], key: Any, rate: float, size: int = CROP_SIZE) -> tuple[Any, Any]:
        """One step on the pictures of these numbers at `size` pixels; the loss and the share of hits, still on the device."""
        with shifted_kernels():
            self._state, loss, hits = self._step(
                self._state,
                self._pictures.pixels,
                self._pictures.labels,
                jnp.asarray(numbers),
                key,
                jnp.float32(rate),
                size=size,
            )
        return loss, hits

    def _one_step(
        self, state: State, pixels: Any, labels: Any, numbers: Any, key: Any, rate: Any, size: int
    ) -> tuple[State, Any, Any]:
        trainable, other, optimizer_variables = state
        draws, mixing, partners = jax.random.split(key, 3)
        faces = augment_batch(pixels[numbers], self._ranges, draws, size)
        said = labels[numbers]
        share, mate = jnp.ones(()), jnp.arange(len(numbers))
        if self._mixup:
            share = jax.random.beta(mixing, self._mixup, self._mixup)
            mate = jax.random.permutation(partners, len(numbers))
            faces = share * faces + (1 - share) * faces[mate]

        def loss_of(weights: Any) -> tuple[Any, tuple[Any, Any]]:
            logits, changed = self._model.stateless_call(weights, other, faces, training=True)
            logits = logits.astype(jnp.float32)
            loss = self._model.loss(said, logits)
            if self._mixup:
                loss = share * loss + (1 - share) * self._model.loss(said[mate], logits)
            return loss.mean(), (changed, _hits(said, logits))

        (loss, (other, hits)), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable)
        optimizer_variables = list(optimizer_variables)
        optimizer_variables[self._rate_at] = rate
        trainable, optimizer_variables = self._model.optimizer.stateless_apply(
            optimizer_variables, gradients, trainable
        )
        return (trainable, other, optimizer_variables), loss, hits


def _hits(said: Any, logits: Any) -> Any:
    """The share of pictures whose best offered class is allowed."""
    best = jnp.where(said[:, 4:8] > 0, logits, -jnp.inf).argmax(axis=1)
    return jnp.take_along_axis(said[:, :4], best[:, None], axis=1).mean()


def numbers_of_epoch(
    sampler: MixtureSampler, pictures: Pictures, batch_size: int, steps: int, seed: int, epoch: int
) -> NDArray[np.int64]:
    """(steps, batch): which pictures an epoch sees, drawn as on the processor."""
    sets, within = sampler.draw(batch_size * steps, seed, epoch)
    return (pictures.begins[sets] + within).reshape(steps, batch_size)


def fit_accelerated(
    model: Any,
    settings: RunSettings,
    train_sets: Sequence[LabelledSet],
    ranges: AugmentationRanges,
    taught: Mapping[str, NDArray[np.float32]] | None,
    rates: NDArray[np.float64],
    checkpoint: Checkpoint,
) -> None:
    """Train a compiled model from `checkpoint.progress` to the end of its run; `rates` are those of all its steps.

    Raises:
        AcceleratorError: Keras runs on another backend than JAX.
    """
    if keras.backend.backend() != "jax":
        raise AcceleratorError(
            f"only Keras on JAX trains this way, and it runs on {keras.backend.backend()}: set KERAS_BACKEND=jax"
        )
    pictures = put_on_device(train_sets, taught if settings.distillation else None)
    sampler = MixtureSampler(train_sets)
    steps = AcceleratedSteps(model, pictures, ranges, settings.mixup)
    checkpoint.set_model(model)
    while not checkpoint.stopped:
        epoch = checkpoint.progress.epoch
        here = slice(epoch * settings.steps, (epoch + 1) * settings.steps)
        checkpoint.on_epoch_begin(epoch)
        loss, hits = run_epoch(
            steps,
            numbers_of_epoch(sampler, pictures, settings.batch_size, settings.steps, settings.seed, epoch),
            seed=settings.seed,
            epoch=epoch,
            rates=rates[here],
            size=settings.small_size if epoch < settings.small_epochs else CROP_SIZE,
            on_step=lambda step: checkpoint.on_train_batch_end(step - 1),
        )
        checkpoint.on_epoch_end(epoch, {"loss": loss, "hits": hits})


def run_epoch(
    steps: AcceleratedSteps,
    numbers: NDArray[np.int64],
    *,
    seed: int,
    epoch: int,
    rates: Sequence[float],
    size: int,
    on_step: Callable[[int], None],
) -> tuple[float, float]:
    """One epoch of steps at these learning rates; the mean loss and share of hits."""
    keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), epoch), len(numbers))
    steps.begin()
    told = []
    for number, (batch, rate) in enumerate(zip(numbers, rates, strict=True)):
        told.append(steps.take(batch, keys[number], rate, size))
        on_step(number + 1)
        if number >= _AHEAD:
            told[number - _AHEAD][0].block_until_ready()  # no further ahead of the device than this
    losses, hits = np.array(jax.device_get(told), dtype=np.float64).T
    steps.end()
    return float(losses.mean()), float(hits.mean())


_AHEAD = 8
