"""What a call reads: the mean of the last second, with a neutral face expected (docs/evidence/talking.md)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.method.emotion import EMOTIONS, SMALLEST_PROBABILITY, Emotion, Probabilities

MEMORY_SECONDS = 1.0
"""A call's reading is the mean of this many last seconds: a mouth that talks opens and closes within one. 0: single frames."""

NEUTRAL_IN_CALLS = 1.35
"""In a call a neutral face is so many times likelier than among the pictures that networks learnt from, where people smile,
weep and stare: about the most that costs no validation set half a point of accuracy (docs/evidence)."""


def mean_probabilities(read: Sequence[Probabilities]) -> Probabilities:
    """The mean of at least one set of probabilities, taken over their logarithms and scaled to sum to 1.

    A class must be likely in most of them to be likely in the mean: one open mouth among neutral faces changes little.
    """
    if len(read) == 1:
        return read[0]
    columns = zip(*(one.as_tuple() for one in read), strict=True)
    means = [
        math.fsum(math.log(max(value, SMALLEST_PROBABILITY)) for value in column) / len(read) for column in columns
    ]
    powers = [math.exp(mean - max(means)) for mean in means]
    return Probabilities.from_sequence([power / sum(powers) for power in powers])


def read_in_call(read: Sequence[Probabilities]) -> Probabilities:
    """What the last readings of a call come to: their mean, with neutral `NEUTRAL_IN_CALLS` times as likely beside the rest."""
    mean = mean_probabilities(read)
    weighed = [mean.of(emotion) * (NEUTRAL_IN_CALLS if emotion is Emotion.NEUTRAL else 1.0) for emotion in EMOTIONS]
    return Probabilities.from_sequence([value / sum(weighed) for value in weighed])
