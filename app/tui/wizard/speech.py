"""Step 6: two short texts and free speech, so that talking is not taken for strain. It may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from app.tui.chrome import StepHeader
from app.tui.widgets.plain import Plain
from app.tui.wizard.calibration import CalibrationScreen
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.words.figures import bar
from app.words.language import N_, _
from app.words.passages import passage_name, passage_text
from core.calibration.machine import Calibration, Phase, Timing
from core.method.level import READINGS_PER_SECOND
from core.method.speech import PASSAGES

if TYPE_CHECKING:
    from app.tui.wizard.state import WizardState
    from core.calibration.session import CalibrationView

PACE = Timing(get_ready=5.0)
"""Five seconds to look at a text before it is spoken."""


class SpeechScreen(CalibrationScreen):
    """Shows one text at a time. What is captured are numbers of the face; no microphone is ever opened."""

    CSS_PATH = "speech.tcss"
    STEP = Step.SPEECH
    RATE = READINGS_PER_SECOND
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "begin", N_("begin"), id="speech.begin"),
        Binding("enter", "keep", N_("keep it"), id="speech.keep"),
        Binding("space", "again", N_("again"), id="speech.again"),
        Binding("s", "skip", N_("skip"), id="speech.skip", tooltip=N_("leave out the texts that remain")),
        Binding("p", "pause", N_("pause"), id="speech.pause"),
        Binding("p,space", "go_on", N_("resume"), id="speech.go-on", key_display="p"),
        Binding("escape", "back", N_("back"), id="speech.back"),
    ]

    def compose_content(self) -> ComposeResult:
        """What it is for, the text, and how far it is."""
        yield StepHeader(step_number(self.STEP), len(WIZARD), _("Reading aloud"))
        yield Plain(
            _(
                "So that talking is not taken for strain: say this aloud, as you would on a call. There is no sound, only how "
                "your face looks meanwhile; a minute in all. Whoever leaves it out is read a little worse when they talk."
            ),
            id="why",
        )
        yield Plain("", id="position")
        yield Plain("", id="name")
        yield Plain("", id="text")
        yield Plain("", id="phase")
        yield Plain("", id="say")

    def action_skip(self) -> None:
        """Leave out what has not been spoken, and go to the verdict."""
        self._tell(Calibration.finish)

    def _leave_backwards(self) -> None:
        """To the last expression."""
        if self.calmline.wizard.calibration is not None:
            self.calmline.wizard.calibration.back(self.calmline.services.clock.monotonic())

    def _calibration(self, wizard: WizardState) -> Calibration:
        if wizard.speech is None:
            wizard.speech = Calibration(PASSAGES, self._timing or PACE, takes=1)
        return wizard.speech

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _show_view(self, view: CalibrationView) -> None:
        position = _("{number} of {count}").format(number=view.position + 1, count=view.count)
        self.query_one("#position", Plain).update(position)
        self.query_one("#name", Plain).update(passage_name(view.expression.id))
        self.query_one("#text", Plain).update(passage_text(view.expression.id))
        self.query_one("#phase", Plain).update(self._phase_lines(view))
        self.query_one("#say", Plain).update(self._sentence(view))

    def _phase_lines(self, view: CalibrationView) -> Text:
        if view.phase is Phase.HOLD:
            colour = self.app.theme_variables.get("primary", "")
            left = _("{seconds} s").format(seconds=round(view.seconds_left))
            return Text.assemble(_("say it"), "   ", (bar(view.share_done, 30), colour), f"   {left}")
        return super()._phase_lines(view)

    def _sentence(self, view: CalibrationView) -> str:
        if view.phase is Phase.REVIEW and view.enough_frames and not self._failure:
            return _("Enter goes on, Space does it again. Said too fast or too slowly is fine.")
        if view.phase is Phase.PAUSED and not self._failure:
            return _("p goes on with this text, from its beginning.")
        if view.phase is Phase.WAITING and not self._failure and view.trouble is None:
            return _("Space begins after five seconds to look at the text; s goes on without.")
        return super()._sentence(view)
