"""Keys, clicks and pastes that come faster than the screens: each counts once, and nothing ends the program."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Input

from app.tui.chrome import TopBar
from app.tui.dialogs.ask import NOTE_LENGTH
from app.tui.dialogs.breathe import LENGTH_SECONDS, BreatheDialog
from app.tui.dialogs.choose import ChooseDialog
from app.tui.screens.monitor import MonitorScreen
from app.tui.screens.settings import SettingsScreen
from app.tui.services import chosen_camera
from app.tui.wizard.steps import Step
from app.words.regions import REGIONS
from core.store.errors import StoreError, StoreErrorCode
from core.store.records import ShareLevel
from tests.tui.stage import Stage, open_stage


def send(stage: Stage, *keys: str) -> None:
    """Keys as a terminal sends them in one write: none waits for what the one before it does."""
    for key in keys:
        stage.app.post_message(events.Key(key, key if len(key) == 1 else None))


def foot(stage: Stage) -> str:
    return " ".join(str(key.description) for key in stage.app.screen.query("FooterKey").results())  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [2, 3, 4, 15])
async def test_enter_pressed_impatiently_answers_a_question_once(tmp_path: Path, count: int) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        stage.app.show_settings("share")
        await stage.settle()
        await stage.press("enter")
        send(stage, *["enter"] * count)
        await stage.settle()
        assert isinstance(stage.app.screen_stack[1], MonitorScreen)
        assert isinstance(stage.app.screen_stack[2], SettingsScreen)


async def test_an_arrow_key_and_enter_in_one_write_choose_the_line_that_was_pointed_at(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s")
        settings = stage.app.screen
        assert isinstance(settings, SettingsScreen)
        send(stage, "home", "down", "down", "down", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ChooseDialog), "the question about the fourth line")
        assert "your supervisor may get" in stage.text()
        send(stage, "down", "down", "enter")
        await stage.until(lambda: stage.app.screen is settings, "the answer")
        consent = stage.store.consent()
        assert consent is not None
        assert consent.share is ShareLevel.CURVES


async def test_keys_of_the_first_steps_in_one_write_are_taken_in_their_order(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.until_step(Step.WELCOME)
        send(stage, "home", "down", "enter")
        await stage.until_step(Step.CONSENT)
        assert stage.app.wizard.region == list(REGIONS)[1]
        await stage.press("escape")
        await stage.until_step(Step.WELCOME)
        await stage.press("shift+tab")
        send(stage, "down", "enter")
        await stage.until_step(Step.CONSENT)
        assert "얼굴" in stage.text()
        assert stage.store.counsellor().language == "ko"
        await stage.press("f2", "escape")
        await stage.until_step(Step.WELCOME)
        send(stage, "home", "enter")
        await stage.until_step(Step.CONSENT)
        send(stage, "m", "3", "enter")
        await stage.until_step(Step.CAMERA)
        consent = stage.store.consent()
        assert consent is not None
        assert (consent.measure, consent.share) == (True, ShareLevel.CURVES)


async def test_a_camera_is_pointed_at_and_taken_in_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sources.devices.list_cameras", lambda: [(0, "built in"), (1, "on the desk")])
    async with open_stage(tmp_path, fixed_source=False) as stage:
        await stage.until_step(Step.WELCOME)
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        await stage.press("m", "enter")
        await stage.until_step(Step.CAMERA)
        send(stage, "down", "enter")
        await stage.until_step(Step.LIGHT)
        assert chosen_camera(stage.store) == "1"


async def test_a_breath_goes_on_in_another_language(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("b")
        dialog = stage.app.screen
        assert isinstance(dialog, BreatheDialog)
        recompose, drawn = dialog.recompose, []

        async def slowly() -> None:
            await dialog.remove_children()
            dialog.fill()  # the timer, while nothing is there to be filled
            drawn.append(True)
            await recompose()

        dialog.recompose = slowly  # type: ignore[method-assign]
        await stage.press("f2")
        assert drawn
        assert "들이쉬세요" in stage.text()


async def test_a_breath_that_is_over_under_the_help_goes_when_the_help_is_closed(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("b", "f1")
        await stage.advance(LENGTH_SECONDS + 1)
        await asyncio.sleep(0.5)  # its timer comes more than once
        assert "Help" in stage.text()
        await stage.press("escape")
        assert isinstance(stage.app.screen, MonitorScreen)


async def test_another_language_keeps_the_keys_at_the_foot(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        assert "start call" in foot(stage)
        await stage.press("f2")
        assert "통화 시작" in foot(stage)
        send(stage, "f2", "f2", "f2")
        await stage.until(lambda: "start call" in foot(stage), "the keys in English")
        assert len(stage.app.screen.query(Footer)) == 1


async def test_the_camera_is_said_to_be_on_behind_a_dialog_too(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.press("n")
        bar = stage.app.screen_stack[1].query_one(TopBar)
        before = bar.state
        await stage.press("f2", "f2")
        bar = stage.app.screen_stack[1].query_one(TopBar)
        assert bar.state == before
        assert bar.now is not None
        await stage.press("escape", "space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")


async def test_a_button_that_goes_down_on_what_was_taken_away_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        gone = Widget()
        monkeypatch.setattr(Screen, "get_widget_and_offset_at", lambda *_place: (gone, Offset(0, 0)))
        down = events.MouseDown(None, 5, 0, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=5, screen_y=0)
        stage.app.screen._forward_event(down)
        monkeypatch.undo()
        await stage.settle()
        assert "Space" in stage.text()


async def test_of_a_paste_too_long_for_the_line_as_much_is_kept_as_there_is_room_for(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.press("n", "a", "b")
        stage.app.screen.query_one(Input).post_message(events.Paste("first\n" + "x" * 2 * NOTE_LENGTH))
        await stage.settle()
        assert f"There is room for {NOTE_LENGTH} characters" in stage.notices()
        await stage.press("enter", "space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        [call] = stage.store.calls()
        [note] = stage.store.notes(call.id)
    assert note.text == ("abfirst " + "x" * NOTE_LENGTH)[:NOTE_LENGTH]


async def test_a_note_that_cannot_be_written_stands_in_the_line_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> None:
        raise StoreError(StoreErrorCode.LOCKED)

    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.press("n", *"loud")
        with monkeypatch.context() as patched:
            patched.setattr(stage.store, "_write", held)
            await stage.press("enter")
            await stage.until(lambda: bool(stage.popped_up()), "the reason")
            await stage.until(lambda: bool(stage.app.screen.query(Input)), "the line")
        assert stage.app.screen.query_one(Input).value == "loud"
        await stage.press("enter", "space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        [call] = stage.store.calls()
        [note] = stage.store.notes(call.id)
    assert note.text == "loud"
