"""The quiet frame around every screen: the line at the top and the notice for windows that are too small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable, OptionList, Static

from app.words.language import _, language_names, other_language
from core.store.records import CallSource

FULL_SIZE = (80, 24)
"""Columns and rows that a screen needs to show everything."""

COMPANION_SIZE = (40, 8)
"""Columns and rows that the small layout beside a softphone needs."""


async def draw_anew(screen: Screen[Any]) -> None:
    """Compose a screen again; what had the focus has it in the new widgets, so that arrow keys go on moving there."""
    focused = screen.focused
    await screen.recompose()
    if focused is not None:
        for widget in screen.query(focused.css_identifier).results():
            widget.focus()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is on a screen: the line pointed at in each list and table, and how far each text was read."""

    lines: Mapping[str, int]
    read: Mapping[str, float]

    @classmethod
    def on(cls, screen: Screen[Any]) -> Place:
        """The place that is now on `screen`."""
        options = {one.css_identifier: one.highlighted for one in screen.query(OptionList).results(OptionList)}
        rows = {one.css_identifier: one.cursor_row for one in screen.query(DataTable).results(DataTable)}
        texts = {one.css_identifier: one.scroll_y for one in screen.query(VerticalScroll).results(VerticalScroll)}
        return cls({name: line for name, line in (options | rows).items() if line}, texts)

    def find(self, screen: Screen[Any]) -> None:
        """Go there again, in new widgets that are filled."""
        for options in screen.query(OptionList).results(OptionList):
            if self.lines.get(options.css_identifier, options.option_count) < options.option_count:
                options.highlighted = self.lines[options.css_identifier]
        for table in screen.query(DataTable).results(DataTable):
            table.move_cursor(row=self.lines.get(table.css_identifier, table.cursor_row))
        for text in screen.query(VerticalScroll).results(VerticalScroll):
            if read := self.read.get(text.css_identifier):
                text.call_after_refresh(text.scroll_to, y=read, animate=False)


def not_you(origin: CallSource) -> str:
    """What stands wherever the person might think that they see themselves."""
    return _("demo: an actor, not you") if origin is CallSource.ACTOR else _("a file, not you")


class TopBar(Widget):
    """One line: the name, whether the camera is on, the time, and the other language."""

    DEFAULT_CSS = """
    TopBar { height: 2; padding: 0 1; color: $quiet; border-bottom: solid $rule; }
    """

    camera_on: reactive[bool] = reactive(False)
    """Whether a real camera is open or being opened at this moment."""
    demo: reactive[str] = reactive("")
    """What is said instead of the camera's state where the demo actor stands in for a person; else empty."""
    now: reactive[datetime | None] = reactive(None)
    """The minute shown, local."""

    @property
    def state(self) -> str:
        """Whether the camera is on, or who stands in for a person."""
        return self.demo or (_("camera on") if self.camera_on else _("camera off"))

    def render(self) -> Text:
        """The line, the language at its right end."""
        language = language_names()[other_language()]
        clock = f"{self.now:%H:%M}" if self.now else ""
        left = Text("Calmline", style="bold")
        right = Text("   ").join(
            [Text(self.state, style="bold" if self.camera_on else ""), Text(clock), Text(language)]
        )
        gap = max(1, self.content_size.width - cell_len(left.plain) - cell_len(right.plain))
        return Text.assemble(left, " " * gap, right)

    def on_click(self, event: events.Click) -> None:
        """A click on the language's name at the right end changes to it."""
        name = language_names()[other_language()]
        if event.x >= self.size.width - 1 - cell_len(name):
            self.app.run_worker(self.app.run_action("toggle_language"))


class TooSmall(Static):
    """Covers a screen in a window that is too small; whatever runs goes on behind it."""

    DEFAULT_CSS = """
    TooSmall { display: none; width: 100%; height: 100%; content-align: center middle; text-align: center; }
    """

    def render(self) -> Text:
        """What is needed and what there is."""
        width, height = self.app.size
        least = getattr(self.screen, "LEAST_SIZE", FULL_SIZE)
        return Text(
            _(
                "Please make the window larger:\n{needed} is needed, it is {now} now.\n\nA call that is running goes on."
            ).format(needed=f"{least[0]}x{least[1]}", now=f"{width}x{height}"),
            justify="center",
        )


class StepHeader(Widget):
    """The wizard's heading: which step of how many, its name, and one quiet remark."""

    DEFAULT_CSS = """
    StepHeader { height: 2; padding: 0 2; }
    """

    def __init__(self, number: int, count: int, title: str, remark: str = "") -> None:
        """`number` from 1; `title` and `remark` in the person's language."""
        super().__init__()
        self._number, self._count, self._title, self._remark = number, count, title, remark

    def render(self) -> Text:
        """The heading at the left, the remark at the right."""
        quiet = self.app.theme_variables.get("quiet", "")
        left = Text.assemble((f"{self._number} / {self._count}   ", quiet), (self._title, "bold"))
        gap = self.content_size.width - cell_len(left.plain) - cell_len(self._remark)
        return Text.assemble(left, " " * max(1, gap), (self._remark, quiet)) if gap > 0 else left
