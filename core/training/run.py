"""One training run: seeded, resumable after a kill, everything needed to repeat it in its folder."""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.face.crop import CROP_SIZE
from core.training.architectures import build_network
from core.training.augmentation import MIXED_SETS, AugmentationRanges
from core.training.batches import AugmentedBatches
from core.training.datasets import LabelledSet, data_hash
from core.training.evaluation import evaluate_logits
from core.training.experiments import Experiment, OptimizerName
from core.training.losses import PartialLabelAccuracy, partial_label_loss
from core.training.sampling import MixtureSampler

CONFIG_FILE = "run.json"
STATE_FILE = "state.json"
LAST_WEIGHTS = "last.weights.h5"
FINAL_WEIGHTS = "final.weights.h5"
HISTORY_FILE = "history.csv"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long and how one run trains. `steps` batches make an epoch; the rate warms up for `warmup_steps`.

    The first `small_epochs` see pictures of `small_size` pixels. `distillation` is the teacher's part of the loss, 0 to
    1. `precision` is a Keras dtype policy, "float32" or "mixed_bfloat16" (on processors that have it about twice as
    fast; weights stay float32).
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


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What an epoch came to, for whoever shows progress."""

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
) -> Any:
    """Train, or go on where a killed run left off; returns the model with averaged weights.

    The cosine schedule covers all epochs; `stop_at` (seconds of `time.monotonic`) ends a run early, resumable.
    `taught`: a teacher's probabilities (n, 4) for each training set by name, needed where `distillation` is not 0.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings.seed)
    keras.config.set_dtype_policy(settings.precision)
    model = build_network(experiment, weights, size=None)
    optimizer = _optimizer(experiment, settings)
    loss = partial_label_loss(settings.smoothing, settings.distillation)
    model.compile(optimizer=optimizer, loss=loss, metrics=[PartialLabelAccuracy("hits")])
    optimizer.build(model.trainable_variables)
    start = _resume(model, folder)
    if start == 0:
        _write_config(folder, experiment, settings, [*train_sets, *val_sets], weights)
    batches = AugmentedBatches(
        train_sets,
        MixtureSampler(train_sets),
        ranges,
        batch_size=settings.batch_size,
        steps=settings.steps,
        seed=settings.seed,
        start_epoch=start,
        workers=settings.workers,
        small_size=settings.small_size,
        small_epochs=settings.small_epochs,
        taught=taught if settings.distillation else None,
    )
    watched = [labelled.first(settings.validate_on) for labelled in val_sets]
    checkpoint = _Checkpoint(folder, settings, watched, stop_at, on_epoch)
    model.fit(batches, epochs=settings.epochs, initial_epoch=start, verbose=0, callbacks=[checkpoint])
    optimizer.finalize_variable_values(model.trainable_variables)
    model.save_weights(folder / FINAL_WEIGHTS)
    return model


def predict_logits(model: Any, pictures: Any, batch_size: int = 64) -> Any:
    """Logits (n, 4) of pictures (n, 100, 100, 3) uint8 RGB, without holding them all as floats."""
    parts = [
        keras.ops.convert_to_numpy(
            model.predict_on_batch(pictures[start : start + batch_size].astype(np.float32) / 255.0)
        )
        for start in range(0, len(pictures), batch_size)
    ]
    return np.concatenate(parts)


class _Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """After each epoch: validate, write the history, save everything that going on needs."""

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        watched: Sequence[LabelledSet],
        stop_at: float | None,
        on_epoch: Callable[[EpochReport], None] | None,
    ) -> None:
        super().__init__()
        self._folder, self._settings, self._watched = folder, settings, watched
        self._stop_at, self._on_epoch = stop_at, on_epoch
        self._began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = logs or {}
        validation = {
            labelled.name: evaluate_logits(predict_logits(self.model, labelled.pictures), labelled)["accuracy"]
            for labelled in self._watched
        }
        seconds = time.monotonic() - self._began
        report = EpochReport(
            epoch + 1, self._settings.epochs, seconds, figures.get("loss", 0.0), figures.get("hits", 0.0), validation
        )
        _append_history(self._folder / HISTORY_FILE, report)
        _save(self.model, self._folder, epoch + 1)
        if self._on_epoch is not None:
            self._on_epoch(report)
        if self._stop_at is not None and time.monotonic() + seconds > self._stop_at:
            self.model.stop_training = True


def _optimizer(experiment: Experiment, settings: RunSettings) -> Any:
    """The test's optimiser at its rate, warmed up and let down by a cosine (the thesis is silent), with averaging."""
    total = settings.epochs * settings.steps
    warmup = min(settings.warmup_steps, max(1, total // 10))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, total - warmup, alpha=0.02, warmup_target=experiment.rate, warmup_steps=warmup
    )
    average = {"use_ema": True, "ema_momentum": settings.average_momentum, "weight_decay": settings.weight_decay}
    if experiment.optimizer is OptimizerName.SGD:
        return keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=5.0, **average)
    return keras.optimizers.Adam(schedule, clipnorm=5.0, **average)


def _resume(model: Any, folder: Path) -> int:
    state = folder / STATE_FILE
    if not state.exists():
        return 0
    model.load_weights(folder / LAST_WEIGHTS)
    return int(json.loads(state.read_text(encoding="utf-8"))["epoch"])


def _save(model: Any, folder: Path, epoch: int) -> None:
    """Weights with the optimiser's state first, then the note that they are there; both by renaming."""
    fresh = folder / f"fresh.{LAST_WEIGHTS}"
    model.save_weights(fresh)
    fresh.replace(folder / LAST_WEIGHTS)
    note = folder / f"fresh.{STATE_FILE}"
    note.write_text(json.dumps({"epoch": epoch}), encoding="utf-8")
    note.replace(folder / STATE_FILE)


def _write_config(
    folder: Path, experiment: Experiment, settings: RunSettings, sets: Sequence[LabelledSet], weights: str | Path
) -> None:
    config = {
        "experiment": asdict(experiment),
        "settings": asdict(settings),
        "weights": weights.name if isinstance(weights, Path) else weights,
        "data": {f"{labelled.name}/{labelled.split}": len(labelled) for labelled in sets},
        "data_hash": data_hash(sets),
        "backend": keras.backend.backend(),
        "versions": {name: version(name) for name in ("keras", "numpy", "opencv-python-headless")},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "commit": _commit(),
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2), encoding="utf-8")


def _commit() -> str:
    """The commit of the checkout that trains, or "unknown" outside one."""
    here = Path(__file__).parent
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else "unknown"


def _append_history(path: Path, report: EpochReport) -> None:
    row = {
        "epoch": report.epoch,
        "seconds": round(report.seconds, 1),
        "loss": round(report.loss, 4),
        "accuracy": round(report.accuracy, 4),
        **{f"val_{name}": round(value, 4) for name, value in report.validation.items()},
    }
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)
