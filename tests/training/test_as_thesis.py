"""The thesis's experiments as the thesis made them (method.md 3 and 4)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.method.experiments import NetworkName, find_experiment
from core.training.augmentation import THESIS, KerasTransform, augment, draw_keras_transform, keras_matrix
from core.training.sampling import EachOnceSampler
from tests.training.made_up import drawn_face, drawn_set, write_drawn_data

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")
scipy_stats = pytest.importorskip("scipy.stats", reason="needs the extra `train`")

from core.training import architectures  # noqa: E402
from core.training import run as training  # noqa: E402
from core.training.batches import AugmentedBatches  # noqa: E402
from core.training.epochs import Checkpoint  # noqa: E402
from core.training.errors import SessionError  # noqa: E402
from core.training.history import read_history  # noqa: E402
from core.training.initial_weights import build_initialised  # noqa: E402
from core.training.session import ProgressCallbacks, Request, run_one, weights_for  # noqa: E402
from core.training.settings import RunSettings  # noqa: E402
from core.training.weights import WeightsError  # noqa: E402
from tests.training.tiny_keras import tiny_backbone  # noqa: E402

pytestmark = pytest.mark.timeout(600)  # TensorFlow traces anew for every model: slow on a busy machine
SAMPLES = 2000
PARAMETERS = ("theta", "tx", "ty", "shear", "zx", "zy")
AS_THESIS = RunSettings(
    epochs=2, steps=3, batch_size=8, workers=0, smoothing=0.0, warmup_steps=0, average_momentum=0.0, weight_decay=0.0
)


@pytest.fixture
def keras_generator() -> Any:
    """Code 1 of the thesis, in Keras's own class."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    return ImageDataGenerator(
        rotation_range=30,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.2,
        zoom_range=0.2,
        horizontal_flip=True,
        fill_mode="nearest",
    )


@pytest.fixture
def drawn() -> list[KerasTransform]:
    random = np.random.default_rng(1)
    return [draw_keras_transform(THESIS, 100, 100, random) for _ in range(SAMPLES)]


