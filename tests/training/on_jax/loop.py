"""Run by tests/training/test_accelerated.py, with Keras on JAX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

keras = pytest.importorskip("keras", reason="needs the extra `train`")
jax = pytest.importorskip("jax", reason="needs the extra `accelerated`")

import numpy as np  # noqa: E402
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

from core.method.experiments import find_experiment  # noqa: E402
from core.training import architectures, run  # noqa: E402
from core.training.accelerated import loop  # noqa: E402
from core.training.augmentation import THESIS, AugmentationRanges  # noqa: E402
from core.training.batch_norm import drawn_for_batch_norm, recompute_batch_norm  # noqa: E402
from core.training.checkpoints import FINAL_WEIGHTS, load_finished_or_last  # noqa: E402
from core.training.epochs import predict_logits  # noqa: E402
from core.training.history import read_history  # noqa: E402
from core.training.losses import PartialLabelAccuracy, partial_label_loss  # noqa: E402
from core.training.optimizers import build_optimizer  # noqa: E402
from core.training.sampling import MixtureSampler, label_space_shares  # noqa: E402
from core.training.settings import RunSettings  # noqa: E402
from tests.training.made_up import drawn_set  # noqa: E402
from tests.training.tiny_keras import tiny_backbone  # noqa: E402

pytestmark = pytest.mark.timeout(600)
SETTINGS = RunSettings(
    epochs=3,
    steps=3,
    batch_size=8,
    warmup_steps=2,
    average_momentum=0.8,
    small_size=64,
    small_epochs=1,
    mixup=0.2,
    accelerated=True,
    shares={"drawn": 1.0},
)
HEAD_TWO = find_experiment(5, "mobilenetv2")
STILL = AugmentationRanges(0, 0, 0, 0, 0)
SETS = [drawn_set(24), drawn_set(16, name="other", seed=4)]


class KilledError(Exception):
    """Stands for a kill inside this process."""


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)


def compiled(distillation: float = 0.0) -> Any:
    keras.utils.set_random_seed(1)
    model = architectures.build_network(find_experiment(1, "mobilenetv2"), size=None)
    optimizer = build_optimizer(HEAD_TWO, 1e-3, average_momentum=0.8, weight_decay=1e-4)
    model.compile(optimizer=optimizer, loss=partial_label_loss(0.05, distillation))
    optimizer.build(model.trainable_variables)
    return model


def test_an_accelerated_run_that_was_killed_goes_on_to_the_result_of_an_unbroken_one(tmp_path: Path) -> None:
    sets = [SETS[0]], [drawn_set(16, split="val", seed=9)]
    reports: list[Any] = []
    whole = run.train(HEAD_TWO, SETTINGS, *sets, tmp_path / "whole", on_epoch=reports.append)
    assert [report.epoch for report in reports] == [1, 2, 3]
    assert all(np.isfinite(report.loss) and 0 <= report.accuracy <= 1 for report in reports)

    def killed(epoch: int, step: int) -> None:
        if (epoch, step) == (1, 2):
            raise KilledError

    with pytest.raises(KilledError):
        run.train(HEAD_TWO, SETTINGS, *sets, tmp_path / "broken", on_step=killed)
    assert not (tmp_path / "broken" / FINAL_WEIGHTS).exists()
    gone_on = run.train(HEAD_TWO, SETTINGS, *sets, tmp_path / "broken")
    pictures = sets[1][0].pictures
    predictions = predict_logits(whole, pictures)
    np.testing.assert_allclose(predictions, predict_logits(gone_on, pictures), atol=1e-4)
    kept = architectures.build_network(HEAD_TWO, size=None)
    load_finished_or_last(kept, tmp_path / "whole")
    np.testing.assert_allclose(predictions, predict_logits(kept, pictures), atol=1e-4)


def test_a_step_counts_the_loss_and_the_accuracy_as_keras_does_and_moves_the_weights_as_its_optimiser() -> None:
    ours, theirs = compiled(), compiled()
    pictures = loop.put_on_device(SETS, None)
    numbers = np.arange(12)
    steps = loop.AcceleratedSteps(ours, pictures, STILL)
    steps.begin()
    loss, accuracy = steps.take(numbers, jax.random.key(1), 1e-3)
    steps.end()
    seen = SETS[0].pictures[numbers].astype(np.float32) / 255
    labels = np.hstack([SETS[0].candidate_labels, SETS[0].label_space])[numbers].astype(np.float32)
    counted = PartialLabelAccuracy()
    counted.update_state(labels, theirs(seen, training=True))
    assert float(accuracy) == pytest.approx(float(counted.result()))
    assert float(loss) == pytest.approx(float(compiled().train_on_batch(seen, labels)), rel=1e-4)
    theirs = compiled()
    theirs.train_on_batch(seen, labels)
    for own, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(np.asarray(own), np.asarray(other), atol=2e-4, err_msg=own.path)


def test_the_rate_of_a_step_is_the_one_it_is_handed() -> None:
    model = compiled()
    before = [np.asarray(one) for one in model.trainable_variables]
    steps = loop.AcceleratedSteps(model, loop.put_on_device(SETS, None), STILL)
    steps.begin()
    steps.take(np.arange(8), jax.random.key(1), 0.0)
    steps.end()
    for own, other in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(np.asarray(own), other)


def test_mixup_blends_pictures_and_losses_and_stays_finite() -> None:
    pictures = loop.put_on_device(SETS, None)
    losses = []
    for mixup in (0.0, 1.0):
        steps = loop.AcceleratedSteps(compiled(), pictures, STILL, mixup)
        steps.begin()
        losses.append(float(steps.take(np.arange(16), jax.random.key(3), 1e-3)[0]))
    assert np.isfinite(losses).all()
    assert abs(losses[0] - losses[1]) > 1e-5


def test_pictures_lie_one_set_behind_the_other_with_what_teaches_them() -> None:
    soft_targets = {one.name: np.full((len(one), 4), 0.25, np.float32) for one in SETS}
    pictures = loop.put_on_device(SETS, soft_targets)
    assert pictures.labels.shape == (40, 12)
    numbers = loop.numbers_of_epoch(MixtureSampler(SETS), pictures, batch_size=8, steps=5, seed=1, epoch=2)
    sets, within = MixtureSampler(SETS).draw(40, 1, 2)
    drawn = np.stack([SETS[s].pictures[p] for s, p in zip(sets, within, strict=True)])
    np.testing.assert_array_equal(np.asarray(pictures.pixels)[np.concatenate(numbers)], drawn)


def test_a_run_as_the_thesis_made_it_sees_each_picture_once_an_epoch_and_is_logged(tmp_path: Path) -> None:
    settings = replace(SETTINGS, as_thesis=True, epochs=2, steps=3, smoothing=0.0, warmup_steps=0, shares={})
    seen: list[list[int]] = []
    real = loop.run_epoch

    def watched(steps: Any, numbers: Any, **more: Any) -> Any:
        seen.append(np.concatenate(numbers).tolist())
        return real(steps, numbers, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "run_epoch", watched)
        run.train(HEAD_TWO, settings, [drawn_set(20)], [drawn_set(8, split="val")], tmp_path, ranges=THESIS)
    assert [sorted(one) for one in seen] == [list(range(20))] * 2
    history = read_history(tmp_path)
    assert [row["rate"] for row in history] == [pytest.approx(HEAD_TWO.rate)] * 2
    for part in ("train", "validation"):
        log = EventAccumulator(str(tmp_path / "tensorboard" / part)).Reload()
        assert [event.step for event in log.Scalars("epoch_accuracy")] == [1, 2]


def test_how_frequent_classes_are_in_their_set_reaches_the_device() -> None:
    labels = np.asarray(loop.put_on_device(SETS, None, adjustment=1.0).labels)
    np.testing.assert_array_equal(labels[:, 4:], np.concatenate([label_space_shares(one, 1.0) for one in SETS]))
    assert set(np.unique(labels[:, :4])) == {0.0, 1.0}


def test_statistics_are_settled_on_jax_too() -> None:
    model = compiled()
    normalisation = architectures.backbone_of(model).get_layer("norm0")
    batches = list(drawn_for_batch_norm(SETS, MixtureSampler(SETS), 1, 0))
    recompute_batch_norm(model, batches)
    before = keras.Model(architectures.backbone_of(model).input, normalisation.input)
    means = np.mean([np.asarray(before(batch * 2 - 1)).mean(axis=(0, 1, 2)) for batch in batches], axis=0)
    np.testing.assert_allclose(np.asarray(normalisation.moving_mean), means, atol=1e-4)


def test_a_run_of_a_version_of_keras_that_is_not_known_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.training.accelerated import kernels
    from core.training.errors import AcceleratorError

    monkeypatch.setattr(kernels, "_MODULE", "keras.src.backend.gone")
    with pytest.raises(AcceleratorError, match="train without the accelerator"):
        run.train(HEAD_TWO, replace(SETTINGS, epochs=1), [SETS[0]], [], tmp_path)
