"""By keys alone and by the mouse alone one comes everywhere, in both languages and in every window that is large enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from app.tui.base_app import CalmPalette
from app.tui.dialogs.dialog import CalmDialog
from app.tui.dialogs.help import HelpDialog
from app.tui.screens.coach import CoachScreen
from app.tui.screens.history import HistoryScreen
from app.tui.screens.monitor import MonitorScreen
from app.tui.screens.settings import SettingsScreen
from app.tui.widgets.marked_list import MarkedList
from app.tui.wizard.steps import Step
from app.words.language import _
from tests.thorough import mostly_thorough
from tests.tui.stage import Stage, hold, open_stage

SMALL, LARGE = (80, 24), [(120, 40), (200, 50)]
SIZES = [
    pytest.param(SMALL, id="80x24"),
    *(pytest.param(size, id="{}x{}".format(*size), marks=pytest.mark.slow) for size in LARGE),
]
BESIDE = [
    pytest.param((60, 18), id="60x18", marks=pytest.mark.slow),
    pytest.param((40, 10), id="40x10"),
]
"""Windows beside a softphone."""


async def click(stage: Stage, words: str) -> None:
    """Click what the footer says under these words."""
    [key] = [key for key in stage.app.screen.query_one(Footer).query(FooterKey) if key.description == words]
    assert key.region, f"{words} cannot be seen"
    await stage.pilot.click(offset=(key.region.x + 1, key.region.y))
    await stage.settle()


async def click_line(stage: Stage, wanted: str, number: int) -> None:
    """Click a line of a list."""
    lines = stage.app.screen.query_one(wanted, MarkedList)
    await stage.pilot.click(wanted, offset=(4, number - round(lines.scroll_y)))
    await stage.settle()


async def choose_in_palette(stage: Stage, words: str) -> None:
    """Open the palette by a click, and click an entry."""
    await click(stage, _("more"))
    await stage.until(lambda: isinstance(stage.app.screen, CalmPalette), "the palette")
    commands = stage.app.screen.query_one(CommandList)
    await stage.until(lambda: commands.option_count > 0, "its commands")
    prompts = [str(commands.get_option_at_index(number).prompt) for number in range(commands.option_count)]
    [place] = [number for number, prompt in enumerate(prompts) if prompt.endswith(f" {words}")]
    commands.scroll_to(y=place - 2, animate=False)
    await stage.settle()
    region = commands.content_region
    await stage.pilot.click(offset=(region.x + 4, region.y + place - round(commands.scroll_y)))
    await stage.settle()


@pytest.mark.parametrize("language", mostly_thorough(["en", "ko"], ["ko"]))
@pytest.mark.parametrize("size", SIZES)
async def test_the_mouse_alone_leads_through_the_wizard_a_call_and_all_screens(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    async with open_stage(tmp_path, size=size, language=language) as stage:
        await click_line(stage, "#region", 0)
        await click(stage, _("go on"))
        await stage.until_step(Step.CONSENT)
        await stage.pilot.click("#measure")
        await click_line(stage, "#share", 1)
        await click(stage, _("go on"))
        await stage.until_step(Step.CAMERA)
        await click(stage, _("go on"))
        await stage.until_step(Step.LIGHT)
        await stage.until_watching()
        await click(stage, _("go on anyway"))
        await stage.until_step(Step.EXPRESSIONS)
        await stage.until_watching()
        await click(stage, _("begin"))
        await hold(stage)
        await click(stage, _("keep it"))
        for _number in range(10):
            await click(stage, _("skip"))
        await stage.until_step(Step.SPEECH)
        await stage.until_watching()
        await click(stage, _("skip"))
        await stage.until_step(Step.VERDICT)
        await stage.until(lambda: "Enter" in stage.text(), "the verdict")
        await stage.pilot.click("#grades", offset=(4, 2))
        await click(stage, _("why"))
        await click(stage, _("close"))
        await click(stage, _("use it"))
        await stage.until_step(Step.MONITOR)
        await click(stage, _("help"))
        assert isinstance(stage.app.screen, HelpDialog)
        await click(stage, _("close"))
        await click(stage, _("history"))
        assert isinstance(stage.app.screen, HistoryScreen)
        await click(stage, _("back"))
        await click(stage, _("settings"))
        assert isinstance(stage.app.screen, SettingsScreen)
        await click(stage, _("back"))
        await choose_in_palette(stage, _("interview practice"))
        assert isinstance(stage.app.screen, CoachScreen)
        await click(stage, _("back"))
        await click(stage, _("start call"))
        await stage.until_watching()
        await stage.advance(3.0)
        await choose_in_palette(stage, _("settings"))
        assert isinstance(stage.app.screen, SettingsScreen)
        await click(stage, _("back"))
        await click(stage, _("end call"))
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        await choose_in_palette(stage, _("quit"))
        await stage.until(lambda: stage.app._exit, "the end")


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", BESIDE)
async def test_the_mouse_alone_leads_through_a_call_beside_a_softphone(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    async with open_stage(tmp_path, ready=True, size=size, language=language) as stage:
        await click(stage, _("start call"))
        await stage.until_watching()
        for words in (_("note"), _("help")):
            await choose_in_palette(stage, words)
            assert isinstance(stage.app.screen, CalmDialog), words
            await click(stage, _("close"))
        for words, screen in ((_("history"), HistoryScreen), (_("settings"), SettingsScreen)):
            await choose_in_palette(stage, words)
            assert isinstance(stage.app.screen, screen)
            assert "80x24" in stage.text()
            await click(stage, _("back"))
        await click(stage, _("end call"))
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        for words in (_("breathe"), _("companion size"), _("quit")):
            await choose_in_palette(stage, words)
            if isinstance(stage.app.screen, CalmDialog):
                await click(stage, _("close"))
        await stage.until(lambda: stage.app._exit, "the end")


@pytest.mark.parametrize("language", mostly_thorough(["en", "ko"], ["en"]))
@pytest.mark.parametrize("size", [*SIZES, *BESIDE])
async def test_keys_alone_lead_to_all_screens_and_back(tmp_path: Path, size: tuple[int, int], language: str) -> None:
    async with open_stage(tmp_path, ready=True, size=size, language=language) as stage:
        for key, screen in (("h", HistoryScreen), ("s", SettingsScreen), ("c", SettingsScreen), ("i", CoachScreen)):
            await stage.press(key)
            assert isinstance(stage.app.screen, screen)
            await stage.press("escape")
            assert isinstance(stage.app.screen, MonitorScreen)
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpDialog)
        await stage.press("question_mark", "ctrl+p")
        await stage.until(lambda: isinstance(stage.app.screen, CalmPalette), "the palette")
        await stage.press("escape", "space")
        await stage.until_watching()
        await stage.press("h", "escape", "n", "escape", "space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        await stage.press("u")
        await stage.until_step(Step.CAMERA)
        for step in (Step.CONSENT, Step.WELCOME):
            await stage.press("escape")
            await stage.until_step(step)
        await stage.press("q")
        await stage.until(lambda: stage.app._exit, "the end")
