"""Starting the screens: from plain options to a running app."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from app.tui.app import CalmlineApp
from app.tui.ending import terminal_given_back
from app.tui.screens.base import CalmScreen
from app.tui.services import BEGIN_AGAIN
from app.tui.wizard.steps import Step
from app.words.language import _, language_names, use_language
from app.words.spoken import SentenceError
from core.store.locations import Locations
from core.system.memory import share_memory_between_threads

if TYPE_CHECKING:
    from app.tui.services import DemoOptions, PracticeOptions, Services
    from core.sources.source import FrameSource
    from core.store.store import Store
    from core.system.clock import Clock

_SCREENS: dict[Step, tuple[str, str]] = {
    Step.WELCOME: ("app.tui.wizard.welcome", "WelcomeScreen"),
    Step.CONSENT: ("app.tui.wizard.consent", "ConsentScreen"),
    Step.CAMERA: ("app.tui.wizard.camera", "CameraScreen"),
    Step.LIGHT: ("app.tui.wizard.lighting", "LightingScreen"),
    Step.EXPRESSIONS: ("app.tui.wizard.calibration", "CalibrationScreen"),
    Step.SPEECH: ("app.tui.wizard.speech", "SpeechScreen"),
    Step.VERDICT: ("app.tui.wizard.verdict", "VerdictScreen"),
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


@dataclass(frozen=True, slots=True)
class ScreensPlan:
    """What the screens are run with.

    `models`: the folders of the candidates. `source`: what is watched instead of the camera ("0", "actor", a path).
    A `demo` runs on the demo actor in a data folder that is thrown away at the end, unless it says where to keep it.
    `passphrase` opens an encrypted record. With `practice` they show a practice and nothing else.
    """

    locations: Locations
    models: tuple[Path, ...]
    source: str | None = None
    language: str | None = None
    demo: DemoOptions | None = None
    passphrase: str | None = field(default=None, repr=False)
    practice: PracticeOptions | None = None


def run_screens(plan: ScreensPlan) -> int:
    """Run the app until the person leaves it; returns the exit code.

    Raises:
        StoreError: the record cannot be opened.
        SourceError: the source named is none.
    """
    share_memory_between_threads()
    with ExitStack() as until_the_end:
        if plan.demo is not None:
            return _run(make_app(_open_services(_of_demo(plan, plan.demo, until_the_end), until_the_end)), plan.demo)
    code = BEGIN_AGAIN
    while code == BEGIN_AGAIN:
        with ExitStack() as until_the_end:
            services = _open_services(plan, until_the_end)
            if services.camera_is_unasked:
                _ask_for_camera()
            code = _run(make_app(services), None)
    return code


def _ask_for_camera() -> None:
    """Have macOS ask, while no screens are there: its question needs the main thread."""
    from app.words.errors import terminal_name
    from core.sources.devices import ask_for_camera

    said = _("macOS now asks whether {terminal} may use the camera. Calmline goes on when you have answered.")
    if sys.__stderr__ is not None:  # standard error itself goes to the log here
        sys.__stderr__.write(said.format(terminal=terminal_name()) + "\n")
        sys.__stderr__.flush()
    ask_for_camera()


def _of_demo(plan: ScreensPlan, demo: DemoOptions, until_the_end: ExitStack) -> ScreensPlan:
    """The plan with the demo's own folder and its actor."""
    folder = demo.keep or Path(tempfile.mkdtemp(prefix="calmline-demo-"))
    if demo.keep is None:
        until_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
    log_file = plan.locations.log_file  # the one in which whatever goes wrong is
    of_demo = replace(Locations.below(folder), log_file=log_file)
    return replace(plan, locations=of_demo, source=demo.source)


def _open_services(plan: ScreensPlan, until_the_end: ExitStack) -> Services:
    """Open the record, to be closed by `until_the_end`, and put together what the screens work with."""
    from app.tui.services import Services, load_reading_tools
    from core.microphone.system import microphone_users
    from core.monitoring.origin import origin_of
    from core.store.records import CallSource
    from core.store.store import Store
    from core.system.clock import ManualClock, SystemClock

    clock: Clock = SystemClock()
    if plan.demo is not None and plan.demo.fast:
        clock = ManualClock(clock.wall())
    notices = plan.locations.prepare()
    store = until_the_end.enter_context(Store.open(plan.locations.database, clock, passphrase=plan.passphrase))
    if plan.language:
        store.set_setting("language", plan.language)
    make_source = source_maker(store, plan.source)
    return Services(
        locations=plan.locations,
        store=store,
        clock=clock,
        make_source=make_source,
        origin=CallSource.CAMERA if plan.source is None else origin_of(make_source()),
        load_tools=lambda: load_reading_tools(*plan.models),
        fixed_source=plan.source is not None,
        demo=plan.demo,
        practice=plan.practice,
        ask_microphone=microphone_users() if plan.demo is None else None,
        notices=notices,
    )


def _run(app: CalmlineApp, demo: DemoOptions | None) -> int:
    try:
        with terminal_given_back():
            if demo is not None and demo.auto:
                from app.tui.autoplay import play

                code = app.run(headless=demo.headless, auto_pilot=play)
            else:
                code = app.run()
    except Exception as error:
        raise SentenceError(app.last_words()) from error
    return code or app.return_code or 0


def _speak(language: str | None) -> None:
    """Use this language, where it is one."""
    if language is not None and language in language_names():
        use_language(language)


def source_maker(store: Store, source_text: str | None) -> Callable[[], FrameSource]:
    """How a new source is made each time watching begins: the named one, or the camera that the settings hold."""
    from app.tui.services import chosen_camera
    from core.sources.opening import open_source
    from core.system.resources import ASSETS_FOLDER

    if source_text is not None:
        open_source(source_text, ASSETS_FOLDER)  # a wrong name is said at once, not at the light check
        return lambda: open_source(source_text, ASSETS_FOLDER)
    return lambda: open_source(chosen_camera(store), ASSETS_FOLDER)
