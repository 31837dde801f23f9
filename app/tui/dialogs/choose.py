"""One of several, by arrow keys and Enter or by the mouse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Footer, OptionList

from app.tui.dialogs.dialog import CalmDialog
from app.tui.keys import after_keys
from app.tui.widgets.marked_list import MarkedList
from app.tui.widgets.plain import Plain
from app.words.language import N_


class ChooseDialog(CalmDialog[str]):
    """Answers with the key of the chosen entry."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", N_("choose"), id="choose.choose", priority=True),
    ]

    def __init__(self, title: str, entries: Mapping[str, str], chosen: str | None = None) -> None:
        """`entries` are texts by their keys; `chosen` is the one pointed at first."""
        super().__init__()
        self._heading, self._entries, self._chosen = title, entries, chosen

    def compose(self) -> ComposeResult:
        """Lay out the list of entries."""
        with Vertical():
            yield Plain(self._heading, classes="title")
            yield MarkedList(self._entries, self._chosen)
            yield Footer(show_command_palette=False)

    def action_choose(self) -> None:
        """Close with the entry pointed at."""
        after_keys(self, self.query_one(MarkedList).action_select)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Close with the chosen entry."""
        self.dismiss(event.option_id)
