"""A session's timeline as SVG: one bar a reading, its height the negativity, its colour the tone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.coach.session import QuestionSummary
from core.coach.tone import Moment, Tone, tones_of

WIDTH, HEIGHT = 1000, 120
COLOURS: Mapping[Tone, str] = {Tone.POSITIVE: "#2e7d4f", Tone.NEUTRAL: "#4a6fa5", Tone.NEGATIVE: "#b4533c"}
BARS = 500
"""At most so many bars are drawn; longer sessions are thinned evenly, so that the report stays small."""


def timeline_bins(moments: Sequence[Moment], count: int) -> list[tuple[Tone | None, float]]:
    """`count` stretches of equal length: the tone of each and the highest negativity in it (0 to 1, 0 where not negative).

    A stretch is negative when any of it is: a short tense moment must not vanish. Without a tone it is None.
    """
    if not moments or count <= 0:
        return []
    first, length = moments[0].at, moments[-1].at - moments[0].at
    bins: list[list[tuple[Tone, float]]] = [[] for _ in range(count)]
    for moment, tone in zip(moments, tones_of(moments), strict=True):
        if tone is not None:
            place = min(count - 1, int((moment.at - first) / length * count)) if length else 0
            bins[place].append((tone, moment.negativity))
    return [_bin(one) for one in bins]


def _bin(read: Sequence[tuple[Tone, float]]) -> tuple[Tone | None, float]:
    if not read:
        return None, 0.0
    negative = [value for tone, value in read if tone is Tone.NEGATIVE]
    if negative:
        return Tone.NEGATIVE, max(negative)
    positive = sum(tone is Tone.POSITIVE for tone, _ in read)
    return (Tone.POSITIVE if positive * 2 > len(read) else Tone.NEUTRAL), 0.0


def timeline_svg(summaries: Sequence[QuestionSummary], label: str) -> str:
    """The timeline of all questions; `label` is what a screen reader says. Question borders are dashed lines."""
    moments = [moment for summary in summaries for moment in summary.moments]
    length = max((summary.ended for summary in summaries), default=0.0) or 1.0
    step = -(-len(moments) // BARS) or 1
    width = WIDTH / max(1, -(-len(moments) // step))
    bars = [
        f'<rect x="{moment.at / length * (WIDTH - width):.1f}" y="{HEIGHT - _height(tone, moment.negativity):.1f}" '
        f'width="{width:.2f}" height="{_height(tone, moment.negativity):.1f}" fill="{COLOURS[tone]}"/>'
        for moment, tone in list(zip(moments, tones_of(moments), strict=True))[::step]
        if tone is not None
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


def _height(tone: Tone, negativity: float) -> float:
    """Bars of a positive or neutral face are low and even; a negative one rises with its probability."""
    return HEIGHT * (0.15 if tone is not Tone.NEGATIVE else 0.15 + 0.85 * min(1.0, negativity))
