"""A stage for the screens: made-up frames, tiny real networks, a real record, and a clock that only the test moves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from textual import _wait
from textual.notifications import Notification
from textual.pilot import Pilot

from app.tui.app import CalmlineApp
from app.tui.screens.monitor import MonitorScreen
from app.tui.services import PracticeOptions, ReadingTools, Services
from app.tui.start import make_app
from app.tui.wizard.calibration import CalibrationScreen
from app.tui.wizard.steps import Step
from app.words.consent_text import CONSENT_TEXT_VERSION, consent_text
from app.words.language import use_language
from core.candidates.registry import read_registry
from core.face.box import FaceBox
from core.method.emotion import EXPRESSIONS, Emotion, Expression, GapReason, expression_by_id
from core.method.grading import CandidateResult, grade_expression
from core.microphone.system import Users
from core.sources.source import Frame, Pixels, SourceError, SourceProblem
from core.sources.speech import Manner
from core.store.consent import text_sha256
from core.store.locations import Locations
from core.store.records import CalibrationRecord, Consent, LightState, ShareLevel
from core.store.store import Store
from core.system.resources import LANDMARKS_FOLDER
from tests.doubles import sure_of
from tests.tiny_network import WEIGHTS, card_for, tiny_network, write_candidate

_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.005, 0.0005
"""How Textual's pilot sees that the app has come to rest: it looks every 5 ms, not every 20; half of these tests was waiting."""

STUCK_SECONDS = 20.0
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

_COLOURS = {
    Emotion.HAPPY: (0, 0, 255),
    Emotion.NEUTRAL: (0, 255, 0),
    Emotion.STRESS: (255, 0, 0),
    Emotion.SURPRISE: (20, 20, 20),
}
"""What the tiny networks take for each emotion (BGR): they look at the mean of red, green and blue."""


class SteppedClock:
    """Time passes only in `advance`, tick by tick for whoever waits."""

    def __init__(self, start: datetime = NOON) -> None:
        self._start, self._seconds, self._allowed = start, 0.0, 0.0
        self._turn = threading.Condition()
        self._waiting: float | None = None

    def monotonic(self) -> float:
        return self._seconds

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def wait_until(self, moment: float, stop: threading.Event) -> bool:
        with self._turn:
            self._waiting = moment
            self._turn.notify_all()
            while moment > self._allowed + 1e-9 and not stop.is_set():
                self._turn.wait(0.05)
            self._waiting = None
            if not stop.is_set():
                self._seconds = max(self._seconds, moment)
            self._turn.notify_all()
        return stop.is_set()

    def advance(self, seconds: float, *, looping: bool) -> None:
        """Let `seconds` pass; with a loop running, until it waits for what comes after."""
        with self._turn:
            self._allowed = max(self._allowed, self._seconds) + seconds
            self._turn.notify_all()
            if looping:
                idle = self._turn.wait_for(
                    lambda: self._waiting is not None and self._waiting > self._allowed + 1e-9, STUCK_SECONDS
                )
                assert idle, "the analysis loop is stuck"
            self._seconds = max(self._seconds, self._allowed)


