"""Landmarks and blendshapes, on the demo actors' frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.face.box import FaceBox
from core.face.haar import HaarFaceFinder
from core.face.landmarks import (
    BLENDSHAPES,
    BLENDSHAPES_FILE,
    DETECTOR_FILE,
    LANDMARKS,
    FaceLandmarker,
    LandmarkError,
    Landmarks,
    eye_angle,
)
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER

UPPER_LIP, LOWER_LIP, NOSE_TIP = 13, 14, 1


@pytest.fixture(scope="module")
def landmarker() -> FaceLandmarker:
    return FaceLandmarker()


def face(actor: str, frame: str) -> tuple[Pixels, FaceBox]:
    pixels = cv2.imread(str(ASSETS_FOLDER / "actor" / actor / f"{frame}.jpg"))
    assert pixels is not None
    picture = np.asarray(pixels, dtype=np.uint8)
    neutral = cv2.imread(str(ASSETS_FOLDER / "actor" / actor / "neutral.jpg"))
    box = HaarFaceFinder().find(np.asarray(neutral, dtype=np.uint8))  # the actor holds its head still
    assert box is not None
    return picture, box


def shapes(landmarker: FaceLandmarker, frame: str) -> dict[str, float]:
    said = landmarker.blendshapes(landmarker.find(*face("f_multi", frame)).points)
    return dict(zip(BLENDSHAPES, said.tolist(), strict=True))


@pytest.mark.parametrize("actor", ["f_multi", "m_african", "f_easian", "m_white"])
def test_the_landmarks_lie_in_the_face_with_eyes_over_nose_over_mouth(landmarker: FaceLandmarker, actor: str) -> None:
    pixels, box = face(actor, "neutral")
    found = landmarker.find(pixels, box)
    assert found.presence > 0.9
    assert found.points.shape == (LANDMARKS, 3)
    xs, ys = found.points[:, 0], found.points[:, 1]
    assert abs(xs.mean() - box.centre[0]) < 0.15 * box.width
    assert ys[[33, 263]].max() < ys[NOSE_TIP] < ys[UPPER_LIP]


def test_a_wide_open_mouth_is_found_wider_open_than_a_closed_one(landmarker: FaceLandmarker) -> None:
    def gap(found: Landmarks) -> float:
        return float(found.points[LOWER_LIP, 1] - found.points[UPPER_LIP, 1])

    closed, open_ = (landmarker.find(*face("m_multi", frame)) for frame in ("neutral", "full_surprise_100"))
    assert gap(open_) > gap(closed) + 15


def test_blendshapes_tell_a_smile_from_drawn_brows_and_from_a_round_mouth(landmarker: FaceLandmarker) -> None:
    neutral, smile, frown, round_ = (shapes(landmarker, one) for one in ("neutral", "smile_100", "frown_100", "talk_o"))
    assert smile["mouthSmileLeft"] > 0.5 > neutral["mouthSmileLeft"]
    assert frown["browDownLeft"] > neutral["browDownLeft"] + 0.3
    assert round_["mouthPucker"] > neutral["mouthPucker"] + 0.3


@pytest.mark.parametrize("degrees", [-25, 20])
def test_a_tilted_head_has_the_same_landmarks_tilted(landmarker: FaceLandmarker, degrees: int) -> None:
    pixels, box = face("f_multi", "neutral")
    upright = landmarker.find(pixels, box).points
    turn = cv2.getRotationMatrix2D(box.centre, -degrees, 1.0)
    tilted = np.asarray(cv2.warpAffine(pixels, turn, pixels.shape[1::-1]), dtype=np.uint8)
    found = landmarker.find(tilted, box)
    expected = upright[:, :2] @ turn[:, :2].T + turn[:, 2]
    assert np.abs(found.points[:, :2] - expected).mean() < 1.5
    assert np.rad2deg(eye_angle(found.points)) == pytest.approx(degrees, abs=2)


def test_where_there_is_no_face_presence_is_low(landmarker: FaceLandmarker) -> None:
    grey = np.full((480, 640, 3), 120, np.uint8)
    assert landmarker.find(grey, FaceBox(200, 100, 200, 200)).presence < 0.1


def test_a_missing_and_a_broken_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(LandmarkError, match=r"nowhere\.tflite cannot be read"):
        FaceLandmarker(tmp_path / "nowhere.tflite")
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"no network")
    with pytest.raises(LandmarkError, match=r"LiteRT cannot run .*broken\.tflite"):
        FaceLandmarker(DETECTOR_FILE, broken)
    with pytest.raises(LandmarkError, match="gives no 478 landmarks"):
        FaceLandmarker(BLENDSHAPES_FILE)
