"""The reader that is tuned to a person in the wizard: fitted on the first take, graded on the second, kept from all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.adapt.blend import Blend, Floats, blended_ids, tuned_id
from core.adapt.examples import Examples, join
from core.adapt.fitting import fit_blend
from core.candidates.card import Card
from core.method.emotion import EMOTIONS, EXPRESSIONS, Probabilities
from core.method.grading import MIN_FRAMES, CandidateResult, grade_frames
from core.method.level import READINGS_PER_SECOND
from core.method.reading import MEMORY_SECONDS, read_in_call
from core.method.speech import CALM_TEXT, PASSAGES

CALM_GROUP = -1 - PASSAGES.index(CALM_TEXT)
"""The group of the text that is learnt from (`examples_of`)."""

REMEMBERED = round(MEMORY_SECONDS * READINGS_PER_SECOND)
"""So many readings of speech a call's reading looks back on."""

FITTED_FACES = 10
"""Of each expression so many faces of a take are fitted on: more tell the same and take longer."""


@dataclass(frozen=True, slots=True)
class TunedReader:
    """One more candidate. `result` is graded on the second take, which the fit that was graded had not seen.

    `speech` is the share (0 to 1) of the speech that the graded fit had not seen and that it read rightly; None where the
    calm text, which it learns from, or anything to try it on is missing. `blend`, which is kept, is fitted on all.
    """

    blend: Blend
    result: CandidateResult
    speech: float | None = None


def tune_reader(
    cards: Mapping[str, Card],
    milliseconds: Mapping[str, float],
    first: Mapping[str, Examples],
    second: Mapping[str, Examples],
    spoken: Mapping[str, Examples] = MappingProxyType({}),
) -> TunedReader | None:
    """Tune the blend to a person; None where its networks are not there or have not read both takes.

    A personal network knows of a class only what it was shown: where the first take lacks one there is no reader, either.

    Args:
        cards: by candidate id; personal ones are never among others.
        milliseconds: what a face costs each candidate.
        first: the first take, by candidate id, as `examples_of` makes it.
        second: the second take in the same way; every candidate read the same faces in the same order.
        spoken: the passages in the same way, where they were read.

    Raises:
        BlendError: the fit led to numbers beyond all measure.
    """
    members = blended_ids([name for name in sorted(cards) if name in first and name in second])
    if not members:
        return None
    own_cards, graded = [cards[name] for name in members], [second[name] for name in members]
    speech = [spoken[name] for name in members if name in spoken]
    calm, rest = ([one.take((one.groups == CALM_GROUP) == is_calm) for one in speech] for is_calm in (True, False))
    fitted = _together([first[name] for name in members], calm)
    if own_cards[0].is_personal and not fitted[0].shown.all():
        return None
    blend = fit_blend(own_cards, fitted)
    cost = sum(milliseconds.get(name, 0.0) for name in members)
    return TunedReader(
        blend=fit_blend(own_cards, _together(fitted, graded, rest)),
        result=grade_examples(tuned_id(own_cards), graded[0], _read(blend, graded), MIN_FRAMES, cost),
        speech=share_of_speech(rest[0], _read(blend, rest)) if any(map(len, calm)) else None,
    )


def share_of_speech(speech: Examples, probabilities: Floats) -> float | None:
    """The share (0 to 1) of readings of speech that are right, each as a call reads: over the last second.

    `probabilities` (n, 4) of the passages in the order in which they were spoken; the calm text, which is learnt from,
    does not count. None where nothing else was spoken.
    """
    right: list[bool] = []
    for group in np.unique(speech.groups[(speech.groups < 0) & (speech.groups != CALM_GROUP)]):
        rows = [Probabilities.from_sequence(row) for row in probabilities[speech.groups == group].tolist()]
        candidate_labels = dict(zip(EMOTIONS, speech.candidate_labels[speech.groups == group][0], strict=True))
        for number in range(len(rows)):
            emotion = read_in_call(rows[max(0, number + 1 - REMEMBERED) : number + 1]).outcome().emotion
            right.append(emotion is not None and bool(candidate_labels[emotion]))
    return sum(right) / len(right) if right else None


def _together(*several: Sequence[Examples]) -> list[Examples]:
    """What each network read of several takes, thinned, one after the other; a take without anything is left out."""
    given = [takes for takes in several if any(map(len, takes))]
    return [join([one.thinned(FITTED_FACES) for one in takes]) for takes in zip(*given, strict=True)]


def _read(blend: Blend, read: Sequence[Examples]) -> Floats:
    return blend.apply([one.probabilities for one in read], [one.pooled for one in read])


def grade_examples(
    candidate_id: str, examples: Examples, probabilities: Floats, min_frames: int, milliseconds: float = 0.0
) -> CandidateResult:
    """Grade probabilities (n, 4) of examples whose groups are the numbers of `EXPRESSIONS` (method.md 6)."""
    frames = [
        (expression, [Probabilities.from_sequence(row) for row in probabilities[examples.groups == number].tolist()])
        for number, expression in enumerate(EXPRESSIONS)
    ]
    return grade_frames(candidate_id, frames, [milliseconds], min_frames)
