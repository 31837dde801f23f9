"""A start of somebody for whom all is set up: the monitor is painted, and then the record is opened behind it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import ClassVar

import pytest
from textual import events

from app.tui import app as app_module
from app.tui.app import CalmlineApp
from app.tui.opening import Opening
from app.tui.screens.history import HistoryScreen
from app.tui.screens.monitor import MonitorScreen
from app.tui.services import Services
from app.tui.start import make_screen
from app.tui.wizard.steps import Step
from core.store import Store, StoreError, StoreErrorCode
from core.store.first_look import FirstLook
from core.store.locations import Locations
from core.system.clock import SystemClock
from tests.tui.stage import open_stage, set_up

ROOT = Path(__file__).parents[2]
SET_UP = FirstLook("en", "light", measured=True, all_set=True)


class EarlyHands(CalmlineApp):
    """Somebody types before the record is open."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [Path(app_module.__file__).with_name("app.tcss")]

    def _put_up(self, step: Step) -> None:
        super()._put_up(step)
        if not self.record_is_open:
            self.post_message(events.Key("h", "h"))


def opened_late(seen: list[str]) -> Callable[[Services], CalmlineApp]:
    """The app that is given its services only when its first screen is there; what it looked like then is noted."""

    def make(services: Services) -> CalmlineApp:
        def open_services() -> Services:
            seen.append(type(app.screen).__name__)
            seen.append(
                "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())
            )
            seen.extend(event.key for event in app._typed_early if isinstance(event, events.Key))
            return services

        app = EarlyHands(Opening(SET_UP, open_services, services.locations.log_file), make_screen)
        return app

    return make


async def test_the_monitor_is_painted_first_and_what_is_typed_meanwhile_counts(tmp_path: Path) -> None:
    seen: list[str] = []
    async with open_stage(tmp_path, ready=True, make_app_of=opened_late(seen)) as stage:
        await stage.until(lambda: isinstance(stage.app.screen, HistoryScreen), "the history that was asked for early")
        assert seen[0] == MonitorScreen.__name__
        assert "The camera is off" in seen[1]
        assert "first call" not in seen[1], "nobody knew yet whether there had been calls"
        assert seen[2:] == ["h"]
        await stage.press("escape")
        assert "first call" in stage.text()
        assert stage.app.theme == "calmline-light"


async def test_a_glance_that_was_wrong_is_put_right_by_the_record(tmp_path: Path) -> None:
    seen: list[str] = []
    async with open_stage(tmp_path, ready=False, make_app_of=opened_late(seen)) as stage:
        await stage.until_step(Step.WELCOME)
        assert seen[0] == MonitorScreen.__name__


async def test_a_record_that_cannot_be_opened_ends_the_screens_and_says_why_afterwards(tmp_path: Path) -> None:
    def refuse() -> Services:
        raise StoreError(StoreErrorCode.DISK_FULL)

    app = CalmlineApp(Opening(SET_UP, refuse, tmp_path / "log"), make_screen)
    async with app.run_test() as pilot:
        for _ in range(100):
            if app._exit:
                break
            await pilot.pause(0.02)
    assert isinstance(app.failure, StoreError)
    assert app.return_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_in_a_terminal_a_record_that_another_calmline_has_is_a_sentence(tmp_path: Path) -> None:
    from app.bench.terminal import TerminalRunError, run_in_terminal

    locations = Locations.below(tmp_path)
    locations.prepare()
    with Store.open(locations.database, SystemClock()) as store:
        set_up(store)
        command = [sys.executable, "-m", "app", "--db", str(locations.database), "--language", "en"]
        with pytest.raises(TerminalRunError, match="open in another Calmline"):
            run_in_terminal(command, environment={"HOME": str(tmp_path)}, folder=ROOT)
    run_in_terminal(command, environment={"HOME": str(tmp_path)}, folder=ROOT, until="Your first call")
