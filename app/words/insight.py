"""What a day, a week and a month tell the person: one sentence each, with what it rests on, and never a judgement."""

from __future__ import annotations

from datetime import date

from app.words.figures import share_text
from app.words.language import N_, _, ngettext
from core.method.insight import CALLS_NEEDED, CELL_NEEDED, Change, Share, tensest_hour
from core.method.summary import PeriodSummary
from core.store.records import CallRecord

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def weekday_name(number: int) -> str:
    """A short name of the weekday, from Monday = 0."""
    return _(_WEEKDAYS[number])


def day_name(day: date) -> str:
    """A day as people read it: "Mon 2026-01-05"."""
    return _("{weekday} {date}").format(weekday=weekday_name(day.weekday()), date=day.isoformat())


def call_caption(call: CallRecord) -> str:
    """What stands under a small curve: when, and how tense the tensest minute looked."""
    tension = call.summary.tension
    return f"{call.started_local:%H:%M}  {'–' if tension is None else share_text(tension.peak)}"


def day_sentence(calls: list[CallRecord], day: PeriodSummary) -> str:
    """The hardest and the calmest call of a day (of two alike, by how long it looked tense), and how soon it was calm again."""
    seen = [(tension.peak, tension.tense_ms, call) for call in calls if (tension := call.summary.tension) is not None]
    if not seen:
        return _("Too little of your face was seen on this day to say anything.")
    (high, _long, hardest), (low, _short, calmest) = (one(seen, key=lambda call: call[:2]) for one in (max, min))
    parts = [_("Tensest {share} at {time}.").format(share=share_text(high), time=_start(hardest))]
    if low < high:
        parts.append(_("Calmest {share} at {time}.").format(share=share_text(low), time=_start(calmest)))
    if day.median_calm_again_ms is not None:
        seconds = round(day.median_calm_again_ms / 1000)
        parts.append(_("It looked calm again after {seconds} s (median).").format(seconds=seconds))
    return " ".join(parts)


def _start(call: CallRecord) -> str:
    return f"{call.started_local:%H:%M}"


def week_sentence(shares: dict[tuple[int, int], Share]) -> str:
    """The hour of the week that looked tensest, against all of them."""
    place, everything = tensest_hour(shares), sum(shares.values(), Share())
    if place is None:
        text = _("No hour with {count} calls or more stands out; all hours together {all:.0%}.")
        return text.format(count=CELL_NEEDED, all=everything.value)
    share = shares[place]
    text = ngettext(
        "{day} {hour:02d}:00 looked tensest: {share:.0%} of the readings, in {count} call; all hours together {all:.0%}.",
        "{day} {hour:02d}:00 looked tensest: {share:.0%} of the readings, in {count} calls; all hours together {all:.0%}.",
        share.calls,
    )
    return text.format(
        day=weekday_name(place[0]), hour=place[1], share=share.value, count=share.calls, all=everything.value
    )


def month_sentence(found: Change | None) -> str:
    """A month against the person's own usual, with how far chance alone may reach."""
    if found is None:
        return _("A month is compared with the three before it from {count} calls on in both.").format(
            count=CALLS_NEEDED
        )
    facts = {
        "now": found.now,
        "usual": found.usual,
        "low": f"{found.low * 100:+.0f}",
        "high": f"{found.high * 100:+.0f}",
    }
    if found.told_from_chance:
        return _(
            "These 30 days {now:.0%} of a call looked tense, usually {usual:.0%}: a change of {low} to {high} points "
            "(95 % interval)."
        ).format(**facts)
    return _(
        "These 30 days {now:.0%} of a call looked tense, usually {usual:.0%}: no more than chance may bring ({low} to "
        "{high} points)."
    ).format(**facts)
