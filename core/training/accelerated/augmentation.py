"""`core.training.augmentation` for whole batches on an accelerator: the same changes, in JAX.

On a GPU a network learns from ten thousand pictures a second; a processor augments a few hundred. What is drawn differs
from the processor's draws, the ranges do not. Everything is a fixed sequence of array operations, so that XLA makes one
program of it and of the training step.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from core.training.augmentation import AugmentationRanges

_LUMA = (0.299, 0.587, 0.114)
_BLOCK = 8
"""JPEG's blocks."""

_LUMINANCE_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""ITU-T T.81, table K.1. It serves for colour as well here: what counts is what the blocks do to a face."""


def augment_batch(pictures: Any, ranges: AugmentationRanges, key: Any, size: int) -> Any:
    """Changed copies of `pictures` (n, 100, 100, 3) uint8 RGB as (n, size, size, 3) float32 RGB 0..1.

    `key` is a JAX random key: the same key makes the same changes. See `core.training.augmentation.augment`.
    """
    count = pictures.shape[0]
    keys = iter(jax.random.split(key, 8))
    changed = _warp(pictures.astype(jnp.float32) / 255.0, ranges, next(keys))
    changed = _grey(changed, _chosen(next(keys), count, ranges.grey))
    changed = _relight(changed, ranges.light, next(keys))
    changed = _soften(changed, ranges, next(keys), size)
    changed = _oval(changed, ranges.oval, next(keys))
    changed = _occlude(changed, ranges.occlusion, next(keys))
    changed = _jpeg(changed, ranges.jpeg, next(keys))
    return jnp.clip(changed, 0.0, 1.0)


def _chosen(key: Any, count: int, probability: float) -> Any:
    """(n, 1, 1, 1) bool: which pictures a change strikes."""
    return (jax.random.uniform(key, (count,)) < probability)[:, None, None, None]


def _between(key: Any, count: int, low: float, high: float) -> Any:
    """(n,) evenly drawn."""
    return jax.random.uniform(key, (count,), minval=low, maxval=high)


def _warp(pictures: Any, ranges: AugmentationRanges, key: Any) -> Any:
    """Flip, rotation, shear, zoom and shift in one affine map, bilinear; the border is the nearest pixel's."""
    count, height, width, _channels = pictures.shape
    keys = jax.random.split(key, 7)
    mirror = jnp.where(jax.random.uniform(keys[6], (count,)) < ranges.flip, -1.0, 1.0)
    matrix = (_as_keras if ranges.as_keras else _mixed)(ranges, mirror, keys, count)
    xx, xy, yx, yy, shift_x, shift_y = (one[:, None, None] for one in matrix)
    x = (jnp.arange(width) - (width - 1) / 2)[None, None, :]
    y = (jnp.arange(height) - (height - 1) / 2)[None, :, None]
    source_x = xx * x + xy * y + shift_x * width + (width - 1) / 2
    source_y = yx * x + yy * y + shift_y * height + (height - 1) / 2
    return _bilinear(pictures, jnp.clip(source_y, 0, height - 1), jnp.clip(source_x, 0, width - 1))


def _drawn(ranges: AugmentationRanges, keys: Any, count: int) -> tuple[Any, Any, Any, Any]:
    """Angles in radians, shears and both shifts, as shares of the sides: (n,) each."""
    angle = _between(keys[0], count, -1, 1) * np.deg2rad(ranges.rotation_degrees)
    shear, right, down = (_between(keys[n], count, -1, 1) for n in (1, 4, 5))
    return angle, shear * ranges.shear, right * ranges.shift, down * ranges.shift


def _as_keras(ranges: AugmentationRanges, mirror: Any, keys: Any, count: int) -> tuple[Any, ...]:
    """From where each pixel comes, see `core.training.augmentation.keras_matrix`; Keras flips after all else."""
    angle, shear, right, down = _drawn(ranges, keys, count)
    zoom_x, zoom_y = (_between(keys[n], count, 1 - ranges.zoom, 1 + ranges.zoom) for n in (2, 3))
    cosine, sine, shear = jnp.cos(angle), jnp.sin(angle), jnp.deg2rad(shear)
    across, along = -jnp.sin(shear), jnp.cos(shear)
    return (
        cosine * zoom_x * mirror,
        (cosine * across - sine * along) * zoom_y,
        sine * zoom_x * mirror,
        (sine * across + cosine * along) * zoom_y,
        cosine * right - sine * down,
        sine * right + cosine * down,
    )


