"""Random keys, clicks, pastes and window sizes on every screen: nothing falls over, nothing stands still."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual import events

from app.tui.wizard.steps import Step
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.records import CallStart, ExportKind, ExportRecord
from core.store.store import Store
from tests.tui.stage import Stage, open_stage, walk_to

SEED = 20261126
ROUNDS, KEYS_A_ROUND = 4, 44
PRESS_SECONDS = 30.0
"""One key may take this long on the busiest machine; more is a standstill."""

KEYS = (
    *"mgsrpnbhxqyk123ciuzwt? ",
    *"ㅡㅎㄴ가ㅂ",
    *("enter", "escape", "tab", "shift+tab", "space", "backspace", "delete", "home", "end", "pageup", "pagedown"),
    *("up", "down", "left", "right", "up", "down"),
    *("f1", "f2", "f3", "ctrl+p", "ctrl+c", "ctrl+z", "ctrl+a", "ctrl+q", "f5", "alt+x"),
)
HOSTILE_PASTES = ("[/red] [bold", "\x1b[2J\x1b]0;x\x07", "한글 \u202e gpj", "a" * 2000, "{0}{name}", "\x00\n\r\t")

Way = Callable[[Stage], Awaitable[None]]


async def _nothing(stage: Stage) -> None:
    """The screen that shows is the one."""


def _wizard(step: Step) -> Way:
    async def walk(stage: Stage) -> None:
        await walk_to(stage, step)

    return walk


def _press(*keys: str) -> Way:
    async def press(stage: Stage) -> None:
        await stage.until_step(Step.MONITOR)
        await stage.press(*keys)

    return press


@dataclass(frozen=True)
class Start:
    """A screen to begin at: whether the record is set up already, and how to get there."""

    name: str
    ready: bool
    way: Way


STARTS = (
    Start("welcome", False, _nothing),
    Start("consent", False, _wizard(Step.CONSENT)),
    Start("camera", False, _wizard(Step.CAMERA)),
    Start("light", False, _wizard(Step.LIGHT)),
    Start("expressions", False, _wizard(Step.EXPRESSIONS)),
    Start("texts", False, _wizard(Step.SPEECH)),
    Start("verdict", False, _wizard(Step.VERDICT)),
    Start("monitor", True, _nothing),
    Start("call", True, _press("space")),
    Start("history", True, _press("h")),
    Start("settings", True, _press("s")),
    Start("breathing", True, _press("b")),
    Start("note in a call", True, _press("space", "n")),
    Start("palette", True, _press("ctrl+p")),
)


def record_of_hostile_words(store: Store) -> None:
    """Calls, notes and exports whose words would be markup or codes."""
    for number in range(3):
        call = store.begin_call(CallStart("tiny-1"))
        store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, 20 * n) for n in range(15)])
        store.add_note(call.id, 200, f"[/red] [bold {number} \x1b[31m")
        store.end_call(call.id)
    store.log_export(
        ExportRecord(store.now(), ExportKind.CALLS, None, None, "complete", "/tmp/[/a]\x1b[2J.csv", "[user", 3, True)
    )


@pytest.mark.thorough
@pytest.mark.timeout(600)
async def test_a_few_random_keys_on_every_screen_bring_nothing_down(tmp_path: Path) -> None:
    for number, start in enumerate(STARTS):
        await play(start, tmp_path / str(number), random.Random(f"{SEED}/{start.name}"), keys=6)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.name)
async def test_hundreds_of_random_keys_from_each_screen_bring_nothing_down(start: Start, tmp_path: Path) -> None:
    """From all screens together more than two thousand."""
    pressed = 0
    for number in range(ROUNDS):
        dice = random.Random(f"{SEED}/{start.name}/{number}")
        pressed += await play(start, tmp_path / str(number), dice, keys=KEYS_A_ROUND)
    print(f"{start.name}: {pressed} keys, no traceback, no hang", flush=True)
    assert len(STARTS) * pressed >= 2000


async def play(start: Start, folder: Path, dice: random.Random, *, keys: int) -> int:
    """Press random keys from one screen on, until they are all pressed; returns how many. Quitting begins anew."""
    pressed = 0
    lives = 0
    while pressed < keys:
        lives += 1
        language = dice.choice(("en", "ko"))
        async with open_stage(
            folder / str(lives), ready=start.ready, language=language, prepare=record_of_hostile_words
        ) as stage:
            await start.way(stage)
            while pressed < keys and stage.app.is_running and stage.app._exception is None:
                pressed += 1
                done = await asyncio.wait_for(_do_something(stage, dice), PRESS_SECONDS)
                assert stage.app._exception is None, f"{start.name}: {done}: {stage.app._exception!r}"
                if stage.app._exit:
                    break
    return pressed


async def _do_something(stage: Stage, dice: random.Random) -> str:
    """One key most of the time; sometimes a click, a paste, another window size, or time that passes."""
    chance = dice.random()
    if chance < 0.82:
        key = dice.choice(KEYS)
        await stage.pilot.press(key)
        done = f"key {key!r}"
    elif chance < 0.88:
        place = dice.randrange(stage.app.size.width), dice.randrange(stage.app.size.height)
        await stage.pilot.click(offset=place)
        done = f"click {place}"
    elif chance < 0.92:
        text = dice.choice(HOSTILE_PASTES)
        stage.app.post_message(events.Paste(text))
        done = f"paste {text!r}"
    elif chance < 0.95:
        size = dice.choice(((80, 24), (120, 40), (40, 10), (1, 1), (200, 60)))
        await stage.pilot.resize_terminal(*size)
        done = f"size {size}"
    else:
        if not stage.app._exit:
            await stage.advance(dice.choice((0.2, 1.0, 5.0)))
        done = "time"
    await stage.pilot.pause()
    return done
