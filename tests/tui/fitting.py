"""What of a screen cannot be seen and cannot be scrolled to either."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual.widget import Widget
from textual.widgets import DataTable, Input

from tests.tui.stage import Stage


def unreachable(stage: Stage) -> list[str]:
    """Names of widgets, with what is wrong with each: lies outside, or its text has no room in it."""
    screen = stage.app.screen
    return [
        f"{widget!r}: {problem}"
        for widget in screen.walk_children(Widget)
        if not list(widget.children) and all(one.display for one in widget.ancestors_with_self) and widget.visible
        for problem in _problems(widget, stage)
    ]


def _problems(widget: Widget, stage: Stage) -> Iterator[str]:
    placed = stage.app.screen._compositor.full_map.get(widget)
    text = _text_of(widget)
    if placed is None:
        if text:
            yield "has no place"
        return
    region, clip = placed.region, placed.clip
    if not text and not isinstance(widget, (DataTable, Input)):
        return
    if (clip.intersection(region) != region and not _scrolls(widget)) or region.area == 0:
        yield f"at {region} within {clip}"
    inner = widget.content_size
    if isinstance(widget, DataTable):
        if widget.cursor_type == "row" and widget.virtual_size.width > inner.width:
            yield f"columns of {widget.virtual_size.width} cells in {inner.width}"
        return
    if text and not isinstance(widget, Input):
        needed = widget.get_content_height(stage.app.size, stage.app.size, inner.width)
        if needed > inner.height and not widget.is_scrollable:
            yield f"{needed} lines in {inner.height}: {text!r}"
        for line in text.splitlines():
            longest = max((Text(word).cell_len for word in line.split() if "/" not in word), default=0)
            if longest > inner.width or (_unwrapped(widget) and Text(line.rstrip()).cell_len > inner.width):
                yield f"{line!r} in {inner.width} cells"


def _text_of(widget: Widget) -> str:
    shown = widget.render()
    return (shown.plain if hasattr(shown, "plain") else str(shown) if isinstance(shown, str) else "").strip()


def _unwrapped(widget: Widget) -> bool:
    shown = getattr(widget, "content", None)
    shown = widget.render() if shown is None else shown
    return bool(getattr(shown, "no_wrap", False))


def _scrolls(widget: Widget) -> bool:
    return any(isinstance(one, Widget) and one.is_scrollable and one.can_focus for one in widget.ancestors)
