"""Training on from what exists, shipping, the grid: needs Keras and TensorFlow."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.made_up import drawn_set, run_description, write_drawn_data
from tests.training.tiny_keras import lived_in, tiny_backbone

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from app.cli.main import run as command  # noqa: E402
from core.candidates.registry import read_registry  # noqa: E402
from core.candidates.runner import LiteRTRunner  # noqa: E402
from core.evaluation import evaluate as judging  # noqa: E402
from core.method.experiments import EXPERIMENTS, find_experiment  # noqa: E402
from core.shipping.conversion import convert  # noqa: E402
from core.system.resources import MODELS_FOLDER  # noqa: E402
from core.training import architectures  # noqa: E402
from core.training.epochs import predict_logits  # noqa: E402
from core.training.initial_weights import build_initialised  # noqa: E402
from core.training.run import train  # noqa: E402
from core.training.settings import RunSettings  # noqa: E402
from core.training.weights import WeightsError  # noqa: E402

pytestmark = pytest.mark.timeout(600)  # TensorFlow traces anew for every model: slow on a busy machine
SETTINGS = RunSettings(epochs=1, steps=2, batch_size=8, workers=0)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)


def probabilities(model: Any, pictures: Any) -> Any:
    logits = predict_logits(model, pictures).astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def file_of(model: Any, folder: Path, *, half: bool) -> Path:
    path = folder / ("half.tflite" if half else "int8.tflite")
    path.write_bytes(convert(model, half=half))
    return path


@pytest.mark.parametrize(("half", "tolerance"), [(True, 1e-5), (False, 0.02)])
def test_a_shipped_file_is_a_keras_model_again_with_the_same_probabilities(
    tiny: None, tmp_path: Path, *, half: bool, tolerance: float
) -> None:
    experiment, pictures = find_experiment(5, "mobilenetv2"), drawn_set(24).pictures
    path = file_of(lived_in(architectures.build_network(experiment)), tmp_path, half=half)
    model = build_initialised(experiment, path, pictures=pictures)
    difference = np.abs(
        probabilities(model, pictures) - LiteRTRunner(path.read_bytes()).predict(pictures).probabilities
    )
    assert difference.max() < tolerance
    backbone = architectures.backbone_of(model)
    scaled = pictures.astype(np.float32) / 127.5 - 1
    as_used = keras.ops.convert_to_numpy(backbone(scaled, training=False))
    as_trained = keras.ops.convert_to_numpy(backbone(scaled, training=True))
    np.testing.assert_allclose(as_used, as_trained, atol=1e-3 * np.abs(as_used).max())


@pytest.mark.slow
@pytest.mark.parametrize(
    "experiment",
    [
        find_experiment(5, "mobilenetv2"),
        find_experiment(1, "inceptionv3"),
        find_experiment(1, "xception"),
        EXPERIMENTS[-1],
    ],
    ids=lambda one: one.id,
)
@pytest.mark.timeout(600)
def test_every_network_comes_back_out_of_its_file(experiment: Any, tmp_path: Path) -> None:
    pictures = drawn_set(16).pictures
    for half, tolerance in ((True, 1e-4), (False, 0.02)):
        path = file_of(lived_in(architectures.build_network(experiment)), tmp_path, half=half)
        model = build_initialised(experiment, path, pictures=pictures)
        difference = np.abs(
            probabilities(model, pictures) - LiteRTRunner(path.read_bytes()).predict(pictures).probabilities
        )
        assert difference.max() < tolerance


def test_a_network_is_the_same_whatever_size_it_is_built_for() -> None:
    """MobileNetV2 comes to 25 pixels inside, an odd size, where Keras would pad otherwise."""
    experiment, pictures = find_experiment(1, "mobilenetv2"), drawn_set(8).pictures
    trained = lived_in(architectures.build_network(experiment, size=None))
    shipped = architectures.build_network(experiment)
    shipped.set_weights(trained.get_weights())
    np.testing.assert_allclose(
        predict_logits(shipped, pictures), predict_logits(trained, pictures), rtol=1e-4, atol=1e-4
    )


def test_a_shipped_candidate_can_be_trained_on(tmp_path: Path) -> None:
    """The real one: MobileNetV2 (9), whatever way its weights are kept."""
    candidate = read_registry(MODELS_FOLDER).find("mobilenetv2-9")
    assert candidate is not None
    pictures = drawn_set(16).pictures
    model = build_initialised(find_experiment(9, "mobilenetv2"), candidate.path.parent, pictures=pictures)
    predictions = LiteRTRunner(candidate.path.read_bytes()).predict(pictures).probabilities
    assert np.abs(probabilities(model, pictures) - predictions).max() < 0.05


def test_a_file_of_another_network_is_refused_with_both_names(
    tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(architectures.build_network(find_experiment(5, "mobilenetv2")), tmp_path, half=True)
    monkeypatch.undo()
    with pytest.raises(WeightsError, match="cannot be turned back into mobilenetv2"):
        build_initialised(find_experiment(5, "mobilenetv2"), path)
    with pytest.raises(WeightsError, match="neither a weights file nor a folder"):
        build_initialised(find_experiment(5, "mobilenetv2"), tmp_path / "nothing")


def test_a_run_begins_from_another_runs_backbone_though_its_head_is_another(tiny: None, tmp_path: Path) -> None:
    sets = [drawn_set(16)], [drawn_set(8, split="val", seed=2)]
    first = train(find_experiment(1, "mobilenetv2"), SETTINGS, *sets, tmp_path / "first")
    model = build_initialised(find_experiment(5, "mobilenetv2"), tmp_path / "first")
    for one, other in zip(
        architectures.backbone_of(first).get_weights(), architectures.backbone_of(model).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    same_head = build_initialised(find_experiment(3, "mobilenetv2"), tmp_path / "first")
    np.testing.assert_allclose(
        predict_logits(first, sets[1][0].pictures), predict_logits(same_head, sets[1][0].pictures), atol=1e-5
    )
    with pytest.raises(WeightsError, match="is a run of mobilenetv2, not of xception"):
        build_initialised(find_experiment(5, "xception"), tmp_path / "first")


def test_weights_in_keras_files_and_in_ours_are_taken(tiny: None, tmp_path: Path) -> None:
    experiment = find_experiment(1, "mobilenetv2")
    backbone = architectures.backbone_of(lived_in(architectures.build_network(experiment)))
    backbone.save_weights(tmp_path / "own.weights.h5")
    np.savez(tmp_path / "own.npz", **{f"{n:03d}": one for n, one in enumerate(backbone.get_weights())})
    for name in ("own.weights.h5", "own.npz"):
        taken = architectures.backbone_of(build_initialised(experiment, tmp_path / name))
        for one, other in zip(backbone.get_weights(), taken.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    for name in ("whole.keras", "whole.h5"):
        keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)]).save(tmp_path / name)
        with pytest.raises(WeightsError, match="is a whole model, and its head would be lost"):
            build_initialised(experiment, tmp_path / name)
    (tmp_path / "bad.h5").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="does not fit"):
        build_initialised(experiment, tmp_path / "bad.h5")


def test_run_ship_and_evaluate_on_the_command_line(
    tiny: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("smile", "expressionless", "rage", "full_surprise") * 2
    drawn = replace(drawn_set(8, name="actors", people=2), source_labels=words)
    monkeypatch.setattr(judging, "actor_faces", lambda finder: drawn)
    write_drawn_data(tmp_path / "data", train=16, val=8)
    options = ["--data", str(tmp_path / "data"), "--epochs", "1", "--steps", "2", "--batch", "8"]
    place = str(tmp_path / "run")
    one = ["train", "run", "--test", "5", "--network", "mobilenetv2", "--out", place, *options]
    assert command(one) == 0, capsys.readouterr()
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert set(result["scores"]) == {"drawn"}
    assert command([*one, "--seed", "2"]) == 1
    assert "other settings (seed 1, now 2); ask for it as it began" in capsys.readouterr().err
    assert command([*one, "--augmentation", "wide"]) == 1
    assert "other augmentation (rotation_degrees 15.0, now 18.0" in capsys.readouterr().err
    assert command([*one, "--weights", "imagenet"]) == 1
    assert "other starting weights (none, now imagenet)" in capsys.readouterr().err
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "run.json").write_text("{}", encoding="utf-8")
    assert command(["train", "ship", str(tmp_path / "torn"), "--data", str(tmp_path / "data")]) == 1
    assert "run.json describes no training run" in capsys.readouterr().err
    models = str(tmp_path / "models")
    shipping = ["train", "ship", place, "--data", str(tmp_path / "data"), "--out", models, "--quantization", "float16"]
    assert command(shipping) == 1
    assert "There is a network called mobilenetv2-5 already" in capsys.readouterr().err  # one of those shipped
    assert not (tmp_path / "models").exists()
    assert command(["--only-models", models, *shipping]) == 0, capsys.readouterr()
    registry = read_registry(tmp_path / "models")
    assert registry.ids == ("mobilenetv2-5",)
    card = registry.candidates[0].card
    assert "weights kept as float16" in card.recipe
    assert "float32_accuracy" in card.scores["drawn"]
    assert "research" not in card.terms  # nothing of the research sets is in it
    named = ["--only-models", models, *shipping, "--id"]
    assert command([*named, "mobilenetv2-5"]) == 1
    assert "There is a network called mobilenetv2-5 already" in capsys.readouterr().err
    assert command([*named, "mine"]) == 0, capsys.readouterr()
    assert read_registry(tmp_path / "models").ids == ("mine", "mobilenetv2-5")
    content = registry.candidates[0].path.read_bytes()
    again = ["--only-models", models, "train", "calibrate", "mobilenetv2-5", "--data", str(tmp_path / "data")]
    assert command(again) == 0, capsys.readouterr()
    assert registry.candidates[0].path.read_bytes() == content
    assert read_registry(tmp_path / "models").candidates[1].card == card  # nothing has changed, so neither has this
    anew = ["train", "convert", "mobilenetv2-5", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "anew")]
    assert command(["--only-models", models, *anew]) == 0, capsys.readouterr()
    [converted] = read_registry(tmp_path / "anew").candidates
    assert converted.card.recipe == card.recipe.replace("float16", "int8")
    assert converted.path.stat().st_size < len(content)
    assert command(["--only-models", models, "train", "calibrate", "nobody", "--data", str(tmp_path / "data")]) == 1
    assert "There is no network called nobody" in capsys.readouterr().err
    arguments = [
        *one[:7],
        str(tmp_path / "pupil"),
        *options,
        "--teacher",
        f"{models}/mobilenetv2-5",
        "--size-schedule",
        "64:1",
    ]
    assert command(arguments) == 0, capsys.readouterr()
    described = json.loads((tmp_path / "pupil" / "run.json").read_text())
    assert [use["name"] for use in described["inherited"]] == ["drawn"]  # the teacher's
    assert command([*arguments, "--votes"]) == 1
    assert "other votes (without them, now with)" in capsys.readouterr().err
    (tmp_path / "another.tflite").write_bytes((tmp_path / "models" / "mobilenetv2-5" / "network.tflite").read_bytes())
    assert command([*arguments, "--teacher", str(tmp_path / "another.tflite")]) == 1
    assert "other teachers (mobilenetv2-5, now mobilenetv2-5, another.tflite)" in capsys.readouterr().err
    evaluating = ["train", "evaluate", "--data", str(tmp_path / "data"), "--run", place, "--out", str(tmp_path / "out")]
    assert command(["--only-models", models, *evaluating]) == 0, capsys.readouterr()
    assert (tmp_path / "out" / "confusion.png").read_bytes()[:4] == b"\x89PNG"
    assert "table 7" in (tmp_path / "out" / "report.md").read_text()


def test_the_grid_runs_all_thirty_and_goes_on_where_it_was(
    tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.training import session

    done: list[str] = []

    def quick(experiment: Any, request: Any, *sets: Any) -> dict[str, Any]:
        done.append(experiment.id)
        if experiment.id == "xception-11":
            raise WeightsError("it does not fit")
        result = {
            "id": experiment.id,
            "test": experiment.test,
            "network": experiment.network.value,
            "scores": {"d": {"accuracy": 0.5, "loss": 1.0, "pictures": 8}},
        }
        request.out.mkdir(parents=True)
        (request.out / "result.json").write_text(json.dumps(result))
        return result

    monkeypatch.setattr(session, "_run", quick)
    write_drawn_data(tmp_path / "data")
    grid = ["train", "grid", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "runs"), "--epochs", "1"]
    grid.append("--frozen-random")
    assert command(grid) == 1
    captured = capsys.readouterr()
    assert "xception-11: it does not fit" in captured.err
    assert "| 5 | 50.0 (1.000) | 50.0 (1.000) | 50.0 (1.000) | - |" in captured.out
    assert len(done) == len(set(done)) == 30
    done.clear()
    assert command(grid) == 1
    assert done == ["xception-11"]
    capsys.readouterr()
    (tmp_path / "runs" / "mobilenetv2-1" / "run.json").write_text(json.dumps(run_description()), encoding="utf-8")
    assert command(grid) == 1
    assert "mobilenetv2-1 holds a run with other experiment" in capsys.readouterr().err  # finished, but not as asked


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_the_grid_trains_all_thirty_real_networks(tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "data", train=64, val=16, people=4)
    options = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "runs"), "--epochs", "1", "--limit", "64"]
    options.append("--frozen-random")
    assert command(["train", "grid", *options]) == 0
    assert len(list((tmp_path / "runs").glob("*/result.json"))) == 30
