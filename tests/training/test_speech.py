"""Mouths that are moved as in speech, on the demo actors: what moves, what stays, and that training draws them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.datasets.labelled import LabelledSet
from core.face.box import FaceBox
from core.face.crop import crop_face
from core.face.haar import HaarFaceFinder
from core.face.landmarks import FaceLandmarker
from core.system.resources import ASSETS_FOLDER
from core.training.augmentation import MIXED_SETS
from tests.training.made_up import drawn_set

pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("scipy", reason="needs the extra `train`")

from core.training import speech
from core.training.batches import AugmentedBatches
from core.training.sampling import MixtureSampler
from core.training.speech import (
    LOWER_OUTER,
    UPPER_OUTER,
    Mouth,
    draw_mouth,
    hide_mouth,
    kept_landmarks,
    move_mouth,
    speak,
)

ACTORS = ("f_multi", "m_african", "f_easian", "m_white")
LEFT, RIGHT, TOP, BOTTOM, CHIN, NOSE = 61, 291, 13, 14, 152, 2
FACE = FaceBox(8, 8, 84, 84)


@pytest.fixture(scope="module")
def landmarker() -> FaceLandmarker:
    return FaceLandmarker()


def crop_of(actor: str, frame: str) -> NDArray[np.uint8]:
    """As a set holds it: 100 x 100 x 3 RGB. The actor holds its head still, so the neutral face's box fits all frames."""
    neutral, pixels = (
        np.asarray(cv2.imread(str(ASSETS_FOLDER / "actor" / actor / f"{name}.jpg")), np.uint8)
        for name in ("neutral", frame)
    )
    box = HaarFaceFinder().find(neutral)
    assert box is not None
    return np.ascontiguousarray(crop_face(pixels, box)[..., ::-1])


