"""Screens use the place they have: two columns from 110 cells on, no holes, and a measure that can be read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.tui.screens.settings import EXPLANATIONS
from app.tui.widgets.grade_table import GradeTable
from app.tui.widgets.level_chart import LevelChart
from app.tui.wizard.steps import Step
from core.store.export import ExportRequest, export_to_stream
from core.store.records import ExportKind
from core.store.store import Store
from core.store.tables import Format
from tests.thorough import mostly_thorough
from tests.tui.fitting import unreachable
from tests.tui.stage import Stage, hold, leave_texts_out, open_stage, walk_to
from tests.tui.test_history import with_weeks
from tests.tui.test_sharing import with_calls

WIDE = mostly_thorough([(110, 30), (120, 40), (200, 50)], [(120, 40)])


def place(stage: Stage, name: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a widget."""
    region = stage.app.screen.query_one(name).region
    return region.x, region.y, region.right, region.bottom


@pytest.mark.parametrize("size", WIDE)
async def test_wide_settings_explain_the_line_pointed_at_beside_the_list(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_stage(tmp_path, ready=True, size=size) as stage:
        await stage.press("s")
        assert "Or F2, on every screen." in " ".join(stage.text().split())
        await stage.press("down")
        assert "F3 changes them anywhere." in " ".join(stage.text().split())
        assert place(stage, "#explanation")[0] >= place(stage, "#settings")[2]


async def test_every_line_of_the_settings_has_its_explanation_and_80_columns_show_none(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s")
        options = stage.app.screen.query_one("#settings")
        keys = [option.id for option in options.options]  # type: ignore[attr-defined]  # a list of options
        of_the_microphone = {"microphone"}  # only where the system tells who uses it
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


@pytest.mark.parametrize("size", mostly_thorough([(80, 50), (120, 40), (200, 50)], [(120, 40)]))
async def test_in_a_high_window_what_is_said_stands_in_the_middle_and_its_heading_stays_in_place(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    def heading(stage: Stage) -> tuple[int, int]:
        _left, top, _right, bottom = place(stage, "#content")
        assert abs((top - 2) - (size[1] - 2 - bottom)) <= 1
        return top, bottom

    tops = set()
    async with open_stage(tmp_path, size=size) as stage:
        tops.add(heading(stage))
        await walk_to(stage, Step.LIGHT)
        await stage.until_step(Step.LIGHT)
        await stage.until_watching()
        tops.add(heading(stage))
        assert place(stage, "#say")[3] <= place(stage, "#content")[3]
        await stage.press("g")
        await stage.until_step(Step.EXPRESSIONS)
        tops.add(heading(stage))
    async with open_stage(tmp_path / "ready", ready=True, size=size) as stage:
        for key in "si":
            await stage.press(key)
            tops.add(heading(stage))
            await stage.press("escape")
    [(top, _bottom)] = tops
    assert top > 3


async def test_before_the_first_call_what_is_said_stands_in_the_middle(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(120, 40)) as stage:
        await stage.until(lambda: "first call" in stage.text(), "the first words")
        assert 10 < place(stage, "#idle-state")[1] < 20


@pytest.mark.parametrize("size", [(80, 24), *WIDE])
async def test_a_long_history_leaves_the_curve_its_rows(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks, size=size) as stage:
        await stage.press("h")
        await stage.until(lambda: bool(stage.app.screen.query_one("#curve", LevelChart).curve.points), "the curve")
        assert unreachable(stage) == []
        assert place(stage, "#curve")[3] - place(stage, "#curve")[1] >= 7


async def test_a_long_list_of_exports_takes_what_no_curve_needs(tmp_path: Path) -> None:
    def exported(store: Store) -> None:
        with_calls(store)
        for _number in range(30):
            export_to_stream(store, ExportRequest(ExportKind.CALLS, mine=True), Format.CSV, io.StringIO(), "mina")

    async with open_stage(tmp_path, ready=True, prepare=exported) as stage:
        await stage.press("h", "5")
        await stage.until(lambda: "mina" in stage.text(), "the export's line")
        assert place(stage, "#list")[3] - place(stage, "#list")[1] == 16
        assert unreachable(stage) == []


async def test_a_strip_of_a_practice_is_one_row_as_wide_as_what_is_around_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(200, 50)) as stage:
        await stage.press("i", "space")
        await stage.until_watching()
        await stage.advance(60.0)
        await stage.press("e")
        await stage.until(lambda: stage.open_sources == 0, "the camera closed")
        strips = [line.strip() for line in stage.text().splitlines() if len(set(line.strip())) == 1 and "▁" in line]
        assert [len(strip) for strip in strips] == [116]


@pytest.mark.parametrize(("size", "cells"), [((80, 24), 20), ((120, 40), 40), ((200, 50), 40)])
async def test_the_bars_of_a_call_grow_with_the_window_up_to_a_measure(
    tmp_path: Path, size: tuple[int, int], cells: int
) -> None:
    async with open_stage(tmp_path, ready=True, size=size) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(5.0)
        happy = next(line for line in stage.text().splitlines() if "happy" in line)
        assert happy.count("░") + happy.count("█") == 2 * cells


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
