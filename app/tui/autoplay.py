"""Plays the demo's keys by itself: the whole way from the first screen through two monitored calls.

It presses what a person would press and waits for what a person would wait for, so it shows the program as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from textual.pilot import Pilot

from app.tui.app import CalmlineApp
from app.tui.wizard.steps import Step
from core.calibration.machine import Calibration, Phase

LONGEST_WAIT = 90.0
"""Real seconds that any one thing may take before the demo gives up."""

LOOK_SECONDS = 1.5
"""How long each screen stays for whoever is watching; nothing with `--fast`."""

CALL_SECONDS = 75.0
"""How long each of the two calls lasts, on the demo's clock."""


class AutoplayError(Exception):
    """The demo got stuck: what it was waiting for."""


async def play(pilot: Pilot[Any]) -> None:
    """Play the wizard, two calls and the history, then leave with 0.

    Raises:
        AutoplayError: something that had to happen did not.
    """
    app = cast("CalmlineApp", pilot.app)
    demo = app.services.demo
    look = 0.0 if demo is None or demo.fast else LOOK_SECONDS
    await _until(lambda: app.current_step is not None, "the first screen")
    await asyncio.sleep(look)
    for keys in (_welcome, _consent, _camera, _light, _expressions, _speech, _verdict):
        await keys(pilot, app)
        await asyncio.sleep(look)
    for _ in range(2):
        await _call(pilot, app)
        await asyncio.sleep(look)
    app.exit(0)


async def _welcome(pilot: Pilot[Any], app: CalmlineApp) -> None:
    await pilot.press("enter")
    await _until(lambda: app.current_step is Step.CONSENT, "the consent screen")


async def _consent(pilot: Pilot[Any], app: CalmlineApp) -> None:
    await _press_until(pilot, "m", lambda: bool(getattr(app.screen, "measure", False)), "the tick at 'measure me'")
    await _press_until(pilot, "enter", lambda: app.current_step is Step.CAMERA, "the camera screen")


async def _camera(pilot: Pilot[Any], app: CalmlineApp) -> None:
    await _press_until(pilot, "enter", lambda: app.current_step is Step.LIGHT, "the light check")


async def _light(pilot: Pilot[Any], app: CalmlineApp) -> None:
    await _press_until(pilot, "enter", lambda: app.current_step is Step.EXPRESSIONS, "good light")


async def _expressions(pilot: Pilot[Any], app: CalmlineApp) -> None:
    await _hold_all(pilot, app, lambda: app.wizard.calibration, Step.EXPRESSIONS)
    await _until(lambda: app.current_step is Step.SPEECH, "the texts")


async def _speech(pilot: Pilot[Any], app: CalmlineApp) -> None:
    await _hold_all(pilot, app, lambda: app.wizard.speech, Step.SPEECH)
    await _until(lambda: app.current_step is Step.VERDICT, "the verdict")


async def _hold_all(pilot: Pilot[Any], app: CalmlineApp, made: Callable[[], Calibration | None], step: Step) -> None:
    """Begin each one with Space, keep it with Enter, skip one whose face was not found often enough."""
    await _until(lambda: made() is not None, f"the first of the {step.value}")
    calibration = made()
    assert calibration is not None
    tries: dict[str, int] = {}
    while app.current_step is step and calibration.phase is not Phase.DONE:
        if calibration.phase in (Phase.WAITING, Phase.PAUSED):
            await pilot.press("space")
        elif calibration.phase is Phase.REVIEW:
            name = calibration.expression.id
            tries[name] = tries.get(name, 0) + 1
            key = "enter" if calibration.enough_frames else ("s" if tries[name] > 1 else "space")
            await pilot.press(key)
        await asyncio.sleep(0.05)


async def _verdict(pilot: Pilot[Any], app: CalmlineApp) -> None:
    grader = app.wizard.grader
    if grader is not None:
        await asyncio.to_thread(grader.wait)  # for minutes on a slow computer; the screen counts them down
    await _press_until(pilot, "enter", lambda: app.current_step is Step.MONITOR, "the monitor")


async def _call(pilot: Pilot[Any], app: CalmlineApp) -> None:
    """Start a call with Space, let it run, end it with Space."""
    await _press_until(pilot, "space", lambda: app.watcher.purpose is not None, "the call to begin")
    began = app.services.clock.monotonic()
    await _until(lambda: app.services.clock.monotonic() - began >= CALL_SECONDS, "the call to last", CALL_SECONDS * 3)
    await _press_until(pilot, "space", lambda: app.watcher.purpose is None, "the call to end")


async def _press_until(pilot: Pilot[Any], key: str, happened: Callable[[], bool], what: str) -> None:
    """Press a key, and again every second, until something has happened."""
    for _ in range(round(LONGEST_WAIT)):
        if happened():
            return
        await pilot.press(key)
        for _ in range(20):
            if happened():
                return
            await asyncio.sleep(0.05)
    raise AutoplayError(what)


async def _until(happened: Callable[[], bool], what: str, longest: float = LONGEST_WAIT) -> None:
    """Wait until something has happened, looking twenty times a second."""
    for _ in range(round(longest * 20)):
        if happened():
            return
        await asyncio.sleep(0.05)
    raise AutoplayError(what)
