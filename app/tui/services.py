"""What the screens are given: the record, the clock, where frames come from, and the tools that read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.words.language import _
from core.sources.source import FrameSource
from core.store.errors import Notice
from core.store.locations import Locations
from core.store.records import CallSource
from core.store.store import Store
from core.system.clock import Clock

if TYPE_CHECKING:
    from core.candidates.network import Network
    from core.candidates.registry import Registry
    from core.face.box import FaceFinder
    from core.microphone.system import Users

BEGIN_AGAIN = 75
"""The screens end with this code to be begun again at once, after macOS has been asked for the camera."""

CAMERA_SETTING, CAMERA_NAME_SETTING = "camera", "camera_name"
"""The settings that hold the number of the chosen camera, and its name ("" where the system told none)."""


def chosen_camera(store: Store) -> str:
    """The number of the chosen camera: the one that it has now, where it is known by its name."""
    from core.sources.devices import number_now

    return number_now(str(store.setting(CAMERA_SETTING, "0")), str(store.setting(CAMERA_NAME_SETTING, "")))


def remember_camera(remember: Callable[[str, str], None], number: str, cameras: Sequence[tuple[int, str]]) -> None:
    """Keep which of `cameras`, (number, name) each, was chosen; `remember` keeps a setting."""
    remember(CAMERA_SETTING, number)
    remember(CAMERA_NAME_SETTING, next((name for index, name in cameras if str(index) == number), ""))


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How the demo is played: by itself or by the person, with or without waiting, by which actor (`source`).

    `keep`: the folder in which its record is left, instead of being thrown away. `headless`: without a terminal.
    """

    auto: bool = False
    fast: bool = False
    source: str = "actor"
    keep: Path | None = None
    headless: bool = False

    @property
    def banner(self) -> str:
        """What every screen says at its top while an actor plays."""
        return _("an actor, not you; nothing is kept") if self.keep is None else _("demo: an actor, not you")


@dataclass(frozen=True, slots=True)
class PracticeOptions:
    """The questions, in their order, and the network that was asked for by name (None: the fitting one).

    `answer_seconds` is how long an answer may take (None: as long as it likes).
    """

    questions: tuple[str, ...] = ()
    candidate: str | None = None
    answer_seconds: int | None = None

    def with_questions(self, questions: tuple[str, ...]) -> PracticeOptions:
        """The same with other questions."""
        return replace(self, questions=questions)


@dataclass(frozen=True, slots=True)
class ReadingTools:
    """The heavy parts, imported after the first paint: the face finder and the checked candidates."""

    finder: FaceFinder
    registry: Registry


def load_reading_tools(*models: Path) -> ReadingTools:
    """Import OpenCV and read the candidates; takes up to a second, so it runs in a thread.

    OpenCV works on one thread from then on: a second one waits for work by spinning, all day long, and the search for a
    followed face gains nothing by it.
    """
    import cv2

    from core.candidates.registry import read_registry
    from core.face.checked import CheckedFaceFinder

    cv2.setNumThreads(1)
    return ReadingTools(CheckedFaceFinder(), read_registry(*models))


def load_candidates(registry: Registry) -> tuple[list[Network], dict[str, str]]:
    """The networks of all candidates, personal ones too, and the reason for each that cannot be loaded.

    Takes tenths of seconds.
    """
    from core.candidates.network import NetworkError

    networks: list[Network] = []
    failures: dict[str, str] = {}
    for candidate in (*registry.candidates, *registry.personal):
        try:
            networks.append(candidate.load())
        except NetworkError as error:
            failures[candidate.card.id] = str(error)
    return networks, failures


@dataclass(slots=True)
class Services:
    """Everything an app instance works with; tests give a fake source, a manual clock and a temporary record.

    `make_source` gives the frame source in force: the camera that the settings name, or the one named at the start
    (`--source`, the demo actor). `fixed_source` says that it is not the person's camera, so nothing can be chosen; `origin` says
    what it is instead.
    `ask_microphone` tells which programs use the microphone; None where nobody can tell.
    `notices` are what the folders needed before the record was opened. With `practice` the app was started for a practice
    only: it shows nothing else and keeps nothing.
    """

    locations: Locations
    store: Store
    clock: Clock
    make_source: Callable[[], FrameSource]
    load_tools: Callable[[], ReadingTools]
    fixed_source: bool = False
    origin: CallSource = CallSource.CAMERA
    demo: DemoOptions | None = None
    practice: PracticeOptions | None = None
    ask_microphone: Callable[[], Users] | None = None
    notices: Sequence[Notice] = ()

    @property
    def camera_is_unasked(self) -> bool:
        """Whether the person wants to be seen and macOS has not been asked yet for this terminal."""
        from core.sources.devices import Permission, camera_permission

        if self.fixed_source:
            return False
        consent = self.store.consent()
        wanted = self.practice is not None or (consent is not None and consent.measure)
        return wanted and camera_permission() is Permission.UNASKED
