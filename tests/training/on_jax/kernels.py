"""Run by tests/training/test_accelerated.py, with Keras on JAX."""

from __future__ import annotations

from typing import Any

import pytest

keras = pytest.importorskip("keras", reason="needs the extra `train`")
jax = pytest.importorskip("jax", reason="needs the extra `accelerated`")

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

from core.training.accelerated import kernels  # noqa: E402
from core.training.errors import AcceleratorError  # noqa: E402

PICTURES = np.random.default_rng(1).normal(size=(2, 13, 16, 4)).astype(np.float32)

LAYERS: dict[str, tuple[Any, int, str]] = {
    f"{name} {strides} {padding}": (make, strides, padding)
    for name, make in {
        "depthwise 3": lambda strides, padding: layers.DepthwiseConv2D(3, strides=strides, padding=padding),
        "depthwise 5": lambda strides, padding: layers.DepthwiseConv2D(5, strides=strides, padding=padding),
        "separable 3": lambda strides, padding: layers.SeparableConv2D(6, 3, strides=strides, padding=padding),
        "pooling 3": lambda strides, padding: layers.MaxPooling2D(3, strides=strides, padding=padding),
        "pooling 2": lambda strides, padding: layers.MaxPooling2D(2, strides=strides, padding=padding),
    }.items()
    for strides in (1, 2)
    for padding in ("same", "valid")
}


def values_and_gradients(layer: Any, pictures: Any) -> tuple[Any, ...]:
    def squares(weights: Any, inputs: Any) -> Any:
        made = layer.stateless_call(weights, [], inputs)[0]
        return (made**2).sum(), made

    weights = [one.value for one in layer.trainable_variables]
    (_sum, made), (of_weights, of_inputs) = jax.value_and_grad(squares, argnums=(0, 1), has_aux=True)(
        weights, jnp.asarray(pictures)
    )
    return made, of_inputs, *of_weights


def counted_taps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    own = kernels._taps

    def counting(inputs: Any, window: Any, strides: Any, padding: str, filler: float) -> Any:
        seen.append(padding)
        return own(inputs, window, strides, padding, filler)

    monkeypatch.setattr(kernels, "_taps", counting)
    return seen


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients_are_those_of_keras(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, strides, padding = LAYERS[name]
    layer = make(strides, padding)
    layer.build(PICTURES.shape)
    plain = values_and_gradients(layer, PICTURES)
    seen = counted_taps(monkeypatch)
    with kernels.shifted_kernels():
        ours = values_and_gradients(layer, PICTURES)
    assert seen  # Keras did come here
    for one, other in zip(plain, ours, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (2, 9, 9, 3)),
        (layers.DepthwiseConv2D(3, dilation_rate=2), (2, 9, 9, 3)),
        (layers.MaxPooling1D(2), (2, 9, 3)),
    ],
    ids=["several kernels each", "dilated", "one-dimensional"],
)
def test_what_the_kernels_do_not_know_is_left_to_keras(layer: Any, shape: tuple[int, ...]) -> None:
    inputs = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    layer.build(shape)
    plain = layer(inputs)
    with kernels.shifted_kernels():
        np.testing.assert_array_equal(plain, layer(inputs))


def test_half_precision_keeps_its_kind() -> None:
    with kernels.shifted_kernels():
        pooled = keras.ops.max_pool(jnp.asarray(PICTURES, jnp.bfloat16), 2)
        filtered = keras.ops.depthwise_conv(jnp.asarray(PICTURES, jnp.bfloat16), jnp.ones((3, 3, 4, 1), jnp.bfloat16))
    assert (pooled.dtype, filtered.dtype) == (jnp.bfloat16, jnp.bfloat16)


def test_keras_has_its_own_kernels_again_after_an_error_too() -> None:
    place = kernels._keras_kernels()
    own = place.depthwise_conv, place.max_pool
    with pytest.raises(KeyError), kernels.shifted_kernels():
        assert place.depthwise_conv is not own[0]
        assert place.max_pool is not own[1]
        raise KeyError
    assert (place.depthwise_conv, place.max_pool) == own


@pytest.mark.parametrize("gone", ["depthwise_conv", "max_pool"])
def test_a_keras_without_these_names_is_told_in_a_sentence(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(kernels._keras_kernels(), gone)
    sentence = rf"^Keras [0-9.]+ has no keras\.src\.backend\.jax\.nn\.{gone};"
    with pytest.raises(AcceleratorError, match=sentence), kernels.shifted_kernels():
        raise AssertionError


def test_a_keras_without_the_module_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_MODULE", "keras.src.backend.gone")
    with pytest.raises(AcceleratorError, match=r"has no keras\.src\.backend\.gone"), kernels.shifted_kernels():
        raise AssertionError
