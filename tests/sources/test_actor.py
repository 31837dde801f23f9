"""The demo actor."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.method.emotion import EXPRESSIONS, expression_by_id
from core.sources.actor import DemoActor, list_actors
from core.sources.flaws import Flaw
from core.sources.script import call_script
from core.sources.source import FrameSource, Performer, Pixels, SourceError, SourceProblem
from core.sources.speech import Manner
from core.system.resources import ASSETS_FOLDER
from tests.thorough import mostly_thorough

FOLDER = ASSETS_FOLDER / "actor"
MOMENTS = (0.0, 0.3, 1.1, 4.35, 7.0)


def opened(name: str = "m_multi", seed: int = 7, flaw: Flaw | None = None) -> DemoActor:
    source = DemoActor(FOLDER / name, seed, flaw)
    source.open()
    return source


def pixels(source: DemoActor, seconds: float) -> Pixels:
    frame = source.frame_at(seconds)
    assert frame is not None
    return frame.pixels.copy()


def difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def test_it_is_a_source_that_can_be_told_what_to_play_and_no_camera() -> None:
    source = opened()
    assert isinstance(source, FrameSource)
    assert isinstance(source, Performer)
    assert not source.is_camera
    assert not source.ended
    assert source.trouble is None


@pytest.mark.parametrize("name", mostly_thorough(list_actors(ASSETS_FOLDER), ("f_multi", "m_african")))
def test_every_shipped_actor_can_play_every_expression(name: str) -> None:
    for expression in EXPRESSIONS:
        source = opened(name)
        rest = pixels(source, 0.0)
        source.perform(expression)
        shown = pixels(source, 2.0)
        assert shown.shape == (480, 640, 3)
        assert shown.dtype == np.uint8
        assert difference(rest, shown) > 0.5


@pytest.mark.parametrize("flaw", [None, *Flaw])
def test_the_same_seed_and_cues_give_the_same_frames_bit_for_bit(flaw: Flaw | None) -> None:
    one, other = opened(flaw=flaw), opened(flaw=flaw)
    for source in (one, other):
        source.perform(expression_by_id("rage"))
    assert all(np.array_equal(pixels(one, moment), pixels(other, moment)) for moment in MOMENTS)


def test_another_seed_gives_other_frames() -> None:
    assert not np.array_equal(pixels(opened(seed=1), 1.0), pixels(opened(seed=2), 1.0))


def test_opened_again_it_begins_again() -> None:
    source = opened()
    first = pixels(source, 0.0)
    source.perform_call(1)
    pixels(source, 20.0)
    source.close()
    source.open()
    assert np.array_equal(pixels(source, 0.0), first)


def test_an_expression_grows_instead_of_jumping() -> None:
    source = opened("f_multi")
    pixels(source, 1.0)
    source.perform(expression_by_id("full_surprise"))
    way = [pixels(source, 1.0 + step / 10) for step in range(8)]
    whole = difference(way[0], way[-1])
    assert max(difference(one, other) for one, other in itertools.pairwise(way)) < whole


def test_a_resting_face_blinks() -> None:
    source = opened()
    frames = [pixels(source, step / 25) for step in range(150)]
    steps = [difference(one, other) for one, other in itertools.pairwise(frames)]
    assert max(steps) > 1.05 * float(np.median(steps))  # the rest is the camera's noise


def test_calls_are_scripted_with_talk_strain_and_a_look_away_and_differ_by_number() -> None:
    first, second = call_script(1, 7), call_script(2, 7)
    assert first != second
    assert first == call_script(1, 7)
    for script in (first, second):
        assert 60 < sum(beat.seconds for beat in script) < 130
        assert any(beat.looks_away for beat in script)
        assert any(beat.talks for beat in script)
        assert {"smile", "laugh"} <= {beat.pose for beat in script}


def test_half_of_a_scripted_call_is_talk_with_every_face_that_can_talk() -> None:
    for number in range(1, 30):
        script = call_script(number, 7)
        talked = [beat for beat in script if beat.talks]
        assert 0.3 < sum(beat.seconds for beat in talked) / sum(beat.seconds for beat in script) < 0.7
        assert {beat.pose for beat in talked} <= {manner.value for manner in Manner}
        assert {"neutral", "smile", "frown"} <= {beat.pose for beat in talked}


@pytest.fixture
def no_nods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads as still in talk as in silence, so that only faces differ."""
    monkeypatch.setattr("core.sources.actor._nod", lambda talked: 0.0)


def mouth_of(pixels: Pixels) -> Pixels:
    return pixels[270:345, 265:375]


def eyes_of(pixels: Pixels) -> Pixels:
    return pixels[185:222, 255:385]


