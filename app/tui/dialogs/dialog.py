"""What every dialog looks like."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import ActiveBinding, Binding, BindingType
from textual.screen import ModalScreen

from app.tui.actions import spoken
from app.tui.chrome import FULL_SIZE, Place, draw_anew
from app.words.language import N_

Answer = TypeVar("Answer")


class CalmDialog(ModalScreen[Answer | None]):
    """A dialog over a screen that shows through; Escape closes it with None. Its keys stand at its foot, to be clicked."""

    DEFAULT_CSS = """
    CalmDialog { align: center middle; }
    CalmDialog > Vertical {
        width: 64; max-width: 96%; height: auto; max-height: 96%;
        background: $surface; border: round $rule; padding: 1 2 0 2;
    }
    CalmDialog MarkedList { max-height: 14; background: $surface; }
    CalmDialog Input, CalmDialog Input:focus { border: none; background: $panel; height: 1; padding: 0 1; }
    CalmDialog .title { text-style: bold; margin-bottom: 1; }
    CalmDialog .foot { color: $quiet; margin-top: 1; }
    CalmDialog Footer { dock: none; height: 2; padding: 1 0 0 0; }
    CalmDialog.-small > Vertical { width: 100%; max-width: 100%; max-height: 100%; padding: 0 1; }
    CalmDialog.-small MarkedList, CalmDialog.-small VerticalScroll { max-height: 40vh; }
    CalmDialog.-small .title { margin-bottom: 0; }
    CalmDialog.-small .foot { margin-top: 0; }
    CalmDialog.-small Footer { height: 1; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", N_("close"), id="dialog.close", priority=True),
    ]

    _answered = False
    _waits_with: tuple[Answer | None] | None = None
    """The answer that was given while another screen lay over this one."""
    _being_drawn_anew = 0
    """How many drawings are under way."""

    @property
    def drawn(self) -> bool:
        """Whether its widgets are there; while they are made anew, timers go on."""
        return not self._being_drawn_anew

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer: once, and nothing but this dialog.

        Textual's takes away whatever screen is in front, each time it is called (8.2.8): the second of two quick Enters
        took the one behind, and the help over a dialog whose time was up went in its place.
        """
        if self._answered:
            return AwaitComplete()
        if self.app.screen is not self:
            self._waits_with = (result,)
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """What lay over this dialog is gone."""
        if self._waits_with is not None:
            self.dismiss(*self._waits_with)

    def on_resize(self) -> None:
        """Beside a softphone there is no room for air."""
        self.set_class(any(there < full for there, full in zip(self.app.size, FULL_SIZE, strict=True)), "-small")

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The bindings in force, described in the person's language."""
        return spoken(super().active_bindings)

    async def draw_again(self) -> None:
        """Draw everything again, in the language and the colours now in use."""
        place = Place.on(self)
        self._being_drawn_anew += 1
        try:
            await draw_anew(self)
        finally:
            self._being_drawn_anew -= 1
        self.fill()
        place.find(self)

    def on_mount(self) -> None:
        """Fill what `compose` laid out."""
        self.fill()

    def fill(self) -> None:
        """Put into the widgets what they show, at first and when all is drawn again."""

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