class TestTransforms:
    def test_what_is_drawn_is_spread_as_keras_spreads_it(
        self, drawn: list[KerasTransform], keras_generator: Any
    ) -> None:
        np.random.seed(1)  # noqa: NPY002 - Keras draws from it
        theirs = [keras_generator.get_random_transform((100, 100, 3)) for _ in range(SAMPLES)]
        for name in PARAMETERS:
            ours = [getattr(one, name) for one in drawn]
            assert scipy_stats.ks_2samp(ours, [one[name] for one in theirs]).pvalue > 1e-3, name
            assert max(map(abs, ours)) == pytest.approx(max(abs(one[name]) for one in theirs), rel=0.01), name

    def test_no_two_parameters_go_together(self, drawn: list[KerasTransform]) -> None:
        table = np.array([[getattr(one, name) for name in PARAMETERS] for one in drawn])
        between = np.corrcoef(table.T) - np.eye(len(PARAMETERS))
        assert np.abs(between).max() < 0.1

    @pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")  # Keras's own
    def test_the_same_transform_makes_the_picture_that_keras_makes(
        self, drawn: list[KerasTransform], keras_generator: Any
    ) -> None:
        import cv2

        face = cv2.GaussianBlur(drawn_face("happy", 3), (0, 0), 1.5).astype(np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        worst = []
        for one in drawn:
            ours = cv2.warpAffine(
                face, keras_matrix(one, 100, 100), (100, 100), flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
            theirs = keras_generator.apply_transform(face, asdict(one))
            worst.append(float(np.abs(ours - theirs).max()))
        # OpenCV rounds places to 1/32 of a pixel; nothing may be off by more than that.
        assert len(worst) == SAMPLES
        assert max(worst) < 2.0

    def test_half_of_the_pictures_are_flipped_and_nothing_else_is_changed(self) -> None:
        still = replace(THESIS, rotation_degrees=0.0, shift=0.0, shear=0.0, zoom=0.0)
        face, random = drawn_face("stress", 4), np.random.default_rng(2)
        changed = [augment(face, still, random) for _ in range(400)]
        flipped = sum(np.array_equal(one, face[:, ::-1]) for one in changed)
        assert flipped + sum(np.array_equal(one, face) for one in changed) == 400
        assert 150 < flipped < 250


def test_an_epoch_sees_every_picture_of_every_set_once() -> None:
    sampler = EachOnceSampler([drawn_set(7), drawn_set(30, name="more")])
    orders = []
    for epoch in range(3):
        sets, pictures = sampler.draw(40, 1, epoch)
        seen = Counter(zip(sets.tolist(), pictures.tolist(), strict=True))
        assert set(seen.values()) == {1}
        assert len(seen) == 37
        orders.append(tuple(pictures.tolist()))
    assert len(set(orders)) == 3


@pytest.mark.parametrize(("test", "kind", "rate"), [(1, "Adam", 1e-4), (3, "Adam", 1e-3), (9, "SGD", 1e-2)], ids=str)
def test_the_compiled_model_has_the_plain_optimiser_of_the_thesis(
    test: int, kind: str, rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
    settings = replace(AS_THESIS, as_thesis=True)
    model = training._compiled(find_experiment(test, "mobilenetv2"), settings, [drawn_set(8)], "none")
    asked = model.optimizer.get_config()
    assert type(model.optimizer).__name__ == kind
    assert asked["learning_rate"] == pytest.approx(rate)
    absent = (asked[name] for name in ("clipnorm", "clipvalue", "global_clipnorm", "weight_decay"))
    assert [*absent] == [None] * 4
    assert not asked["use_ema"]
    assert asked.get("momentum", 0.0) == 0.0
    assert not asked.get("nesterov", False)
    logits, right = np.array([[2.0, 0.0, -1.0, 1.0]], np.float32), np.array([[1, 0, 0, 0, 1, 1, 1, 1]], np.float32)
    plain = keras.losses.CategoricalCrossentropy(from_logits=True)(right[:, :4], logits)
    assert float(model.loss(right, logits)[0]) == pytest.approx(float(plain), abs=1e-6)


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[Any]]:
    """A run of two epochs with 21 pictures in batches of 8, and the batches that it trained on."""
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
    taken: list[Any] = []
    real = AugmentedBatches.__getitem__

    def watched(self: Any, index: int) -> Any:
        here = slice(index * self._batch_size, (index + 1) * self._batch_size)
        taken.append((self._epoch, index, self._picture_numbers[here].tolist()))
        return real(self, index)

    monkeypatch.setattr(AugmentedBatches, "__getitem__", watched)
    write_drawn_data(tmp_path / "data", train=21, val=12, people=0)
    request = Request(tmp_path / "data", tmp_path / "run", epochs=2, batch=8, as_thesis=True, augmentation="wide")
    told: list[Any] = []
    run_one(1, "mobilenetv2", request, ProgressCallbacks(told.append, lambda *_: None))
    return tmp_path / "run", taken


class TestARun:
    def test_trains_on_each_picture_once_an_epoch(self, finished: tuple[Path, list[Any]]) -> None:
        batches = {(epoch, index): numbers for epoch, index, numbers in finished[1]}  # Keras looks at one twice
        for epoch in (0, 1):
            seen = [number for (at, _index), numbers in batches.items() if at == epoch for number in numbers]
            assert sorted(seen) == list(range(21))

    def test_keeps_to_its_rate_and_is_described_as_it_was(self, finished: tuple[Path, list[Any]]) -> None:
        described = json.loads((finished[0] / "run.json").read_text())
        assert [row["rate"] for row in read_history(finished[0])] == [pytest.approx(1e-4)] * 2
        settings = described["settings"]
        assert (settings["as_thesis"], settings["steps"], settings["smoothing"], settings["weight_decay"]) == (
            True,
            3,
            0.0,
            0.0,
        )
        assert described["augmentation"] == asdict(THESIS)

    def test_logs_training_and_validation_for_tensorboard_by_the_names_of_keras(
        self, finished: tuple[Path, list[Any]]
    ) -> None:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        history = read_history(finished[0])
        for part, prefix in (("train", ""), ("validation", "val_")):
            log = EventAccumulator(str(finished[0] / "tensorboard" / part)).Reload()
            for figure in ("loss", "accuracy"):
                events = log.Scalars(f"epoch_{figure}")
                assert [event.step for event in events] == [1, 2]
                expected = [row[prefix + figure] for row in history]
                np.testing.assert_allclose([event.value for event in events], expected, atol=1e-4)
        rates = EventAccumulator(str(finished[0] / "tensorboard" / "train")).Reload().Scalars("epoch_learning_rate")
        assert [event.value for event in rates] == [pytest.approx(1e-4)] * 2


def test_all_validation_pictures_are_read_after_every_few_epochs_and_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
    sizes: list[int] = []
    real = Checkpoint._validate

    def counted(self: Any) -> Any:
        sizes.append(sum(map(len, self._watched)))
        return real(self)

    monkeypatch.setattr(Checkpoint, "_validate", counted)
    settings = replace(AS_THESIS, epochs=5, validate_every=2, as_thesis=True)
    validation = drawn_set(200, split="val", seed=3)
    training.train(find_experiment(1, "mobilenetv2"), settings, [drawn_set(24)], [validation], tmp_path)
    assert [row["epoch"] for row in read_history(tmp_path) if "val_accuracy" in row] == [2, 4, 5]
    assert sizes == [200] * 3


class TestStartingWeights:
    def test_each_network_of_a_grid_has_its_own(self) -> None:
        said = "mobilenetv2=m.npz,inceptionv3=imagenet,xception=none"
        assert weights_for(NetworkName.MOBILENET_V2, said) == Path("m.npz")
        assert weights_for(NetworkName.INCEPTION_V3, said) == "imagenet"
        assert weights_for(NetworkName.XCEPTION, said) == "none"
        assert weights_for(NetworkName.XCEPTION, "a=b/run") == Path("a=b/run")
        with pytest.raises(SessionError, match="--weights names none for vgg16; add vgg16=FILE, or vgg16=none"):
            weights_for(NetworkName.VGG16, said)

    @pytest.mark.parametrize(("test", "network"), [(2, "mobilenetv2"), (8, "inceptionv3"), (12, "xception")])
    def test_layers_that_do_not_train_are_not_left_as_drawn_unasked(
        self, test: int, network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
        write_drawn_data(tmp_path / "data")
        request = Request(tmp_path / "data", tmp_path / "run", epochs=1, steps=1, batch=4)
        progress = ProgressCallbacks(lambda _: None, lambda *_: None)
        with pytest.raises(SessionError, match=rf"test {test} leaves layers of {network} untrained.*--frozen-random"):
            run_one(test, network, request, progress)
        assert not (tmp_path / "run").exists()
        if test == 2:
            result = run_one(test, network, replace(request, frozen_random=True), progress)
            assert result["id"] == "mobilenetv2-2"

    def test_imagenet_that_cannot_be_fetched_is_one_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def offline(*_args: Any, **_more: Any) -> Any:
            raise Exception("URL fetch failure on https://storage.example: None -- nobody answers")  # noqa: TRY002 - Keras's

        monkeypatch.setattr(architectures, "_backbone", offline)
        with pytest.raises(WeightsError, match=r"ImageNet's weights for mobilenetv2 cannot be fetched.*nobody answers"):
            build_initialised(find_experiment(1, "mobilenetv2"), "imagenet")