@pytest.mark.parametrize("manner", list(Manner))
@pytest.mark.parametrize("name", mostly_thorough(list_actors(ASSETS_FOLDER), ("f_multi", "m_african")))
def test_every_shipped_actor_talks_with_every_face(name: str, manner: Manner) -> None:
    talking, still = opened(name), opened(name)
    talking.perform_talk(manner)
    still.perform(None if manner is Manner.CALM else expression_by_id(manner.value))
    moments = [2 + step / 15 for step in range(45)]
    mouths = [mouth_of(pixels(talking, moment)) for moment in moments]
    rests = [mouth_of(pixels(still, moment)) for moment in moments]
    moved = [difference(one, other) for one, other in itertools.pairwise(mouths)]
    noise = [difference(one, other) for one, other in itertools.pairwise(rests)]
    assert sum(step > 1.5 * max(noise) for step in moved) >= 6


@pytest.mark.parametrize("manner", [Manner.SMILING, Manner.FROWNING, Manner.ANGRY])
@pytest.mark.usefixtures("no_nods")
def test_talk_keeps_the_brows_and_eyes_of_its_face(manner: Manner) -> None:
    calm, other, posed = opened("f_white"), opened("f_white"), opened("f_white")
    calm.perform_talk(Manner.CALM)
    other.perform_talk(manner)
    posed.perform(expression_by_id(manner.value))
    moment = 2.0  # between blinks and glances
    shown = [eyes_of(pixels(actor, moment)) for actor in (calm, other, posed)]
    assert difference(shown[1], shown[2]) < 0.7 * difference(shown[1], shown[0])


@pytest.mark.usefixtures("no_nods")
def test_a_talking_face_blinks_and_glances_aside() -> None:
    calm, plain = opened("m_white", 0), opened("m_white", 0)
    calm.perform_talk(Manner.CALM)
    plain.perform(expression_by_id("expressionless"))  # held expressions do not blink
    usual, glance, blink = (
        difference(eyes_of(pixels(calm, moment)), eyes_of(pixels(plain, moment))) for moment in (6.0, 7.4, 8.7)
    )
    assert 2 * usual < glance < blink


@pytest.mark.usefixtures("no_nods")
def test_an_actor_of_ones_own_without_talking_frames_keeps_its_face_while_it_talks(tmp_path: Path) -> None:
    for frame in ("neutral", "smile_100"):
        shutil.copy(FOLDER / "f_white" / f"{frame}.jpg", tmp_path)
    (tmp_path / "frames.csv").write_text("file\nneutral.jpg\nsmile_100.jpg\n", encoding="utf-8")
    mute, still = DemoActor(tmp_path, 7), DemoActor(tmp_path, 7)
    for source in (mute, still):
        source.open()
    mute.perform_talk(Manner.SMILING)
    still.perform(expression_by_id("smile"))
    assert difference(mouth_of(pixels(mute, 2.0)), mouth_of(pixels(still, 2.0))) < 1
    mute.perform_talk(Manner.ANGRY)
    mute.perform_talk(Manner.CALM)
    assert pixels(mute, 9.0).shape == (480, 640, 3)


@pytest.mark.parametrize("flaw", list(Flaw))
def test_a_flaw_changes_the_picture_and_nothing_else(flaw: Flaw) -> None:
    plain, flawed = pixels(opened(), 1.0), pixels(opened(flaw=flaw), 1.0)
    assert plain.shape == flawed.shape
    assert difference(plain, flawed) > 10


def test_a_folder_that_is_no_actor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as missing:
        DemoActor(tmp_path)
    assert missing.value.trouble is SourceProblem.NOT_FOUND
    (tmp_path / "frames.csv").write_text("file\nsmile_100.jpg\n", encoding="utf-8")
    with pytest.raises(SourceError) as empty:
        DemoActor(tmp_path)
    assert empty.value.trouble is SourceProblem.UNREADABLE


def test_an_actor_of_ones_own_is_a_folder_like_the_shipped_ones(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "f_white", tmp_path / "mine")
    source = DemoActor(tmp_path / "mine")
    source.open()
    assert np.array_equal(pixels(source, 0.5), pixels(opened("f_white", seed=0), 0.5))


def test_a_frame_that_is_missing_or_broken_is_an_error_with_its_name(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "f_white", tmp_path / "mine")
    (tmp_path / "mine" / "smile_100.jpg").write_bytes(b"no picture")
    source = DemoActor(tmp_path / "mine")
    source.open()
    source.frame_at(0.0)
    source.perform(expression_by_id("smile"))
    with pytest.raises(SourceError, match="smile_100") as broken:
        source.frame_at(3.0)
    assert broken.value.trouble is SourceProblem.UNREADABLE
