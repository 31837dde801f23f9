"""What every dialog looks like."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from app.words.language import N_

Answer = TypeVar("Answer")


class CalmDialog(ModalScreen[Answer | None]):
    """A dialog; Escape closes it with None."""

    DEFAULT_CSS = """
    CalmDialog { align: center middle; background: $background 60%; }
    CalmDialog > Vertical {
        width: 64; max-width: 96%; height: auto; max-height: 92%;
        background: $surface; border: round $rule; padding: 1 2;
    }
    CalmDialog MarkedList { max-height: 14; background: $surface; }
    CalmDialog Input { border: none; background: $panel; height: 1; padding: 0 1; }
    CalmDialog .title { text-style: bold; margin-bottom: 1; }
    CalmDialog .foot { color: $quiet; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", N_("close"), id="dialog.close", priority=True),
    ]

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
