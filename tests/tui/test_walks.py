"""By keys alone and by the mouse alone one comes everywhere, in both languages and in every window that is large enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.command import CommandList
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from app.tui.base_app import CalmPalette
from app.tui.dialogs.ask import SureDialog
from app.tui.dialogs.choose import ChooseDialog
from app.tui.dialogs.dialog import CalmDialog
from app.tui.dialogs.export import WrittenDialog
from app.tui.dialogs.help import HelpDialog
from app.tui.dialogs.preview import PreviewDialog
from app.tui.screens.coach import CoachScreen
from app.tui.screens.history import VIEW_NAMES, HistoryScreen, View
from app.tui.screens.monitor import MonitorScreen
from app.tui.screens.settings import SettingsScreen
from app.tui.widgets.marked_list import MarkedList
from app.tui.wizard.steps import Step
from app.words.language import _
from app.words.question_sets import question_set_names
from app.words.tension import card_text
from tests.thorough import mostly_thorough
from tests.tui.stage import Stage, hold, open_stage
from tests.tui.test_fits import with_all

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


async def click_view(stage: Stage, view: View) -> None:
    """Click a view of the history under its heading."""
    place = stage.app.screen.query_one("#views").region
    before = stage.text().splitlines()[place.y].partition(_(VIEW_NAMES[view]))[0]
    await stage.pilot.click(offset=(cell_len(before), place.y))
    screen = stage.app.screen
    await stage.until(lambda: isinstance(screen, HistoryScreen) and screen._view is view, view)
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
        for words in (_("why"), _("redo")):
            await click(stage, words)
            assert isinstance(stage.app.screen, CalmDialog)
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


async def click_through_history(stage: Stage) -> None:
    """Every view, the question before a call is erased, and an export from its first question to its file."""
    await click(stage, _("history"))
    await stage.until(lambda: "Tiny (1)" in stage.text(), "the last call")
    await click(stage, _("erase"))
    await click(stage, _("no"))
    for view in (*list(View)[1:], View.CALLS):
        await click_view(stage, view)
    await click(stage, _("export"))
    for _question in range(3):
        assert isinstance(stage.app.screen, ChooseDialog)
        await click_line(stage, "MarkedList", 0)
    await stage.until(lambda: isinstance(stage.app.screen, PreviewDialog), "the preview")
    await click(stage, _("write it"))
    await stage.until(lambda: isinstance(stage.app.screen, WrittenDialog), "where it is")
    await click(stage, _("copy the path"))
    if isinstance(stage.app.screen, WrittenDialog):
        await click(stage, _("close"))
    await click(stage, _("back"))


async def click_through_settings(stage: Stage) -> None:
    """Every row: what opens is closed again, and what only changes is changed back."""
    await click(stage, _("settings"))
    screen = stage.app.screen
    rows = screen.query_one("#settings", MarkedList)
    for number in range(rows.option_count):
        key, before = rows.get_option_at_index(number).id, stage.text()
        if key == "again":
            continue
        await click_line(stage, "#settings", number)
        if key in ("language", "theme"):
            assert stage.text() != before or key == "theme"
            await click_line(stage, "#settings", number)
            continue
        assert isinstance(stage.app.screen, CalmDialog), key
        if key in ("preview", "release"):
            await click_line(stage, "MarkedList", 0)
            assert isinstance(stage.app.screen, PreviewDialog), key
        while stage.app.screen is not screen:
            await click(stage, _("no") if isinstance(stage.app.screen, SureDialog) else _("close"))
    await click(stage, _("back"))


async def click_through_practice(stage: Stage) -> None:
    """Questions, the time for an answer, and a practice from its beginning to what it came to."""
    await choose_in_palette(stage, _("interview practice"))
    await click(stage, _("questions"))
    await click_line(stage, "MarkedList", len(question_set_names()))
    await click(stage, _("close"))  # where the file of one's own list would be named
    for words in (_("questions"), _("answer time")):
        await click(stage, words)
        await click_line(stage, "MarkedList", 0)
    await click(stage, _("begin"))
    await stage.until_watching()
    await stage.advance(3.0)
    for words in (_("four"), _("next question"), _("pause")):
        await click(stage, words)
    await stage.until(lambda: stage.open_sources == 0, "the pause")
    await click(stage, _("pause"))
    await stage.until_watching()
    await stage.advance(3.0)
    await click(stage, _("end"))
    await stage.until(lambda: stage.open_sources == 0, "the camera closed")
    await click_line(stage, "#questions", 1)
    await click(stage, _("back"))


@pytest.mark.thorough
@pytest.mark.parametrize("language", mostly_thorough(["en", "ko"], ["en"]))
@pytest.mark.parametrize("size", SIZES)
async def test_the_mouse_alone_leads_to_every_view_row_and_dialog(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_all, size=size, language=language) as stage:
        await stage.until(lambda: card_text().split()[0] in stage.text(), "the card")
        for words in (_("take a short break"), _("breathe")):
            await choose_in_palette(stage, words)
            assert isinstance(stage.app.screen, CalmDialog)
            await click(stage, _("close"))
        await choose_in_palette(stage, _("hard"))
        await stage.until(lambda: stage.store.calls()[-1].felt is not None, "the answer")
        await click_through_history(stage)
        await click_through_settings(stage)
        await click_through_practice(stage)
        await click(stage, _("start call"))
        await stage.until_watching()
        await click(stage, _("note"))
        await click(stage, _("close"))
        await click(stage, _("pause"))
        await stage.until(lambda: stage.open_sources == 0, "the pause")
        await click(stage, _("pause"))
        await stage.until_watching()
        await click(stage, _("reset"))
        await click(stage, _("quit"))
        await click(stage, _("no"))
        await click(stage, _("end call"))
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        await choose_in_palette(stage, _("run the set-up again"))
        await stage.until_step(Step.CAMERA)
        await click(stage, _("back"))
        await stage.until_step(Step.CONSENT)


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
