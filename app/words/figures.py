"""Numbers as people read them: levels, clocks, bars and sparklines. Pure functions from numbers to text."""

from __future__ import annotations

from collections.abc import Sequence

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