def _mixed(ranges: AugmentationRanges, mirror: Any, keys: Any, count: int) -> tuple[Any, ...]:
    """From where each pixel comes: the way back from rotation @ shear @ zoom, shifted."""
    angle, shear, right, down = _drawn(ranges, keys, count)
    zoom = jnp.exp(_between(keys[2], count, -1, 1) * np.log1p(ranges.zoom))
    uneven = jnp.exp(_between(keys[3], count, -1, 1) * (0.05 if ranges.zoom else 0.0))
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    across, along = mirror * zoom * uneven, zoom / uneven
    a, b = cosine * across, (cosine * shear - sine) * along
    c, d = sine * across, (sine * shear + cosine) * along
    xx, xy, yx, yy = (one / (a * d - b * c) for one in (d, -b, -c, a))
    return xx, xy, yx, yy, -(xx * right + xy * down), -(yx * right + yy * down)


def _bilinear(pictures: Any, ys: Any, xs: Any) -> Any:
    """Pictures (n, h, w, c) read at ys, xs (n, h', w'), which lie inside."""
    height, width = pictures.shape[1:3]
    top, left = jnp.floor(ys).astype(jnp.int32), jnp.floor(xs).astype(jnp.int32)
    bottom, right = jnp.minimum(top + 1, height - 1), jnp.minimum(left + 1, width - 1)
    below, beside = (ys - top)[..., None], (xs - left)[..., None]
    number = jnp.arange(pictures.shape[0])[:, None, None]
    upper = pictures[number, top, left] * (1 - beside) + pictures[number, top, right] * beside
    lower = pictures[number, bottom, left] * (1 - beside) + pictures[number, bottom, right] * beside
    return upper * (1 - below) + lower * below


def _grey(pictures: Any, chosen: Any) -> Any:
    """Without colours where `chosen`."""
    grey = (pictures * jnp.asarray(_LUMA)).sum(axis=-1, keepdims=True)
    return jnp.where(chosen, jnp.broadcast_to(grey, pictures.shape), pictures)


def _relight(pictures: Any, probability: float, key: Any) -> Any:
    """Gamma, contrast, a lamp on one side, a slight colour cast and brightness."""
    count, height, width, channels = pictures.shape
    keys = jax.random.split(key, 9)
    light = jnp.maximum(pictures, 1e-4) ** jnp.exp(_between(keys[0], count, -0.55, 0.55))[:, None, None, None]
    mean = light.mean(axis=(1, 2, 3), keepdims=True)
    light = (light - mean) * _between(keys[1], count, 0.7, 1.25)[:, None, None, None] + mean
    direction = _between(keys[2], count, 0, 2 * np.pi)[:, None, None]
    x = (jnp.arange(width) / width - 0.5)[None, None, :]
    y = (jnp.arange(height) / height - 0.5)[None, :, None]
    ramp = (jnp.cos(direction) * x + jnp.sin(direction) * y) * 2 * _between(keys[3], count, 0, 0.5)[:, None, None]
    light = jnp.where(_chosen(keys[4], count, 0.4), light * jnp.exp(ramp)[..., None], light)
    cast = jax.random.uniform(keys[5], (count, 1, 1, channels), minval=0.85, maxval=1.15)
    light = jnp.where(_chosen(keys[6], count, 0.3), light * cast, light)
    light = light + _between(keys[7], count, -0.08, 0.08)[:, None, None, None]
    return jnp.where(_chosen(keys[8], count, probability), jnp.clip(light, 0, 1), pictures)


def _soften(pictures: Any, ranges: AugmentationRanges, key: Any, size: int) -> Any:
    """Down to 36 to 70 pixels and up again, a Gaussian blur, and the way to `size`: one matrix for rows and columns."""
    count, width = pictures.shape[0], pictures.shape[2]
    keys = jax.random.split(key, 4)
    small = jnp.where(_chosen(keys[0], count, ranges.downscale)[:, 0, 0, 0], _between(keys[1], count, 36, 71), width)
    sigma = jnp.where(_chosen(keys[2], count, ranges.blur)[:, 0, 0, 0], _between(keys[3], count, 0.4, 1.6), 0.0)
    matrix = jnp.einsum("nij,njk->nik", _gauss(sigma, width), _through(jnp.floor(small), width))
    if size != width:
        matrix = jnp.einsum("ij,njk->nik", jnp.asarray(_shrinking(width, size)), matrix)
    softened = jnp.einsum("nij,njkc->nikc", matrix, pictures)
    return jnp.einsum("nkj,nijc->nikc", matrix, softened)


def _through(small: Any, width: int) -> Any:
    """(n, width, width): area-averaged down to `small` pixels a side (n,), linearly up again; the identity at `width`."""
    fine = jnp.arange(width)
    scale = width / small[:, None, None]
    # A coarse pixel j covers the fine ones from j * scale to (j + 1) * scale.
    begins, ends = fine[None, :, None] * scale, (fine[None, :, None] + 1) * scale
    cover = jnp.clip(jnp.minimum(fine[None, None, :] + 1, ends) - jnp.maximum(fine[None, None, :], begins), 0, 1)
    down = cover / scale
    centre = jnp.clip((fine[None, :, None] + 0.5) / scale - 0.5, 0, small[:, None, None] - 1)
    up = jnp.clip(1 - jnp.abs(centre - fine[None, None, :]), 0, 1)
    return jnp.einsum("nij,njk->nik", up, down)


