"""On what a candidate's grades stand: frames and shares, expression by expression."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from app.language import _
from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain
from app.wording import expression_name, outcome_name
from core.emotion import EXPRESSIONS
from core.grading import CandidateResult


class WhyDialog(CalmDialog[None]):
    """A table of the shares that gave each grade (method.md 6)."""

    def __init__(self, name: str, result: CandidateResult) -> None:
        """`name` is what the candidate is called."""
        super().__init__()
        self._called, self._result = name, result

    def compose(self) -> ComposeResult:
        """The table."""
        with Vertical():
            yield Plain(self._called, classes="title")
            yield Plain(self._table())
            yield Plain(
                _("pics: pictures with a face. sure / likely: share of them read rightly with over 90 % / 50 %."),
                classes="foot",
            )

    def _table(self) -> Text:
        quiet = self.app.theme_variables.get("quiet", "")
        table = Text(no_wrap=True)
        heads = (_("pics"), _("sure"), _("likely"), _("read as"))
        table.append(" " * 20 + "".join(_right(head, 7) for head in heads[:3]) + "   " + heads[3] + "\n", quiet)
        for expression in EXPRESSIONS:
            graded = self._result.grades.get(expression.id)
            name = expression_name(expression.id)
            table.append(name + " " * max(1, 18 - cell_len(name)))
            if graded is None:
                table.append(_("skipped") + "\n", quiet)
                continue
            letter = graded.grade.value if graded.grade is not None else "–"
            table.append(letter + " ", "bold")
            sure, likely = graded.shares.right_sure, graded.shares.right_likely
            table.append(f"{graded.frames:>7}{sure:>7.0%}{likely:>7.0%}   {outcome_name(graded.taken_for)}\n")
        table.rstrip()
        return table


def _right(text: str, cells: int) -> str:
    return " " * max(0, cells - cell_len(text)) + text