@dataclass
class ColourSource:
    """Shows a colour for each emotion: what it is asked to perform, or what `mood` says in a call."""

    name: str = "camera 0"
    is_camera: bool = True
    ended: bool = False
    trouble: SourceProblem | None = None
    shaded: bool = False
    """Whether the upper half of the face is dark, so that what a network looks at is the mouth."""
    mood: Callable[[float], Emotion | None] = lambda seconds: Emotion.NEUTRAL
    refusals: list[SourceError] = field(default_factory=list)
    asked: Emotion | None = None
    is_open: bool = False
    openings: int = 0

    def open(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.is_open, self.asked = True, None
        self.openings += 1

    def close(self) -> None:
        self.is_open = False

    def perform(self, expression: Expression | None) -> None:
        self.asked = None if expression is None else expression.emotion

    def perform_talk(self, manner: Manner) -> None:
        calm = manner is Manner.CALM
        self.asked = Emotion.NEUTRAL if calm else expression_by_id(manner.value).emotion

    def perform_call(self, call_number: int) -> None:
        self.asked = None

    def frame_at(self, seconds: float) -> Frame | None:
        assert self.is_open, "a frame was asked of a closed source"
        if self.trouble is not None:
            return None
        emotion = self.asked or self.mood(seconds)
        pixels = np.zeros((48, 64, 3), np.uint8)
        if emotion is not None:
            pixels[:] = _COLOURS[emotion]
            if self.shaded:
                pixels[:26] = pixels[:26] // 5 * 3
        return Frame(pixels, seconds)


MISREADING = ((8.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 8.0, 8.0), (0.0, 0.0, 0.0))
"""Weights of networks that take a resting face for a tense one."""


class ColourFinder:
    """Sees a face in every frame that is not black."""

    gap: GapReason | None = None

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        box = next(iter(self.all_faces(pixels)), None)
        self.gap = GapReason.NO_FACE if box is None else None
        return box

    def all_faces(self, pixels: Pixels, smallest: int = 0) -> list[FaceBox]:
        return [FaceBox(20, 10, 24, 24)] if pixels.any() else []


@dataclass
class Stage:
    """One running app and everything around it."""

    app: CalmlineApp
    pilot: Pilot[int]
    clock: SteppedClock
    store: Store
    sources: list[ColourSource]

    @property
    def source(self) -> ColourSource:
        """The newest source that the app made."""
        return self.sources[-1]

    @property
    def open_sources(self) -> int:
        return sum(source.is_open for source in self.sources)

    async def press(self, *keys: str) -> None:
        """Press keys and let the app settle."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Wait until all workers and messages are done."""
        for _ in range(2):
            await asyncio.sleep(0.01)
            await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        """Give the window another size, and wait until the screen has it."""
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: tuple(self.app.screen.size) == (width, height), "the new size")

    async def advance(self, seconds: float) -> None:
        """Let time pass, and let the app show what came of it."""
        looping = self.app.watcher.purpose is not None
        await asyncio.to_thread(self.clock.advance, seconds, looping=looping)
        await self.settle()
        self.app.show_state()  # the clocks on the screen are looked at once a real second: look now
        if isinstance(self.app.screen, MonitorScreen):
            self.app.screen._show_clock()
        await self.settle()

    async def until(self, happened: Callable[[], bool], what: str) -> None:
        """Wait for something that another thread brings about."""
        for _ in range(round(STUCK_SECONDS / 0.02)):
            if happened():
                await self.settle()
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"never happened: {what}")

    async def until_step(self, step: Step) -> None:
        """Wait for a step of the wizard."""
        await self.until(lambda: self.app.current_step is step, step.value)

    async def until_watching(self) -> None:
        """Wait until frames are looked at and the loop has had its first tick."""
        await self.until(lambda: self.app.watcher.purpose is not None, "watching")
        await self.advance(0.0)

    def notices(self) -> str:
        """Everything that pops up at the moment."""
        return " ".join(notice.message for notice in self.popped_up())

    def popped_up(self) -> list[Notification]:
        """The notices themselves."""
        return list(self.app._notifications)

    def text(self) -> str:
        """Everything on the screen, as text."""
        width = self.app.size.width
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip)[:width] for strip in lines)


def consent_of(
    store: Store, *, measure: bool = True, share: ShareLevel = ShareLevel.NOTHING, region: str = "KR"
) -> Consent:
    """An answer to the text of today, not recorded."""
    return Consent(store.now(), measure, share, region, "en", CONSENT_TEXT_VERSION, text_sha256(consent_text("en")))


def all_read_rightly(*candidate_ids: str) -> list[CandidateResult]:
    """Results of candidates that read every expression surely and rightly."""
    grades = {
        expression.id: grade
        for expression in EXPRESSIONS
        if (grade := grade_expression(expression, [sure_of(expression.emotion)] * 12)) is not None
    }
    return [CandidateResult(name, grades, 1.0) for name in candidate_ids]


def set_up(store: Store, **consent: object) -> None:
    """Bring the record to where the wizard leads: consent, and a calibration that chose tiny-1."""
    store.record_consent(consent_of(store, **consent))  # type: ignore[arg-type]  # tests name what they mean
    results = all_read_rightly("tiny-1", "tiny-2")
    hashes = {name: card_for(tiny_network()).sha256 for name in ("tiny-1", "tiny-2")}
    store.save_calibration(
        CalibrationRecord.from_results(
            store.now(), "camera 0", LightState.READY, results, chosen="tiny-1", card_sha256=hashes
        )
    )


@asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    ready: bool = False,
    size: tuple[int, int] = (80, 24),
    language: str = "en",
    prepare: Callable[[Store], None] = lambda store: None,
    make_source: Callable[[], ColourSource] = ColourSource,
    fixed_source: bool = True,
    make_app_of: Callable[[Services], CalmlineApp] = make_app,
    weights: Sequence[Sequence[float]] = WEIGHTS,
    with_maps: bool = False,
    practice: PracticeOptions | None = None,
    ask_microphone: Callable[[], Users] | None = None,
    clean: bool = False,
) -> AsyncIterator[Stage]:
    """A running app on a temporary record; `ready`: everything is set up, the monitor shows.

    `weights` and `with_maps` are those of its tiny networks; with `practice` it was started for a practice, with `clean`
    it has the landmarks instead of them.
    """
    use_language(language)
    locations = Locations.below(folder / "data")
    locations.prepare()
    models = folder / "models"
    for name, weight, accuracy in (
        ("tiny-1", 8.0, 0.5),
        ("tiny-2", 7.0, 0.6),
    ):  # the second is a little less sure: no tie, whatever runs faster; its card promises more
        scores = {"made up": {"accuracy": accuracy}}
        scaled = [[weight * value / 8.0 for value in row] for row in weights]
        if with_maps:
            content = tiny_network(weights=scaled, grid=4, outputs=2)
            card = card_for(content, name, outputs=("probabilities", "feature_map"), scores=scores)
        else:
            content = tiny_network(weights=scaled)
            card = card_for(content, name, scores=scores)
        write_candidate(models, card, content)
    clock = SteppedClock()
    sources: list[ColourSource] = []

    def source() -> ColourSource:
        sources.append(make_source())
        return sources[-1]

    with Store.open(locations.database, clock) as store:
        store.set_setting("language", language)
        if ready:
            set_up(store)
        prepare(store)
        services = Services(
            locations=locations,
            store=store,
            clock=clock,
            make_source=source,
            load_tools=lambda: ReadingTools(ColourFinder(), read_registry(LANDMARKS_FOLDER if clean else models)),
            fixed_source=fixed_source,
            practice=practice,
            ask_microphone=ask_microphone,
        )
        app = make_app_of(services)
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, clock, store, sources)
            await stage.until(lambda: app.current_step is not None or practice is not None, "the first screen")
            yield stage
    use_language("en")


async def walk_to(stage: Stage, step: Step) -> None:
    """Through the wizard by the keys that a person presses, up to `step`."""
    keys = {Step.WELCOME: ("enter",), Step.CONSENT: ("m", "enter"), Step.CAMERA: ("enter",), Step.LIGHT: ("g",)}
    for here, pressed in keys.items():
        if step is here:
            return
        await stage.until_step(here)
        if here is Step.LIGHT:
            await stage.until_watching()
        await stage.press(*pressed)
    await stage.until_step(Step.EXPRESSIONS)
    await stage.until_watching()
    if step is Step.EXPRESSIONS:
        return
    await do_expressions(stage, len(EXPRESSIONS))
    await stage.until_step(Step.SPEECH)
    if step is Step.SPEECH:
        await stage.until_watching()
        return
    await leave_texts_out(stage)
    await stage.until(lambda: "points" in stage.text() or "점" in stage.text(), "the verdict")
    if step is Step.MONITOR:
        await stage.press("enter")
        await stage.until_step(Step.MONITOR)


async def leave_texts_out(stage: Stage) -> None:
    """From the last expression to the verdict without reading anything aloud."""
    await stage.until_step(Step.SPEECH)
    await stage.until_watching()
    await stage.press("s")
    await stage.until_step(Step.VERDICT)


async def do_expressions(stage: Stage, count: int) -> None:
    """Hold and keep the next `count` expressions."""
    for number in range(count):
        if number == 0:
            await stage.press("space")
        await hold(stage)
        await stage.press("enter")


async def hold(stage: Stage) -> None:
    """Let both takes of the expression that has begun pass."""
    assert isinstance(stage.app.screen, CalibrationScreen)
    await stage.advance(3.0 + 3.0 + 1.5 + 3.0 + 0.5)
