"""Keys in the order in which they were typed, although a screen's own Enter is looked at before those of its lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.message import Message
from textual.screen import Screen


class AfterKeys(Message):
    """Comes up from the widget with the focus as keys do, and so after all that were typed before it."""

    def __init__(self, callback: Callable[[], object]) -> None:
        """`callback` is what is to be done then."""
        super().__init__()
        self.callback = callback


def after_keys(screen: Screen[Any], callback: Callable[[], object]) -> None:
    """Call this once the keys that were typed before are dealt with.

    A key that no binding has priority for goes from widget to widget up to the app, which takes a moment (Textual 8.2.8); a
    binding with priority, as Enter's at the foot of a screen, is carried out at once: "down, enter" in one write would be
    answered with the line before.
    """
    (screen.focused or screen).post_message(AfterKeys(callback))
