"""The verdict's table: candidates by expressions, letters first, colour second."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.text import Text
from textual.app import RenderResult
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from app.words.figures import fitted, padded, right
from app.words.language import _
from app.words.sentences import expression_abbreviation, reader_name
from core.method.emotion import EXPRESSIONS
from core.method.grading import CandidateResult, ExpressionGrade

_NAME_CELLS, _GRADE_CELLS, _SCORE_CELLS, _SPEECH_CELLS = 21, 4, 4, 5
_NAME_CELLS_BESIDE_SPEECH = 19


class GradeTable(Widget):
    """One line per candidate, the best first; a marker stands at the one pointed at."""

    DEFAULT_CSS = """
    GradeTable { height: auto; }
    """

    results: reactive[Sequence[CandidateResult]] = reactive((), layout=True)
    """What each candidate reached, best first."""
    pointed: reactive[int] = reactive(0)
    """The line pointed at."""
    speech: reactive[Mapping[str, float]] = reactive({}, layout=True)
    """By candidate, the share of speech (0 to 1) that was read rightly; without any there is no such column."""
    chosen: reactive[str | None] = reactive(None)
    """The id of the candidate that is best for this person."""

    def __init__(self, called: Callable[[str], str], *, id: str | None = None) -> None:  # noqa: A002
        """`called` names single candidates by their ids."""
        super().__init__(id=id)
        self._called = called

    class Pointed(Message):
        """A line was clicked."""

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002
        """A head and a line for each candidate."""
        return len(self.results) + 1

    def render(self) -> RenderResult:
        """Draw the table, one row a network."""
        colours = self.app.theme_variables
        quiet = colours.get("quiet", "")
        table = Text(no_wrap=True)
        name_cells = _NAME_CELLS_BESIDE_SPEECH if self.speech else _NAME_CELLS
        table.append(" " * name_cells)
        for expression in EXPRESSIONS:
            table.append(padded(expression_abbreviation(expression.id), _GRADE_CELLS), quiet)
        if self.speech:
            table.append(" " * _SCORE_CELLS + right(_("talk"), _SPEECH_CELLS), quiet)
        table.append("\n")
        for number, result in enumerate(self.results):
            marker = "▸ " if number == self.pointed else "  "
            style = "bold" if number == self.pointed else ""
            table.append(fitted(marker + reader_name(result.candidate_id, self._called), name_cells), style)
            for expression in EXPRESSIONS:
                _append_grade(table, result.grades.get(expression.id), colours)
            table.append(f"{result.score:>{_SCORE_CELLS}}", style)
            if self.speech:
                share = self.speech.get(result.candidate_id)
                table.append(right("–" if share is None else f"{share:.0%}", _SPEECH_CELLS), style)
            table.append(
                (" " if self.speech else "  ") + _("best") if result.candidate_id == self.chosen else "", quiet
            )
            table.append("\n")
        table.rstrip()
        return table

    def on_click(self, event: object) -> None:
        """Point at the line under the mouse."""
        row = int(getattr(event, "y", 0)) - 1
        if 0 <= row < len(self.results):
            self.pointed = row
            self.post_message(self.Pointed())


def _append_grade(table: Text, graded: ExpressionGrade | None, colours: dict[str, str]) -> None:
    if graded is None or graded.grade is None:
        table.append(padded("–", _GRADE_CELLS), colours.get("quiet", ""))
        return
    letter = graded.grade.value
    table.append(padded(letter, _GRADE_CELLS), colours.get(f"grade-{letter.lower()}", ""))
