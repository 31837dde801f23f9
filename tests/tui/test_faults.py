"""What was found wrong on the screens once, each with the way it was found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual import events
from textual.visual import VisualType
from textual.widgets import DataTable, Input

from app.tui.dialogs.help import HelpDialog
from app.tui.widgets.grade_table import GradeTable
from app.tui.widgets.marked_list import MarkedList
from app.tui.wizard.calibration import KEY_SECONDS
from app.tui.wizard.speech import PACE
from app.tui.wizard.steps import Step
from app.words.korean import latin_keys
from app.words.language import _
from app.words.sentences import expression_name, length_text, reader_name
from core.calibration.machine import Timing
from core.face.light import LightMeasure
from core.method.emotion import EXPRESSIONS, Emotion
from core.method.speech import PASSAGES
from tests.tui.stage import ColourSource, Stage, hold, open_stage, walk_to
from tests.tui.test_actions import bindings
from tests.tui.test_felt import one_call

LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


def words(stage: Stage) -> str:
    return " ".join(stage.text().replace("│", " ").split())


# -- the verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.thorough
async def test_all_of_the_verdict_is_reached_by_keys_in_a_small_window(tmp_path: Path) -> None:
    async with open_stage(tmp_path, size=(80, 24)) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.resize(80, 12)
        stage.app.screen.remove_class("-too-small")
        await stage.settle()
        legend = "ful full surprise"
        assert legend not in words(stage)
        await stage.press("end")
        await stage.press("end")
        assert legend in words(stage), "what the heads of the columns stand for"
        await stage.press("pageup", "pageup")
        assert "smi" in stage.text().splitlines()[5]
        for _line in range(20):
            await stage.press("down")
        assert legend in words(stage), "down goes on where the list ends"


async def test_the_sentence_follows_the_line_pointed_at_and_the_list_ends_where_it_ends(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.until(lambda: "points on" in words(stage), "the verdict")
        table = stage.app.screen.query_one(GradeTable)
        first = words(stage)
        await stage.press("up")
        assert table.pointed == 0, "a list does not go round"
        await stage.press("down")
        assert reader_name(table.results[1].candidate_id, stage.app.called) in words(stage)
        assert re.search("(fewer than|as many as) the best. Enter", words(stage)) and words(stage) != first
        await stage.press("up")
        assert "the best. Enter" not in words(stage)


# -- the light --------------------------------------------------------------------------------------------------------


GOOD = LightMeasure(
    faces=1,
    box=(0.35, 0.3, 0.3, 0.4),
    bright_parts=150.0,
    median=120.0,
    contrast=0.3,
    balance=1.0,
    backlight=1.0,
    sharpness=60.0,
    noise=1.0,
)


# -- the expressions --------------------------------------------------------------------------------------------------


async def test_what_has_not_changed_is_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.advance(0.5)
        drawn: list[object] = []
        monkeypatch.setattr(stage.app.screen, "_show_view", drawn.append)
        await stage.advance(5.0)
        assert drawn == []


def test_the_whole_set_up_takes_at_most_four_and_a_half_minutes() -> None:
    timing = Timing()
    expressions = len(EXPRESSIONS) * (timing.get_ready + 2 * timing.hold + timing.relax + KEY_SECONDS)
    speech = sum(PACE.get_ready + passage.seconds + KEY_SECONDS for passage in PASSAGES)
    clicks_and_light = 5 * 5.0
    assert expressions + speech + clicks_and_light <= 4.5 * 60


@LANGUAGES
async def test_the_set_up_says_how_long_it_takes(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, language=language) as stage:
        said = _("Setting up takes about five minutes.")
        assert said in words(stage)
        await walk_to(stage, Step.EXPRESSIONS)
        from app.words.sentences import minutes_text

        assert minutes_text(137.5) in words(stage)


async def test_why_names_its_expression_and_how_to_leave(tmp_path: Path) -> None:
    from tests.tui.stage import MISREADING, leave_texts_out

    def shaded() -> ColourSource:
        return ColourSource(shaded=True)

    async with open_stage(tmp_path, weights=MISREADING, with_maps=True, make_source=shaded) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("s", "s", "s", "space")
        for _one in range(2):
            await hold(stage)
            await stage.press("enter")
        await stage.press(*"ssssss")
        await leave_texts_out(stage)
        await stage.until(lambda: "Enter" in words(stage), "the verdict")
        await stage.press("down", "w")
        assert expression_name("expressionless") in words(stage)
        assert "Esc close" in words(stage)


# -- calls and between them -------------------------------------------------------------------------------------------


@LANGUAGES
async def test_the_shares_say_that_they_are_of_the_call_so_far(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, ready=True, language=language) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(3.0)
        assert _("This call so far") in words(stage)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (57.9, "57 s"), (60, "1 min"), (95, "1 min 35 s"), (754, "12 min")]
)
def test_lengths_are_said_as_one_says_them(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


async def test_after_a_call_nothing_speaks_of_a_first_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.tui.widgets.plain import Plain

    async with open_stage(tmp_path, ready=True) as stage:
        await stage.until(lambda: "first call" in words(stage), "the beginning")
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(5.0)
        said: list[str] = []
        update = Plain.update

        def listen(self: Plain, content: VisualType = "", *, layout: bool = True) -> None:
            said.append(str(content))
            update(self, content, layout=layout)

        monkeypatch.setattr(Plain, "update", listen)
        await stage.press("space")
        await stage.until(lambda: "Last call" in words(stage), "the last call")
        assert not [text for text in said if "first call" in text]
        assert "Last call 12:00 5 s" in words(stage)


async def test_a_dialog_leaves_the_running_call_to_be_seen(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(3.0)
        for key in ("n", "f1", "ctrl+p"):
            await stage.press(key)
            await stage.settle()
            assert stage.app.screen.styles.background.a < 1
            assert "Calmline" in stage.text()
            assert key == "f1" or "Call 1" in stage.text()
            await stage.press("escape")


async def test_several_pasted_lines_are_all_kept_and_it_is_said(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.press("n")
        stage.app.screen.query_one(Input).post_message(events.Paste("first\r\n\nsecond\nthird"))
        await stage.settle()
        assert "one line now" in stage.notices()
        await stage.press("enter", "space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        [call] = stage.store.calls()
        [note] = stage.store.notes(call.id)
    assert note.text == "first second third"


async def test_the_box_is_ticked_by_space_by_its_key_and_by_a_click_wherever_the_focus_is(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        for focus in ("#measure", "#text", "#share"):
            stage.app.screen.query_one(focus).focus()
            for turn in ("space", "m"):
                await stage.press(turn)
                assert "[x]" in stage.text(), (focus, turn)
                await stage.press(turn)
                assert "[ ]" in stage.text(), (focus, turn)
        await stage.pilot.click("#measure")
        await stage.settle()
        assert "[x]" in stage.text()


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_scrollbars_belong_to_the_theme(tmp_path: Path, theme: str) -> None:
    async with open_stage(tmp_path, ready=True, prepare=lambda store: store.set_setting("theme", theme)) as stage:
        variables = stage.app.theme_variables
        await stage.press("s")
        styles = stage.app.screen.query_one("#settings").styles
        assert styles.scrollbar_color.hex.lower() == variables["rule"].lower()
        assert styles.scrollbar_background.hex.lower() == variables["background"].lower()


async def test_after_a_change_of_language_arrow_keys_move_where_they_moved_before(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=one_call) as stage:
        await stage.press("s", "enter", "down")
        assert "▸ 색" in stage.text()
        await stage.press("end", "up", "enter", "f2", "home")
        days = stage.app.screen.query_one(MarkedList)
        first = days.pointed
        await stage.press("down")
        assert days.pointed != first
        await stage.press("escape", "escape", "escape", "h")
        await stage.until(lambda: "Tiny (1)" in stage.text(), "the call")
        await stage.press("f2")
        assert isinstance(stage.app.focused, DataTable)


HANGUL = dict(zip("abcdefghiklmnopqrstuvwxyz", "ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋ", strict=True))
"""Keys of the screens and what a keyboard in Hangul mode sends for them."""


def test_every_letter_that_a_screen_or_dialog_listens_to_is_typed_by_one_key_in_hangul_mode() -> None:
    letters = {key for _one, binding in bindings() for key in binding.key.split(",") if len(key) == 1 and key.isalpha()}
    assert {"c", "d", "e", "g", "p", "q", "r", "s", "v", "w", "x", "y"} <= letters
    assert {letter: latin_keys(HANGUL[letter]) for letter in letters} == {letter: letter for letter in letters}


async def test_the_keys_of_the_screens_work_in_hangul_mode(tmp_path: Path) -> None:
    from app.tui.screens.coach import CoachScreen
    from app.tui.screens.history import HistoryScreen
    from app.tui.screens.settings import SettingsScreen

    async def type_hangul(stage: Stage, key: str) -> None:
        stage.app.post_message(events.Key(HANGUL[key], HANGUL[key]))
        await stage.settle()

    async with open_stage(tmp_path, ready=True, prepare=one_call) as stage:
        for key, screen in (("h", HistoryScreen), ("s", SettingsScreen), ("c", SettingsScreen), ("i", CoachScreen)):
            await type_hangul(stage, key)
            assert isinstance(stage.app.screen, screen), key
            await stage.press("escape")
        await type_hangul(stage, "b")
        assert "breathe" in stage.text()
        await stage.press("escape", "space")
        await stage.until_watching()
        await type_hangul(stage, "p")
        assert stage.app.calling.paused
        await type_hangul(stage, "p")
        await stage.until_watching()
        await type_hangul(stage, "r")
        assert "back at 0" in stage.notices()
        await type_hangul(stage, "n")
        assert "A note for yourself" in stage.text()
        await stage.press("escape")
        await type_hangul(stage, "q")
        assert "A call is running" in stage.text()
        await stage.press("escape")
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpDialog)


async def test_the_settings_have_at_most_fifteen_rows_and_each_does_something(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, ask_microphone=frozenset) as stage:  # a system that tells who uses it
        await stage.press("s")
        settings = stage.app.screen.query_one("#settings", MarkedList)
        assert 10 <= settings.option_count <= 15
        assert settings.max_scroll_y == 0, "all of them show at once"


def test_the_advice_for_a_frown_speaks_of_the_brows_whatever_the_network_looked_at() -> None:
    from core.explain.advice import advise
    from core.explain.regions import Region
    from core.method.emotion import expression_by_id

    densities = {Region.BROWS: 1.2, Region.EYES: 0.9, Region.MOUTH: 2.0, Region.REST: 0.5}
    assert advise(expression_by_id("frown"), Emotion.HAPPY, densities).saw is Region.BROWS
    assert advise(expression_by_id("open_frown"), Emotion.HAPPY, densities).saw is Region.MOUTH
