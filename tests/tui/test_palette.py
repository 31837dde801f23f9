"""The palette of commands stays up whatever is pressed or clicked, however early."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandInput, CommandList, SearchIcon

from app.tui.base_app import CalmPalette
from app.tui.wizard.steps import Step
from tests.tui.stage import Stage, open_stage


async def open_palette(stage: Stage) -> CommandList:
    await stage.until_step(Step.MONITOR)
    await stage.press("ctrl+p")
    await stage.until(lambda: isinstance(stage.app.screen, CalmPalette), "the palette")
    commands = stage.app.screen.query_one(CommandList)
    await stage.until(lambda: commands.option_count > 0, "its commands")
    return commands


@pytest.mark.parametrize("key", ["pageup", "pagedown", "up", "down", "home", "end"])
async def test_a_key_that_comes_before_the_list_is_laid_out_is_let_go(tmp_path: Path, key: str) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        commands = await open_palette(stage)
        await stage.press("down")
        commands.styles.height = 0
        await stage.until(lambda: not commands.scrollable_content_region, "no room")
        commands._clear_caches()  # as before it is laid out for the first time
        await stage.press(key)
        assert isinstance(stage.app.screen, CalmPalette)
        await stage.press("escape")
        await stage.until(lambda: not isinstance(stage.app.screen, CalmPalette), "it closes")


async def test_paging_moves_once_there_is_a_list(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        commands = await open_palette(stage)
        await stage.until(lambda: bool(commands.scrollable_content_region), "room")
        await stage.press("down", "pagedown")
        last = commands.highlighted
        await stage.press("pageup")
        assert last and commands.highlighted == 0


async def test_a_triple_click_marks_nothing_and_brings_nothing_down(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await open_palette(stage)
        assert not stage.app.screen.query_one(SearchIcon).display, "an emoji, which many fonts lack"
        await stage.pilot.click(CommandInput, times=3)
        await stage.pilot.pause()
        assert isinstance(stage.app.screen, CalmPalette)
        assert not stage.app.screen.selections
