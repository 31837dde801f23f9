"""A line of text, or a yes."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain
from app.words.language import N_, _

NOTE_LENGTH = 500


class LineDialog(CalmDialog[str]):
    """Asks for one line; answers with it, or None where it is empty."""

    def __init__(self, title: str, hint: str = "", value: str = "") -> None:
        """`hint` stands under the line, `value` in it."""
        super().__init__()
        self._heading, self._hint, self._value = title, hint, value

    def compose(self) -> ComposeResult:
        """Lay out the question and its answers or line."""
        with Vertical():
            yield Plain(self._heading, classes="title")
            yield Input(self._value, max_length=NOTE_LENGTH)
            yield Plain(self._hint or _("Enter keeps, Esc closes"), classes="foot")

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Close with what was typed."""
        self.dismiss(event.value.strip() or None)


class SureDialog(CalmDialog[bool]):
    """Asks before something that cannot be undone."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "yes", N_("yes"), id="sure.yes")]

    def __init__(self, question: str) -> None:
        """`question` says what will be gone."""
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question and its answers or line."""
        with Vertical():
            yield Plain(self._question)
            yield Plain(_("y yes, Esc no"), classes="foot")

    def action_yes(self) -> None:
        """Close with the answer yes."""
        self.dismiss(True)
