"""The rhythm of a demo actor's speech."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.sources.speech import (
    CLOSED,
    COMMA_SECONDS,
    GLIDE_SECONDS,
    LOOP_SECONDS,
    SENTENCE_SECONDS,
    SHAPE_SECONDS,
    Speech,
)

seeds = st.integers(0, 2**31)


def stretches(speech: Speech) -> list[tuple[str | None, float]]:
    """Each shape and how long it lasts, without the one that the end of the loop cuts."""
    lengths = [after - before for before, after in itertools.pairwise(speech.starts)]
    return list(zip(speech.shapes, lengths, strict=False))[1:]


@given(seeds)
def test_a_talking_mouth_changes_three_to_five_times_a_second(seed: int) -> None:
    lengths = [length for shape, length in stretches(Speech(seed)) if shape is not CLOSED]
    assert 3 <= len(lengths) / sum(lengths) <= 5
    assert all(SHAPE_SECONDS[0] <= round(length, 6) <= SHAPE_SECONDS[1] for length in lengths)


@given(seeds)
def test_it_rests_at_commas_and_longer_between_sentences_and_talks_most_of_the_time(seed: int) -> None:
    pauses = [round(length, 6) for shape, length in stretches(Speech(seed)) if shape is CLOSED]
    commas = [pause for pause in pauses if COMMA_SECONDS[0] <= pause <= COMMA_SECONDS[1]]
    ends = [pause for pause in pauses if SENTENCE_SECONDS[0] <= pause <= SENTENCE_SECONDS[1]]
    assert commas
    assert ends
    assert len(commas) + len(ends) == len(pauses)
    assert 0.65 < 1 - sum(pauses) / LOOP_SECONDS < 0.95


@given(seeds)
def test_each_shape_differs_from_the_one_before(seed: int) -> None:
    assert all(one != other for one, other in itertools.pairwise(Speech(seed).shapes))


@given(seeds, st.floats(0, 600))
def test_the_same_seed_has_the_same_mouth_at_every_moment(seed: int, seconds: float) -> None:
    assert Speech(seed).mouth_at(seconds) == Speech(seed).mouth_at(seconds)


def test_another_seed_says_something_else() -> None:
    assert Speech(1).shapes != Speech(2).shapes


@given(seeds, st.floats(0, LOOP_SECONDS - 1))
def test_a_mouth_glides_from_one_shape_to_the_next(seed: int, seconds: float) -> None:
    speech = Speech(seed)
    mouth = speech.mouth_at(seconds)
    assert 0 <= mouth.share <= 1
    later = speech.mouth_at(seconds + GLIDE_SECONDS / 3)
    same = (mouth.before, mouth.after) == (later.before, later.after)
    assert same or later.before == mouth.after
    assert not same or later.share >= mouth.share
