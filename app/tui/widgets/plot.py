"""Lines by plotext, and what is laid on its rows afterwards: fill, zero line, reference line, marks, labels.

The only module that knows plotext. Its own fill costs 11 to 142 ms (5.3.2); laid on the finished rows it costs one.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

Stretch = Sequence[tuple[float, float]]
"""An unbroken part of a line: (x, y) in the order of x."""

FILL, DASH = "⣿", "╌"
_BLANK = "\u2800"
_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
_LEFT, _RIGHT = (0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)
"""The dots of a braille cell, column by column, from the top down."""
_plotting = threading.Lock()
"""plotext draws on one figure of its module."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values along rows or columns: `low` at the first, `high` at the last; labels at equal distances, by row or column."""

    low: float
    high: float
    labels: Mapping[int, str]

    def place(self, value: float, last: int) -> int:
        """The row or column of `value`, from 0 to `last`; outside of them where it lies outside."""
        return round((value - self.low) / (self.high - self.low) * last)


MOST_LABELS = 12
"""So many values stand beside a high picture."""

A_LABEL_IS_WORTH = 1.4
"""Two values tell no more than where zero is and one height; for a third the curve may be lower by this."""


def value_axis(low: float, high: float, rows: int, write: str = "{:.1f}", finest: float = 0.1) -> Axis:
    """An axis over all `rows` (from the bottom) that holds `low` <= 0 and `high` > 0: zero and its labels on whole rows.

    The finest that fits: the step is a round number (`finest` or more, as `write` can tell), and where there are five
    rows, a row without a label lies between, more where there would be more than `MOST_LABELS`. Zero is not the only one;
    rather than with one other it stands with two where that is coarser by less than `A_LABEL_IS_WORTH`.
    """
    best: tuple[float, float, int, int] | None = None
    least = max(2, -(-rows // MOST_LABELS))
    for step in (digit * 10.0**power for power in range(-2, 7) for digit in (1, 2, 5)):
        if step < finest - 1e-9:
            continue
        for apart in range(least, least + 7) if rows >= 5 else (1,):
            below = math.ceil(-low / step * apart - 1e-9)
            above = math.ceil(high / step * apart - 1e-9)
            count = 1 + below // apart + (rows - 1 - below) // apart
            cost = step / apart * (1.0 if count >= 3 else A_LABEL_IS_WORTH)
            if below + max(above, apart) <= rows - 1 and (best is None or cost < best[0] - 1e-12):
                best = cost, step, apart, below
    assert best is not None, "a step of five millions holds every level"
    _cost, step, apart, zero = best
    a_row = step / apart
    labels = {row: write.format((row - zero) // apart * step) for row in range(zero % apart, rows, apart)}
    return Axis(-zero * a_row, (rows - 1 - zero) * a_row, labels)


def time_axis(span: int, columns: int, steps: Iterable[int], label_cells: int = 9) -> Axis:
    """An axis from 0 to `span` seconds or a little more, with labels of minutes and seconds at equal distances."""
    choices = []
    for step in steps:
        apart = min((columns - 1) * step // span, columns - 1)
        if apart >= label_cells:
            choices.append((apart >= 3 * label_cells, span * apart / step < 0.9 * (columns - 1), apart, step))
    _wide, _short, apart, step = min(choices, default=(False, False, columns - 1, span))
    labels = {
        column: f"{column // apart * step // 60}:{column // apart * step % 60:02d}"
        for column in range(0, columns, apart)
    }
    return Axis(0.0, (columns - 1) * step / apart, labels)


def line_rows(stretches: Iterable[Stretch], columns: int, rows: int, x: Axis, y: Axis) -> list[str]:
    """The lines alone, in braille: `rows` strings of `columns` characters."""
    with _plotting:
        import plotext

        plotext.clear_data()  # clear_figure makes all of a figure anew, which costs a third of drawing on it; what else is set is set below
        plotext.theme("clear")
        plotext.limit_size(False, False)  # else it draws no wider than the terminal it believes it is in
        plotext.plot_size(columns, rows)
        plotext.xaxes(False, False)
        plotext.yaxes(False, False)
        plotext.xfrequency(0)
        plotext.yfrequency(0)
        drawn = False
        for stretch in stretches:
            plotext.plot([place for place, _ in stretch], [value for _, value in stretch], marker="braille")
            drawn = True
        if not drawn:
            return [" " * columns] * rows
        plotext.ylim(y.low, y.high)
        plotext.xlim(x.low, x.high)
        plain = _COLOUR_CODES.sub("", str(plotext.build())).split("\n")
    return [row.ljust(columns)[:columns] for row in [*plain, *[""] * rows][:rows]]


@dataclass
class Drawing:
    """Rows of characters, each with the name of its colour; "fill 0" to "fill 9" are the shades by height."""

    columns: int
    rows: int
    cells: list[list[str]] = field(init=False)
    colours: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Begins empty."""
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.colours = [["quiet"] * self.columns for _ in range(self.rows)]

    def put(self, row: int, column: int, text: str, colour: str) -> None:
        """Write `text`; a wide character takes two cells, of which the second is empty."""
        for character in text:
            self.cells[row][column], self.colours[row][column] = character, colour
            if cell_len(character) == 2:
                self.cells[row][column + 1] = ""
            column += cell_len(character)

    def is_free(self, row: int, column: int, width: int) -> bool:
        """Whether nothing stands in `width` cells."""
        return column + width <= self.columns and self.cells[row][column : column + width] == [" "] * width

    def lines(self) -> list[str]:
        """The rows of the drawing as plain text, without spaces at their ends."""
        return ["".join(row).rstrip() for row in self.cells]

    def text(self, colours: Mapping[str, str]) -> Text:
        """In colours, by their names."""
        text = Text(no_wrap=True, end="")
        for number, (cells, names) in enumerate(zip(self.cells, self.colours, strict=True)):
            text.append("\n" if number else "")
            for name, group in groupby(range(self.columns), key=names.__getitem__):
                text.append("".join(cells[column] for column in group), colours.get(name, ""))
        return text


def draw_lines(
    stretches: Sequence[Stretch],
    width: int,
    height: int,
    x: Axis,
    y: Axis,
    reference: tuple[float, str] | None = None,
    marks: Sequence[tuple[float, str, str]] = (),
) -> Drawing:
    """Lines over a zero line that nothing breaks, filled to it; axes with labels; all rows and columns are used.

    Args:
        stretches: the unbroken parts of the line.
        width: of all, in cells, with the labels at the left.
        height: of all, in rows, with the labels below.
        x: along the columns that `plot_size` gives.
        y: along its rows, from the bottom.
        reference: a value that has a dashed line, and its name.
        marks: place along x, a letter, and the word that stands instead where it has room.
    """
    columns, rows, left = plot_size(width, height, y)
    drawing = Drawing(width, height)
    zero = rows - 1 - y.place(0.0, rows - 1)
    dot = (4 * rows - 1 - y.place(0.0, 4 * rows - 1)) % 4
    zero_dots = _LEFT[dot] | _RIGHT[dot]
    line = line_rows(stretches, columns, rows, x, y)
    for column in range(columns):
        _fill_column(drawing, line, column, left, zero)
    for column in range(columns):
        dots = ord(line[zero][column]) - ord(_BLANK) if line[zero][column] > _BLANK else 0
        drawing.put(zero, left + column, chr(ord(_BLANK) | dots | zero_dots), "line" if dots else "zero")
    for row, label in y.labels.items():
        drawing.put(rows - 1 - row, 0, label.rjust(left - 1), "quiet")
    for column, label in x.labels.items():
        if left + column + cell_len(label) <= width:
            drawing.put(height - 1, left + column, label, "quiet")
    if reference is not None and 0 <= y.place(reference[0], rows - 1) < rows:
        _draw_reference(drawing, rows - 1 - y.place(reference[0], rows - 1), left, reference[1])
    for place, letter, word in marks:
        _draw_mark(drawing, left + min(max(x.place(place, columns - 1), 0), columns - 1), rows, letter, word)
    return drawing


def draw_small(
    stretches: Sequence[Stretch], columns: int, rows: int, length: float, low: float, high: float
) -> Drawing:
    """Lines without axes and names, `length` long, filled to zero.

    They lie between `low` <= 0 and `high`; what is lower is drawn at `low`, for a hole would look like a gap.
    """
    drawing, y = Drawing(columns, rows), Axis(low, high, {})
    inside = [[(place, max(low, value)) for place, value in stretch] for stretch in stretches]
    line = line_rows(inside, columns, rows, Axis(0.0, length, {}), y)
    for column in range(columns):
        _fill_column(drawing, line, column, 0, rows - 1 - y.place(0.0, rows - 1))
    return drawing


def plot_size(width: int, height: int, y: Axis | None = None) -> tuple[int, int, int]:
    """Columns and rows of the lines themselves in a drawing of this size, and the cells of the labels at the left."""
    left = 1 + max(4, *(cell_len(label) for label in y.labels.values())) if y is not None else 5
    return width - left, height - 1, left


def _fill_column(drawing: Drawing, line: Sequence[str], column: int, left: int, zero: int) -> None:
    """Put the line's cells of one column, and fill from them to the zero line, lighter the farther from it."""
    there = [row for row, cells in enumerate(line) if cells[column] > _BLANK]
    if not there:
        return
    for row in there:
        dots = ord(line[row][column]) - ord(_BLANK)
        if row != zero:
            dots |= _towards_zero(dots, down=row < zero)
        drawing.put(row, left + column, chr(ord(_BLANK) | dots), "line")
    inside = [*range(there[-1] + 1, zero), *range(zero + 1, there[0])]
    for row in inside:
        shade = min(9, abs(row - zero) * 10 // max(1, len(line)))
        drawing.put(row, left + column, FILL, f"fill {shade}")


def _towards_zero(dots: int, *, down: bool) -> int:
    """The dots between the line's own ones and the edge of their cell that looks to the zero line."""
    more = 0
    for side in (_LEFT, _RIGHT):
        order = side if down else side[::-1]
        first = next((number for number, dot in enumerate(order) if dots & dot), len(order))
        more |= sum(order[first:])
    return more


def _draw_reference(drawing: Drawing, row: int, left: int, name: str) -> None:
    for column in range(left, drawing.columns):
        if drawing.colours[row][column] not in ("line", "zero") and drawing.cells[row][column] != "":
            drawing.put(row, column, DASH, "usual")
    width = cell_len(name) + 2
    for start in range(left + 2, drawing.columns - width - 1):
        if all(colour == "usual" for colour in drawing.colours[row][start - 2 : start + width + 2]):
            drawing.put(row, start, f" {name} ", "usual")
            return
    for above in (row - 1, 0):  # what is drawn crosses the line everywhere: then at the right, over it or over all
        if above >= 0 and drawing.is_free(above, drawing.columns - width, width):
            drawing.put(above, drawing.columns - width, f"{DASH} {name}", "usual")
            return


def _draw_mark(drawing: Drawing, column: int, rows: int, letter: str, word: str) -> None:
    """In the lowest row with room for the word; else the letter, if it has one, wherever there is room for that."""
    for text in filter(None, (word, letter)):
        for row in range(rows - 1, -1, -1):
            if drawing.is_free(row, column, cell_len(text) + (text == word)):
                drawing.put(row, column, text, "mark")
                return
