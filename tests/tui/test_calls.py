"""Calls on the monitor screen, and what happens around them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from textual import events

from app.tui.app import CalmlineApp
from app.tui.screens.history import HistoryScreen
from app.tui.screens.monitor import MonitorScreen
from app.tui.screens.settings import SettingsScreen
from app.tui.services import Services
from app.tui.start import make_app
from app.tui.wizard.steps import Step
from core.control.channel import read_authkey
from core.control.client import send_command
from core.control.protocol import Action, Command
from core.method.emotion import Emotion, Outcome
from core.method.sample import Sample
from core.store.records import CallRecord, CallSource, CallStart, CallState, ShareLevel
from core.store.store import Store
from tests.thorough import mostly_thorough
from tests.tui.stage import ColourSource, Stage, consent_of, open_stage


def tense() -> ColourSource:
    return ColourSource(mood=lambda seconds: Emotion.STRESS)


async def start_call(stage: Stage) -> None:
    await stage.press("space")
    await stage.until_watching()


async def end_call(stage: Stage) -> None:
    await stage.press("space")
    await stage.until(lambda: stage.app.calling.running is None and stage.open_sources == 0, "the end of the call")


async def test_who_is_set_up_begins_at_the_monitor_with_the_camera_off(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        assert stage.app.current_step is Step.MONITOR
        assert isinstance(stage.app.screen, MonitorScreen)
        assert stage.sources == []
        assert "The camera is off" in stage.text()


async def test_a_call_shows_its_level_and_stores_every_reading(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(4.0)
        assert "tense" in stage.text()
        assert "looking …" in stage.text(), "four seconds are not enough to say anything"
        assert "level 0.4" in stage.text()
        assert "camera on" in stage.text()
        await end_call(stage)
        [call] = stage.store.calls()
        samples = stage.store.samples(call.id)
    assert {sample.outcome for sample in samples} == {Outcome.STRESS}
    assert samples[-1].level == 20 * len(samples)
    assert len(samples) in (20, 21)
    assert call.state is CallState.ENDED


async def test_every_call_starts_at_level_0(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        for _ in range(2):
            await start_call(stage)
            await stage.advance(5.0)
            await end_call(stage)
        first, second = (stage.store.samples(call.id) for call in stage.store.calls())
    assert first[0].level == second[0].level == 20
    assert [call_sample.level for call_sample in first] == [call_sample.level for call_sample in second]


async def test_reset_sets_the_level_back_in_the_middle_of_a_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(4.0)
        await stage.press("r")
        assert stage.app.calling.level == 0
        await stage.advance(1.0)
        assert 0 < stage.app.calling.level <= 120
        await end_call(stage)


async def test_the_language_and_the_theme_change_in_the_middle_of_a_call_and_it_goes_on(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(2.0)
        await stage.press("f2", "f3", "f2", "f2")
        await stage.until(lambda: "통화 1" in stage.text(), "the call in Korean")
        await stage.advance(2.0)
        assert stage.app.calling.level >= 400
        await end_call(stage)


SAID = [(CallSource.ACTOR, "demo: an actor, not you"), (CallSource.FILE, "a file, not you")]


@pytest.mark.parametrize(("origin", "said"), mostly_thorough(SAID, SAID[:1], each_several=True))
async def test_every_screen_says_that_it_is_not_the_person(tmp_path: Path, origin: CallSource, said: str) -> None:
    def of(services: Services) -> CalmlineApp:
        services.origin = origin
        return make_app(services)

    def somebody() -> ColourSource:
        return ColourSource(is_camera=False, mood=lambda seconds: Emotion.STRESS)

    async with open_stage(tmp_path, ready=True, make_source=somebody, make_app_of=of) as stage:
        assert said in stage.text()
        for step in (Step.WELCOME, Step.CONSENT, Step.CAMERA, Step.LIGHT, Step.EXPRESSIONS, Step.VERDICT, Step.MONITOR):
            stage.app.show_step(step)
            await stage.until_step(step)
            await stage.settle()
            assert said in stage.text(), step
        await start_call(stage)
        await stage.advance(2.0)
        assert said in stage.text()
        await end_call(stage)
        for key in ("h", "s"):
            await stage.press(key)
            assert said in stage.text()
            await stage.press("escape")
        [call] = stage.store.calls()
        assert call.start.source is CallSource.ACTOR, "it takes cues, as the actor does"
        assert "Today" not in stage.text()


async def test_a_call_goes_on_behind_the_history_and_the_settings(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(2.0)
        await stage.press("h")
        assert isinstance(stage.app.screen, HistoryScreen)
        await stage.advance(2.0)
        await stage.press("escape", "s")
        assert isinstance(stage.app.screen, SettingsScreen)
        await stage.advance(2.0)
        await stage.press("escape")
        stage.store.flush()
        assert stage.app.calling.level == 20 * len(stage.app.calling.samples()) > 500
        assert "Call 1" in stage.text()
        await end_call(stage)


async def test_a_note_is_kept_with_its_moment(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await start_call(stage)
        await stage.advance(3.0)
        await stage.press("n")
        await stage.press(*"loud", "enter")
        await end_call(stage)
        [call] = stage.store.calls()
        [note] = stage.store.notes(call.id)
    assert note.text == "loud"
    assert abs(note.t_ms - 3000) <= 200


async def test_letters_typed_right_before_enter_are_in_the_note(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await start_call(stage)
        await stage.advance(3.0)
        await stage.press("n", *"안녕하세")
        for key, letter in (("요", "요"), ("enter", "\r")):  # as a terminal sends what an input method commits: at once
            stage.app.post_message(events.Key(key, letter))
        await stage.settle()
        await end_call(stage)
        [call] = stage.store.calls()
        [note] = stage.store.notes(call.id)
    assert note.text == "안녕하세요"


async def test_space_pressed_again_while_a_call_is_being_begun_begins_no_second_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    async with open_stage(tmp_path, ready=True) as stage:
        begin_call = stage.store.begin_call

        def slowly(start: CallStart) -> CallRecord:
            assert free.wait(20)
            return begin_call(start)

        monkeypatch.setattr(stage.store, "begin_call", slowly)
        await stage.pilot.press("space")
        await stage.pilot.press("space")
        free.set()
        await stage.until_watching()
        await end_call(stage)
        assert [call.state for call in stage.store.calls()] == [CallState.ENDED]


async def test_a_note_that_is_written_while_the_call_ends_is_kept_with_the_moment_it_was_begun_at(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await start_call(stage)
        await stage.advance(3.0)
        await stage.press("n", *"loud")
        await stage.advance(2.0)
        await stage.app.end_call()
        await stage.press("enter")
        [call] = stage.store.calls()
        [note] = stage.store.notes(call.id)
    assert note.text == "loud"
    assert abs(note.t_ms - 3000) <= 200


async def test_without_consent_no_call_starts_and_no_camera_opens(tmp_path: Path) -> None:
    def withdraw(store: Store) -> None:
        store.record_consent(consent_of(store, measure=False))

    async with open_stage(tmp_path, ready=True) as stage:
        withdraw(stage.store)
        await stage.press("space")
        await stage.until(lambda: "not agreed to be measured" in stage.notices(), "the reason")
        assert stage.sources == []
        assert stage.store.calls() == []


async def test_a_script_can_start_reset_and_end_a_call_over_the_control_channel(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        locations = stage.app.services.locations

        async def ask(action: Action) -> dict[str, object]:
            await stage.until(locations.control_key.exists, "the control channel")
            reply = await asyncio.to_thread(
                send_command, locations.control_address, read_authkey(locations.control_key), Command(action)
            )
            return {"ok": reply.ok, "code": reply.code, **reply.facts}

        await stage.settle()
        for action in (Action.END, Action.PAUSE, Action.RESUME):
            assert (await ask(action))["code"] == "no_call"
        assert (await ask(Action.START))["code"] == "started"
        await stage.advance(2.0)
        status = await ask(Action.STATUS)
        assert set(status) == {"ok", "code", "state", "since"}
        assert status["state"] == "in_call"
        [call] = stage.store.calls()
        assert status["since"] == call.started_local.isoformat(timespec="seconds")
        assert stage.app.calling.level > 0
        assert set(await ask(Action.RESET)) == {"ok", "code", "state", "since"}
        assert stage.app.calling.level == 0
        assert set(await ask(Action.START)) == {"ok", "code", "detail"}
        for _twice in range(2):
            assert (await ask(Action.PAUSE))["state"] == "paused"
        assert stage.open_sources == 0
        await stage.until(lambda: "paused" in stage.text(), "the screen says so")
        for _twice in range(2):
            assert (await ask(Action.RESUME))["state"] == "in_call"
        assert stage.open_sources == 1
        assert await ask(Action.END) == {"ok": True, "code": "ended", "state": "idle"}
        assert stage.open_sources == 0
        assert len(stage.store.calls()) == 1


async def test_the_history_lists_calls_and_erases_one_after_asking(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(65.0)
        await end_call(stage)
        await stage.press("h")
        await stage.until(lambda: "read by Tiny (1)" in stage.text(), "the call's line")
        assert "01:05" in stage.text()
        await stage.press("x")
        await stage.until(lambda: "(01:05)" in stage.text(), "which call it is")
        await stage.press("escape")
        assert len(stage.store.calls()) == 1
        await stage.press("x", "y")
        await stage.until(lambda: stage.store.calls() == [], "the erasing")


async def test_sharing_is_changed_in_the_settings_and_recorded_as_a_new_answer(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s", "down", "down", "down", "enter")
        await stage.press("down", "enter")
        consents = stage.store.consents()
    assert [consent.share for consent in consents] == [ShareLevel.NOTHING, ShareLevel.SUMMARIES]


async def test_a_window_that_is_too_small_says_so_and_the_call_goes_on(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.resize(38, 7)
        await stage.settle()
        assert "40x8" in stage.text()
        assert "38x7" in stage.text()
        await stage.advance(2.0)
        assert stage.app.calling.level > 0
        await stage.resize(80, 24)
        await stage.settle()
        assert "Call 1" in stage.text()
        await end_call(stage)


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_days_small_curve_is_as_long_as_there_is_room_for(tmp_path: Path, language: str) -> None:
    def many_calls(store: Store) -> None:
        for _call in range(30):
            call = store.begin_call(CallStart("tiny-1"))
            store.add_samples(call.id, [Sample(tick * 200, Outcome.STRESS, 0) for tick in range(100)])
            store.end_call(call.id)

    async with open_stage(tmp_path, ready=True, language=language, prepare=many_calls) as stage:
        await stage.until(lambda: "100%" in stage.text(), "the day")
        assert "█" * 5 in stage.text()
