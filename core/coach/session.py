"""A practice session: what was read so far, by question. No screen, no clock, no picture; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from core.coach.valence import RESOLVES_WITHIN, Moment, Valence, seconds_between, valences_of
from core.method.emotion import EMOTIONS, Emotion, Outcome
from core.method.gaze import Direction, Gaze

Read = TypeVar("Read", Valence, Emotion)

TENSE_AFTER = 20.0
"""Seconds of an unbroken negative run after which the person is told (issue 12)."""

BRIDGE = 1.0
"""A gap or unsure readings for at most so many seconds do not break a run."""

WORST_MOMENTS = 3
APART = 3.0
"""The most negative moments of a question are at least so many seconds apart."""

FEWEST_GAZES = 25
"""Fewer readings of where somebody looks, 5 s, tell nothing of an answer or of what is usual for them."""


@dataclass(frozen=True, slots=True)
class Run:
    """An unbroken stretch of one valence: its valence, when it began, and how long it has lasted, in seconds."""

    valence: Valence
    since: float
    seconds: float

    @property
    def is_long_tension(self) -> bool:
        """Whether it is time to say "you have looked tense for a while"."""
        return self.valence is Valence.NEGATIVE and self.seconds >= TENSE_AFTER


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """One question: its number from 1, its text ("" where there is no list), its time, its shares and worst moments.

    `shares` are of the moments that have a valence, together 1, or all 0 without any. `longest_tension` in seconds;
    `clearest` is the surest moment of each valence that there was. `looked` has the share of each direction, together 1, seen
    from where the person looked mostly in the whole session; it is empty where too little is known.
    """

    number: int
    text: str
    began: float
    ended: float
    moments: tuple[Moment, ...]
    shares: Mapping[Valence, float]
    longest_tension: float
    most_negative: tuple[Moment, ...]
    clearest: Mapping[Valence, Moment]
    looked: Mapping[Direction, float]

    @property
    def emotion_shares(self) -> dict[Emotion, float]:
        """The share of each of the four emotions among the sure readings."""
        return emotion_shares(self.moments)


class Session:
    """Takes moments in the order of time and question marks; tells where things stand."""

    def __init__(self, questions: Sequence[str] = ()) -> None:
        """Begins with the first question; `questions` may be empty or shorter than what is asked."""
        self._questions = tuple(questions)
        self._moments: list[Moment] = []
        self._begins = [0.0]
        self._settled = 0
        self._counts = dict.fromkeys(Valence, 0)
        self._emotions: Counter[Emotion] = Counter()
        self._run: Run | None = None

    @property
    def question_number(self) -> int:
        """The number of the question that is being answered, from 1."""
        return len(self._begins)

    @property
    def question(self) -> str:
        """Its text; "" where the list has no more."""
        return self._text(self.question_number)

    def add(self, moment: Moment) -> None:
        """Take the next reading.

        Raises:
            ValueError: it is older than the one before or than the question.
        """
        if moment.at < max(self._begins[-1], self._moments[-1].at if self._moments else 0.0):
            raise ValueError("moments must come in the order of time")
        self._moments.append(moment)
        if moment.outcome.emotion is not None:
            self._emotions[moment.outcome.emotion] += 1
        self._settle(moment.at)

    def next_question(self, at: float) -> None:
        """The next question begins `at` seconds.

        Raises:
            ValueError: that is before something that happened already.
        """
        if at < max(self._begins[-1], self._moments[-1].at if self._moments else 0.0):
            raise ValueError("a question cannot begin in the past")
        self._begins.append(at)

    @property
    def has_moments(self) -> bool:
        """Whether anything was read yet."""
        return bool(self._moments)

    def recent(self, count: int) -> tuple[Moment, ...]:
        """The last `count` moments of the question that is being answered."""
        newest = self._moments[len(self._moments) - min(count, len(self._moments)) :]
        return tuple(moment for moment in newest if moment.at >= self._begins[-1])

    @property
    def shares(self) -> dict[Valence, float]:
        """The share of each valence so far, over the whole session."""
        tail = valences_of(self._moments[self._settled :])
        return _shares({valence: count + tail.count(valence) for valence, count in self._counts.items()})

    @property
    def emotion_shares(self) -> dict[Emotion, float]:
        """The share of each of the four emotions so far, over the whole session."""
        return _shares({emotion: self._emotions[emotion] for emotion in EMOTIONS})

    @property
    def question_began(self) -> float:
        """When the question that is being answered began, in seconds."""
        return self._begins[-1]

    @property
    def current_run(self) -> Run | None:
        """The run that lasts now; None before anything was read, or when it broke off."""
        run, tail = self._run, self._moments[self._settled :]
        for moment, valence in zip(tail, valences_of(tail), strict=True):
            run = _extended(run, moment, valence)
        if run is None or seconds_between(run.since + run.seconds, self._moments[-1].at) > BRIDGE:
            return None
        return run

    def _settle(self, now: float) -> None:
        """Count the moments whose valence no later one can change, so that a long session costs no more than a short one."""
        tail = self._moments[self._settled :]
        for moment, valence in zip(tail, valences_of(tail), strict=True):
            if seconds_between(moment.at, now) <= RESOLVES_WITHIN:
                return
            self._settled += 1
            self._run = _extended(self._run, moment, valence)
            if valence is not None:
                self._counts[valence] += 1

    def summaries(self) -> list[QuestionSummary]:
        """One for each question so far, in their order."""
        end = max(self._begins[-1], self._moments[-1].at if self._moments else 0.0)
        ends = [*self._begins[1:], end]
        usual = usual_gaze(self._moments)
        return [
            self._summary(number, begin, ends[number - 1], usual) for number, begin in enumerate(self._begins, start=1)
        ]

    def _summary(self, number: int, begin: float, end: float, usual: Gaze | None) -> QuestionSummary:
        last = number == len(self._begins)
        own = tuple(one for one in self._moments if begin <= one.at and (last or one.at < end))
        tension = [run.seconds for run in find_runs(own) if run.valence is Valence.NEGATIVE]
        return QuestionSummary(
            number,
            self._text(number),
            begin,
            end,
            own,
            valence_shares(own),
            max(tension, default=0.0),
            most_negative(own),
            clearest(own),
            looked_shares(own, usual),
        )

    def _text(self, number: int) -> str:
        return self._questions[number - 1] if number <= len(self._questions) else ""


def valence_shares(moments: Sequence[Moment]) -> dict[Valence, float]:
    """The share of each valence among the moments that have one: together 1, or all 0 without any."""
    valences = valences_of(moments)
    return _shares({valence: valences.count(valence) for valence in Valence})


def emotion_shares(moments: Iterable[Moment]) -> dict[Emotion, float]:
    """The share of each of the four emotions among the moments with one: together 1, or all 0 without any."""
    counts = Counter(moment.outcome.emotion for moment in moments)
    return _shares({emotion: counts[emotion] for emotion in EMOTIONS})


def usual_gaze(moments: Sequence[Moment]) -> Gaze | None:
    """Where somebody looked mostly: the median; None with too few readings."""
    gazes = [moment.gaze for moment in moments if moment.gaze is not None]
    if len(gazes) < FEWEST_GAZES:
        return None
    return Gaze(median(one.across for one in gazes), median(one.down for one in gazes))


def looked_shares(moments: Sequence[Moment], usual: Gaze | None) -> dict[Direction, float]:
    """The share of each direction, together 1; empty with too few readings."""
    counts = Counter(moment.gaze.direction(usual) for moment in moments if usual and moment.gaze)
    total = counts.total()
    return {one: counts[one] / total for one in Direction} if total >= FEWEST_GAZES else {}


def clearest(moments: Sequence[Moment]) -> dict[Valence, Moment]:
    """The moment of each valence that was read most surely; the first of several."""
    found: dict[Valence, Moment] = {}
    for moment, valence in zip(moments, valences_of(moments), strict=True):
        if valence is not None and (
            valence not in found or moment.clearness(valence) > found[valence].clearness(valence)
        ):
            found[valence] = moment
    return found


def _shares(counts: Mapping[Read, int]) -> dict[Read, float]:
    """Each count's part of all of them; 0 where there is none."""
    total = sum(counts.values())
    return {read: count / total if total else 0.0 for read, count in counts.items()}


