"""VGG16, the paper's comparison, and batch normalisation in its convolutions: needs Keras and TensorFlow."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.evidence.vgg16 import write_vgg16
from tests.training.made_up import drawn_set, run_description, write_drawn_data
from tests.training.tiny_keras import lived_in

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.candidates.card import load_card  # noqa: E402
from core.candidates.runner import LiteRTRunner, softmax  # noqa: E402
from core.datasets.labelled import DataSetError  # noqa: E402
from core.explain.file_graph import FileGraph  # noqa: E402
from core.method.experiments import PAPER_BASELINE, PAPER_EXPERIMENT, find_experiment  # noqa: E402
from core.shipping.conversion import convert  # noqa: E402
from core.shipping.export import ship_from_data  # noqa: E402
from core.shipping.reconvert import reference_model  # noqa: E402
from core.training import architectures, session  # noqa: E402
from core.training.epochs import predict_logits  # noqa: E402
from core.training.errors import SessionError  # noqa: E402
from core.training.initial_weights import begins_normalised, build_initialised  # noqa: E402
from core.training.run import train  # noqa: E402
from core.training.session import ProgressCallbacks, Request, run_one  # noqa: E402
from core.training.settings import RunSettings, was_normalised  # noqa: E402
from core.training.weights import WeightsError  # noqa: E402

pytestmark = pytest.mark.timeout(600)
NARROW = ((2, 4), (2, 8), (3, 8), (3, 8), (3, 8))
SILENT = ProgressCallbacks(lambda report: None, lambda epoch, step, steps: None)


def narrow_vgg16(shape: Any, weights: Any) -> Any:
    """As Keras builds it, with fewer channels."""
    inputs = x = keras.Input(shape)
    for block, (count, width) in enumerate(NARROW, start=1):
        for number in range(1, count + 1):
            name = f"block{block}_conv{number}"
            x = keras.layers.Conv2D(width, 3, padding="same", activation="relu", name=name)(x)
        x = keras.layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(x)
    return keras.Model(inputs, x, name="vgg16")


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architectures, "_VGG16_BLOCKS", NARROW)
    monkeypatch.setattr(architectures, "_plain_vgg16", narrow_vgg16)


def operations(content: bytes) -> list[str]:
    """The kinds of a file's operations from the feature map of VGG16 back to the picture."""
    graph = FileGraph(content)
    tensor = next(one for one in graph.outputs if graph.rank(one) == 4)
    kinds = []
    while (made := graph.maker(tensor)) is not None:
        kinds.append(made.kind)
        tensor = made.inputs[0]
    return kinds


@pytest.mark.parametrize(("half", "tolerance"), [(True, 2e-3), (False, 0.02)])
@pytest.mark.parametrize("experiment", [PAPER_BASELINE, PAPER_EXPERIMENT], ids=lambda one: one.id)
def test_a_shipped_file_of_a_normalised_vgg16_is_a_plain_one_again(
    narrow: None, experiment: Any, *, half: bool, tolerance: float, tmp_path: Path
) -> None:
    pictures = drawn_set(24).pictures
    normalised = lived_in(architectures.build_network(experiment, normalised=True))
    content = convert(normalised, half=half)
    predictions = LiteRTRunner(content).predict(pictures).probabilities
    assert np.abs(softmax(predict_logits(normalised, pictures)) - predictions).max() < tolerance
    if experiment is PAPER_BASELINE:
        *network, scaling_offset, scaling_factor = operations(content)
        assert network == [kind for count, _ in NARROW[::-1] for kind in ("MAX_POOL_2D", *["CONV_2D"] * count)]
        assert (scaling_offset, scaling_factor) == ("ADD", "MUL")
    (tmp_path / "network.tflite").write_bytes(content)
    plain = build_initialised(experiment, tmp_path / "network.tflite", pictures=pictures)
    assert not any("norm" in layer.name for layer in architectures.backbone_of(plain).layers if "block" in layer.name)
    assert np.abs(softmax(predict_logits(plain, pictures)) - predictions).max() < tolerance


