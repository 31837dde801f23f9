"""A day, a week and a month of the person's own calls, drawn in text: it can be scrolled, and copied as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.color import Color

from app.tui.widgets.curve import Curve
from app.tui.widgets.level_chart import level_range, shades, thin_out
from app.tui.widgets.plot import Axis, draw_lines, draw_small, plot_size, value_axis
from app.words.insight import weekday_name
from app.words.language import _
from core.method.insight import Share

LEAST_COLUMNS, LEAST_ROWS = 22, 3
"""A small curve, in cells and rows."""

CALM_SHAPE = 4
"""So many times more cells than rows: a curve that is drawn so looks neither steep nor flat."""

LEAST_CELL, MOST_CELL, MOST_CELL_ROWS = 9, 24, 3
"""An hour of the week, in cells and rows."""

LEAST_DAYS = 30
DEEPEST = 0.6
"""A share of this or more has the deepest shade."""


def day_text(curves: Sequence[tuple[str, Curve]], width: int, height: int, colours: Mapping[str, str]) -> Text:
    """Small curves in rows, each with its caption: all between the same levels, each over its own length.

    They are as large as the place allows in a calm shape, and never too small to be read.
    """
    low, high = level_range([point for _caption, curve in curves for point in curve.points])

    def size(across: int) -> tuple[int, int]:
        high_as = height // max(1, -(-len(curves) // across)) - 2
        return max(LEAST_COLUMNS, width // across - 2), max(LEAST_ROWS, high_as)

    most = max(1, min(len(curves), width // (LEAST_COLUMNS + 2)))
    across = max(range(1, most + 1), key=lambda one: (min(size(one)[0] / CALM_SHAPE, size(one)[1]), one))
    columns, high_as = size(across)
    starts = range(0, len(curves), across)
    rows = (_row(curves[start : start + across], columns, high_as, low, high) for start in starts)
    text = Text("\n".join(line for row in rows for line in row), no_wrap=True)
    text.highlight_regex("[⠁-⣿]+", colours.get("primary", ""))
    return text


def _row(curves: Sequence[tuple[str, Curve]], columns: int, rows: int, low: float, high: float) -> Iterator[str]:
    drawn = []
    for _caption, curve in curves:
        size = max(1, -(-len(curve.points) // (2 * columns)))
        stretches = [thin_out(stretch, size) for stretch in curve.stretches()]
        drawn.append(draw_small(stretches, columns, rows, max(1, len(curve.points) - 1), low, high).lines())
    for number in range(rows):
        yield "".join(set_cell_size(lines[number], columns + 2) for lines in drawn)
    yield "".join(set_cell_size(caption, columns + 2) for caption, _curve in curves)
    yield ""


def week_text(shares: Mapping[tuple[int, int], Share], width: int, height: int, colours: Mapping[str, str]) -> Text:
    """Hours by weekdays: the share of tense readings, and behind it how many calls it rests on.

    An hour is as wide and as high as the place allows; its figures stand in its middle row.
    """
    quiet, began = colours.get("quiet", ""), [hour for _weekday, hour in shares]
    hours = range(min(began, default=0), max(began, default=-1) + 1)
    cell = max(LEAST_CELL, min((width - 7) // 7, MOST_CELL))
    rows = max(1, min((height - 1) // max(1, len(hours)), MOST_CELL_ROWS))
    text = Text(" " * 7, no_wrap=True)
    for weekday in range(7):
        name = weekday_name(weekday)
        text.append(" " * max(0, cell - 1 - cell_len(name)) + name + " ", quiet)
    for hour in hours:
        for row in range(rows):
            told = row == (rows - 1) // 2
            text.append(f"\n {hour:02d}:00 " if told else "\n" + " " * 7, quiet)
            for weekday in range(7):
                share = shares.get((weekday, hour))
                figures = "–" if share is None else f"{share.value:.0%}{share.calls:>3}"
                shade = quiet if share is None else _shade(share.value, colours)
                text.append((figures if told else "").rjust(cell - 1), shade).append(" ")
    return text


def _shade(share: float, colours: Mapping[str, str]) -> str:
    """Foreground on a shade that deepens with the share; the number says the same."""
    back, deep = Color.parse(colours.get("background", "black")), Color.parse(colours.get("primary", "white"))
    return f"{colours.get('foreground', '')} on {back.blend(deep, 0.35 * min(1.0, share / DEEPEST)).hex}".strip()


def month_text(
    shares: Mapping[date, Share], last: date, usual: float | None, width: int, height: int, colours: Mapping[str, str]
) -> Text:
    """A bar a day up to `last`, and the person's own usual as a dashed line."""
    top = max([0.2, usual or 0.0, *(share.value for share in shares.values())])
    y = value_axis(0.0, top, height - 1, "{:.0%}", 0.01)
    columns, _rows, _left = plot_size(width, height, y)
    a_day = max(1, columns // LEAST_DAYS)
    days = columns // a_day
    first = last - timedelta(days=days - 1)
    labels = {
        a_day * number: f"{first + timedelta(days=number):%m-%d}"
        for number in range(days)
        if (first + timedelta(days=number)).weekday() == 0
    }
    wide = max(0.0, 1 - 1.75 / a_day)  # a cell stays free between two days, wherever plotext rounds to
    bars = [
        [((day - first).days, share.value), ((day - first).days + wide, share.value)]
        for day, share in sorted(shares.items())
        if first <= day <= last
    ]
    reference = None if usual is None else (usual, _("your usual"))
    x = Axis(0.0, (columns - 1) / a_day, labels)
    return draw_lines(bars, width, height, x, y, reference).text(shades(colours))
