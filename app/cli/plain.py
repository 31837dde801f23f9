"""`calmline run --plain`: calls and history line by line, for screen readers and logs. Nothing is ever drawn over."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from app.words.errors import trouble_sentence
from app.words.figures import clock_text, level_text
from app.words.language import _, current_language
from app.words.printable import printable
from app.words.sentences import call_name, gap_sentence
from app.words.spoken import SentenceError
from app.words.tension import call_tension_parts, tension_sentence, tension_word_name
from core.method.level import READINGS_PER_SECOND
from core.method.tension import WINDOW
from core.monitoring.call import NO_FACE_SECONDS
from core.store.records import CallState, Consent

if TYPE_CHECKING:
    from core.candidates.card import Card
    from core.monitoring.headless import HeadlessSample
    from core.store.records import CallRecord
    from core.store.store import Store

YES = ("yes", "y", "예", "네", "ㅇ")
"""What counts as a yes, whatever language the question is in; everything else is a no."""

SECONDS_APART = 10.0
"""Lines of a running call are at least so far apart."""


def say(text: str) -> None:
    """Print one line, or several."""
    for line in text.splitlines() or [""]:
        click.echo(printable(line))
    sys.stdout.flush()


class CallLines:
    """Says a running call: one line when the word changes, and no more than one in ten seconds."""

    def __init__(self, source: str) -> None:
        """Nothing has been said yet; `source` is what is looked at, by its name."""
        self._source = source
        self._call = 0
        self._said = ""
        self._said_at = 0.0
        self._face_at = 0.0

    def __call__(self, sample: HeadlessSample) -> None:
        """Take one reading."""
        now = sample.t_ms / 1000
        if sample.call != self._call:
            self._call, self._said, self._said_at, self._face_at = sample.call, "", now - SECONDS_APART, now
        if sample.face:
            self._face_at = now
        word = self._word(sample, now)
        if word and word != self._said and now - self._said_at >= SECONDS_APART:
            self._said, self._said_at = word, now
            say("   ".join(filter(None, (clock_text(now), word, self._numbers(sample)))))

    def _word(self, sample: HeadlessSample, now: float) -> str:
        if sample.trouble is not None:
            return trouble_sentence(sample.trouble, self._source)
        if now - self._face_at >= NO_FACE_SECONDS:
            return gap_sentence(sample.gap)
        return "" if sample.word is None else tension_word_name(sample.word)

    @staticmethod
    def _numbers(sample: HeadlessSample) -> str:
        if sample.tension is None or not sample.face:
            return ""
        text = _("tense {share} of the last minute") if sample.seen >= WINDOW else _("tense {share} of {seconds} s")
        tense = text.format(share=f"{sample.tension:.0%}", seconds=sample.seen // READINGS_PER_SECOND)
        return f"{tense}   " + _("level {level}").format(level=level_text(round(sample.level * 1000)))


def call_line(call: CallRecord) -> str:
    """A call of the past in one line."""
    marks = [_("interrupted")] if call.state is CallState.INTERRUPTED else []
    return "   ".join((call_name(call), *call_tension_parts(call.summary), *marks))


def say_history(store: Store) -> None:
    """Every call that has ended, the newest first, a line each."""
    calls = [call for call in store.calls() if call.state is not CallState.OPEN]
    for call in reversed(calls):
        say(call_line(call))
    if not calls:
        say(_("No call has been recorded yet."))


def ended_line(call: CallRecord) -> str:
    """A call that has just ended, in one line."""
    number = _("Call {number}").format(number=call.number)
    return "   ".join((number, clock_text(call.summary.duration_ms / 1000), *call_tension_parts(call.summary)))


def _answer_to(question: str) -> str:
    """What is typed after the question, which has a line of its own; nothing where standard input has ended."""
    say(question)
    return sys.stdin.readline().strip()


def ask_for_consent(store: Store) -> Consent:
    """Print what is agreed to, ask, and keep the answer, whatever it is.

    Raises:
        SentenceError: what was typed is no country.
    """
    from app.words.consent_text import consent_text, text_in_use
    from app.words.errors import consent_problem_sentence
    from core.store.consent import ConsentRefused, changed_answer

    say(consent_text(current_language()))
    region = store.counsellor().region or _answer_to(_("Where do you work? Two letters, such as KR or DE:"))
    measure = _answer_to(_("Measure you during your calls? Type yes or no:")).lower() in YES
    try:
        answer = changed_answer(None, store.now(), text_in_use(), measure=measure, region=region.upper())
    except ConsentRefused as refused:
        raise SentenceError(consent_problem_sentence(refused.problem)) from refused
    return store.record_consent(answer)


def say_beginning(store: Store, card: Card) -> None:
    """What is going to happen, and how it ends."""
    calibration = store.latest_calibration()
    if calibration is None or not calibration.tuned:
        say(_("Read by {network}, not tuned to you.").format(network=card.name))
    say(tension_sentence())
    say(_("The call begins. Ctrl+C ends it."))