@pytest.mark.slow
@pytest.mark.parametrize("experiment", [PAPER_BASELINE, PAPER_EXPERIMENT], ids=lambda one: one.id)
def test_the_real_ones_come_back_out_of_their_files(experiment: Any, tmp_path: Path) -> None:
    pictures = drawn_set(16).pictures
    for half, tolerance in ((True, 2e-3), (False, 0.03)):
        normalised = lived_in(architectures.build_network(experiment, normalised=True))
        path = tmp_path / "network.tflite"
        path.write_bytes(convert(normalised, half=half))
        predictions = LiteRTRunner(path.read_bytes()).predict(pictures).probabilities
        assert np.abs(softmax(predict_logits(normalised, pictures)) - predictions).max() < tolerance
        plain = build_initialised(experiment, path, pictures=pictures)
        assert np.abs(softmax(predict_logits(plain, pictures)) - predictions).max() < tolerance


def test_vgg16_is_the_real_one_with_and_without_batch_normalisation() -> None:
    plain = architectures.backbone_of(architectures.build_network(PAPER_BASELINE))
    normalised = architectures.backbone_of(architectures.build_network(PAPER_BASELINE, normalised=True))
    convolutions = [
        [
            tuple(kernel.shape)
            for layer in one.layers
            if isinstance(layer, keras.layers.Conv2D)
            for kernel in layer.weights
        ]
        for one in (plain, normalised)
    ]
    assert convolutions[0] == convolutions[1]
    assert len(convolutions[0]) == 26
    for backbone in (plain, normalised):
        assert backbone.compute_output_shape((None, 100, 100, 3)) == (None, 3, 3, 512)


def test_a_run_begins_normalised_from_nothing_and_from_one_that_was(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(run_description(settings={"normalised": True})), encoding="utf-8")
    for experiment in (PAPER_BASELINE, PAPER_EXPERIMENT):
        assert begins_normalised(experiment, "none")
        assert begins_normalised(experiment, tmp_path)
        assert not begins_normalised(experiment, "imagenet")
        assert not begins_normalised(experiment, tmp_path / "elsewhere")
    assert not begins_normalised(find_experiment(5, "xception"), "none")


