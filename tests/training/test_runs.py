from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.made_up import drawn_set
from tests.training.tiny_keras import tiny_backbone

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.candidates.runner import softmax  # noqa: E402
from core.evaluation.metrics import evaluate_probabilities  # noqa: E402
from core.method.experiments import find_experiment  # noqa: E402
from core.training import architectures  # noqa: E402
from core.training import run as training  # noqa: E402
from core.training.batch_norm import recompute_batch_norm  # noqa: E402
from core.training.batches import plain_batch  # noqa: E402
from core.training.checkpoints import (  # noqa: E402
    AVERAGED_WEIGHTS,
    BEST_WEIGHTS,
    FINAL_WEIGHTS,
    averaged_weights,
    load_checkpoint,
    load_finished_or_last,
)
from core.training.epochs import predict_logits  # noqa: E402
from core.training.errors import AcceleratorError  # noqa: E402
from core.training.run import train  # noqa: E402
from core.training.settings import RunSettings  # noqa: E402
from core.training.weights import WeightsError  # noqa: E402

pytestmark = pytest.mark.timeout(600)  # TensorFlow traces anew for every model: slow on a busy machine
ROOT = Path(__file__).parents[2]
SETTINGS = RunSettings(epochs=4, steps=3, batch_size=8, workers=0, warmup_steps=2, average_momentum=0.8)
HEAD_TWO = find_experiment(5, "mobilenetv2")
"""Head #2: its dropout draws random numbers, which going on has to go on with."""


class KilledError(Exception):
    """Stands for a kill inside this process."""


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)


def run(folder: Path, settings: RunSettings = SETTINGS, **more: Any) -> Any:
    return train(HEAD_TWO, settings, [drawn_set(32)], [drawn_set(16, split="val", seed=9)], folder, **more)


def logits(model: Any) -> Any:
    return predict_logits(model, drawn_set(12, seed=5).pictures)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unbroken run."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(architectures, "_backbone", tiny_backbone)
        run(folder)
    return folder


def logits_of(folder: Path) -> Any:
    model = architectures.build_network(HEAD_TWO, size=None)
    load_finished_or_last(model, folder)
    return logits(model)


def test_two_runs_with_the_same_seed_agree_and_another_seed_differs(whole: Path, tmp_path: Path) -> None:
    first, second = logits_of(whole), logits(run(tmp_path / "b"))
    np.testing.assert_allclose(first, second, atol=1e-5)
    other = logits(run(tmp_path / "c", replace(SETTINGS, seed=2)))
    assert np.abs(first - other).max() > 1e-3


def test_a_run_broken_off_in_the_middle_of_an_epoch_goes_on_to_the_result_of_an_unbroken_one(
    whole: Path, tmp_path: Path
) -> None:

    def killed(epoch: int, step: int) -> None:
        if (epoch, step) == (2, 2):
            raise KilledError

    with pytest.raises(KilledError):
        run(tmp_path / "broken", on_step=killed)
    assert not (tmp_path / "broken" / FINAL_WEIGHTS).exists()
    gone_on = logits(run(tmp_path / "broken"))
    np.testing.assert_allclose(logits_of(whole), gone_on, atol=1e-5)
    history = [(folder / "history.csv").read_text().splitlines() for folder in (whole, tmp_path / "broken")]
    assert [line.split(",")[0] for line in history[1]] == ["epoch", "1", "2", "3", "4"]
    without_seconds = [[line.split(",")[:1] + line.split(",")[2:] for line in lines] for lines in history]
    assert without_seconds[0] == without_seconds[1]


