"""Screens use the place they have: two columns from 110 cells on, no holes, and a measure that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.screens.settings import EXPLANATIONS
from app.tui.widgets.grade_table import GradeTable
from app.tui.widgets.level_chart import LevelChart
from app.tui.wizard.steps import Step
from tests.thorough import mostly_thorough
from tests.tui.stage import Stage, hold, leave_texts_out, open_stage, walk_to

WIDE = mostly_thorough([(110, 30), (120, 40), (200, 50)], [(120, 40)])


def place(stage: Stage, name: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a widget."""
    region = stage.app.screen.query_one(name).region
    return region.x, region.y, region.right, region.bottom


@pytest.mark.parametrize("size", WIDE)
async def test_wide_settings_explain_the_line_pointed_at_beside_the_list(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_stage(tmp_path, ready=True, size=size) as stage:
        await stage.press("s")
        assert "F2 changes it anywhere." in stage.text()
        await stage.press("down")
        assert "F3 changes them anywhere." in " ".join(stage.text().split())
        assert place(stage, "#explanation")[0] >= place(stage, "#settings")[2]


async def test_every_line_of_the_settings_has_its_explanation_and_80_columns_show_none(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s")
        options = stage.app.screen.query_one("#settings")
        keys = [option.id for option in options.options]  # type: ignore[attr-defined]  # a list of options
        of_the_microphone = {"microphone", "programs"}  # only where the system tells who uses it
        assert set(keys) | of_the_microphone == set(EXPLANATIONS)
        assert not stage.app.screen.query_one("#explanation").display


@pytest.mark.parametrize("size", [(80, 24), *WIDE])
async def test_advice_on_the_light_stands_right_below_what_it_is_about(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_stage(tmp_path, size=size) as stage:
        await walk_to(stage, Step.LIGHT)
        await stage.until_step(Step.LIGHT)
        await stage.until_watching()
        await stage.advance(1.0)
        drawing, meters, say = (place(stage, name) for name in ("#drawing", "#meters", "#say"))
        assert meters[0] >= drawing[2]
        assert 0 <= say[1] - max(drawing[3], meters[3]) <= 1
        assert say[3] <= size[1] - 2


@pytest.mark.parametrize("size", WIDE)
async def test_wide_the_verdict_has_its_reasons_beside_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_stage(tmp_path, size=size) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await hold(stage)
        await stage.press("enter", *["s"] * 10)
        await leave_texts_out(stage)
        await stage.until(lambda: bool(stage.app.screen.query_one(GradeTable).results), "the verdict")
        table, sentence = place(stage, "#grades"), place(stage, "#sentence")
        assert sentence[0] >= table[2]
        assert sentence[1] - table[1] <= 2
        assert sentence[2] - sentence[0] >= 26


@pytest.mark.parametrize("size", WIDE)
async def test_wide_the_camera_has_what_happens_next_beside_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_stage(tmp_path, size=size) as stage:
        await walk_to(stage, Step.CAMERA)
        await stage.until_step(Step.CAMERA)
        assert place(stage, "#hint")[0] >= place(stage, "#intro")[2]


async def test_texts_keep_to_a_measure_in_the_middle_and_curves_take_all(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(200, 50)) as stage:
        await stage.press("s")
        left, _top, right, _bottom = place(stage, "#content")
        assert right - left == 120
        assert abs(left - (200 - right)) <= 1
        await stage.press("escape", "space")
        await stage.until_watching()
        await stage.advance(5.0)
        chart = stage.app.screen.query_one("#curve", LevelChart)
        assert chart.size.width >= 196
