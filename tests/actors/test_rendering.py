"""The talking frames that are shipped, and the command that makes them."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.sources.actor import list_actors
from core.system.resources import ASSETS_FOLDER
from tests.actors.__main__ import CAME_WITH_THE_ACTOR, render_actor
from tests.actors.face import MANNERS, MOUTH_SHAPES, displacement, moves, talking
from tests.actors.frames import ActorRenderer, NewFrame, frames_to_render
from tests.actors.rendering import Picture, opening

ACTORS = ASSETS_FOLDER / "actor"
MOST_BYTES_OF_ALL_ACTORS = 15_483_318
"""What the ten took before they could talk, and ten million more."""


def shipped(actor: str, name: str) -> Picture:
    pixels = cv2.imread(str(ACTORS / actor / f"{name}.jpg"))
    assert pixels is not None, name
    return np.asarray(pixels, dtype=np.uint8)


@pytest.mark.parametrize("actor", list_actors(ASSETS_FOLDER))
def test_every_actor_has_every_talking_frame_in_its_table(actor: str) -> None:
    with (ACTORS / actor / "frames.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    for frame in frames_to_render(frozenset()):
        row = rows[f"{frame.name}.jpg"]
        assert row["expression"] == frame.expression
        assert float(row["strength"]) == frame.strength
        assert (row["haar_boxes"] == "0") == (not row["x"])
        assert shipped(actor, frame.name).shape == (480, 640, 3)
    assert {path.name for path in (ACTORS / actor).glob("*.jpg")} == set(rows)


@pytest.mark.parametrize("name", ["talk_a", "talk_smile_e", "talk_rage_o_050", "look_left"])
def test_the_command_makes_the_shipped_frames_again(name: str) -> None:
    frame = next(frame for frame in frames_to_render(frozenset()) if frame.name == name)
    again = ActorRenderer(ACTORS / "f_easian").render(frame)
    apart = np.abs(again.astype(int) - shipped("f_easian", name).astype(int))
    assert apart.mean() < 1.5  # JPEG
    assert cv2.blur(apart.astype(np.float32), (9, 9)).max() < 8


def test_frames_that_came_with_an_actor_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [NewFrame("talk_smile_m", "smile", 1.0, "m"), NewFrame("talk_a_050", "neutral", 0.5, "a")]
    asked: list[frozenset[str]] = []

    def only_few(rendered_elsewhere: frozenset[str]) -> list[NewFrame]:
        asked.append(rendered_elsewhere)
        return few

    monkeypatch.setattr("tests.actors.frames.frames_to_render", only_few)
    assert render_actor(ACTORS / "m_multi", tmp_path / "m_multi", tmp_path / "sheets") == 2
    assert asked == [CAME_WITH_THE_ACTOR["m_multi"]]
    assert {path.name for path in (tmp_path / "m_multi").iterdir()} == {
        "frames.csv",
        "talk_smile_m.jpg",
        "talk_a_050.jpg",
    }
    shipped_rows = (ACTORS / "m_multi" / "frames.csv").read_bytes().splitlines()
    assert sorted((tmp_path / "m_multi" / "frames.csv").read_bytes().splitlines()) == sorted(shipped_rows)
    assert (tmp_path / "sheets" / "m_multi.png").is_file()


@pytest.mark.parametrize("expression", [None, *MANNERS])
def test_half_a_mouth_shape_opens_the_lips_less_than_a_whole_one_and_m_closes_them(expression: str | None) -> None:
    face = ActorRenderer(ACTORS / "m_white").face

    def open_pixels(shape: str, strength: float) -> float:
        moved = talking(shape, strength, expression)
        return float(opening(moves(face, moved, closed=shape == "m"), (480, 640)).sum())

    assert open_pixels("a", 1.0) > open_pixels("a", 0.5) > open_pixels("m", 1.0) == 0
    assert open_pixels("o", 1.0) > open_pixels("o", 0.5) > 0
    assert open_pixels("e", 1.0) > 0


@pytest.mark.parametrize("shape", list(MOUTH_SHAPES))
def test_a_calm_talking_face_differs_from_the_resting_one_around_its_mouth_only(shape: str) -> None:
    renderer = ActorRenderer(ACTORS / "f_wasian")
    changed = np.abs(
        renderer.render(NewFrame("", "neutral", 1.0, shape)).astype(int) - shipped("f_wasian", "neutral").astype(int)
    ).max(axis=2)
    eyes, mouth = changed[150:235], changed[265:340, 270:370]
    assert np.percentile(eyes, 99) <= 6
    assert np.percentile(mouth, 90) > 20


def test_displacements_add_up_by_their_weights() -> None:
    twice = displacement({"jawOpen": 0.5, "smile": 1.0})
    assert np.allclose(twice, 0.5 * displacement({"jawOpen": 1.0}) + displacement({"smile": 1.0}))
    assert displacement({"jawOpen": 1.0})[8, 1] > 0.1  # the chin goes down


def test_the_ten_actors_took_no_more_than_ten_megabytes_to_learn_to_talk() -> None:
    assert sum(path.stat().st_size for path in ACTORS.rglob("*") if path.is_file()) <= MOST_BYTES_OF_ALL_ACTORS