def find_runs(moments: Sequence[Moment]) -> list[Run]:
    """The unbroken stretches of one valence; up to a second without a valence is bridged."""
    runs: list[Run] = []
    last: Run | None = None
    for moment, valence in zip(moments, valences_of(moments), strict=True):
        run = _extended(last, moment, valence)
        if run is None or run is last:
            continue
        if last is not None and run.since == last.since:
            runs[-1] = run
        else:
            runs.append(run)
        last = run
    return runs


def _extended(last: Run | None, moment: Moment, valence: Valence | None) -> Run | None:
    """The run after one more moment: the last one longer, a new one, or the last one as it was where there is no valence."""
    if valence is None:
        return last
    if last is not None and last.valence is valence and seconds_between(last.since + last.seconds, moment.at) <= BRIDGE:
        return Run(valence, last.since, moment.at - last.since)
    return Run(valence, moment.at, 0.0)


def most_negative(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """The `WORST_MOMENTS` of a negative valence with the highest negativity, at least `APART` seconds from each other."""
    pairs = zip(moments, valences_of(moments), strict=True)
    negative = [one for one, valence in pairs if valence is Valence.NEGATIVE and one.outcome is not Outcome.GAP]
    chosen: list[Moment] = []
    for moment in sorted(negative, key=lambda one: (-one.negativity, one.at)):
        if len(chosen) < WORST_MOMENTS and all(abs(seconds_between(moment.at, other.at)) >= APART for other in chosen):
            chosen.append(moment)
    return tuple(sorted(chosen, key=lambda one: one.at))