def seen(landmarker: FaceLandmarker, crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    points = landmarker.find(np.ascontiguousarray(crop[..., ::-1]), FACE).points
    return np.asarray(points[:, :2], np.float64)


def gap(points: NDArray[np.float64]) -> float:
    return float(points[BOTTOM, 1] - points[TOP, 1])


def width(points: NDArray[np.float64]) -> float:
    return float(points[RIGHT, 0] - points[LEFT, 0])


def raised(points: NDArray[np.float64]) -> float:
    """How far the corners of the mouth lie above its middle, as a share of its width."""
    return float((points[[TOP, BOTTOM], 1].mean() - points[[LEFT, RIGHT], 1].mean()) / width(points))


@pytest.mark.parametrize("actor", ACTORS)
def test_an_opened_mouth_is_found_open(landmarker: FaceLandmarker, actor: str) -> None:
    crop = crop_of(actor, "neutral")
    before = seen(landmarker, crop)
    assert gap(seen(landmarker, move_mouth(crop, before, Mouth(0.3)))) > gap(before) + 5


def test_the_chin_goes_down_with_the_jaw(landmarker: FaceLandmarker) -> None:
    loose = cv2.copyMakeBorder(crop_of("f_multi", "neutral")[20:], 0, 20, 0, 0, cv2.BORDER_REPLICATE)
    crop = np.asarray(loose, np.uint8)  # the detector's crop may end above the chin
    before = seen(landmarker, crop)
    assert before[CHIN, 1] < 97
    assert seen(landmarker, move_mouth(crop, before, Mouth(0.3)))[CHIN, 1] > before[CHIN, 1] + 2


@pytest.mark.parametrize("actor", ACTORS)
def test_a_round_mouth_is_narrower_a_wide_one_wider_and_a_pressed_one_thinner(
    landmarker: FaceLandmarker, actor: str
) -> None:
    crop = crop_of(actor, "neutral")
    before = seen(landmarker, crop)
    shapes = (Mouth(0.08, 0.7), Mouth(0.05, 1.12), Mouth(0.0, 1.0, 0.5))
    narrow, wide, pressed = (seen(landmarker, move_mouth(crop, before, mouth)) for mouth in shapes)
    assert width(narrow) < 0.9 * width(before) < width(before) < width(wide)

    def lips(points: NDArray[np.float64]) -> float:
        return float(points[list(LOWER_OUTER[3:8]), 1].mean() - points[list(UPPER_OUTER[3:8]), 1].mean())

    assert lips(pressed) < 0.9 * lips(before)


@pytest.mark.parametrize("actor", ACTORS)
def test_a_smile_that_speaks_keeps_the_corners_of_its_mouth_raised(landmarker: FaceLandmarker, actor: str) -> None:
    neutral, smile = (crop_of(actor, frame) for frame in ("neutral", "smile_100"))
    points = seen(landmarker, smile)
    calm = raised(seen(landmarker, neutral))
    for mouth in (Mouth(0.2), Mouth(0.1, 0.7, 1.1), Mouth(0.0, 1.0, 0.6)):
        assert raised(seen(landmarker, move_mouth(smile, points, mouth))) > calm + 0.5 * (raised(points) - calm)


@pytest.mark.parametrize("frame", ["neutral", "frown_100", "eyes_surprise_100", "full_surprise_100"])
def test_brows_eyes_and_nose_stay_as_they_are_whatever_the_mouth_does(landmarker: FaceLandmarker, frame: str) -> None:
    crop = crop_of("f_multi", frame)
    points = seen(landmarker, crop)
    above = round(points[NOSE, 1]) - 6
    for seed in range(12):
        spoken = move_mouth(crop, points, draw_mouth(np.random.default_rng(seed)))
        assert spoken.shape == crop.shape and spoken.dtype == crop.dtype
        changed = np.abs(spoken[:above, 15:85].astype(np.int16) - crop[:above, 15:85])
        assert changed.mean() < 2.5
        assert np.abs(spoken[above:].astype(np.int16) - crop[above:]).mean() > changed.mean()


def test_teeth_are_brighter_than_the_dark_of_an_open_mouth(landmarker: FaceLandmarker) -> None:
    crop = crop_of("m_multi", "neutral")
    points = seen(landmarker, crop)
    dark, teeth = (move_mouth(crop, points, Mouth(0.2, teeth=share)) for share in (0.0, 0.7))
    x, y = points[TOP].round().astype(int)
    inside = np.s_[y : y + 6, x - 3 : x + 4]
    assert dark[inside].min() < 0.5 * crop[inside].mean()
    assert teeth[inside].mean() > dark[inside].mean() + 25


def test_a_mouth_that_was_open_keeps_its_own_inside(
    landmarker: FaceLandmarker, monkeypatch: pytest.MonkeyPatch
) -> None:
    crop = crop_of("f_multi", "full_surprise_100")
    points = seen(landmarker, crop)
    monkeypatch.setattr(speech, "_paint_inside", lambda *_: pytest.fail("it was painted"))
    assert gap(seen(landmarker, move_mouth(crop, points, Mouth(0.0)))) < gap(points)


def test_a_tilted_face_speaks_along_its_own_axes(landmarker: FaceLandmarker) -> None:
    crop = crop_of("f_multi", "neutral")
    points = seen(landmarker, crop)
    turn = cv2.getRotationMatrix2D((50, 50), 25, 1.0)
    tilted = np.asarray(cv2.warpAffine(crop, turn, (100, 100), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    spoken = move_mouth(tilted, points @ turn[:, :2].T + turn[:, 2], Mouth(0.3))
    upright = np.asarray(cv2.warpAffine(move_mouth(crop, points, Mouth(0.3)), turn, (100, 100)), np.uint8)
    inner = np.s_[25:75, 25:75]
    assert np.abs(spoken[inner].astype(np.int16) - upright[inner]).mean() < 4


def test_a_hidden_mouth_is_gone_and_the_eyes_are_not(landmarker: FaceLandmarker) -> None:
    crop = crop_of("f_multi", "laugh_100")
    points = seen(landmarker, crop)
    eyes = np.s_[: round(points[6, 1]), :]
    for seed in range(9):
        hidden = hide_mouth(crop, points, np.random.default_rng(seed))
        np.testing.assert_array_equal(hidden[eyes], crop[eyes])
        mouth = np.s_[round(points[TOP, 1]) - 2 : round(points[BOTTOM, 1]) + 3, 40:60]
        assert np.abs(hidden[mouth].astype(np.int16) - crop[mouth]).mean() > 8


def test_what_is_drawn_is_drawn_by_the_seed_and_a_picture_without_a_face_is_left_alone(
    landmarker: FaceLandmarker,
) -> None:
    crop = crop_of("f_multi", "neutral")
    points = seen(landmarker, crop)
    one, same, other = (speak(crop, points, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert speak(crop, np.full((478, 2), np.nan), np.random.default_rng(3)) is crop


def actor_set() -> LabelledSet:
    """Three actors' faces, and a drawn thing that is none."""
    made = drawn_set(4, name="actors")
    made.pictures[:3] = [crop_of(actor, "neutral") for actor in ACTORS[:3]]
    made.pictures[3] = 128
    return made


def test_landmarks_are_found_once_for_a_set_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = actor_set()
    found = kept_landmarks(labelled, tmp_path)
    assert found.shape == (4, 478, 2)
    assert not np.isnan(found[:3]).any()
    assert np.isnan(found[3]).all()
    monkeypatch.setattr(speech, "FaceLandmarker", lambda: pytest.fail("it was asked again"))
    np.testing.assert_array_equal(kept_landmarks(labelled, tmp_path), found)


def test_a_share_of_what_training_draws_speaks_and_the_labels_stay(tmp_path: Path) -> None:
    labelled = actor_set()
    landmarks = {"actors": kept_landmarks(labelled, tmp_path)}
    sampler = MixtureSampler([labelled])

    def drawn(share: float, seed: int = 5) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        still = MIXED_SETS.__class__(0, 0, 0, 0, 0)
        how = {"batch_size": 32, "steps": 1, "seed": seed, "speech": share, "landmarks": landmarks}
        return AugmentedBatches([labelled], sampler, still, **how)[0]  # type: ignore[arg-type]

    plain, half, all_ = (drawn(share) for share in (0.0, 0.5, 1.0))
    for pictures, labels in (half, all_):
        np.testing.assert_array_equal(labels, plain[1])
        assert pictures.shape == plain[0].shape
    faces = np.array([(picture.std() > 0.01) for picture in plain[0]])
    spoken = [(pictures != plain[0]).any(axis=(1, 2, 3))[faces].mean() for pictures in (half[0], all_[0])]
    assert 0.2 < spoken[0] < 0.8
    assert spoken[1] == 1.0
    np.testing.assert_array_equal(half[0], drawn(0.5)[0])
