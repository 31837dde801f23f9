"""Step 6: which network reads this person best, how each read each expression, and the person's choice."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from app.language import N_, _, ngettext
from app.tui.chrome import StepHeader
from app.tui.dialogs.choose import ChooseDialog
from app.tui.dialogs.why import WhyDialog
from app.tui.flow import WIZARD, Step, step_number
from app.tui.screens.base import CalmScreen
from app.tui.widgets.grade_table import GradeTable
from app.tui.widgets.plain import Plain
from app.wording import expression_name, outcome_name
from core.emotion import EXPRESSIONS, expression_by_id
from core.grading import CandidateResult, choose_candidate, hard_expressions, rank_candidates
from core.store.records import CalibrationRecord, LightState

LOOK_SECONDS = 0.1
"""How often the verdict looks whether all frames have been read."""


class Graded(Message):
    """Every captured frame has been read."""


class VerdictScreen(CalmScreen):
    """The table, the choice and why."""

    CSS_PATH = "verdict.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "use", N_("use it"), id="verdict.use"),
        Binding("up", "point(-1)", N_("compare"), id="verdict.up", key_display="↑↓"),
        Binding("down", "point(1)", N_("compare"), id="verdict.down", show=False),
        Binding("r", "redo", N_("redo an expression"), id="verdict.redo"),
        Binding("w", "why", N_("why"), id="verdict.why"),
        Binding("escape", "back", N_("back"), id="verdict.back"),
    ]

    def __init__(self) -> None:
        """Nothing is graded yet."""
        super().__init__()
        self._results: list[CandidateResult] = []
        self._pointed = 0
        self._done = False

    def compose_content(self) -> ComposeResult:
        """The table and two sentences."""
        yield StepHeader(step_number(Step.VERDICT), len(WIZARD), _("The network that reads you best"))
        with VerticalScroll(id="verdict"):
            yield GradeTable(id="grades")
            yield Plain("", id="sentence")
            yield Plain("", id="hard", classes="quiet")

    def content_ready(self) -> None:
        """Wait for the last frames, then show the verdict."""
        if self._done:
            self._show()
        else:
            self._wait_for_grades()

    @work(exclusive=True, group="verdict", thread=True, exit_on_error=False)
    def _wait_for_grades(self) -> None:
        grader = self.calmline.wizard.grader
        if grader is not None:
            if grader.pending:
                self.app.call_from_thread(self._say_waiting, grader.pending)
            grader.wait()
        self.post_message(Graded())

    def _say_waiting(self, pending: int) -> None:
        if not self.drawn:
            return
        self.query_one("#sentence", Plain).update(
            ngettext("One more picture to read.", "{count} more pictures to read.", pending).format(count=pending)
        )

    def on_graded(self) -> None:
        """Rank the candidates and show the verdict."""
        wizard = self.calmline.wizard
        if wizard.grader is not None and wizard.calibration is not None:
            self._results = rank_candidates(wizard.grader.results(wizard.calibration.graded_slots))
        wizard.results = self._results
        self._done = True
        self._show()

    def _show(self) -> None:
        if not self.drawn:
            return
        best = choose_candidate(self._results)
        table = self.query_one("#grades", GradeTable)
        table.results, table.pointed = self._results, self._pointed
        table.chosen = best.candidate_id if best is not None else None
        self.query_one("#sentence", Plain).update(self._sentence(best))
        self.query_one("#hard", Plain).update("\n".join(self._hard_sentences()))

    def _sentence(self, best: CandidateResult | None) -> str:
        if not self._results:
            return _("No network could be used. “calmline doctor” says why; Esc goes back.")
        if best is None:
            return _("Nothing was graded. r does an expression again; or Enter uses the network pointed at.")
        return _("{name} reads you best: {score} of {possible} points on {frames} pictures. Enter uses it.").format(
            name=self._called(best.candidate_id), score=best.score, possible=best.best_possible, frames=best.frames
        )

    def _hard_sentences(self) -> list[str]:
        """The three expressions that most networks found hard, and what they took them for."""
        hard = sorted(hard_expressions(self._results).items(), key=lambda item: -item[1])[:3]
        sentences = []
        for name, count in hard:
            taken = [result.grades[name].taken_for for result in self._results if name in result.grades]
            mostly = max(set(taken), key=taken.count)
            right = expression_by_id(name).emotion
            text = (
                _("“{expression}” was read rightly, but not surely, by {count} of {all}.")
                if mostly is right
                else _("“{expression}” was hard for {count} of {all}: mostly read as {emotion}.")
            )
            sentences.append(
                text.format(
                    expression=expression_name(name), count=count, all=len(self._results), emotion=outcome_name(mostly)
                )
            )
        return sentences

    def _called(self, candidate_id: str) -> str:
        card = self.calmline.card(candidate_id)
        return card.name if card is not None else candidate_id

    # -- commands -----------------------------------------------------------------------------------------------------

    def on_grade_table_pointed(self) -> None:
        """A line was clicked."""
        if not self.drawn:
            return
        self._pointed = self.query_one("#grades", GradeTable).pointed

    def action_point(self, step: int) -> None:
        """Point at another candidate."""
        if not self.drawn:
            return
        if self._results:
            self._pointed = (self._pointed + step) % len(self._results)
            self.query_one("#grades", GradeTable).pointed = self._pointed

    def action_use(self) -> None:
        """Keep the verdict with the candidate pointed at, and go to the monitor."""
        if not self._done or not self._results:
            return
        app, wizard = self.calmline, self.calmline.wizard
        chosen = self._results[self._pointed].candidate_id
        assert wizard.calibration is not None
        app.services.store.save_calibration(
            CalibrationRecord.from_results(
                app.services.store.now(),
                wizard.camera_name,
                LightState.OVERRIDDEN if wizard.light_overridden else LightState.READY,
                self._results,
                chosen=chosen,
                card_sha256={
                    result.candidate_id: card.sha256
                    for result in self._results
                    if (card := app.card(result.candidate_id)) is not None
                },
                skipped=wizard.calibration.skipped,
            )
        )
        wizard.close()
        app.show_following(Step.VERDICT)

    @work
    async def action_redo(self) -> None:
        """Choose an expression and do it again."""
        wizard = self.calmline.wizard
        if not self._done or wizard.calibration is None:
            return
        entries = {expression.id: expression_name(expression.id) for expression in EXPRESSIONS}
        hard = hard_expressions(self._results)
        first = max(hard, key=lambda name: hard[name]) if hard else None
        name = await self.app.push_screen_wait(ChooseDialog(_("Which expression once more?"), entries, first))
        if name is not None:
            wizard.calibration.redo(name, self.calmline.services.clock.monotonic())
            self.calmline.show_step(Step.EXPRESSIONS)

    def action_why(self) -> None:
        """Show on what the grades of the candidate pointed at stand."""
        if self._results:
            result = self._results[self._pointed]
            self.app.push_screen(WhyDialog(self._called(result.candidate_id), result))

    def action_back(self) -> None:
        """To the last expression, to do it again."""
        wizard = self.calmline.wizard
        if wizard.calibration is not None:
            wizard.calibration.back(self.calmline.services.clock.monotonic())
        self.calmline.show_preceding(Step.VERDICT)
