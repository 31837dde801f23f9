"""Calls that begin and end by themselves, on the real screens: by the microphone, and those whose end was missed."""

from __future__ import annotations

from pathlib import Path

from core.method.emotion import Emotion, Outcome
from core.microphone.system import Users
from core.store.records import CallState
from core.store.settings import MICROPHONE_SETTING, PROGRAMS_SETTING
from tests.tui.stage import ColourSource, Stage, open_stage

PHONE: Users = frozenset(["zoiper5"])
NOBODY: Users = frozenset()


async def used_for(stage: Stage, seconds: int, users: Users) -> None:
    """So many seconds pass, in which these programs use the microphone."""
    for _ in range(seconds):
        await stage.app.by_themselves.told(users)
        await stage.advance(1.0)


def gone_after(seconds: float) -> ColourSource:
    """A person who leaves the chair."""
    return ColourSource(mood=lambda now: Emotion.NEUTRAL if now < seconds else None)


async def test_calls_follow_the_microphone_through_holds_and_a_crash(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await used_for(stage, 2, NOBODY)
        for pause in (NOBODY, None, PHONE):  # a change of devices, no answer, a hold or a mute
            await used_for(stage, 6, PHONE)
            assert stage.app.calling.running is not None
            await used_for(stage, 4, pause)
            await used_for(stage, 6, PHONE)
            await used_for(stage, 7, NOBODY)  # it hung up, or crashed
            assert stage.app.calling.running is None
        calls = stage.store.calls()
        assert [call.state for call in calls] == [CallState.ENDED] * 3
        assert all(16 <= call.summary.duration_ms / 1000 <= 20 for call in calls)


async def test_a_call_that_the_person_ended_is_not_begun_again_while_the_microphone_is_used(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await used_for(stage, 1, NOBODY)
        await used_for(stage, 6, PHONE)
        await stage.press("space")
        await used_for(stage, 8, PHONE)
        assert len(stage.store.calls()) == 1
        assert stage.app.calling.running is None


async def test_the_microphone_is_offered_once_and_the_settings_change_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, ask_microphone=lambda: NOBODY) as stage:
        await stage.press("space")
        await stage.advance(2.0)
        await stage.press("space")
        await stage.until(lambda: "hears nothing" in stage.text(), "the offer")
        await stage.press("y")
        assert stage.app.by_themselves.on
        await stage.press("space")
        await stage.advance(2.0)
        await stage.press("space")
        await stage.until(lambda: stage.app.calling.running is None, "its end")
        assert "hears nothing" not in stage.text()
        stage.app.show_settings("microphone")
        await stage.until(lambda: "calls begin with the mic" in stage.text(), "the settings")
        assert "softphones, meetings" in stage.text()
        await stage.press("enter")
        await stage.until(lambda: "uses the microphone?" in stage.text(), "the question")
        await stage.press("home", "enter")
        assert stage.store.setting(MICROPHONE_SETTING, "") == "off"


async def test_the_person_names_the_programs_that_count(tmp_path: Path) -> None:
    def prepare(store: object) -> None:
        store.set_setting(MICROPHONE_SETTING, "on")  # type: ignore[attr-defined]  # the stage's own store

    async with open_stage(tmp_path, ready=True, ask_microphone=lambda: NOBODY, prepare=prepare) as stage:
        stage.app.show_settings("microphone")
        await stage.until(lambda: "used by" in stage.text(), "the settings")
        await stage.press("enter", "end", "enter")
        await stage.until(lambda: "Whose use" in stage.text(), "the question")
        await stage.press("end", "ctrl+u", *"ourphone", "enter")
        assert stage.store.setting(PROGRAMS_SETTING, "") == "ourphone"
        assert stage.app.by_themselves._calls.programs == ["ourphone"]


async def test_nothing_is_offered_where_nobody_can_tell(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.advance(2.0)
        await stage.press("space")
        await stage.until(lambda: stage.app.calling.running is None, "its end")
        assert len(stage.app.screen_stack) == 2
        stage.app.show_settings()
        await stage.settle()
        assert "calls begin with the mic" not in stage.text()


async def leave(stage: Stage) -> None:
    """A call in which the person is seen for twenty seconds, and then ten minutes of nobody."""
    await stage.press("space")
    await stage.until_watching()
    await stage.advance(20.0 + 601.0)
    await stage.app.by_themselves.look()
    await stage.until(lambda: "still running" in stage.text(), "the question")


async def test_a_missed_end_is_asked_about_and_then_the_call_ends_at_the_last_face(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=lambda: gone_after(20.0)) as stage:
        await leave(stage)
        await stage.advance(61.0)
        await stage.app.by_themselves.look()
        await stage.until(lambda: stage.app.calling.running is None, "the end")
        assert "still running" not in stage.text()
        [call] = stage.store.calls()
        assert 19.0 <= call.summary.duration_ms / 1000 <= 20.5
        assert Outcome.GAP not in {sample.outcome for sample in stage.store.samples(call.id)}


async def test_who_says_yes_goes_on_and_is_asked_again_later(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=lambda: gone_after(20.0)) as stage:
        await leave(stage)
        await stage.press("y")
        await stage.advance(120.0)
        await stage.app.by_themselves.look()
        await stage.settle()
        assert stage.app.calling.running is not None
        assert "still running" not in stage.text()
