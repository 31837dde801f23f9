"""A line of text, or a yes."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Footer, Input

from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain
from app.words.language import N_, _

NOTE_LENGTH = 500


class _Line(Input):
    """A line of text that keeps all of what is pasted; Textual's keeps the first of several lines (8.2.8).

    Enter is its own key and not the dialog's: a key of a dialog that comes first is obeyed before letters that were typed
    ahead of it and still wait for the line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", N_("keep"), id="line.keep")]

    def _on_paste(self, event: events.Paste) -> None:
        lines = [line.strip() for line in event.text.splitlines() if line.strip()]
        text, room = " ".join(lines), NOTE_LENGTH - len(self.value) + len(self.selected_text)
        if len(text) > room:  # Textual's takes nothing of it then
            self.notify(_("There is room for {count} characters; the rest was left out.").format(count=NOTE_LENGTH))
        elif len(lines) > 1:
            self.notify(_("What you pasted had several lines; they are one line now."))
        super()._on_paste(events.Paste(text[:room]))
        event.stop()
        event.prevent_default()


class LineDialog(CalmDialog[str]):
    """Asks for one line; answers with it, or None where it is empty."""

    def __init__(self, title: str, hint: str = "", value: str = "") -> None:
        """`hint` stands under the line, `value` in it."""
        super().__init__()
        self._heading, self._hint, self._value = title, hint, value

    def compose(self) -> ComposeResult:
        """Lay out the question and the line."""
        for line in self.query(Input):  # typed before the language changed
            self._value = line.value
        with Vertical():
            yield Plain(self._heading, classes="title")
            yield _Line(self._value, max_length=NOTE_LENGTH)
            if self._hint:
                yield Plain(self._hint, classes="foot")
            yield Footer(show_command_palette=False)

    def fill(self) -> None:
        """The cursor stands in the line."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        """Close with what was typed."""
        self.dismiss(event.value.strip() or None)


class SureDialog(CalmDialog[bool]):
    """Asks before something that cannot be undone."""

    DEFAULT_CSS = "SureDialog VerticalScroll { height: auto; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", N_("yes"), id="sure.yes"),
        Binding("escape,n", "close", N_("no"), id="dialog.close", priority=True),
    ]

    def __init__(self, question: str) -> None:
        """`question` says what will be gone."""
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question and its answers or line."""
        with Vertical():
            with VerticalScroll():
                yield Plain(self._question)
            yield Footer(show_command_palette=False)

    def action_yes(self) -> None:
        """Close with the answer yes."""
        self.dismiss(True)
