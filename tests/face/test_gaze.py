"""Where a face looks, measured on the actors: their eyes turn where their frames say so, and nowhere else."""

from __future__ import annotations

import csv
from statistics import median

import cv2
import numpy as np
import pytest

from core.face.box import FaceBox
from core.face.gaze import GazeReader
from core.face.landmarks import LandmarkError
from core.method.gaze import Direction, Gaze
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER

FAR_ASIDE = ("f_multi", "m_multi")
"""Actors whose eyes turn by some 20 degrees; the others' by about 10, which is still the screen."""


def picture(actor: str, name: str) -> Pixels:
    pixels = cv2.imread(str(ASSETS_FOLDER / "actor" / actor / name))
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def gazes_of(actor: str) -> dict[str, Gaze]:
    """The gaze in every frame of an actor that has a face box."""
    folder, reader = ASSETS_FOLDER / "actor" / actor, GazeReader()
    rows = [row for row in csv.DictReader((folder / "frames.csv").read_text("utf-8").splitlines()) if row["x"]]
    found = {
        row["file"].removesuffix(".jpg"): reader.read(
            picture(actor, row["file"]), FaceBox(*(int(row[side]) for side in "xywh"))
        )
        for row in rows
    }
    return {name: gaze for name, gaze in found.items() if gaze is not None}


@pytest.mark.parametrize("actor", [*FAR_ASIDE, "f_easian", "m_white"])
def test_only_eyes_that_turn_far_aside_are_elsewhere_whatever_the_face_and_the_mouth_do(actor: str) -> None:
    gazes = gazes_of(actor)
    usual = Gaze(median(one.across for one in gazes.values()), median(one.down for one in gazes.values()))
    elsewhere = {name: gaze.direction(usual) for name, gaze in gazes.items()}
    told = {name: direction for name, direction in elsewhere.items() if direction is not Direction.AHEAD}
    to_sides = {"look_left": Direction.RIGHT, "look_right": Direction.LEFT}  # named by the picture's sides
    assert told == (to_sides if actor in FAR_ASIDE else {})


@pytest.mark.parametrize(
    ("across", "down", "direction"),
    [(14, -14, "ahead"), (16, 0, "left"), (-16, 10, "right"), (3, 16, "down"), (-3, -16, "up")],
)
def test_a_direction_is_seen_by_the_person_who_looks(across: float, down: float, direction: str) -> None:
    assert Gaze(across + 5, down - 7).direction(Gaze(5, -7)) == direction


def test_without_a_face_of_some_size_or_without_the_network_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    face, box = picture("f_multi", "neutral.jpg"), FaceBox(215, 120, 212, 212)
    assert GazeReader().read(face, box) is not None
    assert GazeReader().read(np.full_like(face, 90), box) is None
    assert GazeReader().read(face[::3, ::3], FaceBox(72, 40, 71, 71)) is None

    def no_network() -> None:
        raise LandmarkError("gone")

    monkeypatch.setattr("core.face.gaze.FaceLandmarker", no_network)
    assert GazeReader().read(face, box) is None
