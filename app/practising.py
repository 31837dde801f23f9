"""The words and strips for a practice: tones, runs, one sentence of advice a question. Screen and report share them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from app.language import N_, _
from core.coach.session import QuestionSummary, Run
from core.coach.timeline import timeline_bins
from core.coach.tone import Moment, Tone

INTRODUCTION = N_(
    "This is yours alone: for practising, never for whoever may hire you. It shows how your face was read, not what you "
    "felt, and it can be wrong. The taller a bar, the tenser you looked."
)

_TONES: Mapping[Tone, str] = {
    Tone.POSITIVE: N_("positive"),
    Tone.NEUTRAL: N_("neutral"),
    Tone.NEGATIVE: N_("tense"),
}

TONE_COLOURS: Mapping[Tone, str] = {
    Tone.POSITIVE: "emotion-happy",
    Tone.NEUTRAL: "emotion-neutral",
    Tone.NEGATIVE: "emotion-stress",
}
"""The theme's variable for each tone."""

_MARKS: Mapping[Tone, str] = {Tone.POSITIVE: "▔", Tone.NEUTRAL: "▁"}
_NEGATIVE_MARKS = "▃▄▅▆▇█"

TENSE_FROM = 5.0
"""Seconds of tension at a stretch that a question's sentence mentions."""

OFTEN_TENSE = 0.3
SELDOM_POSITIVE = 0.1


def tone_name(tone: Tone) -> str:
    """What a tone is called: how a face came across, never what somebody felt."""
    return _(_TONES[tone])


def question_title(number: int, text: str) -> str:
    """A question's own text, or its number."""
    return text or _("Question {number}").format(number=number)


def clock(seconds: float) -> str:
    """Minutes and seconds: 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def run_sentence(run: Run | None) -> str:
    """How the face comes across just now, and since when."""
    if run is None:
        return _("now: nothing sure is read")
    return _("now: {tone}, for {seconds} s").format(tone=tone_name(run.tone), seconds=int(run.seconds))


def tension_sentence(run: Run | None) -> str:
    """What to say after a long tense run; "" before."""
    if run is None or not run.is_long_tension:
        return ""
    return _("You have looked tense for {seconds} s. Let your breath go out slowly.").format(seconds=int(run.seconds))


def advice_sentence(summary: QuestionSummary) -> str:
    """One sentence for a question: what stood out and what to try."""
    if not any(summary.shares.values()):
        return _("No face was read here. Sit facing the camera, with light on your face.")
    if summary.longest_tension >= TENSE_FROM:
        return _(
            "You looked tense for {seconds} s at a stretch. Try a breath before you answer, and let your brows and jaw go loose."
        ).format(seconds=round(summary.longest_tension))
    if summary.shares[Tone.NEGATIVE] > OFTEN_TENSE:
        return _("You looked tense now and then. Look at these moments: often it is only thinking hard.")
    if summary.shares[Tone.POSITIVE] < SELDOM_POSITIVE:
        return _("You looked calm. A short smile when you greet and when you end makes it warmer.")
    return _("You looked at ease here. Keep it like this.")


def timeline_text(moments: Sequence[Moment], cells: int, colours: Mapping[str, str]) -> Text:
    """A strip of `cells` marks: above the line positive, on it neutral, blocks tense, taller for tenser."""
    strip = Text(no_wrap=True)
    for tone, negativity in timeline_bins(moments, cells):
        if tone is None:
            strip.append(" ")
        elif tone is Tone.NEGATIVE:
            mark = _NEGATIVE_MARKS[min(len(_NEGATIVE_MARKS) - 1, int(negativity * len(_NEGATIVE_MARKS)))]
            strip.append(mark, colours.get(TONE_COLOURS[tone], ""))
        else:
            strip.append(_MARKS[tone], colours.get(TONE_COLOURS[tone], ""))
    return strip


def timeline_legend() -> str:
    """What the marks of a strip stand for."""
    marks = {**_MARKS, Tone.NEGATIVE: _NEGATIVE_MARKS[2]}
    return "   ".join(f"{marks[tone]} {tone_name(tone)}" for tone in Tone)
