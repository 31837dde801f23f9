"""Step 5: the eleven expressions, each drawn, counted down, held twice, and read by every candidate at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from app.tui.calls.watcher import NewestOnly, Purpose, WatchEnded
from app.tui.chrome import StepHeader
from app.tui.widgets.guide import ExpressionGuide
from app.tui.widgets.plain import Plain
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.tui.wizard.watching import WatchingScreen
from app.words.figures import bar
from app.words.language import N_, _, ngettext
from app.words.sentences import expression_advice, expression_name, minutes_text, outcome_name
from core.calibration.machine import CAPTURES_PER_SECOND, Calibration, Phase, Timing
from core.method.emotion import EMOTIONS

if TYPE_CHECKING:
    from app.tui.wizard.state import WizardState
    from core.calibration.session import CalibrationSession, CalibrationView
    from core.sources.loop import Tick


KEY_SECONDS = 2.0
"""For so long somebody looks at how an expression was read before they press Enter."""

_UNDER_WAY = (Phase.GET_READY, Phase.HOLD, Phase.RELAX)
_PHASES: Mapping[str, tuple[Phase, ...]] = {
    "begin": (Phase.WAITING,),
    "again": (Phase.REVIEW,),
    "keep": (Phase.REVIEW,),
    "pause": _UNDER_WAY,
    "go_on": (Phase.PAUSED,),
}
"""In which phases a key does something."""


class ExpressionSeen(NewestOnly):
    """A tick of the calibration has passed."""


class CalibrationScreen(WatchingScreen):
    """Shows one expression at a time. What is captured are numbers; the person is never shown."""

    CSS_PATH = "calibration.tcss"
    STEP: ClassVar[Step] = Step.EXPRESSIONS
    RATE: ClassVar[float] = CAPTURES_PER_SECOND
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "begin", N_("begin"), id="expressions.begin"),
        Binding("enter", "keep", N_("keep it"), id="expressions.keep"),
        Binding("space", "again", N_("again"), id="expressions.again"),
        Binding("s", "skip", N_("skip"), id="expressions.skip"),
        Binding("p", "pause", N_("pause"), id="expressions.pause"),
        Binding("p,space", "go_on", N_("resume"), id="expressions.go-on", key_display="p"),
        Binding("escape", "back", N_("back"), id="expressions.back"),
    ]

    def __init__(self, timing: Timing | None = None) -> None:
        """`timing` is the pace of a new calibration."""
        super().__init__()
        self._timing = timing
        self._session: CalibrationSession | None = None
        self._shown: tuple[CalibrationView, str] | None = None
        self._phase: Phase | None = None

    def compose_content(self) -> ComposeResult:
        """The guide at the left, what to do at the right, how it is read below."""
        yield StepHeader(step_number(self.STEP), len(WIZARD), _("Expressions"))
        with Horizontal(id="asked"):
            yield ExpressionGuide(id="guide")
            with Vertical(id="words"):
                yield Plain("", id="position", classes="quiet")
                yield Plain("", id="name", classes="strong")
                yield Plain("", id="advice")
                yield Plain("", id="phase")
        yield Plain("", id="reading")
        yield Plain("", id="say")

    def content_ready(self) -> None:
        """Show where we are; begin to watch at the first time."""
        self._shown = None  # the widgets are new
        if self._session is None:
            self._watch()
        self._show()

    @work(exclusive=True, group="expressions", exit_on_error=False)
    async def _watch(self) -> None:
        from core.calibration.grader import CalibrationGrader
        from core.calibration.session import CalibrationSession
        from core.monitoring.pipeline import FaceTracker

        app, wizard = self.calmline, self.calmline.wizard
        tools = await app.tools()
        if wizard.grader is None:
            wizard.close()
            wizard.grader = CalibrationGrader(await app.load_networks())
        self._source = app.make_source()
        tracker = FaceTracker(tools.finder)
        session = CalibrationSession(
            self._calibration(wizard), wizard.grader, tracker, self._source, app.services.clock
        )
        self._session = session
        self._show()
        await app.watcher.start(
            Purpose.CALIBRATION,
            self._source,
            self._handle,
            rate=self.RATE,
            on_end=lambda end: self.post_from_thread(WatchEnded(end)),
            looks=lambda: session.looks,
        )

    def _calibration(self, wizard: WizardState) -> Calibration:
        """The expressions as far as they have been made, or all of them anew."""
        if wizard.calibration is None:
            wizard.calibration = Calibration(timing=self._timing)
        return wizard.calibration

    @property
    def _seconds_each(self) -> float:
        """How long one expression takes, both takes and the key after them."""
        timing = self._timing or Timing()
        return timing.get_ready + 2 * timing.hold + timing.relax + KEY_SECONDS

    def _handle(self, tick: Tick) -> None:
        """On the analysis thread."""
        if self._session is not None:
            self._session.handle(tick)
            if (self._session.view(), self._failure) != self._shown:
                self.post_from_thread(ExpressionSeen())

    def on_expression_seen(self) -> None:
        """Show what the session has seen."""
        self._failure = ""
        self._show()

    # -- commands -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Every key does what the footer says of it, and shows while it does something."""
        if action not in _PHASES:
            return True
        if self._session is None:
            return False
        view = self._session.view()
        return view.phase in _PHASES[action] and (action != "keep" or view.enough_frames)

    def _tell(self, command: Callable[[Calibration, float], object]) -> None:
        """Give the calibration one of its commands."""
        if self._session is not None:
            self._session.tell(command)
            self._moved()

    def action_begin(self) -> None:
        """Begin the expression that the screen asks for."""
        self._tell(Calibration.begin)

    action_again = action_go_on = action_begin

    def action_keep(self) -> None:
        """Keep both takes and go on."""
        self._tell(Calibration.keep)

    def action_skip(self) -> None:
        """Leave this expression out; it counts nothing for any network."""
        self._tell(Calibration.skip)

    def action_pause(self) -> None:
        """Stop the countdown; the same key begins this expression anew."""
        self._tell(Calibration.pause)

    @work(exclusive=True, group="leave")
    async def action_back(self) -> None:
        """To what was asked before; from the first one to the step before."""
        if self._session is not None and self._session.tell(Calibration.back):
            self._moved()
            return
        await self.calmline.watcher.stop()
        self._leave_backwards()
        self.calmline.show_preceding(self.STEP)

    def _leave_backwards(self) -> None:
        """What was made so far is made anew."""
        self.calmline.wizard.close()

    def _moved(self) -> None:
        """Go on when all is done, else show where we are."""
        if self._session is not None and self._session.calibration.phase is Phase.DONE:
            self._leave()
        else:
            self._show()

    @work(exclusive=True, group="leave")
    async def _leave(self) -> None:
        await self.calmline.watcher.stop()
        speech = self.calmline.wizard.speech
        if speech is not None and speech.phase is Phase.DONE:  # an expression was made again: the texts stand
            self.calmline.show_step(Step.VERDICT)
        else:
            self.calmline.show_following(self.STEP)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self.drawn:
            return
        if self._session is None:
            self.query_one("#say", Plain).update(self._failure or _("Getting the networks ready: a few seconds."))
            return
        view = self._session.view()
        if (view, self._failure) == self._shown:  # most of the ten times a second nothing has changed
            return
        self._shown = view, self._failure
        self._show_view(view)
        if view.phase is not self._phase:
            self._phase = view.phase
            self.refresh_bindings()

    def _show_view(self, view: CalibrationView) -> None:
        self.query_one("#guide", ExpressionGuide).expression_id = view.expression.id
        done = bar(view.position / view.count, 11)
        position = _("{number} of {count}").format(number=view.position + 1, count=view.count)
        left = minutes_text((view.count - view.position) * self._seconds_each)
        self.query_one("#position", Plain).update(f"{position}   {done}   {left}")
        self.query_one("#name", Plain).update(expression_name(view.expression.id))
        self.query_one("#advice", Plain).update(expression_advice(view.expression.id))
        self.query_one("#phase", Plain).update(self._phase_lines(view))
        self.query_one("#reading", Plain).update(self._reading_lines(view))
        self.query_one("#say", Plain).update(self._sentence(view))

    def _phase_lines(self, view: CalibrationView) -> Text:
        colour = self.app.theme_variables.get("primary", "")
        take = _("take {number} of 2").format(number=view.take)
        if view.phase is Phase.GET_READY:
            return Text.assemble(_("get ready"), (f"   {view.seconds_left:.0f}", f"bold {colour}"))
        if view.phase is Phase.HOLD:
            return Text.assemble(_("hold it"), "   ", (bar(view.share_done, 16), colour), f"   {take}")
        if view.phase is Phase.RELAX:
            return Text(_("let go for a moment, then once more"))
        if view.phase is Phase.PAUSED:
            return Text(_("paused"))
        if view.phase is Phase.REVIEW:
            return Text(_("done: keep it?") if view.enough_frames else _("your face was seen too rarely"), "bold")
        return Text(_("Space begins"))

    def _reading_lines(self, view: CalibrationView) -> Text:
        """The four mean probabilities of this take, by how many networks, and how many grade it so."""
        lines = Text(no_wrap=True)
        if view.feedback is None:
            reading = view.phase is Phase.REVIEW and view.enough_frames and not self.calmline.wizard.has_landmarks_only
            return Text(_("one moment: the networks are reading …")) if reading else lines
        colours = self.app.theme_variables
        favourite = view.feedback.favourite
        grades = "   ".join(f"{grade.value} × {count}" for grade, count in view.feedback.grades.items())
        after = EMOTIONS[(EMOTIONS.index(favourite) + 1) % len(EMOTIONS)]
        beside = {favourite: self._votes(view), after: _("grades: {grades}").format(grades=grades) if grades else ""}
        for emotion in EMOTIONS:
            share = view.feedback.mean.of(emotion)
            name = outcome_name(emotion)
            style = colours.get(f"emotion-{emotion.value}", "") if emotion is favourite else colours.get("quiet", "")
            lines.append(name + " " * max(1, 10 - Text(name).cell_len), style)
            lines.append(f"{bar(share, 20)} {share:>4.0%}", style)
            lines.append(f"   {beside.get(emotion, '')}\n", colours.get("quiet", ""))
        lines.right_crop()
        return lines

    def _votes(self, view: CalibrationView) -> str:
        assert view.feedback is not None
        count = sum(view.feedback.votes.values())
        votes = view.feedback.votes[view.feedback.favourite]
        return ngettext("by {votes} of {count} network", "by {votes} of {count} networks", count).format(
            votes=votes, count=count
        )

    def _sentence(self, view: CalibrationView) -> str:
        if trouble := self._trouble(view.trouble):
            return trouble
        if view.phase is Phase.REVIEW:
            if view.enough_frames and self.calmline.wizard.has_landmarks_only:
                return _("Enter keeps it, Space does it again. You are read when all expressions are made.")
            if view.enough_frames:
                return _("Enter keeps it, Space does it again. How it was read is no mark: only you know your face.")
            return _("Look towards the camera and press Space to do it again, or s to skip it.")
        if not view.face_seen and view.phase in (Phase.GET_READY, Phase.HOLD):
            return _("No face is seen: look towards the camera.")
        if view.phase is Phase.PAUSED:
            return _("p goes on with this expression, from its beginning.")
        if view.phase is Phase.WAITING:
            return _("Space begins a count-down of three seconds; then hold the expression, twice.")
        return ""
