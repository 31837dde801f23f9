"""Starting the screens: from plain options to a running app."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from app.language import language_names, use_language
from app.tui.app import CalmlineApp
from app.tui.flow import Step
from app.tui.opening import Opening
from app.tui.screens.base import CalmScreen
from core.locations import Locations
from core.memory import share_memory_between_threads

# What opening the record takes is imported then: the first paint does not wait for it.
if TYPE_CHECKING:
    from app.tui.practice import PracticeOptions
    from app.tui.services import DemoOptions, Services
    from core.clock import Clock
    from core.sources.source import FrameSource
    from core.store import Store
    from core.store.first_look import FirstLook

_SCREENS: dict[Step, tuple[str, str]] = {
    Step.WELCOME: ("app.tui.screens.welcome", "WelcomeScreen"),
    Step.CONSENT: ("app.tui.screens.consent", "ConsentScreen"),
    Step.CAMERA: ("app.tui.screens.camera", "CameraScreen"),
    Step.LIGHT: ("app.tui.screens.lighting", "LightingScreen"),
    Step.EXPRESSIONS: ("app.tui.screens.calibration", "CalibrationScreen"),
    Step.VERDICT: ("app.tui.screens.verdict", "VerdictScreen"),
    Step.MONITOR: ("app.tui.screens.monitor", "MonitorScreen"),
}
"""Screens are imported when they are first shown: the first paint waits for one of them only."""


def make_screen(step: Step) -> CalmScreen:
    """The screen of a step, new."""
    module, name = _SCREENS[step]
    screen = getattr(import_module(module), name)()
    assert isinstance(screen, CalmScreen)
    return screen


def make_app(services: Services) -> CalmlineApp:
    """The app on these services, in the language that the record remembers or that is in use."""
    _speak(services.store.setting("language", None))
    return CalmlineApp(services, make_screen)


def run_screens(
    locations: Locations,
    source_text: str | None,
    language: str | None,
    demo: DemoOptions | None,
    passphrase: str | None = None,
    practice: PracticeOptions | None = None,
    look: FirstLook | None = None,
) -> int:
    """Run the app until the person leaves it; returns the exit code.

    `source_text` names a source instead of the camera ("0", "actor", a path). A `demo` runs on the demo actor in a
    data folder that is thrown away at the end, unless it says where to keep it. `passphrase` opens an encrypted record.
    With `practice` it shows a practice and nothing else. `look` is what a glance at the record said: where all is set
    up, the monitor is painted first and the record is opened behind it.

    Raises:
        StoreError: the record cannot be opened.
        SourceError: `source_text` names nothing that can be watched.
    """
    from core.clock import ManualClock, SystemClock

    share_memory_between_threads()
    with ExitStack() as until_the_end:
        if demo is None:
            opened = partial(_open_services, until_the_end, locations, SystemClock(), source_text, language, None)
            services = partial(opened, passphrase, practice)
            if look is not None and look.all_set and practice is None and source_text is None:
                _speak(language or look.language)
                return _run(CalmlineApp(Opening(look, services, locations.log_file), make_screen), demo)
            return _run(make_app(services()), demo)
        folder = demo.keep or Path(tempfile.mkdtemp(prefix="calmline-demo-"))
        if demo.keep is None:
            until_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        clock: Clock = ManualClock(SystemClock().wall()) if demo.fast else SystemClock()
        actor = f"actor:{demo.actor}"
        return _run(
            make_app(_open_services(until_the_end, Locations.below(folder), clock, actor, language, demo)), demo
        )


def _open_services(
    until_the_end: ExitStack,
    locations: Locations,
    clock: Clock,
    source_text: str | None,
    language: str | None,
    demo: DemoOptions | None,
    passphrase: str | None = None,
    practice: PracticeOptions | None = None,
) -> Services:
    """Open the record, to be closed by `until_the_end`, and put together what the screens work with."""
    from app.tui.services import Services, load_reading_tools
    from core.resources import MODELS_FOLDER
    from core.store import Store
    from core.store.library import sqlite_utils

    sqlite_utils(nobody_imports=True)  # Textual's own threads only read keys and write to the terminal
    notices = locations.prepare()
    store = until_the_end.enter_context(Store.open(locations.database, clock, passphrase=passphrase))
    if language:
        store.set_setting("language", language)
    return Services(
        locations=locations,
        store=store,
        clock=clock,
        make_source=source_maker(store, source_text),
        load_tools=lambda: load_reading_tools(MODELS_FOLDER),
        fixed_source=source_text is not None,
        demo=demo,
        practice=practice,
        notices=notices,
    )


def _run(app: CalmlineApp, demo: DemoOptions | None) -> int:
    if demo is not None and demo.auto:
        from app.tui.autoplay import play

        code = app.run(headless=demo.headless, auto_pilot=play)
    else:
        code = app.run()
    if app.failure is not None:
        raise app.failure
    return code or app.return_code or 0


def _speak(language: str | None) -> None:
    """Use this language, where it is one."""
    if language is not None and language in language_names():
        use_language(language)


def source_maker(store: Store, source_text: str | None) -> Callable[[], FrameSource]:
    """How a new source is made each time watching begins: the named one, or the camera that the settings hold."""
    from app.tui.services import CAMERA_SETTING
    from core.resources import ASSETS_FOLDER
    from core.sources.opening import open_source

    if source_text is not None:
        open_source(source_text, ASSETS_FOLDER)  # a wrong name is said at once, not at the light check
        return lambda: open_source(source_text, ASSETS_FOLDER)
    return lambda: open_source(str(store.setting(CAMERA_SETTING, "0")), ASSETS_FOLDER)
