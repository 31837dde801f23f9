"""The team report as one HTML file that needs nothing else and loads nothing."""

from __future__ import annotations

from datetime import date
from html import escape

from app.cli.team.plots import BarRow, heat_map, legend, stacked_bars
from app.cli.team.words import category_name, figure_name, hour_name, weekday_name
from app.words.language import _, current_language
from core.team import Category, Figure, Group, TeamReport
from core.team.figures import CATEGORIES

_STYLE = """
:root{color-scheme:light dark;--ink:#2a2b2e;--quiet:#6a665e;--paper:#faf8f4;--line:#ddd7cb;--track:#eeeae1;
--calm:#8fb5a4;--between:#dcc27d;--tense:#cf8076;--one:#7fa3b5;--two:#a9c2cc}
@media(prefers-color-scheme:dark){:root{--ink:#e8e4dc;--quiet:#a39e94;--paper:#1d1f22;--line:#3b3e43;--track:#2b2e32;
--calm:#5f8a78;--between:#9c8340;--tense:#a4554d;--one:#54798b;--two:#3f5a67}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem 1rem 3rem;font:1rem/1.55 system-ui,"Noto Sans KR","Malgun Gothic",sans-serif;
color:var(--ink);background:var(--paper);word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:1.6rem;font-weight:600;margin:.5rem 0 0}h2{font-size:1.05rem;font-weight:600;margin:0 0 .2rem}
.lead{color:var(--quiet);margin:.2rem 0 1.5rem}.what{color:var(--quiet);font-size:.9rem;margin:0 0 .8rem}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:2rem 2.5rem;align-items:start}
div section+section{margin-top:2rem}section{border-top:1px solid var(--line);padding-top:1rem;min-width:0}
svg{display:block;width:100%;max-width:34rem;height:auto}svg text{font-size:12px;fill:var(--ink)}svg .quiet{fill:var(--quiet)}
.legend{font-size:.85rem;color:var(--quiet);margin:.4rem 0 0}.legend span{margin-right:1rem;white-space:nowrap}
.legend i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em}
footer{border-top:1px solid var(--line);margin-top:2.5rem;padding-top:1rem;font-size:.92rem;max-width:46rem}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself is told to load nothing."""

_COLOURS = ("calm", "between", "tense")


def render_page(report: TeamReport, day: date) -> str:
    """The report as HTML, in the language in use. `day` is when it was made."""
    title = escape(_("How calls go in the team"))
    lead = _("From what at least {people} people chose to share. Made on {day}.").format(
        people=report.people, day=day.isoformat()
    )
    last = f"<div>{_recovery(report)}{_calls(report)}</div>"
    sections = (_hard_hours(report), _over_the_day(report), _over_the_week(report), last)
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{title}</title>'
    )
    return (
        f'<!doctype html>\n<html lang="{current_language()}"><head>{head}<style>{_STYLE}</style></head>\n'
        f'<body><h1>{title}</h1><p class="lead">{escape(lead)}</p>\n<main>{"".join(sections)}</main>\n'
        f"<footer>{_footer()}</footer></body></html>\n"
    )


def _section(heading: str, what: str, plot: str, below: str = "") -> str:
    return f'<section><h2>{escape(heading)}</h2><p class="what">{escape(what)}</p>{plot}{below}</section>\n'


def _hard_hours(report: TeamReport) -> str:
    rows = [
        (hour_name(hour), [_tense(report.find(Figure.TENSION, weekday, hour)) for weekday in range(1, 8)])
        for hour in report.hours
    ]
    heading = _("When calls are hard")
    what = _("Share of calls with a tense minute (30 % of it or more looked tense), by hour and weekday.")
    plot = heat_map(heading, [weekday_name(weekday) for weekday in range(1, 8)], rows)
    return _section(heading, what, plot, f'<p class="legend">{escape(_too_few_mark())}</p>')


def _tense(group: Group | None) -> float | None:
    return None if group is None else group.share(Category.TENSE)


def _too_few_mark() -> str:
    return _("·  fewer than five people had calls then, so nothing is shown")


def _over_the_day(report: TeamReport) -> str:
    rows = [_row(hour_name(hour), report.find(Figure.TENSION, None, hour)) for hour in report.hours]
    return _tensions(_("Over the day"), rows)


def _over_the_week(report: TeamReport) -> str:
    rows = [_row(weekday_name(day), report.find(Figure.TENSION, day)) for day in range(1, 8)]
    everybody = _row(_("all"), report.find(Figure.TENSION))
    return _tensions(_("Over the week"), [*rows, everybody])


def _tensions(heading: str, rows: list[BarRow]) -> str:
    what = _(
        "Calls by their tensest minute: calm (up to 10 % of it looked tense), between, tense (30 % or more). At the end: "
        "the share of tense ones."
    )
    names = [(colour, category_name(part)) for colour, part in zip(_COLOURS, CATEGORIES[Figure.TENSION], strict=True)]
    return _section(heading, what, stacked_bars(heading, rows, _COLOURS), legend(names))


def _row(label: str, group: Group | None) -> BarRow:
    if group is None:
        return BarRow(label, None, "·")
    parts = tuple(group.share(category) for category in CATEGORIES[Figure.TENSION])
    return BarRow(label, parts, f"{parts[-1]:.0%}")


def _recovery(report: TeamReport) -> str:
    what = _("Tense calls are those with a minute of which 30 % or more looked tense; calm is 10 % or less.")
    return _one_group(report, Figure.RECOVERY, what, "one")


def _calls(report: TeamReport) -> str:
    what = _("On how many of their days people had so many calls.")
    return _one_group(report, Figure.CALLS_A_DAY, what, "two")


def _one_group(report: TeamReport, figure: Figure, what: str, colour: str) -> str:
    heading = figure_name(figure)
    group = report.find(figure)
    if group is None:
        return _section(heading, what, f"<p>{escape(_('Fewer than five people had any, so nothing is shown.'))}</p>")
    rows = [
        BarRow(category_name(category), (group.share(category),), f"{group.share(category):.0%}")
        for category in CATEGORIES[figure]
    ]
    return _section(heading, what, stacked_bars(heading, rows, (colour,), label_width=124))


def _footer() -> str:
    sentences = (
        _("Everybody counts once, however many calls they had: their calls are turned into shares first."),
        _(
            "All numbers are counted in fives of people and rounded down, and groups under five are left out. So the "
            "parts do not add up to 100 %, and nobody can be found by subtracting one number, or one report, from another."
        ),
        _("Calmline sees faces, not feelings. This says something about hours and days, and nothing about a person."),
        _(
            "In the European Union and the EEA employers may not use this at all (AI Act, art. 5(1)(f)). Elsewhere it "
            "holds what people chose to share, and they may stop at any time."
        ),
    )
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
