"""What every screen has: the frame around it, the language, the size notice, its commands in the palette."""

from __future__ import annotations

import contextlib
import os
import traceback
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.worker import Worker, WorkerState

from app.tui.actions import CalmFooter
from app.tui.base_app import BaseScreen
from app.tui.chrome import FULL_SIZE, Place, TooSmall, TopBar, draw_anew
from app.words.language import _

if TYPE_CHECKING:
    from app.tui.shell import Shell
    from core.monitoring.call import CallUpdate

WIDE = 110
"""From so many columns on, screens have two columns."""

FAILURE_SECONDS = 30.0
"""How long the notice of a failure stays."""


class CalmScreen(BaseScreen):
    """A screen with the calm frame.

    Subclasses give their widgets in `compose_content` and fill them in `content_ready`; both run again when
    language or colours change, so state lives in the screen's attributes and never in its widgets. Binding descriptions are
    marked with N_ and translated when they are shown.
    """

    DEFAULT_CSS = """
    CalmScreen { background: $background; }
    CalmScreen #middle { height: 1fr; align-horizontal: center; }
    CalmScreen #content { height: 1fr; width: 100%; max-width: 120; }
    CalmScreen.-tall #middle { align-vertical: middle; }
    CalmScreen.-tall #content { max-height: 26; }
    CalmScreen.-too-small #middle { display: none; }
    CalmScreen.-too-small TooSmall { display: block; height: 1fr; }
    CalmScreen.-companion TopBar { display: none; }
    CalmScreen.-companion Footer { height: 1; border-top: none; padding: 0; }
    CalmScreen.-companion #here FooterKey, CalmScreen.-too-small FooterKey { display: none; }
    CalmScreen.-companion #here FooterKey:first-child { display: block; }
    CalmScreen.-too-small #here FooterKey:last-child { display: block; }
    CalmScreen Footer { height: 2; border-top: solid $rule; padding: 0 1; }
    """

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - not a ClassVar, as Textual's own annotation reads
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-tall")]  # noqa: RUF012
    LEAST_SIZE: ClassVar[tuple[int, int]] = FULL_SIZE
    """Columns and rows that it needs; less than `FULL_SIZE` where it has a layout for small windows ("-companion")."""

    _mounted = False
    _being_drawn_anew = 0
    """How many drawings are under way."""

    @property
    def drawn(self) -> bool:
        """Whether the widgets of `compose_content` are there.

        While they are made anew, in another language or other colours, ticks, timers and keys go on: what draws asks this first, and
        `content_ready` draws everything when they are back.
        """
        return self._mounted and not self._being_drawn_anew and self.is_attached

    @property
    def calmline(self) -> Shell:
        """The app, by its own type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """The frame with the content inside."""
        yield TopBar()
        with Container(id="middle"), Container(id="content"):
            yield from self.compose_content()
        yield TooSmall()
        yield CalmFooter(show_command_palette=False)

    def compose_content(self) -> ComposeResult:
        """The screen's own widgets. Called again when everything is drawn again."""
        return iter(())

    def content_ready(self) -> None:
        """Called when the widgets of `compose_content` are mounted, at first and when all is drawn again."""

    def resized(self) -> None:
        """Called when the window has another size, also at first, and when all has been drawn again."""

    def show_call(self, update: CallUpdate) -> None:
        """Called with every tick of a running call, also while another screen lies over this one."""

    def call_changed(self) -> None:
        """Called when a call has begun or ended."""

    def call_paused(self) -> None:
        """Called when a call has been paused or goes on."""

    def on_mount(self) -> None:
        """Fill the frame and the content."""
        self._mounted = True  # Textual calls this once for each class that has one, and a screen may call it as well
        self._dress()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What fails behind the screen is said, and its traceback is in the log: nobody waits for what will not come."""
        from app.words.errors import known_error_sentence

        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, Exception):
            os.write(2, "".join(traceback.format_exception(error)).encode(errors="replace"))
            said = known_error_sentence(error) or _("Something went wrong inside Calmline: {reason}.").format(
                reason=error
            )
            self.notify(said, severity="error", timeout=FAILURE_SECONDS)

    async def draw_again(self) -> None:
        """Draw everything again, in the language and the colours now in use; the person stays where they are on it."""
        place = Place.on(self)
        self._being_drawn_anew += 1
        try:
            await draw_anew(self)
        finally:
            self._being_drawn_anew -= 1
        if self.is_attached:  # it may have been left meanwhile
            self._dress()
            self.refresh_bindings()  # the footer is a new one, and empty
            place.find(self)

    def on_resize(self) -> None:
        """Take the small layout in a small window; ask for a larger one where even that does not fit."""
        small, too_small = (
            any(there < needed for there, needed in zip(self.app.size, least, strict=True))
            for least in (FULL_SIZE, self.LEAST_SIZE)
        )
        self.set_class(too_small, "-too-small")
        self.set_class(small and not too_small, "-companion")
        if self.drawn:
            self.resized()
        for notice in self.query(TooSmall):
            notice.refresh()

    def show_state(self, *, camera_on: bool, demo: str, now: datetime) -> None:
        """Tell the top line what is going on. It is drawn anew where that has changed: it has no seconds."""
        bar = self.query_one_optional(TopBar)
        if bar is not None:
            bar.camera_on, bar.demo, bar.now = camera_on, demo, now.replace(second=0, microsecond=0)

    def post_from_thread(self, message: Message) -> None:
        """Post a message from the analysis thread; nothing happens once the screen or the app is gone."""
        with contextlib.suppress(RuntimeError):  # Textual's NoActiveAppError, or a loop that is closed
            self.post_message(message)

    def _dress(self) -> None:
        self.on_resize()
        self.calmline.show_state()
        if self.drawn:
            self.content_ready()
