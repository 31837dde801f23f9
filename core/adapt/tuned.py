"""The reader that is tuned to a person in the wizard: fitted on the first take, graded on the second, kept from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.adapt.blend import Blend, Floats, blended_ids
from core.adapt.examples import Examples, join
from core.adapt.fitting import fit_blend
from core.candidates.card import Card
from core.method.emotion import EXPRESSIONS, Probabilities
from core.method.grading import MIN_FRAMES, TUNED, CandidateResult, grade_expression

FITTED_FACES = 10
"""Of each expression so many faces of a take are fitted on: more tell the same and take longer."""


@dataclass(frozen=True, slots=True)
class TunedReader:
    """The eleventh candidate. `result` is graded on the second take, which the fit that was graded had not seen.

    `blend`, which is kept, is fitted on both takes.
    """

    blend: Blend
    result: CandidateResult


def tune_reader(
    cards: Mapping[str, Card],
    results: Sequence[CandidateResult],
    first: Mapping[str, Examples],
    second: Mapping[str, Examples],
    min_frames: int = MIN_FRAMES,
) -> TunedReader | None:
    """Tune the blend to a person; None where its networks are not there or have not read both takes.

    Args:
        cards: by candidate id.
        results: what each candidate reached on the second take.
        first: the first take, by candidate id, as `examples_of` makes it; speech that is to be learnt lies here, too.
        second: the second take in the same way; every candidate read the same faces in the same order.
        min_frames: with fewer faces an expression has no grade.

    Raises:
        BlendError: the fit led to numbers beyond all measure.
    """
    members = blended_ids([name for name in sorted(cards) if name in first and name in second])
    if not members:
        return None
    own_cards = [cards[name] for name in members]
    fitted = [first[name].thinned(FITTED_FACES) for name in members]
    graded = [second[name] for name in members]
    read = fit_blend(own_cards, fitted).apply([one.probabilities for one in graded], [one.pooled for one in graded])
    cost = sum(one.milliseconds_per_face for one in results if one.candidate_id in members)
    both = [join([one, other.thinned(FITTED_FACES)]) for one, other in zip(fitted, graded, strict=True)]
    return TunedReader(fit_blend(own_cards, both), grade_examples(TUNED, graded[0], read, min_frames, cost))


def grade_examples(
    candidate_id: str, examples: Examples, probabilities: Floats, min_frames: int, milliseconds: float = 0.0
) -> CandidateResult:
    """Grade probabilities (n, 4) of examples whose groups are the numbers of `EXPRESSIONS` (method.md 6)."""
    grades = {}
    for number, expression in enumerate(EXPRESSIONS):
        frames = [Probabilities.from_sequence(row) for row in probabilities[examples.groups == number].tolist()]
        grade = grade_expression(expression, frames, min_frames)
        if grade is not None:
            grades[expression.id] = grade
    return CandidateResult(candidate_id, grades, milliseconds)
