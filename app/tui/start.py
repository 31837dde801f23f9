"""Starting the screens: from plain options to a running app."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from app.language import language_names, use_language
from app.tui.app import CalmlineApp
from app.tui.flow import Step
from app.tui.practice import PracticeOptions
from app.tui.screens.base import CalmScreen
from app.tui.services import CAMERA_SETTING, DemoOptions, Services, load_reading_tools
from core.clock import Clock, ManualClock, SystemClock
from core.locations import Locations
from core.memory import share_memory_between_threads
from core.resources import ASSETS_FOLDER, MODELS_FOLDER
from core.sources.opening import open_source
from core.sources.source import FrameSource
from core.store import Store

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
    remembered = services.store.setting("language", None)
    if remembered is not None and remembered in language_names():
        use_language(remembered)
    return CalmlineApp(services, make_screen)


def run_screens(
    locations: Locations,
    source_text: str | None,
    language: str | None,
    demo: DemoOptions | None,
    passphrase: str | None = None,
    practice: PracticeOptions | None = None,
) -> int:
    """Run the app until the person leaves it; returns the exit code.

    `source_text` names a source instead of the camera ("0", "actor", a path). A `demo` runs on the demo actor in a
    data folder that is thrown away at the end, unless it says where to keep it. `passphrase` opens an encrypted record.
    With `practice` it shows a practice and nothing else.

    Raises:
        StoreError: the record cannot be opened.
        SourceError: `source_text` names nothing that can be watched.
    """
    share_memory_between_threads()
    if demo is None:
        return _run(locations, SystemClock(), source_text, language, None, passphrase, practice)
    folder = demo.keep or Path(tempfile.mkdtemp(prefix="calmline-demo-"))
    try:
        clock: Clock = ManualClock(SystemClock().wall()) if demo.fast else SystemClock()
        return _run(Locations.below(folder), clock, f"actor:{demo.actor}", language, demo)
    finally:
        if demo.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(
    locations: Locations,
    clock: Clock,
    source_text: str | None,
    language: str | None,
    demo: DemoOptions | None,
    passphrase: str | None = None,
    practice: PracticeOptions | None = None,
) -> int:
    notices = locations.prepare()
    with Store.open(locations.database, clock, passphrase=passphrase) as store:
        if language:
            store.set_setting("language", language)
        services = Services(
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
        app = make_app(services)
        if demo is not None and demo.auto:
            from app.tui.autoplay import play

            code = app.run(headless=demo.headless, auto_pilot=play)
        else:
            code = app.run()
    return code or app.return_code or 0


def source_maker(store: Store, source_text: str | None) -> Callable[[], FrameSource]:
    """How a new source is made each time watching begins: the named one, or the camera that the settings hold."""
    if source_text is not None:
        open_source(source_text, ASSETS_FOLDER)  # a wrong name is said at once, not at the light check
        return lambda: open_source(source_text, ASSETS_FOLDER)
    return lambda: open_source(str(store.setting(CAMERA_SETTING, "0")), ASSETS_FOLDER)
