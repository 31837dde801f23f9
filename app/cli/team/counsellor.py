"""The page that a counsellor hands over: sums, each call, and the curves that they share. It compares them with nobody."""

from __future__ import annotations

from datetime import date
from html import escape
from statistics import median

from app.cli.team.document import document, paragraphs
from app.cli.team.words import part_of_day_name
from app.words.language import N_, _
from app.words.tension import level_sentence
from core.store.export import SharedPage
from core.store.tables import Row

_SEEN_ENOUGH = 0.6
"""Of a call in which a face was seen less often, its figures say little: the page says so at the call."""

_COLUMNS = (
    ("minutes", N_("minutes")),
    ("tensest_minute", N_("tensest minute (0 to 1)")),
    ("tense_minutes", N_("tense minutes")),
    ("calm_again_minutes", N_("calm again after (minutes)")),
    ("face_seen", N_("face seen")),
)


def render_counsellor(page: SharedPage, day: date) -> str:
    """The page as HTML, in the language in use. `day` is when it was made."""
    lead = _("Drawn and handed over by {pseudonym} on {day}.").format(pseudonym=page.pseudonym, day=day.isoformat())
    sections = (_sums(page), _shared(page), _calls(page), _curves(page))
    footer = paragraphs(
        _(
            "Calmline sees a face, not a feeling. A smile under strain reads as happy; glasses and light change what it reads."
        ),
        _("These figures are no measure of anybody's work, and are not made to compare people."),
        _(
            "In the European Union and the EEA employers may not use this at all (AI Act, art. 5(1)(f)). Elsewhere it "
            "holds what people chose to share, and they may stop at any time."
        ),
    )
    return document(_("Calls that looked tense, and how they calmed again"), lead, "".join(sections), footer)


def _section(heading: str, content: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{content}</section>"


def _numbers(page: SharedPage, column: str) -> list[float]:
    return [float(str(row[column])) for row in page.calls if row[column] is not None]


def _sums(page: SharedPage) -> str:
    known, again = _numbers(page, "tense_minutes"), _numbers(page, "calm_again_minutes")
    sums = (
        (_("calls"), f"{len(page.calls)}"),
        (_("minutes in calls"), f"{sum(_numbers(page, 'minutes')):.0f}"),
        (_("minutes that looked tense"), f"{sum(known):.0f}" if known else "–"),
        (_("calm again after, half of the calls within (minutes)"), f"{median(again):.0f}" if again else "–"),
        (_("calls in which too little was seen to say"), f"{len(page.calls) - len(known)}"),
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="number">{value}</td></tr>' for name, value in sums
    )
    return _section(_("In sum"), f'<table class="sums">{rows}</table>')


def _shared(page: SharedPage) -> str:
    curves = _("One mean level for each minute of a call, where its curve is shared.")
    shared = [_("One line for each call: day, part of the day, whole minutes, tensest minute, recovery.")]
    never = _("Never shared: names, numbers, times of day, the emotions that were read, notes, how a call felt.")
    sure = _(
        "How sure it is: everything here is read from a face in pictures, five times a second, and a single reading is often "
        "wrong. Look at sums of many calls. Where a face was seen in less than {share} % of a call, its figures say little."
    ).format(share=round(_SEEN_ENOUGH * 100))
    return _section(
        _("What is shared, and how sure it is"), paragraphs(*shared, *([curves] if page.curves else []), never, sure)
    )


def _calls(page: SharedPage) -> str:
    names = (_("day"), _("part of the day"), *(_(name) for _column, name in _COLUMNS))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "".join(f"<tr>{_cells(row)}</tr>" for row in page.calls)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return _section(
        _("Each call, in no order of time within a part of a day"), f'<div class="wide" tabindex="0">{table}</div>'
    )


def _cells(row: Row) -> str:
    seen = float(str(row["face_seen"]))
    shown = {column: "–" if row[column] is None else f"{row[column]}" for column, _name in _COLUMNS}
    if (peak := row["tensest_minute"]) is not None:
        shown["tensest_minute"] = f"{float(str(peak)):.2f}"
    shown["face_seen"] = f"{round(seen * 100)} %" + ("" if seen >= _SEEN_ENOUGH else " (" + _("too little") + ")")
    numbers = "".join(f'<td class="number">{escape(text)}</td>' for text in shown.values())
    part = escape(part_of_day_name(str(row["part_of_day"])))
    return f'<th scope="row" class="whole">{row["day"]}</th><td class="whole">{part}</td>{numbers}'


def _curves(page: SharedPage) -> str:
    if not page.curves:
        return ""
    highest = max(1.0, *(abs(level) for minutes in page.curves.values() for _minute, level in minutes))
    what = _("A bar is the mean of one minute. All curves have one scale; a striped bar is below 0.")
    drawn = "".join(
        f"<h3>{escape(_place(page.calls[place]))}</h3>{_curve(minutes, highest)}"
        for place, minutes in page.curves.items()
    )
    return _section(_("Curves"), paragraphs(level_sentence(), what) + drawn)


def _place(row: Row) -> str:
    minutes = _("{minutes} minutes").format(minutes=row["minutes"])
    return f"{row['day']}, {part_of_day_name(str(row['part_of_day']))}, {minutes}"


def _curve(minutes: tuple[tuple[int, float], ...], highest: float) -> str:
    """A bar for each minute, whose number stands in it for whoever does not see it."""
    bars = "".join(
        f'<li style="height:{abs(level) / highest * 100:.1f}%"{" class=below" if level < 0 else ""}>'
        f"<span>{escape(_('minute {minute}: {level}').format(minute=minute, level=f'{level:.2f}'))}</span></li>"
        for minute, level in minutes
    )
    return f'<ol class="curve">{bars}</ol>'
