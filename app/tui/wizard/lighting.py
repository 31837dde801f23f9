"""Step 4: the light on the face, as a drawing and nine plain lines on what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from app.tui.calls.watcher import NewestOnly, Purpose, WatchEnded
from app.tui.chrome import StepHeader
from app.tui.services import chosen_camera, remember_camera
from app.tui.widgets.frame_drawing import FrameDrawing
from app.tui.widgets.plain import Plain
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.tui.wizard.watching import WatchingScreen
from app.words.language import N_, _
from core.sources.loop import Tick
from core.sources.source import SourceProblem

if TYPE_CHECKING:
    from core.face.box import FaceFinder
    from core.face.light import LightCheck, LightMeasure, Meter

LOOKS_PER_SECOND = 5

ADVICE_SHOWN = 2
"""One thing after the other: the rest comes when these are done."""

_KINDS: Mapping[str, str] = {
    "face": N_("face"),
    "size": N_("size"),
    "position": N_("position"),
    "brightness": N_("brightness"),
    "contrast": N_("contrast"),
    "balance": N_("left and right"),
    "backlight": N_("backlight"),
    "sharpness": N_("sharpness"),
    "noise": N_("noise"),
}

_ADVICE: Mapping[str, str] = {
    "look_at_camera": N_("look towards the camera"),
    "one_person": N_("one person at a time, please"),
    "closer": N_("move a little closer"),
    "farther": N_("move a little back"),
    "to_your_left": N_("move a little to your left"),
    "to_your_right": N_("move a little to your right"),
    "higher": N_("sit higher, or tilt the camera down"),
    "lower": N_("sit lower, or tilt the camera up"),
    "more_light": N_("turn a lamp on"),
    "less_light": N_("too bright: dim the lamp"),
    "light_from_front": N_("put a light in front of you"),
    "lamp_on_left": N_("put a lamp on your left"),
    "lamp_on_right": N_("put a lamp on your right"),
    "light_behind": N_("close the blinds behind you"),
    "sharper": N_("wipe the lens, or hold still"),
}


@dataclass
class LightSeen(NewestOnly):
    """What the newest frame showed; `measure` is None where there was none."""

    measure: LightMeasure | None
    meters: tuple[Meter, ...]
    trouble: SourceProblem | None
    ready: bool

    @property
    def well(self) -> bool:
        """Whether every line is good, though not yet for long enough."""
        return bool(self.meters) and all(meter.good for meter in self.meters)


class LightHandler:
    """Measures frames on the analysis thread, and tells the screen."""

    def __init__(self, screen: LightingScreen, finder: FaceFinder, check: LightCheck) -> None:
        """`check` belongs to the analysis thread from now on."""
        self._screen, self._finder, self._check = screen, finder, check
        self._smallest = 0

    def __call__(self, tick: Tick) -> None:
        """Measure one frame."""
        from core.face.light import LightMeasure, measure_light, smallest_counted

        if tick.frame is None:
            measure = LightMeasure(0, None)
        else:
            boxes = self._finder.all_faces(tick.frame.pixels, self._smallest)
            self._smallest = smallest_counted(boxes)
            measure = measure_light(tick.frame.pixels, boxes)
        self._check.add(measure, tick.now)
        self._screen.post_from_thread(
            LightSeen(self._check.latest, self._check.meters, tick.trouble, ready=self._check.ready)
        )


class LightingScreen(WatchingScreen):
    """Live meters; green when all hold for two seconds; going on anyway is possible, and recorded."""

    CSS_PATH = "lighting.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", N_("go on"), id="light.next"),
        Binding("g", "go_anyway", N_("go on anyway"), id="light.anyway"),
        Binding("c", "other_camera", N_("other camera"), id="light.camera"),
        Binding("escape", "back", N_("back"), id="light.back"),
    ]

    def __init__(self) -> None:
        """Nothing has been seen yet."""
        super().__init__()
        self._seen: LightSeen | None = None
        self._wanted = False
        """Whether Enter was pressed while every line was good, but not yet for long enough."""

    def compose_content(self) -> ComposeResult:
        """The drawing at the left, the meters at the right."""
        yield StepHeader(
            step_number(Step.LIGHT), len(WIZARD), _("Light"), _("what you see is a drawing, not a picture of you")
        )
        with Horizontal(id="light"):
            yield FrameDrawing(id="drawing")
            with Vertical():
                yield Plain("", id="meters")
        yield Plain("", id="say")

    def content_ready(self) -> None:
        """Show what was seen last; begin to watch at the first time."""
        self._show()
        if self._source is None:
            self._watch()

    @work(exclusive=True, group="light", exit_on_error=False)
    async def _watch(self) -> None:
        from core.face.light import LightCheck

        tools = await self.calmline.tools()
        self._source = self.calmline.make_source()
        await self.calmline.watcher.start(
            Purpose.LIGHT,
            self._source,
            LightHandler(self, tools.finder, LightCheck()),
            rate=LOOKS_PER_SECOND,
            on_end=lambda end: self.post_from_thread(WatchEnded(end)),
        )

    def on_light_seen(self, message: LightSeen) -> None:
        """Show what the meters say."""
        self._seen, self._failure = message, ""
        self._wanted = self._wanted and message.well
        self._show()
        self._go_on_if_ready()

    def _show(self) -> None:
        if not self.drawn:
            return
        seen = self._seen
        drawing = self.query_one("#drawing", FrameDrawing)
        drawing.box = seen.measure.box if seen is not None and seen.measure is not None else None
        drawing.well = seen is not None and seen.well
        self.query_one("#meters", Plain).update(self._meter_lines())
        say = self.query_one("#say", Plain)
        say.update(self._sentence())
        say.set_class(seen is not None and seen.ready, "good")

    def _sentence(self) -> str:
        if trouble := self._trouble(None if self._seen is None else self._seen.trouble):
            return trouble
        if self._seen is None:
            return _("The camera is starting; this can take a few seconds.")
        if self._seen.ready:
            return _("The light is good. Enter goes on.")
        if self._seen.well:
            return _("Every line is good. One moment more …")
        advice = [
            f"!  {_(_KINDS[meter.kind.value])}: {_(_ADVICE[meter.advice.value])}"
            for meter in self._seen.meters
            if meter.advice is not None
        ]
        return "\n".join([*advice[:ADVICE_SHOWN], _("Press Enter once every line says good; g goes on anyway.")])

    def _meter_lines(self) -> Text:
        colours = self.app.theme_variables
        good, weak, quiet = colours.get("success", ""), colours.get("warning", ""), colours.get("quiet", "")
        lines = Text(no_wrap=True)
        for meter in self._seen.meters if self._seen is not None else ():
            name = _(_KINDS[meter.kind.value])
            lines.append(name + " " * max(1, 16 - Text(name).cell_len))
            if meter.good:
                lines.append(_("good"), quiet).append("  ✓\n", good)
            else:
                lines.append("–\n" if meter.advice is None else "!\n", weak)
        return lines

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Another camera can be chosen only where a camera is used."""
        return not self.calmline.services.fixed_source if action == "other_camera" else True

    def action_go_on(self) -> None:
        """Go on when the light is good; pressed a moment too soon, as soon as it is."""
        self._wanted = self._seen is not None and self._seen.well
        self._go_on_if_ready()

    def _go_on_if_ready(self) -> None:
        if self._wanted and self._seen is not None and self._seen.ready:
            self._wanted = False
            self._leave_for_expressions(overridden=False)

    def action_go_anyway(self) -> None:
        """Go on in any light; the calibration says so later."""
        self._leave_for_expressions(overridden=True)

    @work(exclusive=True, group="leave")
    async def _leave_for_expressions(self, *, overridden: bool) -> None:
        wizard = self.calmline.wizard
        wizard.light_overridden = overridden
        wizard.camera_name = self._source.name if self._source is not None else ""
        await self.calmline.watcher.stop()
        self.calmline.show_following(Step.LIGHT)

    @work(exclusive=True, group="leave")
    async def action_other_camera(self) -> None:
        """Look through the next camera; with only one, say so."""
        from core.sources.devices import list_cameras

        cameras = list_cameras()
        numbers = [str(index) for index, _name in cameras]
        if len(numbers) < 2:
            self.notify(_("There is no other camera."))
            return
        now = chosen_camera(self.calmline.services.store)
        following = numbers[(numbers.index(now) + 1) % len(numbers)] if now in numbers else numbers[0]
        remember_camera(self.calmline.remember, following, cameras)
        self._seen = None
        self._watch()

    @work(exclusive=True, group="leave")
    async def action_back(self) -> None:
        """Close the camera and go back."""
        await self.calmline.watcher.stop()
        self.calmline.show_preceding(Step.LIGHT)
