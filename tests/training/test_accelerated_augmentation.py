from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

jax = pytest.importorskip("jax", reason="needs the extra `accelerated`")

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from core.training.accelerated import augmentation as accelerated  # noqa: E402
from core.training.accelerated.augmentation import augment_batch  # noqa: E402
from core.training.augmentation import MIXED_SETS, THESIS, AugmentationRanges, KerasTransform, keras_matrix  # noqa: E402
from tests.training.made_up import drawn_set  # noqa: E402

pytestmark = pytest.mark.timeout(600)
PICTURES = drawn_set(6).pictures
STILL = AugmentationRanges(0, 0, 0, 0, 0)
ALL = replace(MIXED_SETS, grey=0.5, blur=0.5, downscale=0.5, jpeg=0.5, oval=0.5, occlusion=0.5, light=1.0)

_augmented = jax.jit(augment_batch, static_argnums=(1, 3))


def augmented(pictures: Any, ranges: AugmentationRanges, seed: int, size: int = 100) -> Any:
    return np.asarray(_augmented(pictures, ranges, jax.random.key(seed), size))


def test_where_nothing_may_change_nothing_does() -> None:
    np.testing.assert_allclose(augmented(PICTURES, STILL, 1), PICTURES / 255.0, atol=1e-5)


def test_the_geometry_of_the_thesis_is_that_of_keras() -> None:
    keys = jax.random.split(jax.random.key(5), 7)
    mapped = np.asarray(accelerated._as_keras(THESIS, np.ones(64), keys, 64), np.float64).T
    angle, shear, right, down = (np.asarray(one) for one in accelerated._drawn(THESIS, keys, 64))
    zooms = [np.asarray(accelerated._between(keys[n], 64, 0.8, 1.2)) for n in (2, 3)]
    assert np.ptp(np.degrees(angle)) > 40
    for one, *drawn in zip(mapped, np.degrees(angle), right, down, shear, *zooms, strict=True):
        turn, across, along, sheared, zoom_x, zoom_y = map(float, drawn)
        transform = KerasTransform(turn, across * 100, along * 100, sheared, zoom_x, zoom_y)
        linear = keras_matrix(transform, 100, 100)
        np.testing.assert_allclose([one[:2], one[2:4]], linear[:, :2], atol=1e-5)
        centre = np.full(2, 49.5)
        np.testing.assert_allclose(one[4:] * 100, linear[:, :2] @ centre + linear[:, 2] - centre, atol=1e-3)


def test_small_pictures_are_those_of_opencv() -> None:
    small = augmented(PICTURES, STILL, 1, 64) * 255
    expected = np.stack([cv2.resize(one, (64, 64), interpolation=cv2.INTER_AREA) for one in PICTURES])
    assert np.abs(small - expected).max() <= 1.0


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), size=st.sampled_from([64, 100]))
def test_pictures_stay_pictures_and_the_same_key_changes_them_alike(seed: int, size: int) -> None:
    first = augmented(PICTURES, ALL, seed, size)
    assert first.shape == (6, size, size, 3)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    assert first.min() >= 0
    assert first.max() <= 1
    np.testing.assert_array_equal(first, augmented(PICTURES, ALL, seed, size))
    assert np.abs(first - augmented(PICTURES, ALL, seed + 1, size)).max() > 0.01


def test_grey_pictures_stay_grey_where_no_colour_is_changed() -> None:
    grey = np.repeat(PICTURES[..., :1], 3, axis=3)
    changed = augmented(grey, replace(ALL, light=0.0, occlusion=0.0), 3)
    assert np.abs(changed - changed[..., :1]).max() < 1e-4
    colourless = augmented(PICTURES, replace(STILL, grey=1.0), 3)
    expected = np.stack([cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in PICTURES])
    assert np.abs(colourless[..., 0] * 255 - expected).max() <= 1.0


def test_a_flip_mirrors_about_half_of_the_pictures() -> None:
    pictures = np.repeat(PICTURES[:1], 64, axis=0)
    changed = augmented(pictures, replace(STILL, flip=0.5), 5)
    mirrored = np.abs(changed - pictures[:, :, ::-1] / 255.0).max(axis=(1, 2, 3)) < 1e-5
    same = np.abs(changed - pictures / 255.0).max(axis=(1, 2, 3)) < 1e-5
    assert (mirrored ^ same).all()
    assert 16 <= mirrored.sum() <= 48


def test_the_border_is_filled_with_the_nearest_pixel() -> None:
    even = np.full((8, 100, 100, 3), 130, np.uint8)
    turned = augmented(even, replace(MIXED_SETS, grey=0, blur=0, downscale=0, jpeg=0, oval=0, occlusion=0, light=0), 2)
    np.testing.assert_allclose(turned, 130 / 255.0, atol=1e-5)


@pytest.mark.parametrize("change", ["blur", "downscale", "jpeg", "oval", "occlusion", "light", "rotation_degrees"])
def test_each_change_changes_something_but_leaves_the_face(change: str) -> None:
    amount: Any = 15.0 if change == "rotation_degrees" else 1.0
    changed = augmented(PICTURES, replace(STILL, **{change: amount}), 4)
    apart = np.abs(changed - PICTURES / 255.0)
    assert (apart.max(axis=(1, 2, 3)) > 0.01).all()
    assert (np.median(apart, axis=(1, 2, 3)) < 0.35).all()


def test_jpeg_comes_near_what_opencv_writes() -> None:
    """Ours has no chroma subsampling; on a grey picture both round the same blocks by the same table."""
    grey = np.repeat(PICTURES[..., :1], 3, axis=3)
    changed = augmented(grey, replace(STILL, jpeg=1.0), 6) * 255
    qualities = range(25, 76)
    for picture, ours in zip(grey, changed, strict=True):
        coded = [cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for quality in qualities]
        theirs = [cv2.imdecode(one, cv2.IMREAD_COLOR) for one in coded]
        assert min(np.abs(ours - one).mean() for one in theirs) < 1.5
