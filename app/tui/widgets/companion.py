"""The small layout beside a softphone: tension, its word, the level's course and the call's clock. 40x8 is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from app.words.errors import trouble_sentence
from app.words.figures import blocks, clock_text, level_text
from app.words.language import _
from app.words.sentences import gap_sentence, outcome_name
from app.words.tension import tension_word_name
from core.monitoring.call import NO_FACE_SECONDS, CallUpdate

if TYPE_CHECKING:
    from app.tui.calls.calling import Calling
    from app.tui.calls.watcher import Watcher

MOST_ROWS = 12
"""So many rows the course of the level takes at most."""


class Companion(Widget):
    """Shows the running call, or what stands between calls."""

    DEFAULT_CSS = """
    Companion { display: none; height: 1fr; padding: 0 1; }
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        super().__init__()
        self._between = ""
        self._update: CallUpdate | None = None
        self._points: Sequence[float | None] = ()
        self._calling: Calling | None = None
        self._watcher: Watcher | None = None
        self._state = ""

    def show_between(self, text: str) -> None:
        """No call runs; `text` is what there is to say."""
        self._between, self._calling = text, None
        self.refresh()

    def show_call(
        self, calling: Calling, watcher: Watcher, update: CallUpdate | None, points: Sequence[float | None], state: str
    ) -> None:
        """A call runs: its last tick, its level of each second, and what the top line would say of the camera."""
        self._calling, self._watcher, self._update, self._points = calling, watcher, update, points
        self._state = state
        self.refresh()

    def render(self) -> Text:
        """Title and clock, tension and level, the course, and what is read."""
        if self._calling is None or self._calling.record is None:
            return self._said_between()
        width, height = self.content_size
        quiet, primary = (self.app.theme_variables.get(name, "") for name in ("quiet", "primary"))
        title = _("Call {number}").format(number=self._calling.record.number)
        rows = min(MOST_ROWS, max(1, height - 5))
        lines = [
            self._apart(Text(f"{title}   {self._state}", quiet), Text(clock_text(self._calling.seconds)), width),
            Text(""),
            self._apart(self._tension(), Text(self._level(), quiet), width),
            *(Text(line, primary) for line in blocks(self._points, width, rows)),
            Text(""),
            self._reading(),
        ]
        return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)

    def _said_between(self) -> Text:
        """As many of the lines as there is room for: none is cut off in the middle."""
        lines = self._between.split("\n")
        while len(lines) > 1 and self._rows(lines) > self.content_size.height:
            lines.pop()
        return Text("\n".join(lines).rstrip())

    def _rows(self, lines: Sequence[str]) -> int:
        return len(Text("\n".join(lines)).wrap(self.app.console, max(1, self.content_size.width)))

    @staticmethod
    def _apart(left: Text, right: Text, width: int) -> Text:
        left.truncate(max(1, width - cell_len(right.plain) - 1), overflow="ellipsis")
        gap = width - cell_len(left.plain) - cell_len(right.plain)
        return Text.assemble(left, " " * gap, right)

    def _tension(self) -> Text:
        if self._update is None or self._update.tension.word is None:
            return Text(_("looking …"), "bold")
        tension = self._update.tension
        assert tension.word is not None
        return Text(f"{tension.share / 1000:.0%}  {tension_word_name(tension.word)}", "bold")

    def _level(self) -> str:
        return "" if self._update is None else _("level {level}").format(level=level_text(self._update.level))

    def _reading(self) -> Text:
        assert self._calling is not None
        warning = self.app.theme_variables.get("warning", "")
        update, source = self._update, None if self._watcher is None else self._watcher.source
        if self._calling.paused:
            return Text(_("paused: nothing is read"))
        if update is None:
            return Text(_("the camera is starting"))
        if update.trouble is not None and source is not None:
            return Text(trouble_sentence(update.trouble, source.name), warning)
        if update.no_face_for >= NO_FACE_SECONDS:
            return Text(gap_sentence(update.reading.why), warning)
        outcome = update.reading.outcome
        return Text(outcome_name(outcome), self.app.theme_variables.get(f"emotion-{outcome.value}", ""))
