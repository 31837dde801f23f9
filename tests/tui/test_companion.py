"""Calmline beside the softphone: a small window has a layout of its own, and the task bar learns nothing."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from app.tui.chrome import COMPANION_SIZE, not_you
from app.words.figures import blocks
from app.words.language import _, use_language
from app.words.tension import GAP, NARROW, card_text, felt_text, tension_sentence
from core.store.records import CallSource
from tests.privacy.test_leaving import Terminal
from tests.thorough import mostly_thorough
from tests.tui.stage import ColourSource, open_stage
from tests.tui.test_snapshots import weather

SMALL = [(40, 8), (50, 12), (60, 14), (79, 24), (120, 20)]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", mostly_thorough(SMALL, [(40, 8), (60, 14)]))
async def test_a_small_window_shows_tension_its_word_the_course_and_the_clock(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    def source() -> ColourSource:
        return ColourSource(mood=weather)

    async with open_stage(tmp_path, ready=True, size=size, language=language, make_source=source) as stage:
        assert _("No call. The camera is off.") in " ".join(stage.text().split())
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(42.0)
        text = stage.text()
        assert _("camera on") in text
        assert "00:42" in text
        assert "30%" in text
        assert _("rising") in text or _("high") in text or _("steady") in text
        assert "▁" in text
        assert "^p" in text
        assert "?" in text
        await stage.press("space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        assert _("No call. The camera is off.") in " ".join(stage.text().split())


async def test_a_breath_keeps_to_one_line_in_the_smallest_window(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(40, 8)) as stage:
        await stage.press("b")
        for _second in range(10):
            await stage.advance(1.0)
            await asyncio.sleep(0.25)
            await stage.settle()
            assert sum("━" in line for line in stage.text().splitlines()) == 1


async def test_below_the_companions_size_the_notice_says_what_is_needed_and_the_call_goes_on(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.resize(39, 8)
        await stage.settle()
        assert "{}x{}".format(*COMPANION_SIZE) in stage.text()
        await stage.advance(2.0)
        await stage.resize(40, 8)
        await stage.settle()
        assert "Call 1" in stage.text()
        await stage.resize(80, 24)
        await stage.settle()
        assert "This call so far" in stage.text()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_in_a_small_window_no_choice_is_broken_at_the_end_of_a_line(language: str) -> None:
    use_language(language)
    for text in (card_text, felt_text):
        choices = [part for line in text().splitlines() for part in line.split(GAP)]
        lines = text(narrow=True).splitlines()
        assert [part for line in lines for part in line.split("  ")] == choices
        assert all(cell_len(line) <= NARROW for line in lines if "  " in line or line[1] == " ")


async def test_other_screens_ask_for_a_larger_window(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(50, 12)) as stage:
        await stage.press("s")
        assert "80x24" in stage.text()
        await stage.press("escape")
        assert "No call" in stage.text()
        await stage.press("e")
        assert not stage.app.screen.is_modal, "what would be exported is looked at in a full window"


async def test_the_terminal_is_asked_for_the_companions_size_and_for_the_full_one_again(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        asked: list[str] = []
        stage.app._driver.write = asked.append  # type: ignore[union-attr, method-assign]
        await stage.press("z")
        await stage.resize(50, 12)
        await stage.press("z")
        assert [one for one in asked if one.endswith("t")] == ["\x1b[8;12;50t", "\x1b[8;24;80t"]


@pytest.mark.parametrize(
    ("points", "width", "rows", "drawn"),
    [
        ([0.0, 0.5, 1.0], 10, 1, ["▁▄█"]),
        ([0.0, None, 1.0], 10, 2, ["  █", "▁ █"]),
        ([0.0, 0.0, 1.0, 1.0], 2, 1, ["▁█"]),
        ([-1.0, 1.0], 10, 1, ["▁█"]),
        ([], 10, 2, ["", ""]),
        ([4.0, 2.0], 10, 1, ["█▄"]),
    ],
)
def test_blocks_show_the_course_of_a_level(points: list[float | None], width: int, rows: int, drawn: list[str]) -> None:
    assert blocks(points, width, rows) == drawn


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_the_terminals_title_says_the_programs_name_and_nothing_else(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "demo")
    try:
        terminal.wait_for("Welcome")
        terminal.type(b"\x11")
        terminal.seconds_to_end()
        terminal.read()
        titles = re.findall(rb"\x1b\][012];(.*?)(?:\x07|\x1b\\)", terminal.output)
        assert set(titles) == {b"Calmline"}
        assert terminal.output.count(b"\x1b[22;2t") == terminal.output.count(b"\x1b[23;2t") == 1
    finally:
        terminal.close()


async def test_under_the_notice_only_the_way_out_is_heard(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(39, 8)) as stage:
        await stage.press("space", "h", "c", "question_mark", "ctrl+p", "ㅗ")
        assert "40x8" in stage.text()
        assert stage.app.calling.running is None
        assert len(stage.app.screen_stack) == 2
        assert "^p" not in stage.text()
        await stage.resize(50, 12)
        await stage.press("s")
        await stage.press("down", "enter", "space")
        assert len(stage.app.screen_stack) == 3
        await stage.press("escape")
        assert "No call" in stage.text()
        await stage.resize(39, 8)
        await stage.press("ㅂ")
    assert stage.app.return_code == 0


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_call_of_the_actor_says_so_in_a_small_window_too(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, ready=True, size=(40, 8), language=language) as stage:
        stage.app.services.origin = CallSource.ACTOR
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(5.0)
        first = stage.text().splitlines()[0]
        assert not_you(CallSource.ACTOR)[:8] in first
        assert "00:05" in first
        assert _("camera off") not in stage.text()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [(40, 8), (60, 14)])
async def test_between_calls_no_sentence_is_cut_off_in_the_middle(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    async with open_stage(tmp_path, ready=True, size=size, language=language) as stage:
        await stage.until(lambda: "Space" in stage.text(), "what is said of the first call")
        shown = " ".join(" ".join(stage.text().splitlines()[:-1]).split())
        assert shown.endswith((".", "요"))
        assert " ".join(tension_sentence().split()) in shown


async def test_the_course_of_the_level_takes_the_height_that_there_is(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(60, 14), make_source=lambda: ColourSource(mood=weather)) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(33.0)
        empty = [line for line in stage.text().splitlines() if not line.strip()]
        assert len(empty) <= 3