def _gauss(sigma: Any, width: int) -> Any:
    """(n, width, width): a Gaussian blur of `sigma` pixels (n,) with the border's weight spread; the identity at 0."""
    apart = jnp.arange(width)[:, None] - jnp.arange(width)[None, :]
    weights = jnp.exp(-0.5 * (apart[None] / jnp.maximum(sigma, 1e-3)[:, None, None]) ** 2)
    return weights / weights.sum(axis=2, keepdims=True)


def _shrinking(width: int, size: int) -> np.ndarray[Any, Any]:
    """(size, width): area-averaged, as `cv2.INTER_AREA` does it."""
    scale = width / size
    begins, ends = np.arange(size)[:, None] * scale, (np.arange(size)[:, None] + 1) * scale
    fine = np.arange(width)[None, :]
    cover = np.clip(np.minimum(fine + 1, ends) - np.maximum(fine, begins), 0, 1)
    return np.asarray(cover / scale, dtype=np.float32)


def _oval(pictures: Any, probability: float, key: Any) -> Any:
    """An oval on black, as affectnet_oval is cut."""
    count, height, width, _channels = pictures.shape
    keys = jax.random.split(key, 3)
    across = _between(keys[0], count, 0.38, 0.5)[:, None, None] * width
    down = _between(keys[1], count, 0.46, 0.56)[:, None, None] * height
    x = (jnp.arange(width) - width / 2)[None, None, :] / across
    y = (jnp.arange(height) - height / 2)[None, :, None] / down
    inside = (x**2 + y**2 <= 1.0)[..., None]
    return jnp.where(_chosen(keys[2], count, probability) & ~inside, 0.0, pictures)


def _occlude(pictures: Any, probability: float, key: Any) -> Any:
    """A rectangle of one colour or of noise."""
    count, height, width, channels = pictures.shape
    keys = jax.random.split(key, 8)
    h, w = _between(keys[0], count, 0.08, 0.28) * height, _between(keys[1], count, 0.08, 0.28) * width
    top, left = _between(keys[2], count, 0, 1) * (height - h), _between(keys[3], count, 0, 1) * (width - w)
    y, x = jnp.arange(height)[None, :, None], jnp.arange(width)[None, None, :]
    inside = (y >= top[:, None, None]) & (y < (top + h)[:, None, None])
    inside = inside & (x >= left[:, None, None]) & (x < (left + w)[:, None, None])
    colour = jax.random.uniform(keys[4], (count, 1, 1, channels))
    noise = jax.random.uniform(keys[5], pictures.shape)
    cover = jnp.where(_chosen(keys[6], count, 0.5), colour, noise)
    return jnp.where(_chosen(keys[7], count, probability) & inside[..., None], cover, pictures)


def _jpeg(pictures: Any, probability: float, key: Any) -> Any:
    """What JPEG at quality 25 to 75 leaves: each 8 x 8 block's cosine transform, rounded by the standard's table."""
    count, height, width, channels = pictures.shape
    keys = jax.random.split(key, 2)
    quality = _between(keys[0], count, 25, 76)
    scale = jnp.where(quality < 50, 5000.0 / quality, 200.0 - 2 * quality) / 100.0
    table = jnp.maximum(jnp.asarray(_LUMINANCE_TABLE) * scale[:, None, None], 1.0) / 255.0
    down, right = -height % _BLOCK, -width % _BLOCK
    padded = jnp.pad(pictures, ((0, 0), (0, down), (0, right), (0, 0)), mode="edge")
    rows, columns = padded.shape[1] // _BLOCK, padded.shape[2] // _BLOCK
    blocks = padded.reshape(count, rows, _BLOCK, columns, _BLOCK, channels)
    cosines = jnp.asarray(_cosines())
    spectrum = jnp.einsum("ui,nribjc,vj->nrubvc", cosines, blocks, cosines)
    step = table[:, None, :, None, :, None]
    spectrum = jnp.round(spectrum / step) * step
    restored = jnp.einsum("ui,nrubvc,vj->nribjc", cosines, spectrum, cosines).reshape(padded.shape)
    return jnp.where(_chosen(keys[1], count, probability), restored[:, :height, :width], pictures)


def _cosines() -> np.ndarray[Any, Any]:
    """The orthonormal 8-point discrete cosine transform."""
    number = np.arange(_BLOCK)
    matrix = np.cos(np.pi * (2 * number[None, :] + 1) * number[:, None] / (2 * _BLOCK)) * np.sqrt(2 / _BLOCK)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float32)