_CHILD = """
import os, signal, sys
from pathlib import Path
from tests.training import test_runs as runs
runs.architectures._backbone = runs.tiny_backbone
def killed(epoch, step):
    if (epoch, step) == (1, 2):
        os.kill(os.getpid(), signal.SIGKILL)
runs.run(Path(sys.argv[1]), on_step=killed)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_run_that_is_killed_goes_on_in_a_new_process_with_the_same_result(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    child = subprocess.run([sys.executable, "-c", _CHILD, str(folder)], cwd=ROOT, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()[-2000:]
    assert json.loads((folder / "state.json").read_text())["epoch"] == 1
    np.testing.assert_allclose(logits_of(whole), logits(run(folder)), atol=1e-5)


def test_a_kill_between_weights_and_note_leaves_the_run_one_epoch_before(whole: Path, tmp_path: Path) -> None:
    notes = {}

    def remember(report: Any) -> None:
        notes[report.epoch] = {path.name: path.read_bytes() for path in (tmp_path / "torn").glob("*") if path.is_file()}
        if report.epoch == 3:
            raise KilledError

    with pytest.raises(KilledError):
        run(tmp_path / "torn", on_epoch=remember)
    # As a kill right before the note of epoch 3 was replaced: its weights are there, the note still names epoch 2.
    for name, content in notes[2].items():
        (tmp_path / "torn" / name).write_bytes(content)
    (tmp_path / "torn" / "history.csv").write_bytes(notes[3]["history.csv"])
    np.testing.assert_allclose(logits_of(whole), logits(run(tmp_path / "torn")), atol=1e-5)


def test_a_checkpoint_keeps_the_optimiser_with_its_averages_and_the_seeds_of_dropout(tmp_path: Path) -> None:
    from core.training.optimizers import build_optimizer, scheduled_rate

    def stop(report: Any) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        run(tmp_path, on_epoch=stop)

    def fresh() -> Any:
        model = architectures.build_network(HEAD_TWO, size=None)
        optimizer = build_optimizer(HEAD_TWO, scheduled_rate(1e-4, 12, 2), average_momentum=0.8, weight_decay=1e-4)
        model.compile(optimizer=optimizer, loss="mse")
        optimizer.build(model.trainable_variables)
        return model

    model, empty = fresh(), fresh()
    assert load_checkpoint(model, tmp_path).epoch == 1
    assert int(model.optimizer.iterations.numpy()) == SETTINGS.steps
    averages = model.optimizer._model_variables_moving_average
    assert max(np.abs(average.numpy()).max() for average in averages) > 0
    differ = [
        np.abs(average.numpy() - own.numpy()).max()
        for average, own in zip(averages, model.trainable_variables, strict=True)
    ]
    assert max(differ) > 1e-5  # averages of their own, not copies of the weights
    seeds = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    before = [variable for variable in empty.variables if variable.name == "seed_generator_state"]
    assert seeds
    assert int(seeds[0].numpy()[1]) >= int(before[0].numpy()[1]) + SETTINGS.steps


def test_averaged_weights_are_there_inside_and_the_own_ones_again_after(tmp_path: Path) -> None:
    seen = {}

    def stop(report: Any) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        run(tmp_path, on_epoch=stop)
    from core.training.optimizers import build_optimizer, scheduled_rate

    model = architectures.build_network(HEAD_TWO, size=None)
    optimizer = build_optimizer(HEAD_TWO, scheduled_rate(1e-4, 12, 2), average_momentum=0.8, weight_decay=1e-4)
    model.compile(optimizer=optimizer, loss="mse")
    optimizer.build(model.trainable_variables)
    load_checkpoint(model, tmp_path)
    own = logits(model)
    with averaged_weights(model):
        seen["averaged"] = logits(model)
        weights = [one.numpy() for one in model.trainable_variables]
    np.testing.assert_array_equal(own, logits(model))
    plain = architectures.build_network(HEAD_TWO, size=None)
    plain.load_weights(tmp_path / AVERAGED_WEIGHTS)
    for one, other in zip(weights, plain.trainable_variables, strict=True):
        np.testing.assert_array_equal(one, other.numpy())
    assert np.abs(seen["averaged"] - own).max() > 1e-6


def test_a_run_stops_early_when_no_epoch_is_better_and_says_which_was_the_best(tmp_path: Path) -> None:
    reports: list[Any] = []
    settings = replace(SETTINGS, epochs=30, steps=1, patience=2)
    run(tmp_path, settings, on_epoch=reports.append)
    state = json.loads((tmp_path / "state.json").read_text())
    assert len(reports) == state["epoch"] < 30
    assert state["epoch"] - state["best_epoch"] == 2
    scores = [float(np.mean(list(report.validation.values()))) for report in reports]
    assert scores.index(max(scores)) + 1 == state["best_epoch"]
    assert (tmp_path / BEST_WEIGHTS).is_file()
    again: list[Any] = []
    run(tmp_path, settings, on_epoch=again.append)
    assert again == []


def test_a_run_of_a_single_step_runs(tmp_path: Path) -> None:
    run(tmp_path, replace(SETTINGS, epochs=1, steps=1))
    assert (tmp_path / FINAL_WEIGHTS).is_file()


def test_a_runs_folder_holds_what_repeating_it_needs(tmp_path: Path) -> None:
    run(tmp_path, replace(SETTINGS, epochs=1), notes={"command": "calmline train run"})
    config = json.loads((tmp_path / "run.json").read_text())
    assert config["experiment"]["test"] == 5
    assert config["settings"]["seed"] == 1
    assert config["data"] == {"drawn/train": 32, "drawn/val": 16}
    assert config["augmentation"]["flip"] == 0.5
    assert config["command"] == "calmline train run"
    assert {"data_hash", "versions", "commit", "backend", "weights_sha256", "python"} <= config.keys()
    assert list((tmp_path / "tensorboard").rglob("events*"))


def test_a_finished_or_an_unfinished_run_gives_its_averaged_weights_and_an_empty_one_says_so(tmp_path: Path) -> None:
    def stop(report: Any) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        run(tmp_path / "one", on_epoch=stop)
    model = architectures.build_network(HEAD_TWO, size=None)
    load_finished_or_last(model, tmp_path / "one")
    plain = architectures.build_network(HEAD_TWO, size=None)
    plain.load_weights(tmp_path / "one" / AVERAGED_WEIGHTS)
    np.testing.assert_array_equal(logits(model), logits(plain))
    (tmp_path / "none").mkdir()
    with pytest.raises(WeightsError, match="no checkpoint yet"):
        load_finished_or_last(model, tmp_path / "none")


@pytest.mark.parametrize("last", [1, 2], ids=["while they are small", "right before they grow"])
def test_pictures_grow_in_the_middle_of_a_run_also_of_one_that_goes_on(last: int, tmp_path: Path) -> None:
    growing = replace(SETTINGS, small_size=64, small_epochs=2)
    told: list[int] = []
    unbroken = logits(run(tmp_path / "unbroken", growing, on_epoch=lambda report: told.append(report.epoch)))
    assert told == [1, 2, 3, 4]

    def kill(report: Any) -> None:
        if report.epoch == last:
            raise KilledError

    with pytest.raises(KilledError):
        run(tmp_path / "broken", growing, on_epoch=kill)
    np.testing.assert_allclose(logits(run(tmp_path / "broken", growing)), unbroken, atol=1e-4)


def test_a_run_that_is_out_of_time_while_pictures_are_small_does_not_begin_with_large_ones(tmp_path: Path) -> None:
    told: list[int] = []
    growing = replace(SETTINGS, small_size=64, small_epochs=1)
    run(tmp_path, growing, stop_at=0.0, on_epoch=lambda report: told.append(report.epoch))
    assert told == [1]


def test_the_model_has_its_own_weights_again_when_pictures_have_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not their averages, with which Keras's `fit` ends: a run that was broken off there goes on with its own."""
    kept: list[Any] = []
    given_back: list[Any] = []
    own = training._OwnWeights

    class Watching(own):  # type: ignore[misc, valid-type]  # keras is untyped
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            super().on_epoch_end(epoch, logs)
            kept[:] = [one.numpy() for one in self.model.trainable_variables]

        def on_train_end(self, logs: Any = None) -> None:
            averages = [one.numpy() for one in self.model.trainable_variables]
            super().on_train_end(logs)
            given_back.append((averages, [one.numpy() for one in self.model.trainable_variables], list(kept)))

    monkeypatch.setattr(training, "_OwnWeights", Watching)
    run(tmp_path, replace(SETTINGS, small_size=64, small_epochs=2))
    assert len(given_back) == 2
    for averages, after, before in given_back:
        assert max(np.abs(one - other).max() for one, other in zip(averages, before, strict=True)) > 1e-5
        for one, other in zip(after, before, strict=True):
            np.testing.assert_array_equal(one, other)


