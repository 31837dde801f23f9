"""The mean of several runs' weights is a run of its own, which can be shipped and says what it is made of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.made_up import write_drawn_data
from tests.training.tiny_keras import tiny_backbone

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.method.experiments import find_experiment  # noqa: E402
from core.shipping.export import ship_from_data  # noqa: E402
from core.training import architectures  # noqa: E402
from core.training.averaging import average_checkpoints, course_of_run  # noqa: E402
from core.training.checkpoints import load_finished_or_last  # noqa: E402
from core.training.errors import SessionError  # noqa: E402
from core.training.origins import uses_of_run  # noqa: E402
from core.training.session import ProgressCallbacks, Request, run_one  # noqa: E402
from core.training.settings import read_description  # noqa: E402

pytestmark = pytest.mark.timeout(600)
SILENT = ProgressCallbacks(lambda report: None, lambda epoch, step, steps: None)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """Two runs that went on from one, each in its own way."""
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
    write_drawn_data(tmp_path / "data", train=24, val=8)
    first = Request(tmp_path / "data", tmp_path / "first", epochs=1, steps=2, batch=8)
    run_one(1, "mobilenetv2", first, SILENT)
    further = replace(first, weights=str(tmp_path / "first"))
    run_one(1, "mobilenetv2", replace(further, out=tmp_path / "one", seed=2, speech=0.5), SILENT)
    run_one(1, "mobilenetv2", replace(further, out=tmp_path / "other", seed=3, adjustment=0.5), SILENT)
    return tmp_path / "one", tmp_path / "other"


def weights(run: Path) -> list[np.ndarray]:
    model = architectures.build_network(find_experiment(1, "mobilenetv2"))
    load_finished_or_last(model, run)
    return [np.array(keras.ops.convert_to_numpy(one)) for one in model.trainable_weights]


def test_the_mean_lies_between_its_runs_is_shipped_and_tells_how_each_was_made(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    average_checkpoints(runs, tmp_path / "data", tmp_path / "mean")
    for mean, one, other in zip(weights(tmp_path / "mean"), *map(weights, runs), strict=True):
        np.testing.assert_allclose(mean, (one + other) / 2, atol=1e-6)
    course = course_of_run(tmp_path / "mean")
    assert course == f"mean of the weights of 2 runs: {course_of_run(runs[0])}; {course_of_run(runs[1])}"
    assert "seed 2" in course
    assert "adjustment 0.5, data" in course
    assert "speech 0.5, data" in course
    card = ship_from_data(tmp_path / "mean", tmp_path / "data", tmp_path / "models")
    assert card.recipe.startswith(course)
    assert [use.name for use in card.training] == ["drawn"]


def test_a_mean_is_not_trained_over(runs: tuple[Path, Path], tmp_path: Path) -> None:
    average_checkpoints(runs, tmp_path / "data", tmp_path / "mean")
    before = weights(tmp_path / "mean")
    settings = Request(tmp_path / "data", tmp_path / "mean", epochs=1, steps=2, batch=8, seed=2)
    with pytest.raises(SessionError, match="holds the mean of other runs"):
        run_one(1, "mobilenetv2", replace(settings, weights=str(tmp_path / "first")), SILENT)
    for kept, now in zip(before, weights(tmp_path / "mean"), strict=True):
        np.testing.assert_array_equal(kept, now)


def test_the_data_behind_each_of_the_runs_is_behind_their_mean(runs: tuple[Path, Path], tmp_path: Path) -> None:
    description = runs[1] / "run.json"
    config = json.loads(description.read_text(encoding="utf-8"))
    config["inherited"] = [{"name": "elsewhere", "pictures": 7, "terms": "ask first"}]
    description.write_text(json.dumps(config), encoding="utf-8")
    average_checkpoints(runs, tmp_path / "data", tmp_path / "mean")
    assert [use.name for use in uses_of_run(read_description(tmp_path / "mean"))] == ["drawn", "elsewhere"]


def test_what_can_have_no_mean_is_said(runs: tuple[Path, Path], tmp_path: Path) -> None:
    data, first = tmp_path / "data", tmp_path / "first"
    with pytest.raises(SessionError, match="needs two runs or more"):
        average_checkpoints(runs[:1], data, tmp_path / "mean")
    with pytest.raises(SessionError, match="did not begin from the same weights"):
        average_checkpoints((runs[0], first), data, tmp_path / "mean")
    with pytest.raises(SessionError, match="began from nothing"):
        average_checkpoints((first, first), data, tmp_path / "mean")
    with pytest.raises(SessionError, match="holds a run; name another folder"):
        average_checkpoints(runs, data, runs[0])
    config = json.loads((runs[1] / "run.json").read_text(encoding="utf-8"))
    config["experiment"] = {**config["experiment"], "head": 2, "test": 5}
    (runs[1] / "run.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(SessionError, match="is another network than"):
        average_checkpoints(runs, data, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
