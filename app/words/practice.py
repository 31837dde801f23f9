"""The words and strips for a practice: valences, runs, one sentence of advice a question. Screen and report share them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.text import Text

from app.words.figures import bar, clock_text
from app.words.language import N_, _
from app.words.printable import printable
from app.words.sentences import outcome_name
from core.coach.questions import MAX_QUESTIONS, QuestionListError, QuestionListProblem
from core.coach.session import QuestionSummary, Run
from core.coach.timeline import timeline_bins
from core.coach.valence import Moment, Valence
from core.method.emotion import Emotion
from core.method.gaze import AHEAD_WITHIN, Direction

if TYPE_CHECKING:
    from core.explain.attribution import Attribution

INTRODUCTION = N_(
    "This is yours alone: for practising, never for whoever may hire you. It shows how your face was read, not what you "
    "felt, and it can be wrong. The taller a bar, the tenser you looked."
)

_VALENCES: Mapping[Valence, str] = {
    Valence.POSITIVE: N_("positive"),
    Valence.NEUTRAL: N_("neutral"),
    Valence.NEGATIVE: N_("tense"),
}

VALENCE_COLOURS: Mapping[Valence, str] = {
    Valence.POSITIVE: "emotion-happy",
    Valence.NEUTRAL: "emotion-neutral",
    Valence.NEGATIVE: "emotion-stress",
}
"""The theme's variable for each valence."""

_DIRECTIONS: Mapping[Direction, str] = {
    Direction.AHEAD: N_("ahead"),
    Direction.LEFT: N_("to your left"),
    Direction.RIGHT: N_("to your right"),
    Direction.UP: N_("up"),
    Direction.DOWN: N_("down"),
}

_MARKS: Mapping[Valence, str] = {Valence.POSITIVE: "▔", Valence.NEUTRAL: "▁"}
_NEGATIVE_MARKS = "▃▄▅▆▇█"

_LIST_PROBLEMS: Mapping[QuestionListProblem, str] = {
    QuestionListProblem.UNREADABLE: N_("{name} cannot be read"),
    QuestionListProblem.NO_TEXT: N_("{name} is no text in UTF-8; save it as UTF-8"),
    QuestionListProblem.EMPTY: N_("{name} holds no question"),
    QuestionListProblem.TOO_MANY: N_("{name} holds more than {most} questions"),
}

_NAME_CELLS, _BAR_CELLS = 12, 40

TENSE_FROM = 5.0
"""Seconds of tension at a stretch that a question's sentence mentions."""

OFTEN_TENSE = 0.3
SELDOM_POSITIVE = 0.1
NEARLY_ALWAYS = 0.95


def valence_name(valence: Valence) -> str:
    """What a valence is called: how a face came across, never what somebody felt."""
    return _(_VALENCES[valence])


def question_list_sentence(error: QuestionListError) -> str:
    """Why a question list cannot be used."""
    reason = _(_LIST_PROBLEMS[error.problem]).format(name=error.name, most=MAX_QUESTIONS)
    return _("The question list cannot be used: {reason}.").format(reason=reason)


def question_title(number: int, text: str) -> str:
    """A question's own text, or its number."""
    return text or _("Question {number}").format(number=number)


def run_sentence(run: Run | None) -> str:
    """How the face comes across just now, and since when."""
    if run is None:
        return _("now: nothing sure is read")
    return _("now: {tone}, for {seconds} s").format(tone=valence_name(run.valence), seconds=int(run.seconds))


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
    if summary.shares[Valence.NEGATIVE] > OFTEN_TENSE:
        return _("You looked tense now and then. Look at these moments: often it is only thinking hard.")
    if summary.shares[Valence.POSITIVE] < SELDOM_POSITIVE:
        return _("You looked calm. A short smile when you greet and when you end makes it warmer.")
    return _("You looked at ease here. Keep it like this.")


def looked_sentence(summary: QuestionSummary) -> str:
    """How much of a question somebody looked ahead, and where else; "" where too little is known."""
    if not summary.looked:
        return ""
    ahead = summary.looked[Direction.AHEAD]
    if ahead >= NEARLY_ALWAYS:
        return _("You looked ahead nearly all the time.")
    elsewhere = max(list(Direction)[1:], key=lambda one: summary.looked[one])
    return _("You looked ahead {share} of the time, otherwise mostly {direction}.").format(
        share=f"{ahead:.0%}", direction=_(_DIRECTIONS[elsewhere])
    )


def looked_row(summary: QuestionSummary) -> str:
    """The share of each direction that there was, and what ahead means; "" where too little is known."""
    shares = ", ".join(f"{_(_DIRECTIONS[one])} {share:.0%}" for one, share in summary.looked.items() if share)
    row = _("Where you looked: {shares}. Ahead is within {degrees}° of where you looked most.")
    return row.format(shares=shares, degrees=round(AHEAD_WITHIN)) if shares else ""


