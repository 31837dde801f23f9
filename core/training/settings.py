"""How a run trains, as data, and the description that its folder keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.face.crop import CROP_SIZE
from core.method.experiments import Experiment, find_experiment
from core.system.errors import TranslatableError
from core.system.json_records import JsonError, decode_json

CONFIG_FILE = "run.json"
"""A run's description of itself, in its folder."""

DESCRIBED: Mapping[str, type] = {"experiment": dict, "settings": dict, "data": dict, "data_hash": str, "weights": str}
"""What every run's description has told from the first, and of which kind each is."""

AVERAGE_MOMENTUM = 0.998
WEIGHT_DECAY = 1e-4


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long and how one run trains. `steps` batches make an epoch; the rate warms up for `warmup_steps`.

    The first `small_epochs` see pictures of `small_size` pixels. `distillation` is the part of the loss, 0 to 1, that
    teaches by probabilities (a teacher's or votes). `average_momentum` is that of the weights' moving average, by which
    a network is judged and shipped. `precision` is a Keras dtype policy, "float32" or "mixed_bfloat16" (on processors
    that have it about twice as fast; weights stay float32). With `patience` a run ends after so many epochs without a
    better validation. `shares`: how much a set is drawn, by its name, where not as `core.training.sampling.MIXTURE` has
    it. `adjustment` (0 to 1): how much of a class's frequency in its set the loss leaves to the set
    (`core.training.sampling.offered_shares`). `normalised`: VGG16's convolutions have batch normalisation behind them (see `build_network`).
    `speech`: in which share of the pictures the mouth is moved as in speech (`core.training.speech`).
    `accelerated`: the pictures lie on the accelerator and are augmented there (`core.training.accelerated`, Keras on
    JAX); only there `mixup` blends pairs of pictures, by a share from Beta(mixup, mixup) (Zhang et al. 2018).
    `validate_every`: all validation pictures are read after so many epochs, and after the last. `as_thesis`: a constant rate,
    plain Adam or SGD, no averaged weights, and every picture once an epoch (method.md 4).
    """

    epochs: int
    steps: int
    batch_size: int = 32
    seed: int = 1
    smoothing: float = 0.05
    warmup_steps: int = 200
    average_momentum: float = AVERAGE_MOMENTUM
    weight_decay: float = WEIGHT_DECAY
    validate_every: int = 1
    workers: int = 1
    limit: int | None = None
    small_size: int = CROP_SIZE
    small_epochs: int = 0
    distillation: float = 0.0
    precision: str = "float32"
    patience: int | None = None
    mixup: float = 0.0
    accelerated: bool = False
    shares: Mapping[str, float] = field(default_factory=dict)
    normalised: bool = False
    adjustment: float = 0.0
    speech: float = 0.0
    as_thesis: bool = False


class RunError(TranslatableError):
    """A folder holds no training run that can be read; the message names the folder and says why."""


def read_description(folder: Path) -> dict[str, Any]:
    """What a run's folder says of the run: at least `DESCRIBED`, each of its kind.

    Raises:
        RunError: the folder holds no description, or one that cannot be right.
    """
    try:
        loaded = decode_json((folder / CONFIG_FILE).read_bytes(), dict[str, Any])
    except FileNotFoundError as error:
        raise RunError("{folder} holds no training run: there is no {file}", folder=folder, file=CONFIG_FILE) from error
    except (OSError, JsonError) as error:
        raise RunError("{path} cannot be read: {reason}", path=folder / CONFIG_FILE, reason=error) from error
    missing = [name for name, kind in DESCRIBED.items() if not isinstance(loaded.get(name), kind)]
    if missing:
        raise RunError(
            "{path} describes no training run: it lacks {missing}",
            path=folder / CONFIG_FILE,
            missing=", ".join(missing),
        )
    return loaded


def read_experiment(folder: Path) -> Experiment:
    """Which experiment a run's folder holds.

    Raises:
        RunError: it holds none that we know.
    """
    named = read_description(folder)["experiment"]
    try:
        return find_experiment(int(named["test"]), str(named["network"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(
            "{path} describes no experiment of ours: {reason}", path=folder / CONFIG_FILE, reason=error
        ) from error


def was_normalised(folder: Path) -> bool:
    """Whether the run in `folder` trains VGG16 with batch normalisation; False where there is no run."""
    try:
        return bool(read_description(folder)["settings"].get("normalised", False))
    except RunError:
        return False  # what is wrong with it is said where its description is needed
