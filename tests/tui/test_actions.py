"""One table of actions: whatever a key does stands in the footer, the palette and the help, in the person's language."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.command import CommandList
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

import app.tui
from app.tui.actions import actions_from, actions_of
from app.tui.base_app import CalmPalette
from app.tui.dialogs.help import HelpDialog
from app.tui.screens.history import HistoryScreen
from app.tui.screens.settings import SettingsScreen
from app.tui.wizard.steps import WIZARD, Step
from app.words.language import _, use_language
from app.words.tension import level_sentence, tension_sentence
from tests.tui.fitting import unreachable
from tests.tui.stage import Stage, do_expressions, open_stage, walk_to
from tests.tui.test_sharing import with_calls

LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


async def every_screen(stage: Stage) -> AsyncIterator[str]:
    """Goes to one screen after the other, those of a call and the dialogs with them, and says where it is."""
    for step in (*WIZARD, Step.MONITOR):
        stage.app.show_step(step)
        await stage.until_step(step)
        await stage.settle()
        yield step.value
    await stage.press("h")
    for key, view in (("1", "calls"), ("2", "day"), ("3", "week"), ("4", "month"), ("5", "exports")):
        await stage.press(key)
        yield f"history: {view}"
    await stage.press("escape", "s")
    yield "settings"
    await stage.press("escape", "i")
    yield "practice"
    await stage.press("escape", "space")
    await stage.until_watching()
    await stage.advance(2.0)
    yield "a call"
    await stage.press("n")
    yield "a note"
    await stage.press("escape", "q")
    yield "asking before it ends"
    await stage.press("escape", "space")
    await stage.until(lambda: stage.app.calling.running is None, "the end of the call")


async def palette(stage: Stage) -> CommandList:
    """Open it."""
    await stage.press("ctrl+p")
    await stage.until(lambda: isinstance(stage.app.screen, CalmPalette), "the palette")
    commands = stage.app.screen.query_one(CommandList)
    await stage.until(lambda: commands.option_count > 0, "its commands")
    return commands


def entries(commands: CommandList) -> list[str]:
    return [str(commands.get_option_at_index(number).prompt) for number in range(commands.option_count)]


def classes() -> list[type]:
    """Every class of the screens that has bindings of its own."""
    return [
        one
        for module in pkgutil.walk_packages(app.tui.__path__, "app.tui.")
        for one in vars(importlib.import_module(module.name)).values()
        if isinstance(one, type) and one.__module__ == module.name and "BINDINGS" in vars(one)
    ]


def bindings() -> list[tuple[type, Binding]]:
    return [(one, binding) for one in classes() for binding in vars(one)["BINDINGS"]]


def test_every_key_has_a_name_to_be_changed_by_and_words_in_both_languages() -> None:
    assert len(bindings()) > 60
    try:
        use_language("ko")
        for one, binding in bindings():
            if binding.action == "help_quit":  # says what it does not do
                continue
            assert binding.id, (one, binding)
            for words in filter(None, (binding.description, binding.tooltip)):
                assert words == "한국어 / English" or _(words) != words, (one, binding)
            assert binding.description, (one, binding)
    finally:
        use_language("en")


def assert_footer(stage: Stage, place: str) -> None:
    """The footer shows the palette and the help, and cuts nothing off."""
    keys = {key.key_display: key for key in stage.app.screen.query_one(Footer).query(FooterKey)}
    if not stage.app.screen.is_modal:
        assert {"^p", "?"} <= set(keys), place
    for key in keys.values():
        parent = key.parent
        assert parent is not None
        assert key.region.right <= parent.region.right, (place, key.description)  # type: ignore[attr-defined]


async def assert_help(stage: Stage, place: str) -> None:
    """The help fits, and tells every key and what tension and level are."""
    told = actions_of(stage.app.screen)
    await stage.press("f1")
    assert isinstance(stage.app.screen, HelpDialog)
    text = stage.text()
    for action in told:
        assert action.words in text, (place, action.words)
    assert unreachable(stage) == [], f"help of {place}"
    assert _("On this screen") in text
    assert stage.app.screen.query_one("#told").max_scroll_y == 0, place
    whole = " ".join(text.replace("│", " ").split())
    assert tension_sentence() in whole, place
    assert level_sentence() in whole, place
    await stage.press("f1")


async def assert_palette(stage: Stage, place: str) -> None:
    """The palette lists every key of the screen under its words."""
    screen = stage.app.screen
    wanted = {action.words for action in actions_of(screen)}
    active = {
        _(one.binding.tooltip) or one.binding.description
        for one in screen.active_bindings.values()
        if one.binding.id is not None
    }
    assert active - {""} <= wanted, place
    listed = entries(await palette(stage))
    for words in wanted:
        assert any(line.endswith(words) for line in listed), (place, words)
    await stage.press("escape")
    assert stage.app.screen is screen, place


@pytest.mark.thorough
@LANGUAGES
async def test_on_every_screen_every_key_is_in_the_palette_and_in_the_help_and_the_footer_cuts_nothing_off(
    tmp_path: Path, language: str
) -> None:
    visited = []
    async with open_stage(tmp_path, ready=True, prepare=with_calls, language=language) as stage:
        async for place in every_screen(stage):
            visited.append(place)
            assert_footer(stage, place)
            assert unreachable(stage) == [], place
            await assert_help(stage, place)
            await assert_palette(stage, place)
    assert len(visited) == 18


@pytest.mark.parametrize(
    ("opened_by", "closed_by"),
    [("question_mark", "question_mark"), ("f1", "f1"), ("question_mark", "escape"), ("f1", "q")],
)
async def test_help_is_closed_by_the_key_that_opened_it_and_by_escape(
    tmp_path: Path, opened_by: str, closed_by: str
) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        for step in (Step.CONSENT, Step.MONITOR):
            stage.app.show_step(step)
            await stage.until_step(step)
            screen = stage.app.screen
            await stage.press(opened_by)
            assert isinstance(stage.app.screen, HelpDialog)
            await stage.press(closed_by)
            assert stage.app.screen is screen, "Escape in the help is no step back"
            assert stage.app.current_step is step


async def test_settings_are_found_in_the_palette_in_the_middle_of_a_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        commands = await palette(stage)
        await stage.press(*"setti")
        await stage.until(lambda: commands.option_count == 1, "one hit")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, SettingsScreen), "the settings")
        commands = await palette(stage)
        await stage.press(*"history")
        await stage.until(lambda: commands.option_count == 1, "one hit")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, HistoryScreen), "the history")
        assert len(stage.app.screen_stack) == 3, "one lies over the monitor, not two"
        assert any(action.words == "end call" for action in actions_from(stage.app.screen))


@LANGUAGES
async def test_a_search_that_finds_nothing_says_so_in_the_persons_language(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, ready=True, language=language) as stage:
        commands = await palette(stage)
        await stage.press(*"zzzz")
        await stage.until(
            lambda: entries(commands) == [_("Nothing is called so. Delete some letters.")], "the sentence"
        )


async def test_q_quits_everywhere_and_asks_in_the_middle_of_a_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        for key in ((), ("h",), ("escape", "s"), ("escape",)):
            await stage.press(*key, "q")
            assert "A call is running" in stage.text()
            await stage.press("escape")
            assert stage.app.calling.running is not None
        await stage.press("q", "y")
        await stage.until(lambda: stage.app._exit, "the end")


@pytest.mark.parametrize("step", [Step.WELCOME, Step.CONSENT, Step.LIGHT, Step.EXPRESSIONS, Step.MONITOR])
async def test_q_quits_at_once_where_no_call_runs(tmp_path: Path, step: Step) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        stage.app.show_step(step)
        await stage.until_step(step)
        await stage.press("q")
        await stage.until(lambda: stage.app._exit, "the end")
        assert stage.app.return_code == 0


async def test_ctrl_c_says_how_to_close_and_closes_nothing(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("ctrl+c")
        assert "Ctrl+Q closes Calmline" in stage.notices()
        assert "[b]" not in stage.notices()


BETWEEN = "start call, breathe, history, a day, settings, export, consent and sharing, interview practice, run the set-up again"
IN_A_CALL = "end call, reset, pause, note, history, a day, settings, export, consent and sharing"
ALWAYS = "companion size, all commands, help, 한국어 / English, light or dark, quit"


async def test_the_palette_holds_all_that_can_be_done_between_calls_and_in_one(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_calls) as stage:
        for wanted in (BETWEEN, IN_A_CALL):
            listed = [action.words for action in actions_from(stage.app.screen)]
            assert set(f"{wanted}, {ALWAYS}".split(", ")) <= set(listed)
            await stage.press("d")
            assert isinstance(stage.app.screen, HistoryScreen)
            assert "2026-01-05" in stage.text()
            await stage.press("escape", "e")
            assert stage.app.screen.is_modal, "for whom?"
            await stage.press("escape")
            if wanted == BETWEEN:
                await stage.press("space")
                await stage.until_watching()


async def test_in_the_middle_of_the_expressions_q_says_that_they_are_kept_only_while_the_program_is_open(
    tmp_path: Path,
) -> None:
    said = "Your expressions so far are kept"
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await do_expressions(stage, 2)
        await stage.press("q")
        assert said in stage.text()
        await stage.press("escape")
        assert stage.app.wizard.calibration is not None
        assert len(stage.app.wizard.calibration.fitted_slots) == 2
        assert (stage.store.latest_calibration(), stage.app._exit) == (None, False)
        await stage.press("escape", "q")
        assert said in stage.text(), "a step back forgets nothing"
        await stage.press("y")
        await stage.until(lambda: stage.app._exit, "the end")


@pytest.mark.thorough
async def test_with_the_verdict_taken_q_quits_at_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.MONITOR)
        await stage.press("q")
        await stage.until(lambda: stage.app._exit, "the end")


@LANGUAGES
async def test_the_level_is_called_a_running_sum_where_it_stands_and_the_help_says_what_it_counts(
    tmp_path: Path, language: str
) -> None:
    async with open_stage(tmp_path, ready=True, language=language) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(5.0)
        assert _("level {level} (running sum)").format(level="0.00") in stage.text()
        await stage.press("question_mark")
        shown = " ".join(stage.text().split())
        for sentence in (tension_sentence(), level_sentence()):
            assert " ".join(sentence.split()) in shown
