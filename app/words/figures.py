"""Numbers as people read them: levels, clocks, bars and sparklines. Pure functions from numbers to text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len, set_cell_size

FULL, EMPTY = "█", "░"
_EIGHTHS = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """A bar of `width` cells, filled up to `share` (0 to 1; what lies outside is cut).

    A share that is not nothing as a whole per cent fills at least one cell, and one that is not all leaves one empty.
    """
    if width <= 0:
        return ""
    inside = min(max(share, 0.0), 1.0)
    filled = round(inside * width)
    per_cent = round(inside * 100)
    if 0 < per_cent < 100 and width > 1:
        filled = min(max(filled, 1), width - 1)
    return FULL * filled + EMPTY * (width - filled)


def sparkline(values: Sequence[int], top: int, width: int) -> str:
    """The last `width` values as blocks between 0 and `top`; what is higher or lower is cut."""
    shown = values[-width:] if width > 0 else ()
    return "".join(_EIGHTHS[min(max(value, 0) * len(_EIGHTHS) // (top + 1), len(_EIGHTHS) - 1)] for value in shown)


def padded(text: str, cells: int) -> str:
    """`text` with spaces after it up to `cells` of the screen; Hangul takes two each."""
    return text + " " * max(0, cells - cell_len(text))


def fitted(text: str, cells: int) -> str:
    """`text` in exactly `cells` of the screen, the last of them empty: with spaces after it, or cut, with an ellipsis."""
    return padded(text if cell_len(text) < cells else set_cell_size(text, cells - 2).rstrip() + "…", cells)


def right(text: str, cells: int) -> str:
    """`text` with spaces before it."""
    return " " * max(0, cells - cell_len(text)) + text


def blocks(points: Sequence[float | None], width: int, rows: int) -> list[str]:
    """Levels (1.0 = a thousand thousandths; None: a gap) as `rows` lines of at most `width` blocks, the highest line first.

    A block is the mean of its part. The bottom is 0 or the lowest, the top 1 or the highest; what is there has at least
    the lowest block, a gap is empty.
    """
    if not points or width <= 0:
        return [""] * rows
    count = len(points)
    cells = min(width, count)
    ends = [count * cell // cells for cell in range(cells + 1)]
    parts = [[level for level in points[start:end] if level is not None] for start, end in pairwise(ends)]
    means = [sum(part) / len(part) if part else None for part in parts]
    known = [mean for mean in means if mean is not None]
    bottom, top = min([0.0, *known]), max([1.0, *known])
    steps = len(_EIGHTHS) * rows
    heights = [0 if mean is None else max(1, round((mean - bottom) / (top - bottom) * steps)) for mean in means]
    return [
        "".join((" " + _EIGHTHS)[min(max(height - row * len(_EIGHTHS), 0), len(_EIGHTHS))] for height in heights)
        for row in reversed(range(rows))
    ]


def clock_text(seconds: float) -> str:
    """Minutes and seconds ("04:12"), with hours where there are any ("1:04:12")."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def share_text(per_mille: int) -> str:
    """A share as people read it, in whole per cent ("42%")."""
    return f"{per_mille / 1000:.0%}"


def level_text(thousandths: int) -> str:
    """A level as people read it: two decimals ("0.42", "-0.05")."""
    return f"{thousandths / 1000:.2f}"
