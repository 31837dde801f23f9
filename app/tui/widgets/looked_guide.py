"""The expression guide's drawing with where a network looked: shares beside brows, eyes and mouth, never a picture."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.text import Text

from app.tui.widgets.guide import draw_guide
from app.words.explanation import region_name
from app.words.figures import bar
from core.explain.attribution import Attribution
from core.explain.regions import Region, densities_of

_LINES: Mapping[Region, tuple[int, ...]] = {Region.BROWS: (2,), Region.EYES: (3,), Region.MOUTH: (6, 7, 8)}
"""Which lines of the drawing show each region."""

_BESIDE = {2: Region.BROWS, 3: Region.EYES, 7: Region.MOUTH, 9: Region.REST}
"""Beside which line each region's share stands."""

_OUTLINE = 4
"""Cells at either side of a line that belong to the margin and the outline of the head."""

_NAME_CELLS, _BAR_CELLS = 11, 10


def draw_looked_guide(expression_id: str, attribution: Attribution, colours: Mapping[str, str]) -> Text:
    """The drawing, 11 lines: the region that was looked at most in bold, what was overlooked pale, shares beside.

    A share is a number first and a bar second; colour only repeats them.
    """
    densities = densities_of(attribution.shares)
    drawn = Text(no_wrap=True)
    for number, line in enumerate(draw_guide(expression_id).splitlines()):
        region = next((one for one, lines in _LINES.items() if number in lines), None)
        drawn.append(line[:_OUTLINE], colours.get("quiet", ""))
        style = colours.get("quiet", "") if region is None else _style(region, attribution, densities, colours)
        drawn.append(line[_OUTLINE:-_OUTLINE], style)
        drawn.append(line[-_OUTLINE:], colours.get("quiet", ""))
        if number in _BESIDE:
            beside = _BESIDE[number]
            drawn.append(_label(beside, attribution.shares[beside]), _style(beside, attribution, densities, colours))
        drawn.append("\n")
    drawn.rstrip()
    return drawn


def _style(
    region: Region, attribution: Attribution, densities: Mapping[Region, float], colours: Mapping[str, str]
) -> str:
    if region is Region.REST or densities[region] < 1:
        return colours.get("quiet", "")
    return f"bold {colours.get('accent', '')}" if region is attribution.most else colours.get("primary", "")


def _label(region: Region, share: float) -> str:
    name = region_name(region)
    return "  " + name + " " * max(1, _NAME_CELLS - cell_len(name)) + bar(share, _BAR_CELLS) + f" {share:>4.0%}"
