"""The level's curve. The only module that knows plotext; everything else gives it points and gets text."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from core.method.emotion import Outcome
from core.method.sample import Sample

Points = Sequence[float | None]
"""A level (1.0 = a thousand thousandths) per second of the call; None where no face was read."""

SHORTEST_SPAN = 60
"""A call's curve is as wide as at least this many seconds, so that its first seconds do not jump about."""

_TOPS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 80.0, 160.0)
_BOTTOMS = (-0.5, -1.0, -2.0, -5.0, -10.0, -20.0, -40.0, -80.0)
_TICKS = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
_SMALL = 0.05
"""A level this little under a step does not open the next one."""

_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
_plotting = threading.Lock()
"""plotext draws on one figure of its module."""


class SecondBins:
    """A call's levels, one per second: the last reading with a face in it, or None."""

    def __init__(self, samples: Sequence[Sample] = ()) -> None:
        """Begins with `samples` in the order of time."""
        self.points: list[float | None] = []
        for sample in samples:
            self.add(sample)

    def add(self, sample: Sample) -> None:
        """Put one sample into its second; seconds in between that nobody saw are gaps."""
        second = sample.t_ms // 1000
        while len(self.points) <= second:
            self.points.append(None)
        if sample.outcome is not Outcome.GAP:
            self.points[second] = sample.level / 1000


def bin_to_width(points: Points, columns: int) -> list[tuple[float, float | None]]:
    """At most `columns` (second, level) pairs: each the mean of its part of the call, None where all of it is a gap."""
    if len(points) <= columns or columns <= 0:
        return [(float(second), level) for second, level in enumerate(points)]
    size = math.ceil(len(points) / columns)
    binned: list[tuple[float, float | None]] = []
    for start in range(0, len(points), size):
        known = [level for level in points[start : start + size] if level is not None]
        middle = start + (min(size, len(points) - start) - 1) / 2
        binned.append((middle, sum(known) / len(known) if known else None))
    return binned


def level_range(points: Points) -> tuple[float, float]:
    """Bottom and top of the chart: -0.5 to 1, or the next fixed steps that hold all levels. Never min to max.

    Most calls dip under zero at their first smile; the curve should not jump for it.
    """
    known = [level for level in points if level is not None]
    highest, lowest = max(known, default=0.0), min(known, default=0.0)
    top = next((top for top in _TOPS if highest <= top), highest)
    bottom = next((bottom for bottom in _BOTTOMS if lowest >= bottom - _SMALL), lowest)
    return bottom, top


def draw_level_chart(points: Points, width: int, height: int) -> str:
    """The curve as `height` lines of at most `width` cells, without colours; gaps stay empty."""
    if width < 12 or height < 3:
        return ""
    span = max(SHORTEST_SPAN, len(points))
    bottom, top = level_range(points)
    ticks, used = _fit_ticks(bottom, top, height - 1)
    with _plotting:
        import plotext

        plotext.clear_figure()
        plotext.theme("clear")
        plotext.plot_size(width, used + 1)
        plotext.xaxes(False, False)
        plotext.yaxes(False, False)
        plotext.hline(0)
        for seconds, levels in _unbroken(bin_to_width(points, 2 * width)):
            plotext.plot(seconds, levels, marker="braille")
        plotext.ylim(bottom, top)
        plotext.xlim(0, span)
        plotext.yticks(ticks, [f"{tick:>4.1f} " for tick in ticks])
        step = next((step for step in _TICKS if span / step * 9 <= width), _TICKS[-1])
        seconds = list(range(0, span + 1, step))
        plotext.xticks(seconds, [f"{second // 60}:{second % 60:02d}" for second in seconds])
        return _COLOUR_CODES.sub("", str(plotext.build())).rstrip("\n")


def _unbroken(pairs: Sequence[tuple[float, float | None]]) -> Iterator[tuple[list[float], list[float]]]:
    """The parts of the curve between gaps; a single reading is drawn as a dot."""
    for there, group in groupby(pairs, key=lambda pair: pair[1] is not None):
        if there:
            part = [(second, level) for second, level in group if level is not None]
            yield [second for second, _ in part], [level for _, level in part]


def _fit_ticks(bottom: float, top: float, rows: int) -> tuple[list[float], int]:
    """Round labels at whole rows, equally far apart, and how many of `rows` the curve takes for that.

    Labels have a row between them, unless without it the curve fills its place; there are three at least where that is
    possible; then the step that leaves the fewest rows unused, then the finest.
    """
    fits = []
    for step in _STEPS:
        parts = round((top - bottom) / step)
        if abs(parts * step - (top - bottom)) < 1e-6 and 1 <= parts < rows:
            used = (rows - 1) // parts * parts + 1
            if parts <= rows // 2 or used == rows:
                fits.append((parts == 1, rows - used, -parts, step, used))
    if not fits:
        return sorted({bottom, 0.0, top}), rows
    _alone, _unused, parts, step, used = min(fits)
    return [round(bottom + number * step, 2) for number in range(-parts + 1)], used


class LevelChart(Widget):
    """Draws `points`; give it a new list to draw it anew."""

    DEFAULT_CSS = """
    LevelChart { height: 1fr; min-height: 4; padding: 0 1; }
    """

    points: reactive[Points] = reactive((), always_update=True)
    """One level per second."""

    def render(self) -> RenderResult:
        """The chart: the curve in the theme's colour, everything else quiet."""
        size = self.content_size
        colours = self.app.theme_variables
        drawn = Text(draw_level_chart(self.points, size.width, size.height), colours.get("quiet", ""), no_wrap=True)
        drawn.highlight_regex(r"[⠁-⣿]+", colours.get("primary", ""))
        return drawn
