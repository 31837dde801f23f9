"""The report of a practice video: one HTML file that needs nothing else and loads nothing."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

import cv2

from app.explaining import region_name
from app.language import _, current_language
from app.practising import INTRODUCTION, advice_sentence, clock, question_title, tone_name
from core.coach.session import QuestionSummary
from core.coach.timeline import COLOURS, timeline_svg
from core.explain.heat import Explanation
from core.explain.overlay import lay_over
from core.explain.regions import BOXES, region_densities
from core.sources.source import Pixels

_STYLE = """
:root{color-scheme:light dark;--ink:#222;--paper:#faf8f4;--line:#d8d2c6}
@media(prefers-color-scheme:dark){:root{--ink:#e8e4dc;--paper:#1d1f22;--line:#3b3e43}}
body{margin:0 auto;max-width:60rem;padding:1.5rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
section{border-top:1px solid var(--line);padding:1rem 0}svg{display:block;width:100%;height:7rem;border-bottom:1px solid}
.shares span{display:inline-block;margin-right:1.2rem}.dot{width:.8em;height:.8em;border-radius:50%}
.moments{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;width:13rem;max-width:100%}
img{width:49%;image-rendering:auto;border-radius:4px}figcaption{font-size:.9rem}
"""

Key = tuple[Pixels, Explanation]
"""A key moment's crop and its explanation."""


def render_report(name: str, summaries: Sequence[QuestionSummary], keys: Mapping[float, Key]) -> str:
    """The report as HTML. `name`: the video's file name; `keys`: crops and explanations by their second."""
    title = html.escape(_("Practice: {name}").format(name=name))
    timeline = timeline_svg(summaries, html.escape(_("How your face was read over time"), quote=True))
    parts = [
        f"<h1>{title}</h1>",
        f"<p>{html.escape(_(INTRODUCTION))}</p>",
        timeline,
        *(_question(summary, keys) for summary in summaries),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
    return (
        f'<!doctype html><html lang="{current_language()}"><head>{head}<style>{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _question(summary: QuestionSummary, keys: Mapping[float, Key]) -> str:
    heading = question_title(summary.number, summary.text)
    shares = "".join(
        f'<span><span class="dot" style="background:{COLOURS[tone]}"></span> {html.escape(tone_name(tone))} '
        f"{share:.0%}</span>"
        for tone, share in summary.shares.items()
    )
    time = f"{clock(summary.began)}-{clock(summary.ended)}"
    figures = "".join(_figure(moment.at, keys[moment.at]) for moment in summary.most_negative if moment.at in keys)
    return (
        f"<section><h2>{html.escape(heading)} <small>{time}</small></h2><p class=shares>{shares}</p>"
        f'<p>{html.escape(advice_sentence(summary))}</p><div class="moments">{figures}</div></section>'
    )


def _figure(at: float, key: Key) -> str:
    crop, explanation = key
    densities = region_densities(explanation.heat)
    region = max(BOXES, key=lambda one: densities[one])
    caption = _("{time}: it looked most at your {region}").format(time=clock(at), region=region_name(region))
    pictures = "".join(
        f'<img alt="" src="data:image/png;base64,{_png(picture)}"> '
        for picture in (crop, lay_over(crop, explanation.heat))
    )
    return f"<figure>{pictures}<figcaption>{html.escape(caption)}</figcaption></figure>"


def _png(picture: Pixels) -> str:
    _done, data = cv2.imencode(".png", picture)
    return base64.b64encode(data.tobytes()).decode("ascii")
