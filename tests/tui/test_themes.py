"""Colours can be read by everybody, and nothing is told by them alone."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from textual.theme import Theme

from app.tui.theme import CALMLINE_DARK, THEMES
from app.words.language import _
from core.store.store import Store
from tests.thorough import mostly_thorough
from tests.tui.stage import ColourSource, Stage, open_stage
from tests.tui.test_actions import every_screen
from tests.tui.test_sharing import with_calls
from tests.tui.test_snapshots import weather

LEAST_CONTRAST = 4.5
"""WCAG 2.2, AA: text on its background."""

LEAST_DIFFERENCE = 8.0
"""In CIELAB; 2.3 is just seen."""

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB."""

XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colour: str) -> NDArray[np.float64]:
    shares = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab_of_deuteranopes(colour: str) -> NDArray[np.float64]:
    shares = XYZ @ np.clip(DEUTERANOPIA @ linear(colour), 0, 1) / WHITE
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def texts(theme: Theme) -> dict[str, str]:
    """Every colour that words are written in."""
    own = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
    named = ("emotion-", "grade-", "quiet", "footer-key-foreground", "footer-description-foreground")
    return {name: str(getattr(theme, name)) for name in own} | {
        name: colour for name, colour in theme.variables.items() if name.startswith(named)
    }


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: str(theme.name))
def test_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    for name, colour in texts(theme).items():
        for ground in (theme.background, theme.surface, theme.panel):
            assert ground is not None
            assert contrast(colour, ground) >= LEAST_CONTRAST, (name, ground)
    pointed = theme.variables["block-cursor-background"]
    for name in ("block-cursor-foreground", "quiet"):
        assert contrast(theme.variables[name], pointed) >= LEAST_CONTRAST, name


def hard_to_read(stage: Stage) -> list[tuple[str, float]]:
    """Words of the screen in front whose colour is too near to their ground, and how near."""
    found = []
    for segment in itertools.chain.from_iterable(stage.app.screen._compositor.render_strips()):
        if segment.style is not None and any(map(str.isalnum, segment.text)):
            colour, ground = segment.style.color, segment.style.bgcolor
            assert colour is not None, segment
            assert ground is not None, segment
            found.append((segment.text, contrast(colour.get_truecolor().hex, ground.get_truecolor().hex)))
    return [(text, ratio) for text, ratio in found if ratio < LEAST_CONTRAST]


@pytest.mark.parametrize("theme", mostly_thorough(["dark", "light"], ["light"]))
async def test_every_word_of_every_screen_can_be_read(tmp_path: Path, theme: str) -> None:
    def prepare(store: Store) -> None:
        with_calls(store)
        store.set_setting("theme", theme)

    async with open_stage(tmp_path, ready=True, prepare=prepare) as stage:
        async for place in every_screen(stage):
            if not stage.app.screen.is_modal:  # what lies under a dialog is dimmed
                assert hard_to_read(stage) == [], place


def drawn(stage: Stage) -> list[list[tuple[str, str]]]:
    """What stands on every row of the screen in front, and in which colours; every digit as 0, for clocks go on."""
    rows = stage.app.screen._compositor.render_strips()
    return [[(re.sub(r"\d", "0", one.text), str(one.style)) for one in row.simplify()] for row in rows]


async def test_in_another_theme_every_screen_is_drawn_again_in_its_colours_and_stays_where_it_was(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_calls) as stage:
        async for place in every_screen(stage):
            before = drawn(stage)
            await stage.press("f3")
            await stage.settle()
            if not stage.app.screen.is_modal:  # what lies under a dialog is dimmed
                assert hard_to_read(stage) == [], place
            await stage.press("f3")
            await stage.settle()
            assert drawn(stage) == before, place


@pytest.mark.parametrize("kind", ["emotion-", "grade-"])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: str(theme.name))
def test_colours_that_stand_for_something_differ_for_people_who_see_no_green(theme: Theme, kind: str) -> None:
    colours = {name: colour for name, colour in theme.variables.items() if name.startswith(kind)}
    assert len(colours) >= 4
    for one, other in itertools.combinations(colours, 2):
        apart = np.linalg.norm(lab_of_deuteranopes(colours[one]) - lab_of_deuteranopes(colours[other]))
        assert apart >= LEAST_DIFFERENCE, (one, other, apart)


def test_the_simulation_takes_red_and_green_for_alike() -> None:
    apart = np.linalg.norm(lab_of_deuteranopes("#c0392b") - lab_of_deuteranopes("#6a6a00"))
    assert apart < np.linalg.norm(lab_of_deuteranopes("#c0392b") - lab_of_deuteranopes("#2b39c0")) / 3


def test_both_themes_name_the_same_colours() -> None:
    assert {frozenset(theme.variables) for theme in THEMES} == {frozenset(CALMLINE_DARK.variables)}


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_without_colours_every_state_of_a_call_is_a_word(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    def source() -> ColourSource:
        return ColourSource(mood=weather)

    async with open_stage(tmp_path, ready=True, language=language, make_source=source) as stage:
        await stage.press("space")
        await stage.until_watching()
        assert _("camera on") in stage.text()
        for seconds, word in ((19.0, "neutral"), (10.0, "tense"), (6.0, "no face: the level waits"), (27.5, "happy")):
            await stage.advance(seconds)
            assert _(word) in stage.text(), word
        await stage.press("p")
        await stage.until(lambda: stage.open_sources == 0, "the camera to close")
        assert _("camera off") in stage.text()
        assert _("paused: nothing is read\np goes on").splitlines()[0] in stage.text()
