"""A box to tick whose state is a mark, not a colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from app.words.language import N_


class TickBox(Widget, can_focus=True):
    """One line: "[x] label" or "[ ] label"; Space or a click changes it."""

    DEFAULT_CSS = """
    TickBox { height: 1; width: 100%; }
    TickBox:focus { text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "flip", N_("measure me"), show=False, id="tick.flip")]

    ticked: reactive[bool] = reactive(False)
    """Whether it is ticked."""

    @dataclass
    class Changed(Message):
        """The person ticked or unticked it; `ticked` is the new state."""

        ticked: bool

    def __init__(self, label: str, ticked: bool, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """`label` stands behind the box."""
        super().__init__(id=id)
        self._label = label
        self.set_reactive(TickBox.ticked, ticked)

    def render(self) -> RenderResult:
        """The box and its label."""
        return Text(f"[{'x' if self.ticked else ' '}]  {self._label}", no_wrap=True)

    def on_click(self) -> None:
        """As if by Space."""
        self.action_flip()

    def action_flip(self) -> None:
        """Change the state, and say so."""
        self.ticked = not self.ticked
        self.post_message(self.Changed(self.ticked))
