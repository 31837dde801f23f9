"""A session's timeline as SVG: one bar a reading, its height the negativity, its colour the valence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.coach.session import QuestionSummary
from core.coach.valence import Moment, Valence, valences_of

WIDTH, HEIGHT = 1000, 120
COLOURS: Mapping[Valence, str] = {Valence.POSITIVE: "#2e7d4f", Valence.NEUTRAL: "#4a6fa5", Valence.NEGATIVE: "#b4533c"}
BARS = 500
"""At most so many bars are drawn; longer sessions are thinned evenly, so that the report stays small."""


def timeline_bins(moments: Sequence[Moment], count: int) -> list[tuple[Valence | None, float]]:
    """`count` stretches of equal length: the valence of each and the highest negativity in it (0 to 1, 0 where not negative).

    A stretch is negative when any of it is: a short tense moment must not vanish. Without a valence it is None.
    """
    if not moments or count <= 0:
        return []
    first, length = moments[0].at, moments[-1].at - moments[0].at
    bins: list[list[tuple[Valence, float]]] = [[] for _ in range(count)]
    for moment, valence in zip(moments, valences_of(moments), strict=True):
        if valence is not None:
            place = min(count - 1, int((moment.at - first) / length * count)) if length else 0
            bins[place].append((valence, moment.negativity))
    return [_bin(one) for one in bins]


def _bin(read: Sequence[tuple[Valence, float]]) -> tuple[Valence | None, float]:
    if not read:
        return None, 0.0
    negative = [value for valence, value in read if valence is Valence.NEGATIVE]
    if negative:
        return Valence.NEGATIVE, max(negative)
    positive = sum(valence is Valence.POSITIVE for valence, _ in read)
    return (Valence.POSITIVE if positive * 2 > len(read) else Valence.NEUTRAL), 0.0


def timeline_svg(summaries: Sequence[QuestionSummary], label: str) -> str:
    """The timeline of all questions; `label` is what a screen reader says. Question borders are dashed lines."""
    moments = [moment for summary in summaries for moment in summary.moments]
    length = max((summary.ended for summary in summaries), default=0.0) or 1.0
    step = -(-len(moments) // BARS) or 1
    width = WIDTH / max(1, -(-len(moments) // step))
    bars = [
        f'<rect x="{moment.at / length * (WIDTH - width):.1f}" y="{HEIGHT - _height(valence, moment.negativity):.1f}" '
        f'width="{width:.2f}" height="{_height(valence, moment.negativity):.1f}" fill="{COLOURS[valence]}"/>'
        for moment, valence in list(zip(moments, valences_of(moments), strict=True))[::step]
        if valence is not None
    ]
    borders = [
        f'<line x1="{one.began / length * WIDTH:.1f}" x2="{one.began / length * WIDTH:.1f}" y1="0" y2="{HEIGHT}" '
        'stroke="currentColor" stroke-dasharray="4 4"/>'
        for one in summaries[1:]
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        + "".join(bars + borders)
        + "</svg>"
    )


def _height(valence: Valence, negativity: float) -> float:
    """Bars of a positive or neutral face are low and even; a negative one rises with its probability."""
    return HEIGHT * (0.15 if valence is not Valence.NEGATIVE else 0.15 + 0.85 * min(1.0, negativity))
