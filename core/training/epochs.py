"""The end of each epoch: the averaged weights are validated, the history and the log written, everything saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.candidates.runner import softmax
from core.datasets.labelled import LabelledSet
from core.evaluation.metrics import evaluate_probabilities, partial_label_loss_of
from core.training.batch_norm import settled_for_now
from core.training.batches import plain_batch
from core.training.checkpoints import (
    AVERAGED_WEIGHTS,
    BEST_WEIGHTS,
    Progress,
    averaged_weights,
    save_checkpoint,
    save_weights_only,
)
from core.training.history import HISTORY_FILE, append_history
from core.training.log import write_log
from core.training.settings import RunSettings


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What an epoch came to, in training and on the validation pictures.

    `validation`: accuracy of the averaged weights by set; `validation_loss` and `validation_accuracy` over the pictures of
    all sets. Without a validation after this epoch they are empty and None.
    """

    epoch: int
    epochs: int
    seconds: float
    loss: float
    accuracy: float
    rate: float
    validation: dict[str, float]
    validation_loss: float | None = None
    validation_accuracy: float | None = None


def predict_logits(model: Any, pictures: Any, batch_size: int = 64) -> Any:
    """Logits (n, 4) of pictures (n, 100, 100, 3) uint8 RGB, without holding them all as floats."""
    size = min(batch_size, len(pictures))
    parts = []
    for start in range(0, len(pictures), size):
        batch = pictures[start : start + size]
        filler = np.repeat(batch[:1], size - len(batch), axis=0)  # JAX compiles for each new shape
        predictions = model.predict_on_batch(plain_batch(np.concatenate([batch, filler])))
        parts.append(keras.ops.convert_to_numpy(predictions)[: len(batch)])
    return np.concatenate(parts)


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """After each epoch: validate the averaged weights, write the history, save everything that going on needs.

    They are judged, and kept as averaged and as best weights, with statistics of their own, as at the end of the run.
    """

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        watched: Sequence[LabelledSet],
        stop_at: float | None,
        on_epoch: Callable[[EpochReport], None] | None,
        on_step: Callable[[int, int], None] | None,
        progress: Progress,
        settling: Callable[[], Iterable[NDArray[np.float32]]],
    ) -> None:
        """`settling` gives batches of pictures, each time the same, that statistics are settled on before validation."""
        super().__init__()
        self._folder, self._settings, self._watched, self._settling = folder, settings, watched, settling
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
        """Begin to take the time."""
        self._began, self._epoch = time.monotonic(), epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Tell that one more step is done."""
        if self._on_step is not None:
            self._on_step(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Judge, write down, save; end the training where the run is over or out of time."""
        figures, last = logs or {}, epoch + 1 >= self._settings.epochs
        due = last or (epoch + 1) % self._settings.validate_every == 0
        with averaged_weights(self.model), settled_for_now(self.model, self._settling()):
            validation, loss, accuracy = self._validate() if due else ({}, None, None)
            score = accuracy if accuracy is not None else float(epoch) if due else self.progress.best_score
            self.progress = self.progress.after(epoch + 1, score)
            save_weights_only(self.model, self._folder / AVERAGED_WEIGHTS)
            if self.progress.best_epoch == epoch + 1:
                save_weights_only(self.model, self._folder / BEST_WEIGHTS)
        seconds = time.monotonic() - self._began
        report = EpochReport(
            epoch + 1,
            self._settings.epochs,
            seconds,
            figures.get("loss", 0.0),
            figures.get("accuracy", 0.0),
            float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            validation,
            loss,
            accuracy,
        )
        append_history(self._folder / HISTORY_FILE, _history_row(report))
        save_checkpoint(self.model, self._folder, self.progress)
        write_log(self._folder, report.epoch, _logged(report))
        if self._on_epoch is not None:
            self._on_epoch(report)
        too_late = self._stop_at is not None and time.monotonic() + seconds > self._stop_at
        self._stopped = too_late
        if self.stopped:
            self.model.stop_training = True

    def _validate(self) -> tuple[dict[str, float], float | None, float | None]:
        """Accuracy by set, and loss and accuracy over all validation pictures; None where there is none."""
        validation, losses, counts = {}, [], [len(labelled) for labelled in self._watched]
        for labelled in self._watched:
            read = softmax(predict_logits(self.model, labelled.pictures))
            validation[labelled.name] = evaluate_probabilities(read, labelled)["accuracy"]
            losses.append(partial_label_loss_of(read, labelled))
        if not validation:
            return {}, None, None
        loss, accuracy = (float(np.average(one, weights=counts)) for one in (losses, list(validation.values())))
        return validation, loss, accuracy


def _history_row(report: EpochReport) -> dict[str, float | None]:
    row = {
        "loss": report.loss,
        "accuracy": report.accuracy,
        "val_loss": report.validation_loss,
        "val_accuracy": report.validation_accuracy,
        **{f"val_{name}": value for name, value in report.validation.items()},
    }
    rounded = {name: None if value is None else round(value, 4) for name, value in row.items()}
    rate = float(f"{report.rate:.6g}")  # the optimiser keeps it in 32 bits
    return {"epoch": report.epoch, "seconds": round(report.seconds, 1), "rate": rate, **rounded}


def _logged(report: EpochReport) -> dict[str, dict[str, float | None]]:
    """What TensorBoard is shown, by the names that Keras gives it, as the thesis's figures have them."""
    trained = {"epoch_loss": report.loss, "epoch_accuracy": report.accuracy, "epoch_learning_rate": report.rate}
    validated = {"epoch_loss": report.validation_loss, "epoch_accuracy": report.validation_accuracy}
    return {"train": {**trained}, "validation": {**validated}}
