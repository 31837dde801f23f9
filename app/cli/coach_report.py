"""The report of a practice video: one HTML file that needs nothing else and loads nothing."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from app.words.explanation import region_name
from app.words.figures import clock_text
from app.words.language import _, current_language
from app.words.practice import INTRODUCTION, advice_sentence, looked_row, looked_sentence, question_title, valence_name
from core.coach.session import QuestionSummary
from core.coach.timeline import COLOURS, timeline_svg
from core.coach.valence import Valence
from core.explain.overlay import colour_saliency, lay_over
from core.explain.regions import BOXES, region_densities
from core.explain.saliency import Explanation
from core.sources.source import Pixels

_STYLE = """
:root{color-scheme:light dark;--ink:#262b2a;--soft:#5c6462;--paper:#f6f5f1;--line:#cfcdc4}
@media(prefers-color-scheme:dark){:root{--ink:#d9dedc;--soft:#949d9c;--paper:#16191b;--line:#343b3e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin:.5rem 0}h1,h2{overflow-wrap:anywhere}
small,.quiet,figcaption{color:var(--soft);font-size:.875rem;font-weight:400}
section{border-top:1px solid var(--line);padding:1rem 0}
svg{display:block;width:100%;height:7rem;border-bottom:1px solid var(--line)}
.axis{display:flex;justify-content:space-between;margin:0 0 1.5rem}
.shares span{margin-right:1.2rem;white-space:nowrap}
.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin:0 .3em 0 0!important}
.moments{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(16rem,100%),1fr));gap:1.25rem}
figure{margin:0}.pair{display:grid;grid-template-columns:1fr 1fr;gap:.5rem}img{width:100%;border-radius:6px}
.ramp{display:inline-block;width:6rem;height:.6rem;border-radius:3px;margin:0 .5rem}
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
        f"<p class=shares>{_valences(None)}</p>",
        timeline,
        _axis(summaries),
        *(_question(summary, keys) for summary in summaries),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
    return (
        f'<!doctype html><html lang="{current_language()}"><head>{head}<style>{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _question(summary: QuestionSummary, keys: Mapping[float, Key]) -> str:
    heading = question_title(summary.number, summary.text)
    time = f"{clock_text(summary.began)}-{clock_text(summary.ended)}"
    tensest = "".join(_figure(one.at, keys[one.at]) for one in summary.most_negative if one.at in keys)
    clearest = "".join(
        _figure(one.at, keys[one.at], valence) for valence, one in summary.clearest.items() if one.at in keys
    )
    moments = _moments(tensest, _("Your tensest moments, and where the network looked in them:"))
    moments += _moments(clearest, _("The clearest moment of each, and where the network looked in it:"))
    return (
        f"<section><h2>{html.escape(heading)} <small>{time}</small></h2><p class=shares>{_valences(summary.shares)}</p>"
        f"<p>{html.escape(advice_sentence(summary))} {html.escape(looked_sentence(summary))}</p>"
        f"<p class=quiet>{html.escape(looked_row(summary))}</p>{moments}</section>"
    )


def _valences(shares: Mapping[Valence, float] | None) -> str:
    """The colours' meaning, with each valence's share where there are shares."""
    return "".join(
        f'<span><span class="dot" style="background:{COLOURS[valence]}"></span>{html.escape(valence_name(valence))}'
        f"{'' if shares is None else f' {shares[valence]:.0%}'}</span>"
        for valence in Valence
    )


def _axis(summaries: Sequence[QuestionSummary]) -> str:
    """The times at both ends of the timeline, and what the dashed lines are where there are any."""
    end = clock_text(max((summary.ended for summary in summaries), default=0.0))
    marks = html.escape(_("dashed: the next question")) if len(summaries) > 1 else ""
    return f'<p class="axis quiet"><span>0:00</span><span>{marks}</span><span>{end}</span></p>'


def _moments(figures: str, words: str) -> str:
    """Moments under their words, with a legend of the saliency map's colours."""
    if not figures:
        return ""
    colours = ",".join(f"rgb({red},{green},{blue})" for blue, green, red in colour_saliency(_RAMP)[0].tolist())
    ramp = f'<span class="ramp" style="background:linear-gradient(90deg,{colours})"></span>'
    text = html.escape(words)
    little, most = html.escape(_("little")), html.escape(_("most"))
    return f'<p class=quiet>{text} {little}{ramp}{most}</p><div class="moments">{figures}</div>'


_RAMP = np.linspace(0, 1, 6, dtype=np.float32)[None]
"""The heats whose colours the legend shows."""


def _figure(at: float, key: Key, valence: Valence | None = None) -> str:
    crop, explanation = key
    densities = region_densities(explanation.saliency)
    region = max(BOXES, key=lambda one: densities[one])
    where = {"time": clock_text(at), "region": region_name(region)}
    caption = _("{time}: it looked most at your {region}").format(**where)
    if valence is not None:
        caption = _("{time}, {tone}: it looked most at your {region}").format(**where, tone=valence_name(valence))
    words = (_("your face"), _("where the network looked"))
    pictures = "".join(
        f'<img alt="{html.escape(word, quote=True)}" src="data:image/png;base64,{_png(picture)}">'
        for word, picture in zip(words, (crop, lay_over(crop, explanation.saliency)), strict=True)
    )
    return f'<figure><div class="pair">{pictures}</div><figcaption>{html.escape(caption)}</figcaption></figure>'


def _png(picture: Pixels) -> str:
    _done, data = cv2.imencode(".png", picture)
    return base64.b64encode(data.tobytes()).decode("ascii")