def timeline_text(moments: Sequence[Moment], cells: int, colours: Mapping[str, str]) -> Text:
    """A strip of `cells` marks: above the line positive, on it neutral, blocks tense, taller for tenser."""
    strip = Text(no_wrap=True)
    for valence, negativity in timeline_bins(moments, cells):
        if valence is None:
            strip.append(" ")
        elif valence is Valence.NEGATIVE:
            mark = _NEGATIVE_MARKS[min(len(_NEGATIVE_MARKS) - 1, int(negativity * len(_NEGATIVE_MARKS)))]
            strip.append(mark, colours.get(VALENCE_COLOURS[valence], ""))
        else:
            strip.append(_MARKS[valence], colours.get(VALENCE_COLOURS[valence], ""))
    return strip


def timeline_legend() -> str:
    """What the marks of a strip stand for."""
    marks = {**_MARKS, Valence.NEGATIVE: _NEGATIVE_MARKS[2]}
    return "   ".join(f"{marks[valence]} {valence_name(valence)}" for valence in Valence)


def read_name(read: Valence | Emotion) -> str:
    """What a valence or an emotion is called."""
    return valence_name(read) if isinstance(read, Valence) else outcome_name(read)


def share_lines(shares: Mapping[Valence, float] | Mapping[Emotion, float], colours: Mapping[str, str]) -> Text:
    """A bar and a number for each valence, or for each of the four emotions."""
    lines = Text(no_wrap=True)
    for read, share in shares.items():
        name = read_name(read)
        lines.append(name + " " * max(1, _NAME_CELLS - Text(name).cell_len))
        colour = VALENCE_COLOURS[read] if isinstance(read, Valence) else f"emotion-{read.value}"
        lines.append(bar(share, _BAR_CELLS), colours.get(colour, ""))
        lines.append(f" {share:>4.0%}\n")
    lines.rstrip()
    return lines


def time_left_sentence(answering: float, seconds: int) -> str:
    """How much of the `seconds` for an answer is left."""
    left = seconds - answering
    if left <= 0:
        return _("time is up: n goes on")
    return _("{left} left for this answer").format(left=clock_text(math.ceil(left)))


def summary_line(summary: QuestionSummary, *, emotions: bool = False) -> str:
    """One question in a list: its number, its time, its shares of the three valences or of the four emotions."""
    read: Mapping[Valence, float] | Mapping[Emotion, float] = summary.emotion_shares if emotions else summary.shares
    shares = "  ".join(f"{read_name(one)} {share:>4.0%}" for one, share in read.items())
    times = f"{clock_text(summary.began)}-{clock_text(summary.ended)}"
    return f"{summary.number:>2}  {times:<11}  {shares}"


def about_question(
    summary: QuestionSummary,
    attributions: Sequence[tuple[Moment, Attribution | None]],
    cells: int,
    colours: Mapping[str, str],
    clearest: Mapping[Valence, Attribution | None] = MappingProxyType({}),
) -> Text:
    """A question's title, its strip of at most `cells`, its sentence, and its tensest moments with where was looked.

    `clearest` gives where was looked in the clearest moment of the other valences.
    """
    about = Text.assemble((printable(question_title(summary.number, summary.text)), "bold"), "\n")
    about.append_text(timeline_text(summary.moments, max(10, min(cells, len(summary.moments))), colours))
    about.append("\n" + timeline_legend() + "\n\n", colours.get("quiet", ""))
    about.append(" ".join(filter(None, (advice_sentence(summary), looked_sentence(summary)))))
    for moment, attribution in attributions:
        about.append("\n" + moment_line(moment, attribution))
    for valence, attribution in clearest.items():
        if attribution is not None and any(attribution.shares.values()):
            text = _("{time}  clearest {tone}; where it looked: {shares}")
            time = clock_text(summary.clearest[valence].at)
            about.append("\n" + text.format(time=time, tone=valence_name(valence), shares=_looked(attribution)))
    return about


def moment_line(moment: Moment, attribution: Attribution | None) -> str:
    """A tense moment, and the regions in the order in which the network looked at them."""
    if attribution is None or not any(attribution.shares.values()):
        return _("{time}  tensest here").format(time=clock_text(moment.at))
    return _("{time}  tensest here; where it looked: {shares}").format(
        time=clock_text(moment.at), shares=_looked(attribution)
    )


def _looked(attribution: Attribution) -> str:
    from app.words.explanation import region_name
    from core.explain.regions import BOXES, densities_of

    densities = densities_of(attribution.shares)
    regions = sorted(BOXES, key=lambda region: -densities[region])
    return ", ".join(f"{region_name(region)} {attribution.shares[region]:.0%}" for region in regions)
