"""What is said of a call, of a day and of Calmline itself: all of it from tension, none of it from the level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from app.words.figures import level_text, share_text, sparkline
from app.words.language import N_, _, ngettext
from app.words.sentences import length_text
from core.method.agreement import ANSWERS_NEEDED, Felt, agreement
from core.method.summary import CallSummary, PeriodSummary
from core.method.tension import TensionWord, high_threshold
from core.store.records import CallRecord, CallSource

PEAKS_SHOWN = 24
SPARKLINE_TOP = 1000
"""Per mille at the top of the day's small curve: fixed, so that calm days look calm."""

_TENSION_WORDS: Mapping[TensionWord, str] = {
    TensionWord.CALM: N_("calm"),
    TensionWord.STEADY: N_("steady"),
    TensionWord.SETTLING: N_("settling"),
    TensionWord.RISING: N_("rising"),
    TensionWord.HIGH: N_("high"),
}


def tension_word_name(word: TensionWord) -> str:
    """The word for a moment's tension."""
    return _(_TENSION_WORDS[word])


def tension_sentence() -> str:
    """What tension is, where it is seen first."""
    return _("Tension: how much of the last minute looked tense, whatever came before.")


def level_sentence() -> str:
    """What the level is, where it is seen first."""
    return _("Level: a running sum since the call began; tense adds, happy takes away.")


def too_little_seen() -> str:
    """What stands for the tension of a call in which a face was seen too rarely."""
    return _("too little seen")


_FELT: Mapping[Felt, str] = {Felt.EASY: N_("easy"), Felt.SO_SO: N_("so-so"), Felt.HARD: N_("hard")}


def felt_name(felt: Felt) -> str:
    """How a call was, as the person says."""
    return _(_FELT[felt])


def agreement_sentence(answers: Sequence[tuple[Felt, int]]) -> str:
    """How often Calmline agreed with the person's own answers; nothing before the first of them."""
    found, count = agreement(answers), len(answers)
    if not answers:
        return ""
    if found is None and count < ANSWERS_NEEDED:
        return _("Answers so far: {count}. After {needed}, Calmline tells you here how often it agreed.").format(
            count=count, needed=ANSWERS_NEEDED
        )
    if found is None:
        return _("Your answers, or what Calmline read, were always the same: there is nothing to compare.")
    facts = {"count": count, "correlation": found.correlation, "low": found.low, "high": found.high}
    if not found.better_than_chance:
        return _(
            "Over {count} calls Calmline agreed with you no better than chance (rank correlation {correlation:.2f}, {low:.2f} "
            "to {high:.2f}): do not rely on what it says about you."
        ).format(**facts)
    return _(
        "Of two calls, the one that you found harder also looked tenser in {alike:.0%} of cases ({count} calls, rank "
        "correlation {correlation:.2f}, {low:.2f} to {high:.2f})."
    ).format(alike=found.alike, **facts)


def call_tension_parts(summary: CallSummary) -> list[str]:
    """How tense a call looked, in a few words each; nothing where that was never measured."""
    tension = summary.tension
    if tension is None:
        return [] if summary.enough_seen else [too_little_seen()]
    parts = [_("tensest minute {share:.0%}").format(share=tension.peak / 1000)]
    if tension.calm_again_ms is not None:
        parts.append(_("calm again after {time}").format(time=length_text(tension.calm_again_ms / 1000)))
    return parts


def last_call_text(call: CallRecord | None, mark: str = "") -> str:
    """The last call between calls, with a `mark` where it is not of the person; before the first, what tension and level are."""
    if call is None:
        return "\n".join((_("Your first call begins with Space."), "", tension_sentence(), level_sentence()))
    time = _("Last call {time}").format(time=f"{call.started_local:%H:%M}")
    said = (time, length_text(call.summary.duration_ms / 1000), *call_tension_parts(call.summary), mark)
    return (
        "   ".join(filter(None, said))
        + "\n"
        + _("level (running sum) up to {level}").format(level=level_text(call.summary.level_peak))
    )


def looked_hard(call: CallRecord, peaks: Sequence[int]) -> bool:
    """Whether a call of the person's own, the last of those with `peaks`, reached what was their "high" before it."""
    tension = call.summary.tension
    own = call.start.source is CallSource.CAMERA
    return own and tension is not None and bool(peaks) and tension.peak >= high_threshold(peaks[:-1])


NARROW, GAP = 38, "   "
"""Cells of the layout beside a softphone, and what stands between two keys in a line."""


def card_text(*, narrow: bool = False) -> str:
    """What is offered after such a call, with the keys that take it; `narrow`: none of them is broken in `NARROW` cells."""
    text = _(
        "That call looked tenser than is usual for you. A moment for yourself?\n"
        "b breathe for a minute   k take a short break\nx not now   t not today"
    )
    return _packed(text) if narrow else text


def felt_text(*, narrow: bool = False) -> str:
    """The question after every other call, with the keys that answer it; `narrow`: none of them is broken in `NARROW` cells."""
    text = _("How was it for you?   1 easy   2 so-so   3 hard   t not today\nIt is never shared. Or just go on.")
    return _packed(text.replace(GAP, "\n", 1)) if narrow else text


def _packed(text: str) -> str:
    """What stands in one line with gaps between, in as many as there are in `NARROW` cells: none is broken at its end."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append("")
        for part in line.split(GAP):
            longer = f"{lines[-1]}  {part}" if lines[-1] else part
            if cell_len(longer) > NARROW and lines[-1]:
                lines.append(part)
            else:
                lines[-1] = longer
    return "\n".join(lines)


def day_text(day: PeriodSummary, width: int) -> str:
    """The line of a day, `width` cells long at most with its small curve; empty without a call."""
    if not day.calls:
        return ""
    parts = [_("Today"), ngettext("{count} call", "{count} calls", day.calls).format(count=day.calls)]
    if day.peak is None or day.peak_at is None:
        return "   ".join((*parts, too_little_seen()))
    parts += [
        _("tensest minute {share} at {time}").format(share=share_text(day.peak), time=f"{day.peak_at:%H:%M}"),
        _("tense {time}").format(time=length_text(day.tense_ms / 1000)),
    ]
    line = "   ".join((*parts, ""))
    return line + sparkline(day.peaks, SPARKLINE_TOP, max(0, min(PEAKS_SHOWN, width - cell_len(line))))
