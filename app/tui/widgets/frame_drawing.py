"""The light check's drawing: where the face is in the camera's picture, as an outline, never as a picture."""

from __future__ import annotations

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

Box = tuple[float, float, float, float]
"""A face box as shares of the frame: left, top, width, height."""


def draw_frame(box: Box | None, width: int, height: int) -> list[str]:
    """`height` lines of `width` cells: the frame, and in it the face mirrored, as a person expects from a mirror."""
    inside_width, inside_height = width - 2, height - 2
    cells = [[" "] * inside_width for _ in range(inside_height)]
    if box is not None:
        _draw_face(cells, box)
    lines = ["│" + "".join(row) + "│" for row in cells]
    return ["┌" + "─" * inside_width + "┐", *lines, "└" + "─" * inside_width + "┘"]


def _draw_face(cells: list[list[str]], box: Box) -> None:
    rows, columns = len(cells), len(cells[0])
    left, top, box_width, box_height = box
    x0 = round((1 - left - box_width) * columns)
    x1 = round((1 - left) * columns) - 1
    y0, y1 = round(top * rows), round((top + box_height) * rows) - 1
    x0, y0 = max(0, min(x0, columns - 5)), max(0, min(y0, rows - 3))
    x1, y1 = max(x0 + 4, min(x1, columns - 1)), max(y0 + 2, min(y1, rows - 1))
    for x in range(x0 + 1, x1):
        cells[y0][x] = cells[y1][x] = "─"
    for y in range(y0 + 1, y1):
        cells[y][x0] = cells[y][x1] = "│"
    for y, x, corner in ((y0, x0, "╭"), (y0, x1, "╮"), (y1, x0, "╰"), (y1, x1, "╯")):
        cells[y][x] = corner
    _draw_features(cells, x0, x1, y0, y1)


def _draw_features(cells: list[list[str]], x0: int, x1: int, y0: int, y1: int) -> None:
    """Two eyes and a mouth where there is room for them."""
    if y1 - y0 < 3:
        return
    eyes, mouth = y0 + round((y1 - y0) * 0.4), y0 + round((y1 - y0) * 0.75)
    quarter = (x1 - x0) / 4
    cells[eyes][round(x0 + quarter)] = cells[eyes][round(x1 - quarter)] = "·"
    if mouth > eyes:
        for x in range(round(x0 + 1.5 * quarter), round(x1 - 1.5 * quarter) + 1):
            cells[mouth][x] = "─"


class FrameDrawing(Widget):
    """Shows where the face is."""

    DEFAULT_CSS = """
    FrameDrawing { width: 36; height: 13; }
    """

    box: reactive[Box | None] = reactive(None)
    """The face box, None without a face."""
    well: reactive[bool] = reactive(False)
    """Whether there is nothing to complain about."""

    def render(self) -> RenderResult:
        """The drawing, in green when all is well."""
        size = self.content_size
        colours = self.app.theme_variables
        colour = colours.get("success" if self.well else "primary", "")
        return Text("\n".join(draw_frame(self.box, size.width, size.height)), colour, no_wrap=True)
