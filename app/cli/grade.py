"""`calmline networks grade`: which network reads a person best, from pictures of their expressions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.cli.grade_input import INPUT_SENTENCES, say_left_out
from app.cli.options import PATH, candidates_option, cropped_option
from app.words.errors import error_text
from app.words.language import N_, _
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.candidates.network import LiteRTNetwork
    from core.face.box import FaceFinder
    from core.method.grading import CandidateResult


@click.command()
@click.argument("path", type=PATH)
@cropped_option
@candidates_option
@format_option("table", "json")
@click.option(
    "--min-frames",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help=N_("Fewer pictures with a face give no grade."),
)
@click.option("--adapt", is_flag=True, help=N_("Also grade the reader that is tuned to the person."))
@click.option(
    "--folds",
    type=click.IntRange(2, 50),
    default=5,
    show_default=True,
    help=N_("With --adapt: each picture is graded by what learnt from the other folds only."),
)
@click.pass_obj
def grade(
    setup: Setup,
    path: Path,
    cropped: bool,
    candidate: tuple[str, ...],
    form: str,
    min_frames: int,
    adapt: bool,
    folds: int,
) -> None:
    """Which network reads a person best. PATH is a folder or a zip with one folder of pictures per expression (smile,
    open_smile, laugh, expressionless, blank_stare, frown, open_frown, crying, rage, eyes_surprise, full_surprise; other
    spellings and Korean are understood, and several may be missing), or a CSV with the columns file and expression
    (files beside it, or in a zip of the same name). A folder of several such folders, one a person, gives a table of
    people and networks.

    Example: calmline networks grade faces/ --format table
    """
    from core.candidates.classify import people_in
    from core.face.checked import CheckedFaceFinder
    from core.method.grading import choose_candidate, rank_candidates

    networks = setup.networks(candidate)
    finder = None if cropped else CheckedFaceFinder()

    def results_of(place: Path) -> list[CandidateResult]:
        results = _graded(networks, place, finder, min_frames)
        return results + (_tuned(networks, place, finder, results, min_frames, folds) if adapt else [])

    def record_of(results: Sequence[CandidateResult]) -> dict[str, Any]:
        best = choose_candidate(results)
        return _record(rank_candidates(results), best.candidate_id if best is not None else None)

    people = {place.name: results_of(place) for place in people_in(path)}
    if people and form == "json":
        found = {"people": {name: record_of(results) for name, results in people.items()}}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif people:
        from core.evaluation.report import people_table

        click.echo(people_table("people", "", people).to_markdown())
    else:
        results = results_of(path)
        record = record_of(results)
        if form == "json":
            click.echo(json.dumps(record, indent=2, ensure_ascii=False))
        else:
            click.echo(_table(rank_candidates(results), record["chosen"], min_frames))


def _graded(
    networks: Sequence[LiteRTNetwork], path: Path, finder: FaceFinder | None, min_frames: int
) -> list[CandidateResult]:
    """One person's grades by each network; what was left out is said."""
    from core.candidates.classify import GradeInputError, grade_pictures, iter_expression_pictures

    try:
        graded = grade_pictures(iter_expression_pictures(path), networks, finder, min_frames)
    except GradeInputError as error:
        raise SentenceError(_(INPUT_SENTENCES[error.code]).format(detail=error_text(error.detail))) from error
    say_left_out(graded.broken, graded.without_face)
    return graded.results


def _tuned(
    networks: Sequence[LiteRTNetwork],
    path: Path,
    finder: FaceFinder | None,
    results: Sequence[CandidateResult],
    min_frames: int,
    folds: int,
) -> list[CandidateResult]:
    """What the reader tuned to the person reaches on the same pictures, each read by what learnt from the other folds."""
    from core.adapt.blend import blended_ids
    from core.adapt.examples import read_examples
    from core.candidates.classify import crop_expressions, iter_expression_pictures
    from core.evaluation.crossvalidated import grade_tuned

    able = {network.card.id: network for network in networks if network.tells_map}
    blended = [able[name] for name in blended_ids(list(able))]
    if not blended:
        raise SentenceError(_("None of these networks tells its features, so nothing can be tuned."))
    crops = crop_expressions(iter_expression_pictures(path), finder).by_expression
    if sum(map(len, crops.values())) < 2:
        raise SentenceError(_("Tuning needs at least two pictures with a face."))
    cost = sum(one.milliseconds_per_face for one in results if one.candidate_id in blended_ids(list(able)))
    read = [read_examples(network, crops) for network in blended]
    cards = [network.card for network in blended]
    return [grade_tuned(cards, read, folds, min_frames=min_frames, milliseconds=cost)]


def _record(ranked: Sequence[CandidateResult], chosen: str | None) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "candidates": [
            {
                "candidate": result.candidate_id,
                "score": result.score,
                "best_possible": result.best_possible,
                "chosen": result.candidate_id == chosen,
                "mean_right": round(result.mean_right, 6),
                "milliseconds_per_face": round(result.milliseconds_per_face, 2),
                "expressions": {
                    name: {
                        "grade": None if one.grade is None else one.grade.value,
                        "frames": one.frames,
                        "right_over_0.9": round(one.shares.right_sure, 6),
                        "right_over_0.5": round(one.shares.right_likely, 6),
                        "wrong_over_0.9": round(one.shares.wrong_sure, 6),
                        "wrong_over_0.5": round(one.shares.wrong_likely, 6),
                        "mean_right": round(one.mean_right, 6),
                        "taken_for": one.taken_for.value,
                    }
                    for name, one in result.grades.items()
                },
            }
            for result in ranked
        ],
    }


def _table(ranked: Sequence[CandidateResult], chosen: str | None, min_frames: int) -> str:
    lines = []
    for result in ranked:
        mark = "  " + _("<- reads this person best") if result.candidate_id == chosen else ""
        lines.append(f"{result.candidate_id}  {result.score} / {result.best_possible}{mark}")
        lines.append(
            f"  {'expression':<15}{'grade':>6}{'frames':>8}{'right>.9':>10}{'right>.5':>10}{'wrong>.9':>10}{'wrong>.5':>10}"
        )
        for name, one in result.grades.items():
            letter = "-" if one.grade is None else one.grade.value
            shares = (one.shares.right_sure, one.shares.right_likely, one.shares.wrong_sure, one.shares.wrong_likely)
            cells = "".join(f"{share:>10.0%}" for share in shares)
            lines.append(f"  {name:<15}{letter:>6}{one.frames:>8}{cells}")
        lines.append("")
    if any(one.grade is None for result in ranked for one in result.grades.values()):
        lines.append(_("-: fewer than {count} pictures with a face, so there is no grade.").format(count=min_frames))
    return "\n".join(lines).rstrip()
