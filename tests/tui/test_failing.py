"""What fails behind a screen is said: nobody waits for what will not come."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.tui.screens.history import HistoryScreen
from app.tui.services import ReadingTools
from app.tui.wizard.steps import Step
from core.sources.source import SourceError, SourceProblem
from core.store.errors import StoreError, StoreErrorCode
from core.store.store import Store
from tests.tui.stage import ColourSource, open_stage, walk_to


def no_tools() -> ReadingTools:
    raise ImportError("libGL.so.1 is missing")


@pytest.mark.parametrize("step", [Step.LIGHT, Step.EXPRESSIONS])
async def test_parts_that_cannot_be_loaded_are_named_on_the_screen_that_waits_for_them(
    tmp_path: Path, step: Step
) -> None:
    async with open_stage(tmp_path) as stage:
        stage.app._tools = None
        stage.app.services.load_tools = no_tools
        stage.app.show_step(step)
        await stage.until(lambda: "libGL.so.1 is missing" in stage.notices(), "the reason")


async def test_a_candidate_that_cannot_be_used_is_named_in_the_persons_language_and_the_others_read(
    tmp_path: Path,
) -> None:
    def damage(_store: Store) -> None:
        (tmp_path / "models" / "tiny-2" / "network.tflite").write_bytes(b"no network")

    async with open_stage(tmp_path, language="ko", prepare=damage) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.until(lambda: "tiny-2" in stage.notices(), "which one it is")
        assert (
            stage.notices() == "tiny-2 신경망은 뺐어요. 파일을 사용할 수 없어요. 이유는 “calmline doctor”가 알려 줘요."
        )
        assert stage.app.wizard.grader is not None


async def test_a_record_that_cannot_be_read_is_said_in_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise StoreError(StoreErrorCode.IO, "disk I/O error")

    async with open_stage(tmp_path, ready=True) as stage:
        monkeypatch.setattr(stage.store, "exports", damaged)
        stage.app.push_screen(HistoryScreen())
        await stage.until(lambda: "Reading or writing your record failed" in stage.notices(), "the reason")


async def test_a_video_that_has_gone_is_said_and_leaves_no_call_behind(tmp_path: Path) -> None:
    def gone() -> ColourSource:
        raise SourceError(SourceProblem.NOT_FOUND, "/media/stick/answers.mp4")

    async with open_stage(tmp_path, ready=True) as stage:
        stage.app.services.make_source = gone
        await stage.press("space")
        await stage.until(lambda: "answers.mp4 was not found" in stage.notices(), "the reason")
        assert stage.store.calls() == []
        assert stage.app.calling.running is None


async def test_a_call_that_ended_by_itself_and_cannot_be_recorded_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError(StoreErrorCode.DISK_FULL)

    async with open_stage(tmp_path, ready=True, make_source=lambda: ColourSource(is_camera=False)) as stage:
        await stage.press("space")
        await stage.until_watching()
        monkeypatch.setattr(stage.store, "end_call", full)
        stage.source.ended = True
        await asyncio.to_thread(stage.clock.advance, 0.4, looping=False)
        await stage.until(lambda: "The disk is full" in stage.notices(), "the reason")
