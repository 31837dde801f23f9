"""Nothing on a screen or in a dialog is cut off without a way to scroll to it, in both languages."""

from __future__ import annotations

import ast
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import app.tui
from app.tui.dialogs.ask import SureDialog
from app.tui.dialogs.dialog import CalmDialog
from app.tui.dialogs.help import HelpDialog
from app.tui.wizard.steps import Step
from app.words.tension import card_text
from core.monitoring.missed import NO_FACE_SECONDS
from core.sources.source import SourceProblem
from core.store.records import ShareLevel
from core.store.store import Store
from tests.thorough import mostly_thorough
from tests.tui.fitting import unreachable
from tests.tui.stage import MISREADING, ColourSource, Stage, hold, leave_texts_out, open_stage, walk_to
from tests.tui.test_actions import every_screen
from tests.tui.test_felt import record_call
from tests.tui.test_sharing import choose, with_calls

LANGUAGES = pytest.mark.parametrize("language", mostly_thorough(["en", "ko"], ["ko"]))
BESIDE = [
    pytest.param((60, 18), id="60x18", marks=pytest.mark.slow),
    pytest.param((40, 10), id="40x10", marks=pytest.mark.slow),
    pytest.param((40, 8), id="40x8"),
]
"""Windows beside a softphone."""

FULL = [
    pytest.param((80, 24), id="80x24"),
    *(pytest.param(size, id="{}x{}".format(*size), marks=pytest.mark.slow) for size in ((120, 40), (200, 50))),
]

Place = tuple[str, int]
"""A file of the screens and a line in it."""


