"""Plots as inline SVG, 360 units wide: a heat map and stacked bars. Colours are the page's CSS variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 360
_LABEL = 56
_ROW = 24
_HEAD = 22
_NOTE = 44


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar: its label, its parts (each 0 to 1, all of them at most 1), and what stands at its end.

    `parts` is None where there is nothing to show; `note` says so then.
    """

    label: str
    parts: tuple[float, ...] | None
    note: str


def heat_map(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[float | None]]]) -> str:
    """Cells coloured by their share (0 to 1), which stands in them; a dot where there is none."""
    width = (WIDTH - _LABEL) / len(columns)
    parts = [_text(_LABEL + width * (number + 0.5), 14, name, "middle", "quiet") for number, name in enumerate(columns)]
    for line, (label, cells) in enumerate(rows):
        top = _HEAD + line * _ROW
        parts.append(_text(_LABEL - 8, top + 16, label, "end", "quiet"))
        for number, share in enumerate(cells):
            left = _LABEL + number * width
            if share is None:
                parts.append(_text(left + width / 2, top + 16, "·", "middle", "quiet"))
                continue
            parts.append(
                f'<rect x="{left + 1:.1f}" y="{top + 1}" width="{width - 2:.1f}" height="{_ROW - 2}" rx="3" '
                f'fill="var(--tense)" fill-opacity="{0.06 + 0.84 * share:.2f}"/>'
            )
            parts.append(_text(left + width / 2, top + 16, f"{share:.0%}", "middle"))
    return _svg(title, _HEAD + _ROW * len(rows), parts)


def stacked_bars(title: str, rows: Sequence[BarRow], colours: Sequence[str], label_width: int = _LABEL) -> str:
    """One horizontal bar a row; `colours` are the CSS variables of its parts, in their order."""
    room = WIDTH - label_width - _NOTE
    parts = []
    for line, row in enumerate(rows):
        top = line * _ROW + 4
        parts.append(_text(label_width - 8, top + 14, row.label, "end", "quiet"))
        parts.append(f'<rect x="{label_width}" y="{top}" width="{room}" height="18" rx="3" fill="var(--track)"/>')
        left = float(label_width)
        for share, colour in zip(row.parts or (), colours, strict=False):
            length = share * room
            parts.append(
                f'<rect x="{left:.1f}" y="{top}" width="{length:.1f}" height="18" fill="var(--{colour})"/>'
                if length
                else ""
            )
            left += length
        parts.append(_text(WIDTH, top + 14, row.note, "end"))
    return _svg(title, _ROW * len(rows) + 6, parts)


def legend(entries: Sequence[tuple[str, str]]) -> str:
    """Names beside their colours."""
    spans = (f'<span><i style="background:var(--{colour})"></i>{escape(name)}</span>' for colour, name in entries)
    return f'<p class="legend">{"".join(spans)}</p>'


def _text(x: float, y: float, text: str, anchor: str, style: str = "") -> str:
    css = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{css}>{escape(text)}</text>'


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    name = escape(title, quote=True)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">{"".join(parts)}</svg>'
