"""The team report as one HTML file that needs nothing else and loads nothing."""

from __future__ import annotations

from datetime import date
from html import escape

from app.cli.team.document import document, paragraphs
from app.cli.team.words import band_name, part_of_day_name, weekday_name
from app.words.language import _
from core.store.export_rows import PARTS_OF_DAY
from core.team.figures import Group, TeamReport


def render_page(report: TeamReport, day: date) -> str:
    """The report as HTML, in the language in use. `day` is when it was made."""
    lead = _("From what at least {people} people chose to share. Made on {day}.").format(
        people=report.people, day=day.isoformat()
    )
    what = _(
        "What part of a person's calls is tense, on average: calls with a minute of which 30 % or more looked tense. Everybody "
        "counts once, however many calls they had. A dot: fewer than ten people had calls then."
    )
    return document(_("When calls are tense in the team"), lead, _table(report, what), _footer())


def _table(report: TeamReport, what: str) -> str:
    days = (*range(1, 8), None)
    names = "".join(f'<th scope="col">{escape(weekday_name(day))}</th>' for day in days)
    rows = [f"<thead><tr><td></td>{names}</tr></thead>"]
    for part in (*PARTS_OF_DAY, None):
        cells = "".join(_cell(report.find(day, part)) for day in days)
        rows.append(f'<tr><th scope="row" class="whole">{escape(part_of_day_name(part))}</th>{cells}</tr>')
    # The box scrolls on a narrow screen, so a keyboard must get to it.
    table = f'<table class="team" aria-describedby="what">{"".join(rows)}</table>'
    return f'<p class="what" id="what">{escape(what)}</p><div class="wide" tabindex="0">{table}</div>'


def _cell(group: Group | None) -> str:
    if group is None:
        return "<td>·</td>"
    return f'<td class="{group.tense_calls.value}">{escape(band_name(group.tense_calls))}</td>'


def _footer() -> str:
    return paragraphs(
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
