"""The vocabulary of the method: emotions, probabilities, readings and the eleven expressions (method.md 2, 3, 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

UNSURE_BELOW = 0.5
"""A reading needs a class with more than this probability, else it is *unsure* (method.md 7). 0: always the best class."""

SMALLEST_PROBABILITY = 1e-6
"""Below this a probability is taken as this, so that its logarithm stays a number."""

_SUM_TOLERANCE = 1e-2


class Emotion(StrEnum):
    """One of the four classes, in the order of every network's output (method.md 2)."""

    HAPPY = "happy"
    NEUTRAL = "neutral"
    STRESS = "stress"
    SURPRISE = "surprise"


EMOTIONS: tuple[Emotion, ...] = tuple(Emotion)
"""The order of labels: happy, neutral, stress, surprise."""


class Outcome(StrEnum):
    """What one tick came to: an emotion, *unsure* (a face, but no class over the threshold) or a *gap* (no face)."""

    HAPPY = "happy"
    NEUTRAL = "neutral"
    STRESS = "stress"
    SURPRISE = "surprise"
    UNSURE = "unsure"
    GAP = "gap"

    @property
    def emotion(self) -> Emotion | None:
        """The emotion, or None for *unsure* and *gap*."""
        return None if self in (Outcome.UNSURE, Outcome.GAP) else Emotion(self.value)

    @property
    def code(self) -> int:
        """The number by which the store keeps this outcome: 0 to 3 emotions, 4 unsure, 5 gap."""
        return _OUTCOMES.index(self)

    @classmethod
    def from_code(cls, code: int) -> Outcome:
        """The outcome that the store keeps as `code`.

        Raises:
            ValueError: `code` is not 0 to 5.
        """
        if not 0 <= code < len(_OUTCOMES):
            raise ValueError(f"no outcome has the code {code}; 0 to {len(_OUTCOMES) - 1} are known")
        return _OUTCOMES[code]


_OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)


@dataclass(frozen=True, slots=True)
class Probabilities:
    """The four probabilities of one face, each 0 to 1, together 1."""

    happy: float
    neutral: float
    stress: float
    surprise: float

    @classmethod
    def from_sequence(cls, values: Sequence[float]) -> Probabilities:
        """Four numbers in the order of `EMOTIONS`.

        Raises:
            ValueError: not four numbers, one outside 0 to 1 (or not a number), or they do not sum to 1.
        """
        if len(values) != len(EMOTIONS):
            raise ValueError(f"{len(values)} probabilities given; there are {len(EMOTIONS)} emotions")
        numbers = [float(value) for value in values]
        in_range = all(-_SUM_TOLERANCE <= number <= 1 + _SUM_TOLERANCE for number in numbers)
        if not in_range or abs(sum(numbers) - 1) > _SUM_TOLERANCE:
            raise ValueError(f"{numbers} are not probabilities: each must be 0 to 1 and their sum 1")
        return cls(*(min(max(number, 0.0), 1.0) for number in numbers))

    def as_tuple(self) -> tuple[float, float, float, float]:
        """The four probabilities in the order of `EMOTIONS`."""
        return (self.happy, self.neutral, self.stress, self.surprise)

    def of(self, emotion: Emotion) -> float:
        """The probability of `emotion`."""
        return self.as_tuple()[EMOTIONS.index(emotion)]

    @property
    def best(self) -> Emotion:
        """The most probable emotion; of equal ones the first in the order of `EMOTIONS`."""
        return max(EMOTIONS, key=self.of)

    def outcome(self, unsure_below: float = UNSURE_BELOW) -> Outcome:
        """The best emotion if its probability is over `unsure_below` (0 to 1), else *unsure* (method.md 7).

        At 0 there is no threshold: the best class is always taken, as in the thesis.
        """
        best = self.best
        sure = unsure_below <= 0 or self.of(best) > unsure_below
        return Outcome(best.value) if sure else Outcome.UNSURE


class GapReason(StrEnum):
    """Why there is no face to read."""

    NO_FACE = "no_face"
    TURNED_AWAY = "turned_away"
    """Turned aside, lying on its side or standing on its head, or no face at all to a second look."""

    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one tick of the clock read.

    `probabilities` is None exactly when the outcome is a gap; `why` tells the reason of a gap, None without a frame.
    """

    outcome: Outcome
    probabilities: Probabilities | None = None
    why: GapReason | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError when a gap carries probabilities or anything else lacks them."""
        if (self.outcome is Outcome.GAP) != (self.probabilities is None):
            raise ValueError("a gap has no probabilities, and every other reading has them")


GAP = Reading(Outcome.GAP)
"""The reading of a tick without a face or without a frame."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One of the eleven expressions that calibration asks for (method.md 5)."""

    id: str
    emotion: Emotion


EXPRESSIONS: tuple[Expression, ...] = (
    Expression("smile", Emotion.HAPPY),
    Expression("open_smile", Emotion.HAPPY),
    Expression("laugh", Emotion.HAPPY),
    Expression("expressionless", Emotion.NEUTRAL),
    Expression("blank_stare", Emotion.NEUTRAL),
    Expression("frown", Emotion.STRESS),
    Expression("open_frown", Emotion.STRESS),
    Expression("crying", Emotion.STRESS),
    Expression("rage", Emotion.STRESS),
    Expression("eyes_surprise", Emotion.SURPRISE),
    Expression("full_surprise", Emotion.SURPRISE),
)
"""In the order of the thesis's table 9."""


def expression_by_id(expression_id: str) -> Expression:
    """The expression with this id.

    Raises:
        ValueError: there is none.
    """
    for expression in EXPRESSIONS:
        if expression.id == expression_id:
            return expression
    known = ", ".join(expression.id for expression in EXPRESSIONS)
    raise ValueError(f"no expression is called {expression_id!r}; there are: {known}")
