"""The help: two sentences on what is shown, and every key that does something here, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer

from app.tui.actions import KEY_CELLS, actions_of
from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain
from app.words.language import N_, _
from app.words.tension import level_sentence, tension_sentence

LISTS = (("↑ ↓", N_("move")), ("PgUp PgDn", N_("a page")), ("Home End", N_("first, last")), ("Tab", N_("next part")))
"""What every list and long text does; Textual sees to it."""


class HelpDialog(CalmDialog[None]):
    """Help for the screen under it; the key that opened it closes it, and so does Escape."""

    DEFAULT_CSS = """
    HelpDialog > Vertical { width: 78; max-width: 100%; padding: 0 1; }
    HelpDialog .title { margin-bottom: 0; }
    HelpDialog #told { height: auto; max-height: 80vh; scrollbar-size-vertical: 1; }
    HelpDialog #columns { height: auto; margin-top: 1; }
    HelpDialog #keys { width: 1fr; height: auto; }
    HelpDialog #everywhere-keys { width: 32; height: auto; }
    HelpDialog.-small > Vertical { height: 100%; }
    HelpDialog.-small #told { height: 1fr; max-height: 100%; }
    HelpDialog.-small #columns { layout: vertical; }
    HelpDialog.-small #keys { width: 100%; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "close", N_("close"), id="help.close", show=False),
    ]
    AUTO_FOCUS = "#told"

    def __init__(self, screen: Screen[Any]) -> None:
        """`screen` is the one whose keys are told."""
        super().__init__()
        self._of = screen

    def compose(self) -> ComposeResult:
        """Lay out the sentences and the groups."""
        actions = actions_of(self._of)
        here = [(" ".join(action.keys), action.words) for action in actions if not action.everywhere]
        everywhere = [(" ".join(action.keys), action.words) for action in actions if action.everywhere]
        with Vertical():
            yield Plain(_("Help"), classes="title")
            with VerticalScroll(id="told"):
                yield Plain(f"{tension_sentence()}\n{level_sentence()}", classes="quiet")
                with Horizontal(id="columns"):
                    yield Plain(self._group(_("On this screen"), here), id="keys")
                    lists = [(keys, _(words)) for keys, words in LISTS]
                    rest = Text("\n\n").join(
                        [self._group(_("Everywhere"), everywhere), self._group(_("In lists and texts"), lists)]
                    )
                    yield Plain(rest, id="everywhere-keys")
            yield Footer(show_command_palette=False)

    def _group(self, heading: str, lines: Sequence[tuple[str, str]]) -> Text:
        colour = self.app.theme_variables.get("primary", "")
        group = Text(heading, "bold")
        for keys, words in lines:
            group.append("\n")
            group.append(keys + " " * max(1, KEY_CELLS - cell_len(keys)), f"not bold {colour}").append(
                words, "not bold"
            )
        return group
