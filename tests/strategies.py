"""hypothesis strategies for the vocabulary of the method."""

from __future__ import annotations

from hypothesis import strategies as st

from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Outcome, Probabilities

emotions = st.sampled_from(EMOTIONS)
outcomes = st.sampled_from(list(Outcome))
expressions = st.sampled_from(EXPRESSIONS)


def _divide(shares: list[int]) -> Probabilities:
    total = sum(shares)
    return Probabilities.from_sequence([share / total for share in shares])


probabilities = st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any).map(_divide)
"""Any four probabilities, ties and certainties included."""


def spread(emotion: Emotion, value: float, second: Emotion | None = None) -> Probabilities:
    """`value` for `emotion` and what is left for `second` (default: shared evenly by all others)."""
    left = 1 - value
    if second is None:
        return Probabilities(*(value if other is emotion else left / 3 for other in EMOTIONS))
    return Probabilities(*({emotion: value, second: left}.get(other, 0.0) for other in EMOTIONS))
