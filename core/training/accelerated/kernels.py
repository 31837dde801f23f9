"""Depthwise convolution and maximum pooling as sums and maxima of shifted pictures.

XLA hands a depthwise convolution and the way back through a maximum to routines that are many times slower on a GPU than
the few array operations they come to: written out, it makes one pass over memory of each. The results are the same; only where
several numbers in a window are the largest, the gradient is shared among them instead of going to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from importlib import import_module
from typing import Any

import jax.numpy as jnp
import keras

from core.training.errors import AcceleratorError

_REPLACED = ("depthwise_conv", "max_pool")
_MODULE = "keras.src.backend.jax.nn"
"""Keras has no public place to put another implementation in; this is where it looks its own up."""

_Tap = tuple[int, int, Any]


@contextmanager
def shifted_kernels() -> Iterator[None]:
    """Inside, Keras's networks on JAX are traced with these two kernels wherever they can serve.

    Raises:
        AcceleratorError: this version of Keras has them elsewhere.
    """
    place = _keras_kernels()
    kept = {name: getattr(place, name) for name in _REPLACED}
    place.depthwise_conv = _depthwise_or(kept["depthwise_conv"])
    place.max_pool = _max_pool_or(kept["max_pool"])
    try:
        yield
    finally:
        for name, own in kept.items():
            setattr(place, name, own)


def _keras_kernels() -> Any:
    """Keras's module with its kernels for JAX."""
    try:
        place = import_module(_MODULE)
    except ImportError:
        place = None
    missing = [name for name in _REPLACED if not callable(getattr(place, name, None))]
    if missing:
        raise AcceleratorError(
            "Keras {version} has no {name}; train without the accelerator, or with Keras 3.15",
            version=keras.version(),
            name=f"{_MODULE}.{missing[0]}",
        )
    return place


def _depthwise_or(general: Callable[..., Any]) -> Callable[..., Any]:
    def depthwise_conv(
        inputs: Any,
        kernel: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
    ) -> Any:
        serves = _serves(inputs, data_format) and kernel.shape[3] == 1 and _pair(dilation_rate) == (1, 1)
        if not serves:
            return general(inputs, kernel, strides, padding, data_format, dilation_rate)
        weights = keras.ops.convert_to_tensor(kernel).astype(jnp.float32)
        products = [
            tap.astype(jnp.float32) * weights[row, column, :, 0]
            for row, column, tap in _taps(inputs, kernel.shape[:2], _pair(strides), padding, 0.0)
        ]
        return sum(products[1:], products[0]).astype(inputs.dtype)

    return depthwise_conv


def _max_pool_or(general: Callable[..., Any]) -> Callable[..., Any]:
    def max_pool(
        inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
    ) -> Any:
        if not _serves(inputs, data_format):
            return general(inputs, pool_size, strides, padding, data_format)
        step = _pair(pool_size if strides is None else strides)
        lowest = float(jnp.finfo(inputs.dtype).min)
        return reduce(jnp.maximum, [tap for _r, _c, tap in _taps(inputs, _pair(pool_size), step, padding, lowest)])

    return max_pool


def _serves(inputs: Any, data_format: str | None) -> bool:
    """Whether these are pictures (n, h, w, c) of floating-point numbers."""
    order = data_format or keras.config.image_data_format()
    return bool(inputs.ndim == 4 and order == "channels_last" and jnp.issubdtype(inputs.dtype, jnp.floating))


def _taps(
    inputs: Any, window: tuple[int, int], strides: tuple[int, int], padding: str, filler: float
) -> Iterator[_Tap]:
    """For each place in the window: its row and column, and what lies there for every output (n, h', w', c)."""
    sizes, margins = [], []
    for length, reach, stride in zip(inputs.shape[1:3], window, strides, strict=True):
        if padding.lower() == "same":
            outputs = -(-length // stride)
            missing = max(0, (outputs - 1) * stride + reach - length)
            margins.append((missing // 2, missing - missing // 2))
        else:
            outputs = (length - reach) // stride + 1
            margins.append((0, 0))
        sizes.append(outputs)
    padded = jnp.pad(inputs, ((0, 0), margins[0], margins[1], (0, 0)), constant_values=filler)
    for row in range(window[0]):
        for column in range(window[1]):
            rows = slice(row, row + (sizes[0] - 1) * strides[0] + 1, strides[0])
            columns = slice(column, column + (sizes[1] - 1) * strides[1] + 1, strides[1])
            yield row, column, padded[:, rows, columns, :]


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))
