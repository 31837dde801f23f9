"""How every screen looks, at three sizes and in both languages. `python3 -m tests --snapshot-update` after a look at them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.widgets import Static

from app.tui.services import PracticeOptions
from app.tui.wizard.steps import Step
from app.words.sentences import length_text
from core.method.emotion import Emotion
from core.store.export import ExportRequest, export_to_stream
from core.store.records import ExportKind
from core.store.store import Store
from core.store.tables import Format
from tests.thorough import mostly_thorough
from tests.tui.stage import MISREADING, ColourSource, Stage, consent_of, hold, leave_texts_out, open_stage, walk_to
from tests.tui.test_sharing import choose, with_calls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="snapshots are taken on one system")

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
LOOKS = [(size, language) for size in SIZES for language in ("en", "ko") if (size, language) != ("200x50", "ko")]
QUICK = [("80x24", "ko"), ("120x40", "en")]
each_look = pytest.mark.parametrize(("size", "language"), mostly_thorough(LOOKS, QUICK, each_several=True))


class SvgExtension(SingleFileSnapshotExtension):
    """One SVG a picture: it can be opened and looked at."""

    _file_extension = "svg"
    file_extension = "svg"
    _write_mode = WriteMode.TEXT


Look = Callable[[Stage, str], None]


@pytest.fixture
def look(snapshot: SnapshotAssertion) -> Look:
    """Compares the screen with the picture of this name."""

    def compare(stage: Stage, name: str) -> None:
        assert stage.app.export_screenshot(title="Calmline") == snapshot(name=name, extension_class=SvgExtension)

    return compare


def weather(seconds: float) -> Emotion | None:
    """Moods of a call: calm, tense for a while, a look away, a smile."""
    if 20 < seconds <= 32:
        return Emotion.STRESS
    if 32 < seconds <= 35:
        return None
    return Emotion.HAPPY if 60 < seconds <= 64 else Emotion.NEUTRAL


async def until_verdict(stage: Stage) -> None:
    """Wait for the last of it, the tuned readers; while one is being tuned, the grades stand there already."""
    await stage.until_step(Step.VERDICT)
    await stage.until(lambda: getattr(stage.app.screen, "_done", False), "the verdict")


@each_look
async def test_the_wizard_looks_as_it_did(tmp_path: Path, look: Look, size: str, language: str) -> None:
    async with open_stage(tmp_path, size=SIZES[size], language=language) as stage:
        look(stage, "welcome")
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        look(stage, "consent")
        await stage.press("m", "enter")
        await stage.until_step(Step.CAMERA)
        look(stage, "camera")
        await stage.press("enter")
        await stage.until_watching()
        await stage.advance(1.0)
        look(stage, "light")
        await stage.press("g")
        await stage.until_step(Step.EXPRESSIONS)
        await stage.until_watching()
        look(stage, "expression-waiting")
        await stage.press("space")
        await stage.advance(1.2)
        look(stage, "expression-ready")
        await stage.advance(8.0)
        await stage.until(
            lambda: stage.app.wizard.grader is not None and stage.app.wizard.grader.pending == 0, "readings"
        )
        await stage.advance(0.1)
        await stage.advance(4.0)
        await stage.until(
            lambda: stage.app.wizard.grader is not None and stage.app.wizard.grader.pending == 0, "readings"
        )
        await stage.advance(0.1)
        look(stage, "expression-review")


@each_look
async def test_the_texts_look_as_they_did(tmp_path: Path, look: Look, size: str, language: str) -> None:
    async with open_stage(tmp_path, size=SIZES[size], language=language, with_maps=True) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await hold(stage)
        await stage.press("enter", *["s"] * 10)
        await stage.until_step(Step.SPEECH)
        await stage.until_watching()
        look(stage, "text")
        await stage.press("space")
        await stage.advance(12.0)
        look(stage, "text-said")
        await stage.advance(9.0)
        await stage.press("enter")
        for seconds in (20.5, 15.5):
            await stage.advance(seconds)
            await stage.press("enter")
        await stage.until_step(Step.VERDICT)
        await until_verdict(stage)
        look(stage, "verdict-talk")


@each_look
async def test_the_verdict_looks_as_it_did(tmp_path: Path, look: Look, size: str, language: str) -> None:
    async with open_stage(tmp_path, size=SIZES[size], language=language) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        for _ in range(4):
            await hold(stage)
            await stage.press("enter")
        for _ in range(7):
            await stage.press("s")
        await leave_texts_out(stage)
        await until_verdict(stage)
        look(stage, "verdict")
        await stage.press("w")
        look(stage, "why")


@each_look
async def test_the_monitor_and_what_lies_behind_it_look_as_they_did(
    tmp_path: Path, look: Look, size: str, language: str
) -> None:
    def source() -> ColourSource:
        return ColourSource(mood=weather)

    async with open_stage(tmp_path, ready=True, size=SIZES[size], language=language, make_source=source) as stage:
        look(stage, "monitor-first")
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(90.0)
        look(stage, "monitor-call")
        await stage.press("space")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        await stage.until(lambda: length_text(90) in stage.text(), "the last call")
        look(stage, "monitor-between")
        await stage.press("h")
        await stage.until(lambda: "Tiny (1)" in stage.text(), "the call's line")
        look(stage, "history")
        for key, view in (("2", "day"), ("3", "week"), ("4", "month")):
            await stage.press(key)
            await stage.until(lambda: bool(str(stage.app.screen.query_one("#about", Static).content)), view)
            look(stage, f"history-{view}")
        await stage.press("escape", "s")
        stage.app.screen.query_one("#where", Static).update("…/calmline.db")
        await stage.settle()
        look(stage, "settings")


@each_look
async def test_what_is_shared_looks_as_it_did(
    tmp_path: Path, look: Look, size: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.people.new_pseudonym", lambda: "C-7KQ4-M2XD")

    def shared(store: Store) -> None:
        with_calls(store)
        export_to_stream(store, ExportRequest(ExportKind.CALLS, mine=True), Format.CSV, io.StringIO(), "mina")

    async with open_stage(tmp_path, ready=True, prepare=shared, size=SIZES[size], language=language) as stage:
        await stage.press("h")
        await stage.until(lambda: "Tiny (1)" in stage.text(), "the call's line")
        await stage.press("5")
        await stage.until(lambda: "mina" in stage.text(), "the export's line")
        look(stage, "history-exports")
        stage.clock.advance(1.0, looping=False)
        await stage.press("escape", "s")
        stage.app.screen.query_one("#where", Static).update("…/calmline.db")
        await choose(stage, "release")
        look(stage, "release-days")
        await stage.press("enter")
        look(stage, "preview")


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_consent_where_the_law_forbids_sharing_looks_as_it_did(tmp_path: Path, look: Look, language: str) -> None:
    async with open_stage(tmp_path, language=language) as stage:
        await stage.press("home", "down", "enter")
        await stage.until_step(Step.CONSENT)
        look(stage, "consent-eu")


@each_look
async def test_a_model_of_ones_own_and_why_look_as_they_did(
    tmp_path: Path, look: Look, size: str, language: str
) -> None:
    def source() -> ColourSource:
        return ColourSource(shaded=True)

    async with open_stage(
        tmp_path, size=SIZES[size], language=language, weights=MISREADING, with_maps=True, make_source=source
    ) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("s", "s", "space")
        for _ in range(4):
            await hold(stage)
            await stage.press("enter")
        for _ in range(5):
            await stage.press("s")
        await leave_texts_out(stage)
        await until_verdict(stage)
        look(stage, "verdict-own")
        await stage.press("w")
        look(stage, "why-own")
        await stage.press("escape", "down", "w")
        look(stage, "why-looked")


@each_look
async def test_the_practice_looks_as_it_did(tmp_path: Path, look: Look, size: str, language: str) -> None:
    def source() -> ColourSource:
        return ColourSource(mood=lambda seconds: weather(seconds * 1.5 - 4), shaded=True)

    def agreed(store: Store) -> None:
        store.record_consent(consent_of(store))

    async with open_stage(
        tmp_path,
        size=SIZES[size],
        language=language,
        prepare=agreed,
        make_source=source,
        with_maps=True,
        practice=PracticeOptions(("Tell me about yourself.", "What went wrong last year?", "왜 지원하셨나요?")),
    ) as stage:
        look(stage, "coach-before")
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(14.0)
        await stage.press("n")
        await stage.advance(9.0)
        look(stage, "coach-practising")
        await stage.advance(26.0)
        await stage.press("n")
        await stage.advance(3.0)
        await stage.press("e")
        await stage.until(lambda: stage.open_sources == 0, "the camera closed")
        await stage.press("down")
        look(stage, "coach-after")


async def test_the_light_theme_looks_as_it_did(tmp_path: Path, look: Look) -> None:
    def light(store: Store) -> None:
        store.set_setting("theme", "light")

    def source() -> ColourSource:
        return ColourSource(mood=weather)

    async with open_stage(tmp_path, ready=True, prepare=light, make_source=source) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(90.0)
        look(stage, "monitor-call")


async def test_without_colours_everything_still_has_a_word_or_a_mark(
    tmp_path: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s")
        stage.app.screen.query_one("#where", Static).update("…/calmline.db")
        await stage.settle()
        assert "▸ " in stage.text()
        look(stage, "settings")


async def test_a_window_that_is_too_small_looks_as_it_did(tmp_path: Path, look: Look) -> None:
    async with open_stage(tmp_path, ready=True, size=(38, 7)) as stage:
        look(stage, "too-small")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [(40, 8), (40, 10), (60, 14)], ids=lambda size: "{}x{}".format(*size))
async def test_the_small_window_beside_a_softphone_looks_as_it_did(
    tmp_path: Path, look: Look, size: tuple[int, int], language: str
) -> None:
    def source() -> ColourSource:
        return ColourSource(mood=weather)

    async with open_stage(tmp_path, ready=True, size=size, language=language, make_source=source) as stage:
        await stage.until(lambda: "Space" in stage.text(), "what is said of the first call")
        look(stage, "between")
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(90.0)
        look(stage, "call")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_help_and_the_palette_look_as_they_did(tmp_path: Path, look: Look, language: str, theme: str) -> None:
    def prepare(store: Store) -> None:
        store.set_setting("theme", theme)

    async with open_stage(tmp_path, ready=True, language=language, prepare=prepare) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(40.0)
        await stage.press("question_mark")
        look(stage, "help")
        await stage.press("question_mark", "ctrl+p")
        await stage.until(lambda: "^q" in stage.text() or "Space" in stage.text(), "the palette's list")
        look(stage, "palette")
