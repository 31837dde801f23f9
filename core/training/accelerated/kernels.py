"""Depthwise convolution and maximum pooling as sums and maxima of shifted pictures.

XLA hands a depthwise convolution and the way back through a maximum to routines that are many times slower on a GPU than
the few array operations they come to: written out, it makes one pass over memory of each. The results are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

import jax.numpy as jnp
import keras
from keras.src.backend.jax import nn as keras_nn  # Keras has no public place to put another implementation in

_Tap = tuple[int, int, Any]


@contextmanager
def shifted_kernels() -> Iterator[None]:
    """Inside, Keras's networks on JAX are traced with these two kernels wherever they can serve."""
    depthwise, pool = keras_nn.depthwise_conv, keras_nn.max_pool
    keras_nn.depthwise_conv = _depthwise_or(depthwise)
    keras_nn.max_pool = _max_pool_or(pool)
    try:
        yield
    finally:
        keras_nn.depthwise_conv, keras_nn.max_pool = depthwise, pool


def _depthwise_or(general: Callable[..., Any]) -> Callable[..., Any]:
    def depthwise_conv(
        inputs: Any,
        kernel: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
    ) -> Any:
        if inputs.ndim != 4 or kernel.shape[3] != 1 or data_format == "channels_first" or _pair(dilation_rate) != (1, 1):
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
        if inputs.ndim != 4 or data_format == "channels_first":
            return general(inputs, pool_size, strides, padding, data_format)
        step = _pair(pool_size if strides is None else strides)
        lowest = float(jnp.finfo(inputs.dtype).min)
        return reduce(jnp.maximum, [tap for _r, _c, tap in _taps(inputs, _pair(pool_size), step, padding, lowest)])

    return max_pool


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