def test_a_run_of_vgg16_begins_one_with_dense_blocks_and_is_shipped_as_vgg16(narrow: None, tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "data", train=16, val=8)
    request = Request(tmp_path / "data", tmp_path / "vgg16", epochs=1, steps=2, batch=8)
    run_one(13, "vgg16", request, SILENT)
    assert was_normalised(tmp_path / "vgg16")
    run_one(13, "vgg16", request, SILENT)  # the same command once more
    model = build_initialised(PAPER_EXPERIMENT, tmp_path / "vgg16", normalised=True)
    alone = build_initialised(PAPER_BASELINE, tmp_path / "vgg16", normalised=True)
    learnt = architectures.backbone_of(alone).get_weights()
    taken = [
        array
        for layer in architectures.backbone_of(model).layers
        if layer.name.startswith("block")
        for array in layer.get_weights()
    ]
    for one, other in zip(learnt, taken, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(WeightsError, match="one has not"):
        build_initialised(PAPER_EXPERIMENT, tmp_path / "vgg16")
    further = replace(request, out=tmp_path / "dense", weights=str(tmp_path / "vgg16"))
    run_one(13, "vgg16-densenet", further, SILENT)
    assert was_normalised(tmp_path / "dense")
    with pytest.raises(WeightsError, match="is a run of vgg16-densenet, not of vgg16"):
        build_initialised(PAPER_BASELINE, tmp_path / "dense", normalised=True)
    for folder, name in (("vgg16", "VGG16"), ("dense", "VGG16-DenseNet")):
        card = ship_from_data(tmp_path / folder, tmp_path / "data", tmp_path / "models", "float16")
        assert (card.network, card.name, card.test) == (name, name, None)
        place = tmp_path / "models" / card.id
        content = (place / "network.tflite").read_bytes()
        pictures = drawn_set(8, seed=1).pictures
        reference = reference_model(load_card(place / "card.json"), content)
        assert (
            np.abs(
                softmax(predict_logits(reference, pictures)) - LiteRTRunner(content).predict(pictures).probabilities
            ).max()
            < 2e-3
        )
        reference_model(card, content, tmp_path / folder / "final.weights.h5")


def block_weights(model: Any) -> list[Any]:
    return [
        one for layer in architectures.backbone_of(model).layers if "block" in layer.name for one in layer.get_weights()
    ]


def test_both_networks_of_the_comparison_begin_from_the_vgg16_of_the_shipped_one(
    narrow: None, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    trained = lived_in(architectures.build_network(PAPER_EXPERIMENT))
    (tmp_path / "network.tflite").write_bytes(convert(trained, half=False))
    shipped = build_initialised(PAPER_EXPERIMENT, tmp_path / "network.tflite")
    recwarn.clear()
    write_vgg16(tmp_path / "network.tflite", tmp_path / "vgg16.weights.h5")
    alone, whole = (
        build_initialised(experiment, tmp_path / "vgg16.weights.h5")
        for experiment in (PAPER_BASELINE, PAPER_EXPERIMENT)
    )
    assert [str(one.message) for one in recwarn if "retain" in str(one.message)] == []
    for one, other, third in zip(block_weights(shipped), block_weights(alone), block_weights(whole), strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)
    dense = [architectures.backbone_of(one).get_layer("dense0_0_narrow").get_weights()[0] for one in (shipped, whole)]
    assert np.abs(dense[0] - dense[1]).max() > 0.01


def test_a_run_that_began_before_there_was_normalisation_goes_on_without(narrow: None, tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "data", train=16, val=8)
    request = Request(tmp_path / "data", tmp_path / "old", epochs=2, steps=2, batch=8)
    train_sets, val_sets = session.read_sets(request)
    settings = RunSettings(epochs=2, steps=2, batch_size=8)
    train(PAPER_EXPERIMENT, settings, train_sets, val_sets, tmp_path / "old", stop_at=0.0)
    description = tmp_path / "old" / "run.json"
    config = json.loads(description.read_text(encoding="utf-8"))
    for name in ("normalised", "shares", "mixup", "accelerated", "adjustment", "speech"):
        del config["settings"][name]
    description.write_text(json.dumps(config), encoding="utf-8")
    assert run_one(13, "vgg16-densenet", request, SILENT)["scores"].keys() == {"drawn"}
    with pytest.raises(SessionError, match="a run with other settings"):
        run_one(13, "vgg16-densenet", replace(request, weight_decay=0.05), SILENT)


def test_shares_and_votes_are_of_sets_that_are_there(narrow: None, tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "data", train=16, val=8)
    request = Request(tmp_path / "data", tmp_path / "run", epochs=1, steps=1, batch=8)
    with pytest.raises(DataSetError, match="a share is given to rafdb"):
        run_one(13, "vgg16", replace(request, shares=(("rafdb", 0.4), ("drawn", 1.0))), SILENT)
    with pytest.raises(SessionError, match="none of drawn keeps votes"):
        run_one(13, "vgg16", replace(request, votes=True), SILENT)
    assert not (tmp_path / "run" / "state.json").exists()
    run_one(13, "vgg16", replace(request, shares=(("drawn", 2.0),), average=0.9), SILENT)
    kept = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["settings"]
    assert kept == {**asdict(RunSettings(epochs=1, steps=1, batch_size=8)), **kept}
    assert (kept["shares"], kept["average_momentum"], kept["distillation"]) == ({"drawn": 2.0}, 0.9, 0.0)
