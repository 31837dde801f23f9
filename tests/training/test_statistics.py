from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.training.made_up import drawn_set
from tests.training.tiny_keras import tiny_backbone

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.method.experiments import find_experiment  # noqa: E402
from core.training import architectures  # noqa: E402
from core.training.batch_norm import drawn_for_batch_norm, recompute_batch_norm, settled_for_now  # noqa: E402
from core.training.losses import partial_label_loss  # noqa: E402
from core.training.optimizers import rates_of_steps, scheduled_rate, warmup_of  # noqa: E402
from core.training.sampling import MixtureSampler  # noqa: E402

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
    return architectures.build_network(find_experiment(1, "mobilenetv2"), size=None)


def normalisations(model: Any) -> list[Any]:
    layers = architectures.backbone_of(model).layers
    return [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]


def test_moving_statistics_become_those_of_the_pictures_seen(model: Any) -> None:
    batches = np.random.default_rng(1).random((3, 8, 100, 100, 3)).astype(np.float32)
    first = normalisations(model)[0]
    first.moving_mean.assign(np.full(first.moving_mean.shape, 50.0))
    recompute_batch_norm(model, batches)
    before = keras.Model(architectures.backbone_of(model).input, first.input)
    seen = np.stack([keras.ops.convert_to_numpy(before(batch * 2 - 1)) for batch in batches])
    means = seen.mean(axis=(0, 1, 2, 3))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(first.moving_mean), means, atol=1e-4)
    variances = seen.var(axis=(1, 2, 3)).mean(axis=0)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(first.moving_variance), variances, rtol=1e-3)
    assert {layer.momentum for layer in normalisations(model)} == {0.9}


def test_layers_that_do_not_train_keep_their_statistics(model: Any) -> None:
    frozen, free = normalisations(model)
    frozen.trainable = False
    before = [keras.ops.convert_to_numpy(one) for layer in (frozen, free) for one in layer.weights[2:]]
    recompute_batch_norm(model, [np.full((4, 100, 100, 3), 0.7, np.float32)])
    after = [keras.ops.convert_to_numpy(one) for layer in (frozen, free) for one in layer.weights[2:]]
    np.testing.assert_array_equal(before[:2], after[:2])
    assert np.abs(before[2] - after[2]).max() > 0


def test_where_nothing_trains_no_picture_is_looked_at(model: Any) -> None:
    architectures.backbone_of(model).trainable = False

    def none() -> Iterator[Any]:
        raise AssertionError
        yield

    recompute_batch_norm(model, none())


def test_pictures_to_settle_are_drawn_by_the_sampler_and_only_flipped() -> None:
    sets = [drawn_set(100), drawn_set(39, name="other", seed=7)]
    sampler = MixtureSampler(sets)
    batches = list(drawn_for_batch_norm(sets, sampler, 1, 9))
    assert [len(batch) for batch in batches] == [70, 69]
    numbers, pictures = sampler.draw(139, 1, 9)
    drawn = np.stack([sets[s].pictures[p] for s, p in zip(numbers, pictures, strict=True)]) / np.float32(255)
    np.testing.assert_array_equal(batches[0][1::2], drawn[1:70:2])
    np.testing.assert_array_equal(batches[0][0::2], drawn[0:70:2, :, ::-1])


def test_statistics_settled_for_now_are_as_before_after_it_and_so_are_the_seeds_of_dropout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(architectures, "_backbone", tiny_backbone)
    model = architectures.build_network(find_experiment(5, "mobilenetv2"), size=None)  # head #2 has dropout
    batch = np.random.default_rng(1).random((8, 100, 100, 3)).astype(np.float32)
    before = [keras.ops.convert_to_numpy(one) for one in model.variables]
    mean = normalisations(model)[0].moving_mean
    with settled_for_now(model, [batch]):
        inside = keras.ops.convert_to_numpy(mean)
    recompute_batch_norm(model, [batch])
    np.testing.assert_array_equal(inside, keras.ops.convert_to_numpy(mean))
    for variable, own in zip(model.variables, before, strict=True):
        variable.assign(own)
    with pytest.raises(KeyError), settled_for_now(model, [batch]):
        raise KeyError
    for variable, own in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), own)


def test_there_are_never_more_pictures_than_it_takes() -> None:
    sets = [drawn_set(40)]
    assert [len(batch) for batch in drawn_for_batch_norm(sets, MixtureSampler(sets), 1, 0, 30)] == [30]
    one = [drawn_set(1)]
    assert [len(batch) for batch in drawn_for_batch_norm(one, MixtureSampler(one), 1, 0)] == [1]


@pytest.mark.parametrize(("total", "warmup"), [(1, 200), (7, 200), (50, 3), (400, 20)])
def test_the_rates_of_the_accelerated_loop_are_those_of_keras_schedule(total: int, warmup: int) -> None:
    schedule = scheduled_rate(1e-3, total, warmup)
    expected = [float(schedule(step)) for step in range(total)]
    np.testing.assert_allclose(rates_of_steps(1e-3, total, warmup), expected, rtol=1e-4, atol=1e-9)
    assert warmup_of(total, warmup) <= max(1, total // 10)


def test_pictures_that_nobody_teaches_count_by_their_label_alone() -> None:
    logits = np.array([[2.0, 0.5, -1.0, 0.0]] * 2, np.float32)
    labels = np.array([[1, 0, 0, 0, 1, 1, 1, 1]] * 2, np.float32)
    soft_targets = np.array([[0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0]], np.float32)
    by_label = keras.ops.convert_to_numpy(partial_label_loss(0.05)(labels, logits))
    both = keras.ops.convert_to_numpy(partial_label_loss(0.05, 0.6)(np.hstack([labels, soft_targets]), logits))
    cross_entropy = np.log(np.exp(logits[0]).sum()) - soft_targets[0] @ logits[0]
    np.testing.assert_allclose(both, [0.4 * by_label[0] + 0.6 * cross_entropy, by_label[1]], rtol=1e-5)
