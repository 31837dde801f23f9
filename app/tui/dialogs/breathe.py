"""A minute of slow breathing: four seconds in, six seconds out."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Footer

from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain
from app.words.figures import clock_text
from app.words.language import _
from core.system.clock import Clock

IN_SECONDS, OUT_SECONDS = 4.0, 6.0
LENGTH_SECONDS = 60.0
BREAK_SECONDS = 180.0
WIDEST = 40


def breath(seconds: float) -> tuple[bool, float]:
    """Whether this moment is an in-breath, and how full the lungs are (0 to 1)."""
    into = seconds % (IN_SECONDS + OUT_SECONDS)
    if into < IN_SECONDS:
        return True, into / IN_SECONDS
    return False, 1 - (into - IN_SECONDS) / OUT_SECONDS


class _Countdown(CalmDialog[None]):
    """Shows what a moment needs, again and again, and ends by itself."""

    LENGTH = LENGTH_SECONDS

    def __init__(self, clock: Clock) -> None:
        """Counts by `clock`."""
        super().__init__()
        self._clock = clock
        self._began = clock.monotonic()

    def on_mount(self) -> None:
        """Begin to count the seconds."""
        self.set_interval(0.2, self.fill)

    def fill(self) -> None:
        """Show this moment, or close after the last one."""
        if not self.drawn:
            return
        seconds = self._clock.monotonic() - self._began
        if seconds >= self.LENGTH:
            self.dismiss(None)
        else:
            self.show(seconds)

    def show(self, seconds: float) -> None:
        """Show the moment so many seconds after the beginning."""


class BreakDialog(_Countdown):
    """Three minutes away from the screen, counted down."""

    LENGTH = BREAK_SECONDS

    def compose(self) -> ComposeResult:
        """What may do good, and how long is left."""
        with Vertical():
            yield Plain(_("A short break"), classes="title")
            yield Plain(_("Look out of the window, stand up, drink something. Nobody is looking at you now."))
            yield Plain("", id="left", classes="foot")
            yield Footer(show_command_palette=False)

    def show(self, seconds: float) -> None:
        """How long is left."""
        self.query_one("#left", Plain).update(clock_text(self.LENGTH - seconds))


class BreatheDialog(_Countdown):
    """Grows and shrinks a line for a minute."""

    def compose(self) -> ComposeResult:
        """A word and a line."""
        with Vertical():
            yield Plain("", id="word", classes="title")
            yield Plain("", id="line")
            yield Plain("", id="left", classes="foot")
            yield Footer(show_command_palette=False)

    def show(self, seconds: float) -> None:
        """Show this moment's breath."""
        inward, full = breath(seconds)
        self.query_one("#word", Plain).update(_("breathe in") if inward else _("breathe out"))
        line = self.query_one("#line", Plain)
        room = line.content_size.width
        line.update(("━" * max(2, round(full * min(WIDEST, room)))).center(room))
        left = _("{seconds} s left").format(seconds=round(self.LENGTH - seconds))
        self.query_one("#left", Plain).update(left)
