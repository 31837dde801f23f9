"""Faces that can be read, and those that networks would only have an opinion on."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
import pytest

from core.candidates.classify import face_crop
from core.face.box import FaceBox
from core.face.checked import CHECK_AGAIN_AFTER, SMALLEST_FACE, CheckedFaceFinder
from core.face.haar import HaarFaceFinder
from core.face.landmarks import FaceLandmarker
from core.method.emotion import GapReason, Outcome, Probabilities
from core.monitoring.pipeline import FaceTracker, Pipeline
from core.sources.entries import file_entry
from core.sources.pictures import read_picture
from core.sources.source import Frame, Pixels
from core.system.resources import ASSETS_FOLDER
from tests.cases import CASES
from tests.doubles import FakeNetwork
from tests.thorough import mostly_thorough

ACTORS = sorted(place.name for place in (ASSETS_FOLDER / "actor").iterdir() if place.is_dir())


def picture(actor: str, name: str = "neutral") -> Pixels:
    pixels = read_picture(file_entry(ASSETS_FOLDER / "actor" / actor / f"{name}.jpg", name)).pixels
    assert pixels is not None
    return pixels


def case(name: str) -> Pixels:
    pixels = read_picture(file_entry(CASES / name, name)).pixels
    assert pixels is not None
    return pixels


@pytest.mark.parametrize("actor", mostly_thorough(ACTORS, ("f_multi", "m_african")))
def test_every_face_of_an_actor_that_haar_finds_is_one(actor: str) -> None:
    haar, checked, found = HaarFaceFinder(), CheckedFaceFinder(), 0
    for place in sorted((ASSETS_FOLDER / "actor" / actor).glob("*_100.jpg")):
        pixels = picture(actor, place.stem)
        box = haar.find(pixels)
        found += box is not None
        assert checked.find(pixels) == box
    assert found >= 8


def test_a_head_on_its_side_is_turned_away_and_one_of_26_pixels_too_far() -> None:
    finder = CheckedFaceFinder()
    for name, why in (("sideways_no_exif.jpg", GapReason.TURNED_AWAY), ("tiny_face.jpg", GapReason.TOO_FAR)):
        assert HaarFaceFinder().find(case(name)) is not None, "Haar finds it"
        assert finder.find(case(name)) is None
        assert finder.gap is why


@pytest.mark.parametrize(
    ("actor", "name"), [("m_multi", "smile_100"), ("f_white", "neutral"), ("m_easian", "rage_100")]
)
def test_a_face_on_its_head_is_no_face_even_where_haar_finds_one(actor: str, name: str) -> None:
    for turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE):
        finder = CheckedFaceFinder()
        assert finder.find(np.asarray(cv2.rotate(picture(actor, name), turn), np.uint8)) is None
        assert finder.gap in {GapReason.TURNED_AWAY, GapReason.NO_FACE}


def test_a_face_that_walks_away_is_followed_until_it_is_too_small() -> None:
    tracker, seen = FaceTracker(CheckedFaceFinder()), dict[int, GapReason | None]()
    for number, height in enumerate(range(480, 60, -24)):
        small = cv2.resize(picture("m_multi"), (height * 4 // 3, height), interpolation=cv2.INTER_AREA)
        frame = np.full((480, 640, 3), 200, np.uint8)
        frame[: small.shape[0], : small.shape[1]] = small
        box = tracker.locate(Frame(frame, number / 5))
        seen[height] = tracker.gap
        assert box is None or box.width >= SMALLEST_FACE
    assert seen[480] is None
    assert seen[240] is None
    assert seen[72] is not None


class Watched(CheckedFaceFinder):
    """A finder whose Haar finds what `box` says, and whose landmark network notes the turns that it is asked about."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.box: FaceBox | None = FaceBox(200, 100, 200, 200)
        self.sure = 0.9
        self.asked: list[int] = []
        self._landmarker = cast("FaceLandmarker", self)
        monkeypatch.setattr(HaarFaceFinder, "find", Watched.found_by_haar)

    def found_by_haar(self, _pixels: Pixels, _last: FaceBox | None = None) -> FaceBox | None:
        self.gap = GapReason.NO_FACE if self.box is None else None
        return self.box

    def presence(self, _pixels: Pixels, _box: FaceBox, angle: float = 0.0) -> float:
        self.asked.append(round(math.degrees(angle)))
        return self.sure if angle == 0 else 0.1

    def looks(self, frames: int, last: FaceBox | None) -> list[int]:
        """The turns, in degrees, that were looked at in so many frames behind `last`."""
        self.asked.clear()
        for _ in range(frames):
            self.find(np.zeros((480, 640, 3), np.uint8), last)
        return self.asked