def test_an_epoch_is_judged_and_kept_with_statistics_of_its_averaged_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under training's own, averages are judged by statistics of other weights, and a good network may look broken."""
    reports: list[Any] = []
    batch = plain_batch(drawn_set(32).pictures)
    monkeypatch.setattr(training, "drawn_for_batch_norm", lambda *_: iter([batch]))
    run(tmp_path, on_epoch=reports.append)
    kept = architectures.build_network(HEAD_TWO, size=None)
    kept.load_weights(tmp_path / AVERAGED_WEIGHTS)
    watched = drawn_set(16, split="val", seed=9)
    as_kept = logits(kept)
    assert reports[-1].validation == {
        "drawn": evaluate_probabilities(softmax(predict_logits(kept, watched.pictures)), watched)["accuracy"]
    }
    recompute_batch_norm(kept, [batch])
    np.testing.assert_allclose(as_kept, logits(kept), atol=1e-5)


def test_the_statistics_of_a_finished_run_are_settled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[Any] = []

    def counting(model: Any, batches: Any) -> None:
        settled.append(model)
        recompute_batch_norm(model, batches)

    monkeypatch.setattr(training, "recompute_batch_norm", counting)
    finished = run(tmp_path)
    assert len(settled) == 1
    again = run(tmp_path)
    assert len(settled) == 1
    np.testing.assert_allclose(logits(finished), logits(again), atol=1e-6)
    np.testing.assert_allclose(logits(finished), logits_of(tmp_path), atol=1e-6)


def test_an_accelerated_run_under_another_backend_is_refused_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(AcceleratorError, match="Keras runs on tensorflow, and an accelerated run needs"):
        run(tmp_path / "new", replace(SETTINGS, accelerated=True))
    assert not (tmp_path / "new").exists()
