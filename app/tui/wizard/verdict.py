"""Step 6: which network reads this person best, how each read each expression, and the person's choice."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message

from app.tui.chrome import StepHeader
from app.tui.dialogs.choose import ChooseDialog
from app.tui.screens.base import WIDE, CalmScreen
from app.tui.verdict import Verdict
from app.tui.widgets.grade_table import GradeTable
from app.tui.widgets.plain import Plain
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.words.language import N_, _, ngettext
from app.words.sentences import abbreviations_text, expression_name, reader_name
from core.method.emotion import EXPRESSIONS
from core.method.grading import rank_candidates
from core.store.records import CalibrationRecord, LightState
from core.system.memory import give_free_memory_back

LOOK_SECONDS = 0.1
"""How often the verdict looks whether all frames have been read, and says how many are left."""


@dataclass
class Graded(Message):
    """Every captured frame has been read, `verdict` is known; `final` when the reader tuned to the person is there, too."""

    verdict: Verdict
    final: bool


class VerdictScreen(CalmScreen):
    """The table, the choice and why."""

    CSS_PATH = "verdict.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "use", N_("use it"), id="verdict.use"),
        Binding("up", "point(-1)", N_("compare"), id="verdict.up", key_display="↑ ↓"),
        Binding("down", "point(1)", N_("compare"), id="verdict.down", show=False),
        Binding("pagedown", "scroll(1)", N_("read on"), id="verdict.page-down", show=False, priority=True),
        Binding("pageup", "scroll(-1)", N_("read back"), id="verdict.page-up", show=False, priority=True),
        Binding("home", "point(-1000)", N_("first"), id="verdict.first", show=False, priority=True),
        Binding("end", "point(1000)", N_("last"), id="verdict.last", show=False, priority=True),
        Binding("r", "redo", N_("redo"), id="verdict.redo", tooltip=N_("redo an expression")),
        Binding("w", "why", N_("why"), id="verdict.why"),
        Binding("escape", "back", N_("back"), id="verdict.back"),
    ]

    def __init__(self) -> None:
        """Nothing is graded yet."""
        super().__init__()
        self._verdict = Verdict()
        self._pointed = 0
        self._done = False

    def compose_content(self) -> ComposeResult:
        """The table and two sentences."""
        title = (
            _("How you are read") if self.calmline.wizard.has_landmarks_only else _("The network that reads you best")
        )
        yield StepHeader(step_number(Step.VERDICT), len(WIZARD), title)
        with VerticalScroll(id="verdict"):
            yield GradeTable(self.calmline.called, id="grades")
            with Vertical(id="beside"):
                yield Plain("", id="sentence")
                yield Plain("", id="hard", classes="quiet")
                yield Plain("", id="legend", classes="quiet")

    def content_ready(self) -> None:
        """Wait for the last frames, then show the verdict."""
        if self._done:
            self._show()
        else:
            self._wait_for_grades()

    @work(exclusive=True, group="verdict", thread=True, exit_on_error=False)
    def _wait_for_grades(self) -> None:
        """On a thread: first the grades, then the reader tuned to the person, which takes up to a second more."""
        wizard = self.calmline.wizard
        if wizard.grader is None or wizard.calibration is None:
            self.post_message(Graded(Verdict(), final=True))
            return
        while pending := wizard.grader.pending:
            self.app.call_from_thread(self._say_waiting, pending)
            time.sleep(LOOK_SECONDS)
        wizard.grader.wait()
        graded, fitted = wizard.calibration.graded_slots, wizard.calibration.fitted_slots
        results = rank_candidates(wizard.grader.results(graded))
        verdict = Verdict(results, wizard.grader.attributions(graded, results))
        self.post_message(Graded(verdict, final=False))
        spoken = () if wizard.speech is None else wizard.speech.fitted_slots
        takes = map(wizard.grader.examples, (fitted, graded, spoken))
        grader = wizard.grader
        self.post_message(Graded(verdict.with_tuned(grader.cards, grader.milliseconds, *takes), final=True))
        grader.rest()  # who reads a verdict needs none of the networks
        give_free_memory_back()  # a fit needs twice what it is fitted on

    def _say_waiting(self, pending: int) -> None:
        if not self.drawn:
            return
        self.query_one("#sentence", Plain).update(
            ngettext("One more picture to read.", "{count} more pictures to read.", pending).format(count=pending)
        )

    def on_graded(self, message: Graded) -> None:
        """Show the verdict, or as much of it as is known."""
        before, self._verdict, self._done = self._verdict.lines, message.verdict, message.final
        if self._pointed:  # moved by the person: it stays at their line, also where another one now stands before it
            ids = [line.candidate_id for line in self._verdict.lines]
            self._pointed = ids.index(before[self._pointed].candidate_id)
        self._show()

    def _show(self) -> None:
        if not self.drawn:
            return
        verdict = self._verdict
        table = self.query_one("#grades", GradeTable)
        table.results, table.pointed, table.speech = verdict.lines, self._pointed, verdict.speech
        table.chosen = verdict.chosen if self._done else None
        waiting = _("One moment: a reader is being tuned to you.")
        self._say_pointed(waiting)
        hard = self.query_one("#hard", Plain)
        hard.update("\n".join(verdict.hard_sentences()))
        hard.display = bool(verdict.hard_sentences())
        self.resized()

    def resized(self) -> None:
        """What the heads stand for: a line each beside the table, four a line below it."""
        beside = self.app.size.width >= WIDE
        self.query_one("#legend", Plain).update(abbreviations_text(1 if beside else 4))

    def _say_pointed(self, waiting: str) -> None:
        said = self._verdict.sentence(self.calmline.called, self._pointed) if self._done else waiting
        self.query_one("#sentence", Plain).update(said)

    # -- commands -----------------------------------------------------------------------------------------------------

    def on_grade_table_pointed(self) -> None:
        """A line was clicked."""
        if not self.drawn:
            return
        self._pointed = self.query_one("#grades", GradeTable).pointed
        self._show()

    def action_point(self, step: int) -> None:
        """Point at another candidate; past the last one, and before the first, the text moves on."""
        if not self.drawn or not self._verdict.lines:
            return
        text, before = self.query_one("#verdict"), self._pointed
        self._pointed = min(max(before + step, 0), len(self._verdict.lines) - 1)
        if self._pointed != before:
            self._show()
            row = 1 + self._pointed  # of the table, which begins with its head
            if not text.scroll_y <= row < text.scroll_y + text.size.height:
                text.scroll_to(y=row - text.size.height // 2, animate=False)
        elif abs(step) == 1:
            text.scroll_to(y=text.scroll_y + step, animate=False)
        else:
            text.scroll_to(y=text.max_scroll_y if step > 0 else 0, animate=False)

    def action_scroll(self, pages: int) -> None:
        """Move through what does not fit on the screen."""
        text = self.query_one("#verdict")
        text.scroll_to(y=text.scroll_y + pages * max(1, text.size.height - 1), animate=False)

    def action_use(self) -> None:
        """Keep the verdict with the candidate pointed at, and go to the monitor."""
        if not self._done or not self._verdict.lines:
            return
        app, wizard, verdict = self.calmline, self.calmline.wizard, self._verdict
        chosen = verdict.lines[self._pointed].candidate_id
        assert wizard.calibration is not None
        files = {one.candidate_id: card.sha256 for one in verdict.shipped if (card := app.card(one.candidate_id))}
        record = CalibrationRecord.from_results(
            app.services.store.now(),
            wizard.camera_name,
            LightState.OVERRIDDEN if wizard.light_overridden else LightState.READY,
            verdict.lines,
            chosen=chosen,
            card_sha256={line.candidate_id: verdict.sha256(line.candidate_id, files) for line in verdict.lines},
            skipped=wizard.calibration.skipped,
            own_model=verdict.own_record(chosen),
            speech=verdict.speech,
        )
        with app.store_errors_said():
            app.services.store.save_calibration(record)
            wizard.close()
            app.show_following(Step.VERDICT)

    @work
    async def action_redo(self) -> None:
        """Choose an expression and do it again."""
        wizard = self.calmline.wizard
        if not self._done or wizard.calibration is None:
            return
        entries = {expression.id: expression_name(expression.id) for expression in EXPRESSIONS}
        hard = self._verdict.hard
        first = max(hard, key=lambda name: hard[name]) if hard else None
        name = await self.app.push_screen_wait(ChooseDialog(_("Which expression once more?"), entries, first))
        if name is not None:
            wizard.calibration.redo(name, self.calmline.services.clock.monotonic())
            self.calmline.show_step(Step.EXPRESSIONS)

    def action_why(self) -> None:
        """Show on what the grades of the candidate pointed at stand, and where it looked."""
        if self._verdict.lines:
            from app.tui.dialogs.why import WhyDialog

            verdict, pointed = self._verdict, self._verdict.lines[self._pointed]
            below = verdict.below(pointed)
            name = reader_name(pointed.candidate_id, self.calmline.called)
            own = pointed if below is not pointed else None
            self.app.push_screen(WhyDialog(name, below, verdict.attributions.get(below.candidate_id, {}), own))

    def action_back(self) -> None:
        """To the last text, to say it again."""
        wizard = self.calmline.wizard
        if wizard.speech is not None:
            wizard.speech.back(self.calmline.services.clock.monotonic())
        self.calmline.show_preceding(Step.VERDICT)
