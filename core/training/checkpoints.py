"""Going on after a kill: everything that a run's next epoch depends on, saved so that no moment leaves half of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from core.system.files import write_file
from core.system.json_records import JsonError, decode_json
from core.training.history import HISTORY_FILE, cut_history
from core.training.weights import WeightsError

STATE_FILE = "state.json"
LAST_WEIGHTS = "last.weights.h5"
AVERAGED_WEIGHTS = "averaged.weights.h5"
BEST_WEIGHTS = "best.weights.h5"
FINAL_WEIGHTS = "final.weights.h5"

_SEED_STATE = "seed_generator_state"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: epochs done, the best validation score so far with its epoch, and since when none."""

    epoch: int = 0
    best_score: float = -1.0
    best_epoch: int = 0

    @property
    def waited(self) -> int:
        """Epochs since the best one."""
        return self.epoch - self.best_epoch

    def after(self, epoch: int, score: float) -> Progress:
        """The progress after one more epoch with this validation score."""
        if score > self.best_score:
            return Progress(epoch, score, epoch)
        return Progress(epoch, self.best_score, self.best_epoch)


def save_checkpoint(model: Any, folder: Path, progress: Progress) -> None:
    """Save a compiled model: weights, optimiser with its averages, drawn dropout seeds, progress.

    The weights of each epoch are a file of their own; the note that names it is replaced in one step. A kill before
    that leaves the run where it was, a kill after it leaves it one epoch further, and nothing in between.
    """
    weights = folder / f"last-{progress.epoch:04d}.weights.h5"
    model.save_weights(weights)
    note = {
        **asdict(progress),
        "weights": weights.name,
        "seeds": [_as_list(variable) for variable in _seed_states(model)],
    }
    write_file(folder / STATE_FILE, json.dumps(note))
    for old in folder.glob("last-*.weights.h5"):
        if old != weights:
            old.unlink()


def load_checkpoint(model: Any, folder: Path) -> Progress:
    """Bring a compiled, built model to where the run's last checkpoint was; the beginning where there is none.

    Raises:
        WeightsError: the checkpoint is damaged or of another network.
    """
    state = _read_state(folder)
    if state is None:
        return Progress()
    _load(model, folder / str(state.get("weights", LAST_WEIGHTS)))
    for variable, kept in zip(_seed_states(model), state.get("seeds", ()), strict=False):
        variable.assign(np.asarray(kept, dtype="uint32"))
    progress = Progress(
        int(state["epoch"]), float(state.get("best_score", -1.0)), int(state.get("best_epoch", state["epoch"]))
    )
    cut_history(folder / HISTORY_FILE, progress.epoch)
    return progress


def load_finished_or_last(model: Any, folder: Path) -> None:
    """Give an uncompiled model a run's averaged weights: of its end, or of its last checkpoint.

    Raises:
        WeightsError: the run has not come to its first checkpoint.
    """
    state = _read_state(folder) or {}
    for name in (FINAL_WEIGHTS, AVERAGED_WEIGHTS, str(state.get("weights", LAST_WEIGHTS))):
        if (folder / name).is_file():
            _load(model, folder / name)
            return
    raise WeightsError("{folder} has no checkpoint yet", folder=folder)


def read_epochs_done(folder: Path) -> int:
    """How many epochs a run has behind it; 0 where it has no checkpoint."""
    return int((_read_state(folder) or {"epoch": 0})["epoch"])


def save_weights_only(model: Any, path: Path) -> None:
    """The weights without the optimiser, replaced in one step."""
    with TemporaryDirectory() as folder:
        saved = Path(folder, path.name)
        keras.Model(model.inputs, model.outputs).save_weights(saved)
        write_file(path, saved.read_bytes())


def take_averages(model: Any) -> None:
    """Give a compiled model the averages of its weights, by which it is judged and shipped, in place of its weights.

    An optimiser that averages nothing leaves them as they are.
    """
    if not model.optimizer.use_ema:
        return
    averages = model.optimizer._model_variables_moving_average  # noqa: SLF001 - Keras has no other way to them
    for variable, average in zip(model.optimizer._trainable_variables, averages, strict=True):  # noqa: SLF001
        variable.assign(np.array(average.numpy()))  # a copy: under JAX both would share what prediction gives away


@contextmanager
def values_kept(variables: Sequence[Any]) -> Iterator[None]:
    """After it, Keras's `variables` have the values that they had before."""
    kept = [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
    try:
        yield
    finally:
        for variable, own in zip(variables, kept, strict=True):
            variable.assign(own)


@contextmanager
def averaged_weights(model: Any) -> Iterator[None]:
    """Inside, a compiled model has the averages of its weights, and after it its own again."""
    with values_kept(model.optimizer._trainable_variables):  # noqa: SLF001 - Keras has no other way to them
        take_averages(model)
        yield


def _read_state(folder: Path) -> dict[str, Any] | None:
    try:
        loaded = decode_json((folder / STATE_FILE).read_bytes(), dict[str, Any])
    except FileNotFoundError:
        return None
    except (OSError, JsonError) as error:
        raise WeightsError("{path} cannot be read: {reason}", path=folder / STATE_FILE, reason=error) from error
    if "epoch" not in loaded:
        raise WeightsError("{path} is no checkpoint's note", path=folder / STATE_FILE)
    return loaded


def _load(model: Any, path: Path) -> None:
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError("{path} cannot be loaded: {reason}", path=path, reason=str(error).splitlines()[0]) from error


def _seed_states(model: Any) -> list[Any]:
    """What dropout draws its next mask from; Keras does not save it with the weights."""
    return [variable for variable in model.variables if variable.name == _SEED_STATE]


def _as_list(variable: Any) -> list[int]:
    return [int(value) for value in variable.numpy().ravel()]