ALL_TURNS = [0, 90, 180, 270]


def test_a_face_that_was_there_in_every_frame_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = Watched(monkeypatch)
    assert finder.looks(1, None) == ALL_TURNS
    assert finder.looks(10 * CHECK_AGAIN_AFTER, finder.box) == []
    assert finder.looks(1, FaceBox(0, 0, 60, 60)) == ALL_TURNS, "a box elsewhere is another face"


def test_a_face_that_was_lost_for_a_moment_is_looked_at_again_within_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finder = Watched(monkeypatch)
    box, _first = finder.box, finder.looks(1, None)
    for _ in range(3):  # losing it time and again costs no more
        finder.box = None
        assert finder.looks(1, box) == []
        finder.box = box
        assert finder.looks(5, box) == []
    assert finder.looks(CHECK_AGAIN_AFTER, box) == ALL_TURNS
    assert finder.looks(CHECK_AGAIN_AFTER, box) == []


def test_what_is_no_face_any_more_stays_none_until_it_is_one_again(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = Watched(monkeypatch)
    box, _first = finder.box, finder.looks(CHECK_AGAIN_AFTER, None)
    finder.box = None
    finder.looks(1, box)
    finder.box, finder.sure = box, 0.1
    finder.looks(CHECK_AGAIN_AFTER - 1, box)
    for _ in range(3):
        assert finder.find(np.zeros((480, 640, 3), np.uint8), box) is None
        assert finder.gap is GapReason.TURNED_AWAY
    finder.sure = 0.9
    assert finder.find(np.zeros((480, 640, 3), np.uint8), box) == box


@pytest.mark.parametrize("actor", mostly_thorough(ACTORS, ("f_multi", "m_african")))
def test_haar_loses_a_face_that_turns_on_its_side(actor: str) -> None:
    """Why a face that was there in every frame need not be looked at in all turns."""
    upright, haar = picture(actor), HaarFaceFinder()
    height, width = upright.shape[:2]
    box, found = haar.find(upright), list[FaceBox | None]()
    for degrees in range(0, 91, 5):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        turned = cv2.warpAffine(upright, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        found.append(haar.find(np.asarray(turned, np.uint8), box))
    assert found[0] == box is not None
    assert None in found[5:], "somewhere between 25 and 90 degrees"


def test_a_reading_without_a_face_tells_why() -> None:
    pipeline = Pipeline(FaceTracker(CheckedFaceFinder()), FakeNetwork("one", lambda _: Probabilities(1, 0, 0, 0)))
    reading = pipeline.read(Frame(case("sideways_no_exif.jpg"), 0.0))
    assert (reading.outcome, reading.why) == (Outcome.GAP, GapReason.TURNED_AWAY)
    assert pipeline.read(Frame(picture("m_multi"), 0.2)).why is None
    assert pipeline.read(None).why is None


def test_a_picture_has_a_crop_or_the_reason_why_not() -> None:
    assert face_crop(np.zeros((100, 100, 3), np.uint8), CheckedFaceFinder()) is GapReason.NO_FACE
    assert face_crop(case("tiny_face.jpg"), CheckedFaceFinder()) is GapReason.TOO_FAR
    assert not isinstance(face_crop(picture("f_multi"), CheckedFaceFinder()), GapReason)
