"""The team report as one HTML file that needs nothing else and loads nothing."""

from __future__ import annotations

from datetime import date
from html import escape

from app.cli.team.words import band_name, part_of_day_name, weekday_name
from app.words.language import _, current_language
from core.store.export_rows import PARTS_OF_DAY
from core.team import Group, TeamReport

_STYLE = """
:root{color-scheme:light dark;--ink:#2a2b2e;--quiet:#6a665e;--paper:#faf8f4;--line:#ddd7cb;
--few:#dfe9e3;--some:#efdfb4;--most:#e3aea6}
@media(prefers-color-scheme:dark){:root{--ink:#e8e4dc;--quiet:#a39e94;--paper:#1d1f22;--line:#3b3e43;
--few:#2c3d36;--some:#54481f;--most:#6b332c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:52rem;padding:1.5rem 1rem 3rem;font:1rem/1.55 system-ui,"Noto Sans KR","Malgun Gothic",sans-serif;
color:var(--ink);background:var(--paper);word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:1.6rem;font-weight:600;margin:.5rem 0 0}h2{font-size:1.05rem;font-weight:600;margin:1.8rem 0 .2rem}
.lead,.what{color:var(--quiet);margin:.2rem 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}th{font-weight:500;color:var(--quiet);text-align:left}
th,td{border:1px solid var(--line);padding:.35rem .5rem}
.few{background:var(--few)}.some{background:var(--some)}.most{background:var(--most)}
footer{border-top:1px solid var(--line);margin-top:2.5rem;padding-top:1rem;font-size:.92rem}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself is told to load nothing."""


def render_page(report: TeamReport, day: date) -> str:
    """The report as HTML, in the language in use. `day` is when it was made."""
    title = escape(_("When calls are tense in the team"))
    lead = _("From what at least {people} people chose to share. Made on {day}.").format(
        people=report.people, day=day.isoformat()
    )
    what = _(
        "What part of a person's calls is tense, on average: calls with a minute of which 30 % or more looked tense. Everybody "
        "counts once, however many calls they had. A dot: fewer than ten people had calls then."
    )
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{title}</title>'
    )
    return (
        f'<!doctype html>\n<html lang="{current_language()}"><head>{head}<style>{_STYLE}</style></head>\n'
        f'<body><h1>{title}</h1><p class="lead">{escape(lead)}</p>\n<p class="what">{escape(what)}</p>{_table(report)}\n'
        f"<footer>{_footer()}</footer></body></html>\n"
    )


def _table(report: TeamReport) -> str:
    days = (*range(1, 8), None)
    rows = ["<tr><th></th>" + "".join(f"<th>{escape(weekday_name(day))}</th>" for day in days) + "</tr>"]
    for part in (*PARTS_OF_DAY, None):
        cells = "".join(_cell(report.find(day, part)) for day in days)
        rows.append(f"<tr><th>{escape(part_of_day_name(part))}</th>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _cell(group: Group | None) -> str:
    if group is None:
        return "<td>·</td>"
    return f'<td class="{group.tense_calls.value}">{escape(band_name(group.tense_calls))}</td>'


def _footer() -> str:
    sentences = (
        _("Calmline sees faces, not feelings. This says something about hours and days, and nothing about a person."),
        _(
            "The page protects people from its readers: it has no names, no pseudonyms and no percentages, only thirds, and "
            "only of ten people and more. It does not protect anybody from whoever made it: they have everybody's own file, "
            "and one who merges them several times, with and without somebody, may learn something of them. Nor is a reader "
            "kept from guessing where one person's calls are unlike all others'."
        ),
        _(
            "Ten people are few: with ten others of the same team about one band in five would be another. From forty on "
            "it is about one in ten; read single cells only then."
        ),
        _(
            "In the European Union and the EEA employers may not use this at all (AI Act, art. 5(1)(f)). Elsewhere it "
            "holds what people chose to share, and they may stop at any time."
        ),
    )
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