def places_that_make_dialogs() -> set[Place]:
    """Every line of the screens that begins the making of a dialog."""
    found = set()
    for path in Path(app.tui.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Dialog"):
                found.add((path.name, node.lineno))
    return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> set[Place]:
    """Where the dialogs made in a test were made."""
    places: set[Place] = set()
    real = CalmDialog.__init__

    def note(self: CalmDialog[object]) -> None:
        frame = sys._getframe(1)
        while frame.f_code.co_name == "__init__" and frame.f_back is not None:
            frame = frame.f_back
        places.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
        real(self)

    monkeypatch.setattr(CalmDialog, "__init__", note)
    return places


def with_all(store: Store) -> None:
    """Curves are shared, and the last call looked hard."""
    with_calls(store, ShareLevel.CURVES)
    record_call(store, tense=60)


async def dialogs_of_the_settings(stage: Stage) -> AsyncIterator[str]:
    await stage.press("s")
    for line, keys in {
        "language": ["enter"],
        "theme": ["enter"],
        "microphone": ["end", "enter", "escape"],
        "measure": ["n"],
        "share": ["escape"],
        "preview": ["enter", "escape"],
        "release": ["enter", "escape", "n"],
        "region": ["escape"],
        "network": ["escape"],
        "profile": ["escape"],
        "memory": ["escape"],
        "unsure": ["escape"],
        "kept": ["escape", "escape"],
        "erase": ["n"],
        "again": ["escape", "escape"],  # to the camera, and back by the way of the wizard
    }.items():
        await choose(stage, line)
        for number, key in enumerate(keys):
            yield f"settings: {line} {number}"
            await stage.press(key)
    await stage.press("escape")


async def dialogs_around_calls(stage: Stage) -> AsyncIterator[str]:
    """Those that open over the monitor, also beside a softphone."""
    await stage.until(lambda: card_text().split()[0] in stage.text(), "the card")
    yield "the card"
    for key in "kb":
        await stage.press(key)
        yield f"break: {key}"
        await stage.press("escape")
    await stage.press("question_mark")
    yield "help"
    await stage.press("escape", "space")
    await stage.until_watching()
    await stage.press("n")
    yield "a note"
    await stage.press("escape", "q")
    yield "quit in a call"
    await stage.press("n")
    stage.source.mood = lambda _seconds: None
    await stage.app.by_themselves.look()
    await stage.advance(NO_FACE_SECONDS + 1)
    await stage.app.by_themselves.look()
    await stage.settle()
    yield "is the call still running?"
    await stage.press("y", "space")
    await stage.until(lambda: isinstance(stage.app.screen, SureDialog), "the question about the microphone")
    yield "calls by the microphone"
    await stage.press("y")


async def dialogs_of_the_record_and_the_practice(stage: Stage) -> AsyncIterator[str]:
    await stage.press("h")
    await stage.until(lambda: "Tiny (1)" in stage.text(), "the last call")
    await stage.press("x")
    yield "erase a call"
    await stage.press("n", "e")
    for asked in ("for whom", "of when", "in which form"):
        yield asked
        await stage.press("enter")
    await stage.until(lambda: type(stage.app.screen).__name__ == "PreviewDialog", "the preview")
    yield "preview"
    await stage.press("enter")
    await stage.until(lambda: type(stage.app.screen).__name__ == "WrittenDialog", "where it is")
    yield "written"
    await stage.press("escape", "escape", "i", "t")
    yield "answer time"
    await stage.press("escape", "l")
    yield "questions"
    await stage.press("end", "enter")
    yield "a list of one's own"
    await stage.press("escape", "escape")


async def dialogs_of_the_verdict(stage: Stage) -> AsyncIterator[str]:
    await walk_to(stage, Step.EXPRESSIONS)
    await stage.press("s", "s", "s", "space")
    for _one in range(2):
        await hold(stage)
        await stage.press("enter")
    await stage.press(*"ssssss")
    await leave_texts_out(stage)
    await stage.until(lambda: "Enter" in stage.text(), "the verdict")
    await stage.press("r")
    yield "once more"
    await stage.press("escape", "down", "w")
    for page in range(3):
        yield f"why {page}"
        await stage.press("right")


async def assert_fits(stage: Stage, visited: AsyncIterator[str]) -> list[str]:
    names = []
    async for place in visited:
        assert unreachable(stage) == [], place
        names.append(place)
    return names


@pytest.mark.thorough
@LANGUAGES
@pytest.mark.parametrize("size", FULL)
async def test_keys_alone_lead_to_every_dialog_and_it_fits(
    tmp_path: Path, size: tuple[int, int], language: str, made: set[Place]
) -> None:
    async with open_stage(
        tmp_path / "set-up", ready=True, prepare=with_all, size=size, language=language, ask_microphone=frozenset
    ) as stage:
        for dialogs in (dialogs_around_calls, dialogs_of_the_record_and_the_practice, dialogs_of_the_settings):
            assert len(await assert_fits(stage, dialogs(stage))) >= 6
    async with open_stage(
        tmp_path / "new",
        size=size,
        language=language,
        weights=MISREADING,
        with_maps=True,
        make_source=lambda: ColourSource(shaded=True),
    ) as stage:
        await assert_fits(stage, dialogs_of_the_verdict(stage))
    assert places_that_make_dialogs() - made == set(), "dialogs that this test does not open"


@LANGUAGES
async def test_every_phase_of_an_expression_and_of_a_text_fits_80x24(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, language=language) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        for seconds, key in ((1.0, "p"), (0.5, "p"), (4.0, ""), (3.0, ""), (4.0, ""), (1.0, "enter")):
            assert unreachable(stage) == [], (seconds, key)
            await stage.advance(seconds)
            assert unreachable(stage) == [], (seconds, key)
            await stage.press(*[key] * bool(key))
        stage.source.mood = lambda _seconds: None
        stage.source.trouble = SourceProblem.BUSY
        await stage.advance(20.0)
        assert unreachable(stage) == [], "nobody was seen"
        stage.source.trouble = None
        await stage.press(*["s"] * 10)
        await stage.until_step(Step.SPEECH)
        await stage.until_watching()
        for seconds in (0.0, 8.0, 20.0):
            await stage.advance(seconds)
            assert unreachable(stage) == [], seconds
            await stage.press("space")


@LANGUAGES
@pytest.mark.thorough
@pytest.mark.parametrize("size", BESIDE)
async def test_every_dialog_around_a_call_fits_beside_a_softphone(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    async with open_stage(
        tmp_path, ready=True, prepare=with_all, language=language, size=size, ask_microphone=frozenset
    ) as stage:
        await assert_fits(stage, dialogs_around_calls(stage))


@LANGUAGES
@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 18), (40, 8)], ids=["60x18", "40x8"])
async def test_every_screen_and_its_help_fit_beside_a_softphone(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_calls, language=language, size=size) as stage:
        async for place in every_screen(stage):
            assert unreachable(stage) == [], place
            await stage.press("f1")
            if stage.app.screen.has_class("-too-small"):
                continue  # under the notice only the way out is heard
            assert isinstance(stage.app.screen, HelpDialog)
            assert unreachable(stage) == [], f"help of {place}"
            await stage.press("f1")
