"""`calmline networks grade --adapt`: what adapting the networks to one person brings, by cross-validation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.context import Setup
from app.cli.grade_input import INPUT_SENTENCES, say_left_out
from app.words.language import N_, _
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.adapt.adaptation import Kind
    from core.evaluation.crossvalidated import AdaptedGrades
    from core.method.grading import CandidateResult

_KINDS = {"bias": N_("resting face corrected"), "head": N_("own head")}
"""What each kind of adaptation does."""


def print_adapted(
    setup: Setup, path: Path, *, crops: bool, candidate: tuple[str, ...], form: str, min_frames: int, folds: int
) -> None:
    """Grade the pictures with and without adaptation, and print both.

    Raises:
        SentenceError: the pictures cannot be graded so; the text says why.
        NetworkError: a network cannot read.
    """
    from core.adapt.examples import read_examples
    from core.candidates.classify import GradeInputError, crop_expressions, iter_expression_pictures
    from core.evaluation.crossvalidated import grade_adapted
    from core.face.checked import CheckedFaceFinder

    networks = setup.networks(candidate)
    try:
        found = crop_expressions(iter_expression_pictures(path), None if crops else CheckedFaceFinder())
    except GradeInputError as error:
        raise SentenceError(_(INPUT_SENTENCES[error.code]).format(detail=error.detail)) from error
    say_left_out(found.broken, found.without_face)
    if sum(map(len, found.by_expression.values())) < 2:
        raise SentenceError(_("Adapting needs at least two pictures with a face."))
    for network in networks:
        if not network.tells_map:
            click.echo(_("{name} tells no features, so it is not adapted.").format(name=network.card.id), err=True)
    graded = {
        network.card.id: grade_adapted(
            network.card, read_examples(network, found.by_expression), folds, min_frames=min_frames
        )
        for network in networks
        if network.tells_map
    }
    if not graded:
        raise SentenceError(_("None of these networks can be adapted."))
    if form == "json":
        click.echo(json.dumps({"folds": folds, "candidates": [_record(*pair) for pair in graded.items()]}, indent=2))
    else:
        click.echo("\n".join([*(_lines(*pair) for pair in graded.items()), _conclusion(graded)]))


def _record(name: str, grades: AdaptedGrades) -> dict[str, Any]:
    return {
        "candidate": name,
        "without": _result(grades.shipped),
        "with": {
            kind.value: {**_result(result), "sure_gain": kind in grades.certain}
            for kind, result in grades.adapted.items()
        },
    }


def _result(result: CandidateResult) -> dict[str, Any]:
    letters = {name: None if one.grade is None else one.grade.value for name, one in result.grades.items()}
    return {
        "score": result.score,
        "best_possible": result.best_possible,
        "mean_right": round(result.mean_right, 6),
        "grades": letters,
    }


def _lines(name: str, grades: AdaptedGrades) -> str:
    """A candidate's lines: as it comes, then each kind of adaptation with what it gained."""
    lines = [f"{name}", f"  {_('as it comes')}: {grades.shipped.score} / {grades.shipped.best_possible}"]
    for kind, result in grades.adapted.items():
        sure = _("a sure gain") if kind in grades.certain else _("no sure gain")
        gained = result.score - grades.shipped.score
        lines.append(f"  {_(_KINDS[kind.value])}: {result.score} / {result.best_possible} ({gained:+}, {sure})")
    return "\n".join(lines)


def _conclusion(graded: Mapping[str, AdaptedGrades]) -> str:
    """Which of all reads this person best; an adapted one only where its gain is sure."""
    best = max(graded, key=lambda name: (graded[name].shipped.score, graded[name].shipped.mean_right))
    score = graded[best].shipped.score
    offers: list[tuple[int, str, Kind]] = [
        (grades.adapted[kind].score, name, kind) for name, grades in graded.items() for kind in grades.certain
    ]
    own = max(offers, default=None, key=lambda offer: offer[0])
    if own is None or own[0] <= score:
        return _("{name} as it comes reads this person best: {score} points.").format(name=best, score=score)
    return _("{name}, adapted, reads this person best: {score} points, {gained} more than {other}.").format(
        name=own[1], score=own[0], gained=own[0] - score, other=best
    )
