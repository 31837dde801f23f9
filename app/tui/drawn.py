"""What Textual keeps of widgets that are gone, let go of after each call."""

from __future__ import annotations

import gc
from collections.abc import Callable

from textual._styles_cache import StylesCache  # it has no public way (Textualize/textual#6665)


def forget_widgets_gone() -> None:
    """Drop what Textual still holds of widgets that no screen shows any more, and all else that nobody uses.

    Textual remembers two colours for each widget, and with them all that the widget drew, for the last 1,024 widgets.
    The footer has a dozen new ones at every start and end of a call: half a megabyte after five calls, and a day of
    calls would hold eight. It finds the colours again when it next draws.
    """
    cache_clear: Callable[[], None] | None = getattr(StylesCache.get_inner_outer, "cache_clear", None)
    if cache_clear is not None:  # a Textual that mended it has none
        cache_clear()
    gc.collect()
