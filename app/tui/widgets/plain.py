"""Strings on the screens are shown as they are: no markup in a note or a path, and no escape code, has an effect."""

from __future__ import annotations

from rich.text import Text
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from app.words.printable import printable


class Plain(Static):
    """A `Static` that takes a string for what it says. Colours come in a `Text`, never in the words."""

    def __init__(
        self,
        content: VisualType = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        links: bool = False,
    ) -> None:
        """As a `Static`, without markup. `links`: some of it can be clicked, and is looked for whenever it is drawn."""
        super().__init__(_shown(content), markup=False, id=id, classes=classes)
        self.set_reactive(Widget.auto_links, links)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show another text, with no markup in it."""
        super().update(_shown(content), layout=layout)


def plain_cell(text: str) -> Text:
    """A cell of a table; tables take markup in strings, and have no switch for it."""
    return Text(printable(text), end="")


def _shown(content: VisualType) -> VisualType:
    return printable(content) if isinstance(content, str) else content
