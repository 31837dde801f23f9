"""The level's curve: a call large, or as one of a row of small ones."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.text import Text
from textual.app import RenderResult
from textual.color import Color
from textual.reactive import reactive
from textual.widget import Widget

from app.tui.widgets.curve import Curve, MarkKind, Points
from app.tui.widgets.plot import Drawing, Stretch, draw_lines, plot_size, time_axis, value_axis
from app.words.language import N_, _

SHORTEST_SPAN = 60
"""A call's curve is as wide as at least this many seconds, so that its first seconds do not jump about."""

_TOPS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 80.0, 160.0)
_BOTTOMS = (0.0, -0.5, -1.0, -2.0, -5.0, -10.0, -20.0, -40.0, -80.0)
_TICKS = (10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400)
_SMALL = 0.05
"""A level this little under a step, as a share of the top, does not open the next one: it is less than half a row."""
_USUAL_SHOWN = 3.0
"""Up to this level the line of past calls is in every chart; above it, in those of calls that came near it."""

_MARKS: Mapping[MarkKind, tuple[str, str]] = {
    MarkKind.NOTE: ("n", N_("note")),
    MarkKind.RESET: ("r", N_("reset")),
    MarkKind.PAUSE: ("p", N_("pause")),
    MarkKind.NOT_SEEN: ("", N_("not seen")),
}
"""For each mark its letter, which is its key, and its word. Where there is no room for that of a gap, the gap is seen."""


def thin_out(stretch: Stretch, size: int) -> list[tuple[float, float]]:
    """One (second, level) pair for every `size` seconds: their mean, in the middle of them. The last second stays."""
    if size <= 1:
        return list(stretch)
    thinned = []
    for start in range(0, len(stretch), size):
        part = stretch[start : start + size]
        thinned.append((sum(second for second, _ in part) / len(part), sum(level for _, level in part) / len(part)))
    return thinned


def level_range(points: Points, usual: float | None = None) -> tuple[float, float]:
    """Bottom and top of the chart: 0 to 1, or the next fixed steps that hold all levels. Never min to max.

    Until a level lies under zero the times stand right below the zero line, and the curve has every row.
    """
    known = [level for level in points if level is not None]
    highest, lowest = max(known, default=0.0), min(known, default=0.0)
    highest = max(highest, min(usual or 0.0, _USUAL_SHOWN))
    top = next((top for top in _TOPS if highest <= top), highest)
    bottom = next((bottom for bottom in _BOTTOMS if lowest >= bottom - _SMALL * top), lowest)
    return bottom, top


def dot_seconds(seconds: int, columns: int) -> int:
    """For how many seconds a dot of the line stands, where a call of `seconds` lies in so many columns of two dots."""
    return max(1, math.ceil(seconds / (2 * columns)))


def draw_level_chart(curve: Curve, width: int, height: int) -> Drawing | None:
    """The curve in all of `width` cells and `height` rows; None where there is no room for one."""
    if width < 16 or height < 4:
        return None
    span = max(SHORTEST_SPAN, len(curve.points))
    y = value_axis(*level_range(curve.points, curve.usual), height - 1)
    columns, _rows, _left = plot_size(width, height, y)
    size = dot_seconds(len(curve.points), columns)
    usual = None if curve.usual is None else (curve.usual, _("nine of ten calls stay below"))
    marks = [(mark.second, _MARKS[mark.kind][0], _(_MARKS[mark.kind][1])) for mark in curve.marks]
    stretches = [thin_out(stretch, size) for stretch in curve.stretches()]
    return draw_lines(stretches, width, height, time_axis(span, columns, _TICKS), y, usual, marks)


def shades(variables: Mapping[str, str]) -> dict[str, str]:
    """The colours of a drawing, by their names. What they tell, a shape or a word tells as well."""
    names = {"quiet": "quiet", "line": "primary", "zero": "quiet", "usual": "accent", "mark": "secondary"}
    colours = {name: variables.get(variable, "") for name, variable in names.items()}
    back, line = Color.parse(variables.get("background", "black")), Color.parse(variables.get("primary", "white"))
    return colours | {f"fill {step}": back.blend(line, 0.2 + 0.045 * step).hex for step in range(10)}


class LevelChart(Widget):
    """Draws `curve`; give it a new one to draw it anew."""

    DEFAULT_CSS = """
    LevelChart { height: 1fr; min-height: 4; padding: 0 1; }
    """

    curve: reactive[Curve] = reactive(Curve(), always_update=True)
    """One level per second, and what happened meanwhile."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Nothing in it can be clicked: Textual need not look for links in each of its colours, once a second."""
        super().__init__(id=id)
        self.set_reactive(Widget.auto_links, False)

    def would_change(self, curve: Curve) -> bool:
        """Whether `curve`, the same call some seconds later or another one, has another dot or mark to be seen."""
        size = dot_seconds(len(curve.points), max(1, plot_size(self.content_size.width, 0)[0]))
        now, then = (
            (len(one.points) < size, len(one.points) // size, one.marks, one.usual) for one in (self.curve, curve)
        )
        return now != then

    def render(self) -> RenderResult:
        """The chart: the curve in the theme's colour, everything else quiet."""
        size = self.content_size
        drawing = draw_level_chart(self.curve, size.width, size.height)
        return Text("") if drawing is None else drawing.text(shades(self.app.theme_variables))
