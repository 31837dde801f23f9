"""Why a candidate's grades are what they are: where it looked in what it misread, then the numbers behind all grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Footer

from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.looked_guide import draw_looked_guide
from app.tui.widgets.plain import Plain
from app.words.explanation import attribution_sentence, method_name, taken_for_sentence
from app.words.figures import padded, right
from app.words.language import N_, _, ngettext
from app.words.sentences import expression_name, outcome_name
from core.explain.attribution import Attribution
from core.method.emotion import EXPRESSIONS, Expression, expression_by_id
from core.method.grading import POOR_GRADES, CandidateResult


class WhyDialog(CalmDialog[None]):
    """One page for each expression that did not get S or A, and at the end a table of the shares (method.md 6).

    Where the network looked is drawn over the expression guide's drawing, never over the person's picture.
    """

    DEFAULT_CSS = """
    WhyDialog > Vertical { width: 72; padding: 0 2; }
    WhyDialog #page { height: auto; }
    WhyDialog .title { margin-bottom: 0; }
    WhyDialog .foot { margin-top: 0; }
    WhyDialog Footer { height: 1; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,w", "turn(1)", N_("next"), id="why.next"),
        Binding("left", "turn(-1)", N_("before"), id="why.before"),
    ]

    def __init__(
        self,
        name: str,
        result: CandidateResult,
        attributions: Mapping[str, Attribution],
        own: CandidateResult | None = None,
    ) -> None:
        """`name` is what the line is called, `attributions` tell by expression where the network looked.

        `own` is what the network reached once it was adapted to the person; `result` what it reached as shipped.
        """
        super().__init__()
        self._called, self._result, self._attributions, self._own = name, result, attributions, own
        hard = [one.id for one in EXPRESSIONS if one.id in result.grades and result.grades[one.id].grade in POOR_GRADES]
        self._pages: list[str | None] = [*hard, None]
        self._page = 0

    def compose(self) -> ComposeResult:
        """Lay out one page of reasons."""
        with Vertical():
            yield Plain("", id="heading", classes="title")
            yield Plain("", id="page")
            yield Plain("", id="foot", classes="foot")
            yield Footer(show_command_palette=False)

    def fill(self) -> None:
        """Show the page that was turned to."""
        self._show()

    def action_turn(self, step: int) -> None:
        """To the next page, or the one before."""
        self._page = (self._page + step) % len(self._pages)
        self._show()

    def _show(self) -> None:
        name = self._pages[self._page]
        place = f"   {self._page + 1} / {len(self._pages)}   ← →" if len(self._pages) > 1 else ""
        self.query_one("#heading", Plain).update(self._called + place)
        self.query_one("#page", Plain).update(self._table() if name is None else self._expression(name))
        foot = (
            _("pics: pictures with a face. sure / likely: share of them read rightly with over 90 % / 50 %.")
            if name is None
            else self._method(name)
        )
        self.query_one("#foot", Plain).update(foot)

    def _expression(self, name: str) -> Text:
        """What it was taken for, where it looked, and what may help."""
        expression, graded = expression_by_id(name), self._result.grades[name]
        page = Text.assemble(
            (f"{expression_name(name)}   {self._letters(name)}", "bold"),
            "\n",
            taken_for_sentence(expression, graded.taken_for),
            "\n\n",
        )
        attribution = self._attributions.get(name)
        if attribution is None:
            return page.append(_("Where it looked is not known."))
        page.append_text(draw_looked_guide(name, attribution, self.app.theme_variables))
        return page.append("\n\n" + self._sentence(expression, attribution))

    def _letters(self, name: str) -> str:
        """The grade as shipped, and what it became by adapting."""
        results = [self._result] if self._own is None else [self._result, self._own]
        grades = [result.grades[name].grade for result in results if name in result.grades]
        return " → ".join("–" if grade is None else grade.value for grade in grades)

    def _sentence(self, expression: Expression, attribution: Attribution) -> str:
        if not any(attribution.shares.values()):
            return _("Nothing in the picture spoke for what it read.")
        return attribution_sentence(expression, attribution)

    def _method(self, name: str) -> str:
        attribution = self._attributions.get(name)
        if attribution is None:
            return ""
        return ngettext(
            "On {count} picture, {method}.",
            "On {count} pictures, {method}.",
            attribution.frames,
        ).format(count=attribution.frames, method=method_name(attribution.method))

    def _table(self) -> Text:
        quiet = self.app.theme_variables.get("quiet", "")
        table = Text(no_wrap=True)
        heads = (_("pics"), _("sure"), _("likely"), _("read as"))
        table.append(" " * 20 + "".join(right(head, 7) for head in heads[:3]) + "   " + heads[3] + "\n", quiet)
        for expression in EXPRESSIONS:
            graded = (self._own or self._result).grades.get(expression.id)
            name = expression_name(expression.id)
            table.append(padded(name, 18))
            if graded is None:
                table.append(_("skipped") + "\n", quiet)
                continue
            letter = graded.grade.value if graded.grade is not None else "–"
            table.append(letter + " ", "bold")
            sure, likely = graded.shares.right_sure, graded.shares.right_likely
            table.append(f"{graded.frames:>7}{sure:>7.0%}{likely:>7.0%}   {outcome_name(graded.taken_for)}\n")
        table.rstrip()
        return table
