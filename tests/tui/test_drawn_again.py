"""Another language and other colours draw every screen again; the person stays where they were on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.widgets import DataTable, OptionList

from app.tui.dialogs.choose import ChooseDialog
from app.tui.screens.settings import SettingsScreen
from app.tui.wizard.steps import Step
from tests.tui.stage import Stage, open_stage
from tests.tui.test_history import open_history, with_weeks

KEYS = pytest.mark.parametrize("key", ["f2", "f3"])


def line(stage: Stage) -> int | None:
    return stage.app.screen.query_one(OptionList).highlighted


@KEYS
async def test_the_line_pointed_at_in_a_list_stays_so(tmp_path: Path, key: str) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s", "down", "down", "down", key)
        assert line(stage) == 3
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChooseDialog)
        await stage.press("down", "down", key)
        assert line(stage) == 2
        await stage.press("enter", "up", "up", "enter")
        assert isinstance(stage.app.screen, SettingsScreen)
        assert line(stage) == 1, "the colours, changed from their own line"


@KEYS
async def test_the_call_and_the_day_looked_at_stay_so(tmp_path: Path, key: str) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        await stage.press("down", "down", "down", key)
        assert stage.app.screen.query_one(DataTable).cursor_row == 3
        await stage.press("2", "left", "left")
        before = stage.text()
        await stage.press(key, key)
        await stage.until(lambda: stage.text() == before, "the same day as before")


@KEYS
async def test_a_text_that_is_being_read_stays_where_it_is(tmp_path: Path, key: str) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.until_step(Step.WELCOME)
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        await stage.press("pagedown")
        text: Callable[[], VerticalScroll] = lambda: stage.app.screen.query_one("#text", VerticalScroll)  # noqa: E731
        await stage.until(lambda: text().scroll_y > 0, "the second page")
        read = text().scroll_y
        await stage.press(key)
        await stage.until(lambda: text().scroll_y == read, "the same page")
